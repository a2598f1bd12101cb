"""What dies comes back, more and more patiently; what is told to stop ends; nothing is mistaken for something else."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local import programs, pulse, supervisor
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


ANSWERING = (
    "import http.server\n"
    "class Page(http.server.BaseHTTPRequestHandler):\n"
    "    def do_GET(self): self.send_response(200); self.end_headers()\n"
    "    def log_message(self, *_): pass\n"
    "http.server.HTTPServer(('127.0.0.1', {port}), Page).serve_forever()"
)


@pytest.fixture
def quick(monkeypatch):
    for name, seconds in (("EVERY", 0.1), ("PATIENCE", 0.2)):
        monkeypatch.setattr(pulse, name, seconds)
    monkeypatch.setattr(supervisor, "HUNG_AFTER", 1.0)


def test_a_process_that_lives_but_answers_nothing_is_killed_and_started_again(keeper, tmp_path, said, quick):
    port = programs.free_port(0)
    charge = keeper.start(program(tmp_path, "one", ANSWERING.format(port=port), pulse_port=port))
    first = charge.process.pid
    eventually(lambda: charge.pulse.heard, keeper)
    os.kill(first, signal.SIGSTOP)

    eventually(lambda: charge.running and charge.process.pid != first, keeper)
    eventually(lambda: charge.pulse.heard, keeper)

    assert "one has not answered for 1 s, so it is killed" in said[0]
    assert charge.restarts == 1


def test_a_process_that_is_slow_for_less_than_the_limit_is_left_alone(keeper, tmp_path, said, quick, monkeypatch):
    monkeypatch.setattr(supervisor, "HUNG_AFTER", 5.0)
    port = programs.free_port(0)
    charge = keeper.start(program(tmp_path, "one", ANSWERING.format(port=port), pulse_port=port))
    eventually(lambda: charge.pulse.heard, keeper)
    os.kill(charge.process.pid, signal.SIGSTOP)
    eventually(lambda: charge.pulse.silence > 1, keeper)

    os.kill(charge.process.pid, signal.SIGCONT)
    eventually(lambda: charge.pulse.silence == 0, keeper)

    assert said == []
    assert charge.restarts == 0


def test_a_supervisor_that_was_stopped_itself_blames_nobody(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        watch = pulse.Pulse(listener.getsockname()[1], now=0)
        watch.look(pulse.EVERY)
        line, _ = listener.accept()
        line.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        hour_later = pulse.EVERY + 3600

        for _ in range(20):
            watch.look(hour_later)
        line.close()

        assert watch.heard
        assert watch.silence == 0


def test_the_limit_is_far_beyond_what_a_crowded_machine_makes_a_process_wait():
    assert supervisor.HUNG_AFTER >= 30


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
