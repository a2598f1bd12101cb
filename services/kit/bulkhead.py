"""Places for questions to one service: a burst waits a moment for one, a service that has stopped is given up."""

import threading
import time
from collections import deque

_STALLED = 0.3  # seconds without an answer after which nobody waits for a place any more
_PATIENCE = 1.0
_STEP = 0.05


class Bulkhead:
    """A bounded number of questions in flight; whoever finds no place does not wait behind questions nobody answers.

    A place is taken and left without a lock: each question does both, and a deque's ends are safe among threads.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._free = deque(range(places))
        self._left = threading.Condition()
        self._waiting = 0
        self._moved_at = 0.0  # when the last answer came, or the first question went in

    def enter(self, left: float) -> bool:
        """Whether there is a place; each one taken is left again."""
        if len(self._free) == self._places:
            self._moved_at = time.monotonic()
        return self._take() or self._wait(min(left, _PATIENCE))

    def _take(self) -> bool:
        try:
            self._free.pop()
        except IndexError:
            return False
        return True

    def _wait(self, seconds: float) -> bool:
        """Whether a place was left in time. One that is left just before the wait is found after a step."""
        end = time.monotonic() + seconds
        with self._left:
            self._waiting += 1
            try:
                while not self._take():
                    if self._is_stalled() or time.monotonic() >= end:
                        return False
                    self._left.wait(_STEP)
            finally:
                self._waiting -= 1
        return True

    def leave(self, *, answered: bool) -> None:
        """The question has ended."""
        if answered:
            self._moved_at = time.monotonic()
        self._free.append(0)
        if self._waiting:
            with self._left:
                self._left.notify()

    def _is_stalled(self) -> bool:
        return len(self._free) < self._places and time.monotonic() - self._moved_at > _STALLED
