"""Work in a process of its own: whatever a stranger's file does to the library that reads it, the service lives.

A table whose only cell is the last one of its sheet is five kilobytes, and the library that reads it asks for half a
terabyte and takes its process along. Here that is a process with limits of memory and time, which works one piece after
another and ends after a minute without any: what its libraries took goes with it.
"""

import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from services.kit.offload import offload
from services.kit.work import current

Result = TypeVar("Result")
Tell = Callable[[Any], None]

MOST_MEMORY = 2 << 30
"""Bytes a process may take."""
LONGEST = 120.0
"""Seconds a piece of work may take; for a call no longer than until its deadline."""
IDLE = 60.0
"""Seconds after which a process without work ends, if nothing else is said."""
_AT_ONCE = 2  # processes of one kind of work in a service
_LEAVE = 10.0  # seconds for what a process does last
_ROOT = Path(__file__).resolve().parents[2]


class Overwhelmed(Exception):
    """The work took more memory or time than it may, or its process died of it: twice, the second one a fresh one."""


class _Died(Exception):
    """The process ended before its work."""


def apart(work: Callable[..., Result], *given: Any, told: Tell | None = None) -> Result:
    """What a function of a module returns for what it is given, worked out in another process; all of it pickled.

    With `told` the function gets one argument more, `tell`, and what it tells is handed on while it works.

    Raises:
        Overwhelmed: the work is too much for its limits or for its reader.

    What the function raises is raised here, with the places it was raised at as a note.

    """
    return _HANDS.work(work, *given, told=told)


class _Hand:
    """A process that does one piece of work after another."""

    def __init__(self) -> None:
        asked, ask = os.pipe()
        answer, answered = os.pipe()
        words = [str(number) for number in (asked, answered, MOST_MEMORY)]
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter with numbers
                [sys.executable, "-m", "services.kit.apart", *words], pass_fds=(asked, answered), env=_environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError:
            os.close(ask)
            os.close(answer)
            raise
        finally:
            os.close(asked)
            os.close(answered)
        # Not os.fdopen, which is green in a service: these are read and written in real threads.
        self._ask, self._answer = open(ask, "wb"), open(answer, "rb")  # noqa: PTH123, SIM115
        self.free_since = 0.0

    def work(self, work: Callable[..., Any], given: tuple[Any, ...], told: Tell | None) -> tuple[str, Any]:
        """How the work ended, "done" or "raised", and with what."""
        try:
            offload(_send, self._ask, (work, given, told is not None, _seconds()))
            while True:
                kind, value = offload(pickle.load, self._answer)
                if kind != "told" or told is None:
                    return kind, value
                told(value)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as gone:
            raise _Died from gone

    def dismiss(self) -> None:
        """It has no work, and ends by itself."""
        self._ask.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LEAVE)
        self.end()

    def end(self) -> None:
        """It is gone, whatever it was doing."""
        self._process.kill()
        self._process.wait()
        with suppress(BrokenPipeError):  # of what it was not asked any more
            self._ask.close()
        self._answer.close()


class Hands:
    """The processes for one kind of work, which waits behind no other kind.

    Those without work are kept for `idle` seconds, for starting one takes half a second.
    """

    def __init__(self, idle: float = IDLE) -> None:
        self.idle = idle
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self._lock = threading.Lock()
        self._free: list[_Hand] = []
        self._watched = False

    def work(self, work: Callable[..., Result], *given: Any, told: Tell | None = None) -> Result:
        """As apart()."""
        with self._places:
            with suppress(_Died):
                return cast("Result", self._by_one(self._taken(), work, given, told))
            with suppress(_Died):
                return cast("Result", self._by_one(_Hand(), work, given, told))
            raise Overwhelmed(work.__qualname__)

    def _taken(self) -> _Hand:
        with self._lock:
            hand = self._free.pop() if self._free else None
        return hand or _Hand()

    def _by_one(self, hand: _Hand, work: Callable[..., Any], given: tuple[Any, ...], told: Tell | None) -> Any:
        kind, value = "", None
        try:
            kind, value = hand.work(work, given, told)
        finally:
            self._lay_down(hand) if kind else hand.end()
        if kind == "raised":
            raise value
        return value

    def _lay_down(self, hand: _Hand) -> None:
        hand.free_since = time.monotonic()
        with self._lock:
            self._free.append(hand)
            watched, self._watched = self._watched, True
        if not watched:
            self._look_in(self.idle)

    def _look_in(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._look)
        timer.daemon = True
        timer.start()

    def _look(self) -> None:
        """One look after another while anybody is free: never one for each piece of work, there may be thousands."""
        self.end_idle()
        with self._lock:
            first = min((hand.free_since for hand in self._free), default=None)
            self._watched = first is not None
        if first is not None:
            self._look_in(max(0.0, first + self.idle - time.monotonic()))

    def end_idle(self) -> None:
        """Whoever has had no work for so long ends."""
        since = time.monotonic() - self.idle
        with self._lock:
            idle = [hand for hand in self._free if hand.free_since <= since]
            self._free = [hand for hand in self._free if hand.free_since > since]
        for hand in idle:
            hand.dismiss()


def _seconds() -> float:
    """How long a piece of work may take now."""
    work = current.get()
    left = work.remaining() if work is not None else None
    return LONGEST if left is None else min(LONGEST, max(left, 1.0))


def _environment() -> dict[str, str]:
    """Nothing of what the service was told: its passwords and keys are not needed there."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HP_")}
    return own | {"PYTHONPATH": str(_ROOT)}


def _main(asked: int, answered: int, memory: int) -> None:
    """Work until whoever asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the service decides when it is over
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(asked, "rb") as ask, os.fdopen(answered, "wb") as answer:
        while True:
            try:
                work, given, tells, seconds = pickle.load(ask)  # noqa: S301  from the service itself
            except EOFError:
                return
            signal.setitimer(signal.ITIMER_REAL, seconds)  # nobody handles its signal: it ends the process
            answer.write(_outcome(work, given, (lambda value: _send(answer, ("told", value))) if tells else None))
            answer.flush()
            signal.setitimer(signal.ITIMER_REAL, 0)


def _send(to: BinaryIO, message: object) -> None:
    pickle.dump(message, to)
    to.flush()


def _outcome(work: Callable[..., Any], given: tuple[Any, ...], tell: Tell | None) -> bytes:
    try:
        return pickle.dumps(("done", work(*given, tell=tell) if tell else work(*given)))
    except MemoryError:
        os._exit(1)
    except Exception as error:  # noqa: BLE001  whatever it is, it is raised where the work was asked for
        error.add_note("".join(traceback.format_tb(error.__traceback__)[-4:]))
        return _raised(error)


def _raised(error: Exception) -> bytes:
    """The error as it travels; of one that cannot, its kind and its place."""
    try:
        told = pickle.dumps(("raised", error))
        pickle.loads(told)  # noqa: S301  what this process just made itself
    except Exception:  # noqa: BLE001  as many ways as there are errors
        other = RuntimeError(type(error).__name__)
        other.__notes__ = error.__notes__
        return pickle.dumps(("raised", other))
    return told


_HANDS = Hands()

if __name__ == "__main__":
    _main(*(int(word) for word in sys.argv[1:]))
