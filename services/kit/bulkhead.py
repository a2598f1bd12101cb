"""Places for questions to one service: a burst waits a moment for one, a service that has stopped is given up."""

import threading
import time

_STALLED = 0.3  # seconds without an answer after which nobody waits for a place any more
_PATIENCE = 1.0
_STEP = 0.05


class Bulkhead:
    """A bounded number of questions in flight; whoever finds no place does not wait behind questions nobody answers."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._lock = threading.Lock()
        self._inside = 0
        self._moved_at = 0.0  # when the last answer came, or the first question went in

    def enter(self, left: float) -> bool:
        """Whether there is a place; each one taken is left again."""
        end = time.monotonic() + min(left, _PATIENCE)
        while not self._places.acquire(timeout=0 if self._is_stalled() else _STEP):
            if self._is_stalled() or time.monotonic() >= end:
                return False
        with self._lock:
            if self._inside == 0:
                self._moved_at = time.monotonic()
            self._inside += 1
        return True

    def leave(self, *, answered: bool) -> None:
        """The question has ended."""
        with self._lock:
            self._inside -= 1
            if answered:
                self._moved_at = time.monotonic()
        self._places.release()

    def _is_stalled(self) -> bool:
        return self._inside > 0 and time.monotonic() - self._moved_at > _STALLED
