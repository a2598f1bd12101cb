"""The four crash windows, each hit so many times in a real service: results tells, reporting hears."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from deploy.chaos.stack import Attacked

Until = Callable[[], bool]
PLACES = {
    "results": ("after commit before publish", "after publish before mark"),
    "reporting": ("after receive before commit", "after commit before ack"),
}
CHANCES = {"results": 0.2, "reporting": 0.5}  # of dying at a passage; reporting hears by the hundred: fewer passages
LIMIT = 3600.0


async def hit_each(stack: Attacked, times: int, load: Callable[[Until], Awaitable[None]]) -> None:
    """Under load every window is hit so many times; then the services live on unarmed."""
    left = {service: list(windows) for service, windows in PLACES.items()}
    began = time.monotonic()
    for service in PLACES:
        stack.order(service, dict.fromkeys(left[service], CHANCES[service]))
        stack.kill(service)  # it is armed when it starts

    def all_hit() -> bool:
        hits = stack.hits()
        for service, windows in PLACES.items():
            open_ones = [window for window in windows if hits.get(f"{service}: {window}", 0) < times]
            if open_ones != left[service]:
                left[service] = open_ones
                stack.order(service, dict.fromkeys(open_ones, CHANCES[service]))
        return not any(left.values()) or time.monotonic() - began > LIMIT

    await load(all_hit)
    for service in PLACES:
        stack.order(service, {})
        await _restarted(stack, service)


def missed(stack: Attacked, times: int) -> int:
    """How many hits are wanting."""
    hits = stack.hits()
    return sum(max(0, times - hits.get(f"{name}: {window}", 0)) for name, some in PLACES.items() for window in some)


async def _restarted(stack: Attacked, service: str) -> None:
    """A process that may still be armed is replaced by one that is not."""
    while stack.kill(service) is None:
        await asyncio.sleep(0.2)
