"""Who is served now, who waits for a worker, and who is told at once to come back: a crowd does not slow everybody."""

from collections import deque
from collections.abc import Callable
from typing import Any

from services.kit import metrics

_SLACK = 16  # messages that may be on their way in to be refused

Serve = Callable[[], None]


class Admission:
    """At most so many calls in work and so many waiting for a worker, first come, first served."""

    def __init__(self, service: str, pool: Any, workers: int, waiting: int) -> None:
        self._service, self._pool, self._workers, self._most = service, pool, workers, waiting
        self._waiting: deque[Serve] = deque()
        self._busy = 0

    @property
    def prefetch(self) -> int:
        """How many messages the broker hands over before one of them is settled."""
        return self._workers + self._most + _SLACK

    def is_full(self) -> bool:
        """Whether one more would have to be told to come back; who asks this is about to tell it."""
        if self._busy < self._workers or len(self._waiting) < self._most:
            return False
        metrics.CROWDED.labels(self._service).inc()
        return True

    def enter(self, serve: Serve) -> None:
        """The call is served by the next free worker."""
        if self._busy >= self._workers:
            self._waiting.append(serve)
            return
        self._busy += 1
        self._pool.spawn_n(self._work, serve)

    def _work(self, serve: Serve) -> None:
        """A worker takes who waits before it goes."""
        try:
            serve()
            while self._waiting:
                self._waiting.popleft()()
        finally:
            self._busy -= 1
