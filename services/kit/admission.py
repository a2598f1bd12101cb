"""Who is served now, who waits for a worker, and who is told at once to come back: a crowd does not slow everybody."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from services.kit import metrics

_SLACK = 16  # messages that may be on their way in to be refused
_WEIGHT = 0.05  # of the newest call in what calls take lately: some twenty tell

Serve = Callable[[], None]


class Admission:
    """At most so many calls in work and so many waiting for a worker, first come, first served.

    Whoever would be answered too late is told at once: where calls take longer than usual, so many fewer wait. A queue
    that is as long as its callers' patience would make every answer a late one, and all work would be for nothing.
    """

    def __init__(self, service: str, pool: Any, workers: int, waiting: int) -> None:
        self.pool = pool
        self._service, self._workers, self._most = service, workers, waiting
        self._waiting: deque[tuple[str, Serve]] = deque()
        self._busy = 0
        self._takes = 0.0  # seconds a call takes a worker lately, whatever its door
        self._door_takes: dict[str, float] = defaultdict(float)  # and at each door

    @property
    def prefetch(self) -> int:
        """How many messages the broker hands over before one of them is settled."""
        return self._workers + self._most + _SLACK

    def refuses(self, door: str, deadline: float | None) -> bool:
        """Whether a call with this deadline (unix seconds) is to be told to come back; who asks is about to tell it."""
        if self._busy < self._workers:
            return False  # never by what calls took before: whoever is served tells how long they take now
        if len(self._waiting) < self._most and (deadline is None or self._answered_at(door) <= deadline):
            return False
        metrics.CROWDED.labels(self._service).inc()
        return True

    def _answered_at(self, door: str) -> float:
        """The moment the next in the queue would have its answer, in unix seconds."""
        return time.time() + self._takes * (len(self._waiting) + 1) / self._workers + self._door_takes[door]

    def enter(self, door: str, serve: Serve) -> None:
        """The call is served by the next free worker."""
        if self._busy >= self._workers:
            self._waiting.append((door, serve))
            return
        self._busy += 1
        self.pool.spawn_n(self._work, door, serve)

    def _work(self, door: str, serve: Serve) -> None:
        """A worker takes who waits before it goes."""
        try:
            self._timed(door, serve)
            while self._waiting:
                self._timed(*self._waiting.popleft())
        finally:
            self._busy -= 1

    def _timed(self, door: str, serve: Serve) -> None:
        began = time.monotonic()
        serve()
        took = time.monotonic() - began
        self._takes += _WEIGHT * (took - self._takes)
        self._door_takes[door] += _WEIGHT * (took - self._door_takes[door])
