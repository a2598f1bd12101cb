"""One who asked and waits for the answer, which the reader of replies brings."""

import threading
import time
from typing import Protocol

from services.kit.green import is_green


class Waiting(Protocol):
    """Who waits."""

    def wait(self, seconds: float) -> bytes | None:
        """The answer; None if there is none by then, or none will come."""

    def end(self, body: bytes | None = None, *, at_once: bool = False) -> None:
        """By the reader of replies alone: the answer, or that none will come. Only the first counts.

        `at_once`: the reader has nothing more in hand, so whoever waited goes on before the reader does.
        """


class Threaded:
    """Among threads. A lock that is let go once costs a third of an Event, and each question needs one."""

    def __init__(self) -> None:
        self._body: bytes | None = None
        self._over = False
        self._gate = threading.Lock()
        self._gate.acquire()

    def wait(self, seconds: float) -> bytes | None:
        """As `Waiting` says."""
        self._gate.acquire(timeout=max(seconds, 0))
        return self._body

    def end(self, body: bytes | None = None, *, at_once: bool = False) -> None:
        """As `Waiting` says."""
        if not self._over:
            self._over, self._body = True, body
            self._gate.release()
            if at_once:
                time.sleep(0)


def kind_of_waiting() -> type[Waiting]:
    """What fits this process."""
    if not is_green():
        return Threaded
    from services.kit.green_waiting import Green  # of eventlet, which tools that are not green do without

    return Green
