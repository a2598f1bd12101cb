"""Keeps programs running: what dies or hangs starts again after a pause that doubles; the state is always on disk."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local import programs
from deploy.local.layout import read_json, write_json
from deploy.local.programs import Program
from deploy.local.pulse import Pulse

FIRST_PAUSE = 0.5
LONGEST_PAUSE = float(os.environ.get("HP_LONGEST_PAUSE", "30"))  # who kills on purpose waits less
HUNG_AFTER = float(os.environ.get("HP_HUNG_AFTER", "60"))  # seconds of silence, twice before a first word; 0: never
FORGIVEN_AFTER = 60.0  # seconds of life after which earlier deaths no longer count
LOG_BYTES = 10_000_000
LOGS_KEPT = 3


def pause_after(deaths: int) -> float:
    """The wait before the next start, after so many deaths in a row."""
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(deaths - 1, 10)))


@dataclass
class Charge:
    """One program in the supervisor's care."""

    program: Program
    needs: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0
    start_at: float = 0
    deaths: int = 0  # in a row
    restarts: int = 0  # ever
    last_exit: int | None = None
    pulse: Pulse | None = None

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.process is not None and self.process.poll() is None


@dataclass
class Supervisor:
    """The programs of one stack, in the order in which they were started."""

    state: Path
    say: Callable[[str], None]
    charges: dict[str, Charge] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    _rotated_at: float = 0

    def start(self, program: Program, needs: tuple[str, ...] = ()) -> Charge:
        """The program runs and is in our care from now on."""
        charge = Charge(program, needs)
        self.charges[program.name] = charge
        self._launch(charge)
        return charge

    def tick(self) -> None:
        """Whatever died is noticed; whatever has paused long enough is started again."""
        now = time.monotonic()
        for charge in self.charges.values():
            if charge.process is not None and charge.process.poll() is not None:
                self._bury(charge, now)
            elif charge.pulse is not None:
                self._listen(charge, charge.pulse, now)
            if charge.process is None and now >= charge.start_at and self._has_needs(charge):
                self._relaunch(charge, now)
        if now - self._rotated_at > 10:
            self._rotated_at = now
            for log in {charge.program.log for charge in self.charges.values()}:
                rotate(log)

    def stop(self) -> None:
        """Everything has ended, the last started first; what does not heed its signal is killed."""
        self.tell(phase="stopping", ready=False)
        waiting = list(reversed(self.charges.values()))
        while waiting:
            needed = {name for charge in waiting for name in charge.needs}
            layer = [charge for charge in waiting if charge.program.name not in needed] or waiting[:1]
            _stop_together(layer)
            waiting = [charge for charge in waiting if charge not in layer]
        self.charges.clear()
        self.tell(phase="stopped")

    def tell(self, **facts: Any) -> None:
        """The state file says this too."""
        self.facts.update(facts)
        rows = {name: _row(charge) for name, charge in self.charges.items()}
        write_json(self.state, {**self.facts, "supervisor": identity_of(os.getpid()), "programs": rows})

    def _launch(self, charge: Charge) -> None:
        charge.process = programs.start(charge.program)
        charge.started_at = time.monotonic()
        if charge.program.pulse_port and HUNG_AFTER > 0:
            charge.pulse = Pulse(charge.program.pulse_port, charge.started_at)
        self.tell()

    def _listen(self, charge: Charge, pulse: Pulse, now: float) -> None:
        """What lives and says nothing is killed; the next look finds it dead and starts it again."""
        pulse.look(now)
        if pulse.silence < (HUNG_AFTER if pulse.heard else 2 * HUNG_AFTER):
            return
        self.say(f"{charge.program.name} has not answered for {pulse.silence:.0f} s, so it is killed")
        assert charge.process is not None
        charge.process.kill()
        pulse.close()
        charge.pulse = None

    def _bury(self, charge: Charge, now: float) -> None:
        assert charge.process is not None
        charge.last_exit = charge.process.returncode
        charge.deaths = 1 if now - charge.started_at > FORGIVEN_AFTER else charge.deaths + 1
        pause = pause_after(charge.deaths)
        charge.start_at = now + pause
        charge.process = None
        if charge.pulse is not None:
            charge.pulse.close()
            charge.pulse = None
        self.say(
            f"{charge.program.name} ended with {charge.last_exit}; it starts again in {pause:g} s.\n"
            f"{programs.tail(charge.program.log, 6)}"
        )
        self.tell()

    def _relaunch(self, charge: Charge, now: float) -> None:
        charge.restarts += 1
        try:
            self._launch(charge)
        except OSError as reason:  # the machine is out of processes or memory: that too passes
            charge.deaths += 1
            charge.start_at = now + pause_after(charge.deaths)
            self.say(f"{charge.program.name} could not be started: {reason}")

    def _has_needs(self, charge: Charge) -> bool:
        """A database client waits by itself; only what cannot even start without another is held back."""
        return all(self.charges[name].running for name in charge.needs if name in self.charges)


def rotate(log: Path, largest: int = LOG_BYTES, kept: int = LOGS_KEPT) -> None:
    """The log is at most so large; its writer, which appends, goes on in the same file."""
    with suppress(FileNotFoundError):
        if log.stat().st_size <= largest:
            return
        for number in range(kept - 1, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number + 1}"))
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        os.truncate(log, 0)


def identity_of(pid: int) -> list[int]:
    """A process's number and birth: a number is used again one day, the pair is not."""
    with suppress(OSError, IndexError, ValueError):
        return [pid, int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])]
    return [pid, 0]


def lives(identity: object) -> bool:
    """Whether that very process, not a later one with its number, is running."""
    if not (isinstance(identity, list) and len(identity) == 2):
        return False
    pid, birth = int(identity[0]), int(identity[1])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is there, and somebody else's
    now = identity_of(pid)
    return (now == [pid, birth]) and not _is_zombie(pid)


def await_leftovers(state: Path) -> list[str]:
    """What a killed supervisor left running has ended: told to when the supervisor died, each after its patience."""
    rows = read_json(state).get("programs", {})
    left = {name: row for name, row in rows.items() if lives(row.get("process"))}
    names = sorted(left)
    begun = time.monotonic()
    while left:
        time.sleep(0.2)
        left = {name: row for name, row in left.items() if lives(row["process"])}
        for row in left.values():
            if time.monotonic() - begun > row.get("patience", 15):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(row["process"][0], signal.SIGKILL)
        if time.monotonic() - begun > 60:
            return names
    return names


def _is_zombie(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def _row(charge: Charge) -> dict[str, Any]:
    return {
        "process": identity_of(charge.process.pid) if charge.process else None,
        "restarts": charge.restarts,
        "last_exit": charge.last_exit,
        "log": str(charge.program.log),
        "patience": charge.program.patience,
    }


def _stop_together(layer: list[Charge]) -> None:
    """All get their signal at once, then each its patience."""
    for charge in layer:
        if charge.running and charge.process is not None:
            with suppress(ProcessLookupError):
                charge.process.send_signal(charge.program.stop_signal)
    begun = time.monotonic()
    for charge in layer:
        if charge.process is None:
            continue
        try:
            charge.process.wait(max(0.1, charge.program.patience - (time.monotonic() - begun)))
        except subprocess.TimeoutExpired:
            charge.process.kill()
            charge.process.wait()
