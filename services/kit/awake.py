"""A process that was asked a moment ago looks for more before it sleeps: to be woken costs more than to stay awake.

Between two questions of one caller lie a few hundred microseconds, and a processor that sleeps meanwhile makes each
call a quarter longer. The broker's own runtime (Erlang) waits busily for the same reason. Who is asked rarely sleeps at
once, and each look lets another process go first.
"""

import os

from eventlet.hubs import epolls


class Awake(epolls.Hub):  # type: ignore[misc]  # eventlet has no types
    """Eventlet's hub, for `eventlet.hubs.use_hub`.

    `span`: how long it looks on, in seconds, and only if it had to wait no longer than that before; 0 for never.
    """

    span = 0.0
    _busy = False

    @staticmethod
    def is_available() -> bool:
        """Whether this machine has what it is made of."""
        return bool(epolls.is_available())

    def do_poll(self, seconds: float) -> list[tuple[int, int]]:
        """What came within so many seconds: file descriptors and their events."""
        came = self._looked()
        if came or seconds <= 0:
            return came
        began = self.clock()
        if self._busy:
            came = self._look_on(began + min(seconds, self.span))
        if not came:
            came = self._looked(max(began + seconds - self.clock(), 0))
        self._busy = bool(came) and self.clock() - began < self.span
        return came

    def _look_on(self, end: float) -> list[tuple[int, int]]:
        came: list[tuple[int, int]] = []
        while not came and self.clock() < end:
            os.sched_yield()
            came = self._looked()
        return came

    def _looked(self, seconds: float = 0) -> list[tuple[int, int]]:
        came: list[tuple[int, int]] = self.poll.poll(seconds)
        return came
