"""How many requests are in work: a bounded number, a bounded queue before it, a bounded share of each session."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.gateway.refusals import Busy, Crowded
from services.gateway.settings import GatewaySettings

_COME_BACK = 8
_FEW = 16  # so many may always wait


class Slots:
    """Admits requests in order; who cannot be admitted in time is told when to come back, and nothing was done."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._free = asyncio.Semaphore(settings.gateway_in_flight)
        self._longest_queue = settings.gateway_waiting
        self._patience = settings.gateway_patience
        self._share = settings.gateway_per_session
        self._of: Counter[str] = Counter()
        self._left: deque[float] = deque(maxlen=10_000)
        self.waiting = 0
        self.in_work = 0

    @asynccontextmanager
    async def one(self, owner: str) -> AsyncIterator[None]:
        """A slot for a request of an owner (a session; nobody's requests share none)."""
        if owner and self._of[owner] >= self._share:
            raise Busy(seconds=1)
        self._of[owner] += 1
        try:
            await self._enter()
            self.in_work += 1
            try:
                yield
            finally:
                self.in_work -= 1
                self._free.release()
                self._left.append(time.monotonic())
        finally:
            self._of[owner] -= 1
            if self._of[owner] <= 0:
                del self._of[owner]

    def _is_hopeless(self) -> bool:
        """Whether, at the pace of the last second, those who wait already take longer than anybody waits."""
        now = time.monotonic()
        while self._left and self._left[0] < now - 1:
            self._left.popleft()
        return self.waiting >= max(_FEW, len(self._left) * self._patience / 2)

    async def _enter(self) -> None:
        if not self._free.locked():
            await self._free.acquire()  # at once: nobody waits, so nobody is judged
            return
        if self.waiting >= self._longest_queue or self._is_hopeless():
            raise Crowded(seconds=_COME_BACK)
        self.waiting += 1
        try:
            await asyncio.wait_for(self._free.acquire(), self._patience)
        except TimeoutError as full:
            raise Crowded(seconds=_COME_BACK) from full
        finally:
            self.waiting -= 1
