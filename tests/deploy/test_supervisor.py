"""What dies comes back, more and more patiently; what is told to stop ends; nothing is mistaken for something else."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local import programs, supervisor
from deploy.local.layout import read_json
from deploy.local.programs import CannotStart, Program
from deploy.local.supervisor import Supervisor


def program(folder: Path, name: str, code: str, **more) -> Program:
    return Program(name, (sys.executable, "-u", "-c", code), folder / f"{name}.log", folder, **more)


SLEEPER = "import time; time.sleep(60)"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def keeper(tmp_path, said):
    made = Supervisor(tmp_path / "state.json", said.append)
    yield made
    made.stop()


def eventually(true, keeper=None, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become true in time"
        if keeper:
            keeper.tick()
        time.sleep(0.02)


def test_the_pause_before_a_restart_doubles_from_half_a_second_to_thirty():
    assert [supervisor.pause_after(deaths) for deaths in (1, 2, 3, 4, 5, 6, 7, 8, 100)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_killed_program_is_running_again_with_a_new_process(keeper, tmp_path, said):
    charge = keeper.start(program(tmp_path, "one", SLEEPER))
    first = charge.process.pid
    os.kill(first, signal.SIGKILL)

    eventually(lambda: charge.running and charge.process.pid != first, keeper)

    assert charge.restarts == 1
    assert "one ended with -9" in said[0]
    assert read_json(tmp_path / "state.json")["programs"]["one"]["restarts"] == 1


def test_a_program_that_dies_at_once_is_started_less_and_less_often(keeper, tmp_path):
    charge = keeper.start(program(tmp_path, "one", "raise SystemExit('no port')"))

    eventually(lambda: charge.deaths == 3, keeper)

    assert charge.start_at - time.monotonic() > 1.5
    assert "no port" in programs.tail(charge.program.log)


def test_what_is_needed_is_started_first_and_stopped_last(keeper, tmp_path):
    order = tmp_path / "order"
    mourn = (
        f"import signal,time,sys\ndef end(*_): open({str(order)!r},'a').write(sys.argv[1]+'\\n'); sys.exit()\n"
        "signal.signal(signal.SIGTERM,end)\nprint('ready')\ntime.sleep(60)"
    )
    for name, needs in (("mapper", ()), ("broker", ("mapper",))):
        made = program(tmp_path, name, mourn)
        keeper.start(Program(name, (*made.command, name), made.log, tmp_path), needs)
    eventually(lambda: all("ready" in (tmp_path / f"{n}.log").read_text() for n in ("mapper", "broker")))

    keeper.stop()

    assert order.read_text().split() == ["broker", "mapper"]


def test_a_program_that_ignores_its_signal_is_killed_when_patience_ends(keeper, tmp_path):
    deaf = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(60)"
    charge = keeper.start(program(tmp_path, "deaf", deaf, patience=0.3))
    process = charge.process
    eventually(lambda: "ready" in charge.program.log.read_text())

    keeper.stop()

    assert process.returncode == -signal.SIGKILL


def test_a_long_log_is_cut_while_its_writer_goes_on(tmp_path):
    log = tmp_path / "x.log"
    with log.open("ab") as writer:
        writer.write(b"a" * 100)
        writer.flush()
        supervisor.rotate(log, largest=50)
        writer.write(b"b")
        writer.flush()

    assert log.read_bytes() == b"b"
    assert (tmp_path / "x.log.1").read_bytes() == b"a" * 100


def test_a_process_number_used_again_is_not_taken_for_the_old_process():
    mine = supervisor.identity_of(os.getpid())

    assert supervisor.lives(mine)
    assert not supervisor.lives([mine[0], mine[1] - 1])
    assert not supervisor.lives(None)


def test_what_a_killed_supervisor_started_ends_with_it(tmp_path):
    code = (
        "import sys,time; from pathlib import Path; from deploy.local.supervisor import Supervisor; "
        "from deploy.local.programs import Program; f=Path(sys.argv[1]); "
        "Supervisor(f/'state.json', print).start(Program('one',(sys.executable,'-c','import time; time.sleep(60)'),f/'l',f)); "
        "print('up', flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[2]
    keeper = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=root, stdout=subprocess.PIPE)
    assert keeper.stdout.readline() == b"up\n"
    process = read_json(tmp_path / "state.json")["programs"]["one"]["process"]
    assert supervisor.lives(process)

    keeper.kill()
    keeper.wait()

    eventually(lambda: not supervisor.lives(process))
    assert supervisor.await_leftovers(tmp_path / "state.json") == []


def test_a_start_that_fails_says_who_failed_and_its_last_words(tmp_path):
    one = program(tmp_path, "voters", "print('no such table: outbox'); raise SystemExit(3)")
    process = programs.start(one)

    with pytest.raises(CannotStart) as reason:
        programs.await_ready(lambda: False, process, one, 10)

    assert "voters ended with 3" in str(reason.value)
    assert "no such table: outbox" in str(reason.value)
