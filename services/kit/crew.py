"""Greenlets that stay: a new one maps memory for its frames and gives it back when it ends, all for a single call."""

import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

from eventlet import sleep
from eventlet.hubs import get_hub
from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]  # eventlet's own base

_STEP = 0.02  # seconds between two looks at who is still in work


class Crew:
    """Pieces of work side by side, each in a greenlet of its own; whoever is done waits for the next piece."""

    def __init__(self) -> None:
        self._idle: list[Any] = []
        self._due: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._busy = 0

    def spawn_n(self, work: Callable[..., object], *given: Any) -> None:
        """The work begins as soon as who asks for it waits for something."""
        self._busy += 1
        self._due.append((work, given))  # not handed to the greenlet, which would keep the first it was given
        hand = self._idle.pop() if self._idle else greenlet(self._stay, get_hub().greenlet)
        get_hub().schedule_call_global(0, hand.switch)

    def waitall(self) -> None:
        """Nobody is in work any more."""
        while self._busy:
            sleep(_STEP)

    def _stay(self) -> None:
        while True:
            self._do(*self._due.popleft())
            self._idle.append(getcurrent())
            get_hub().switch()

    def _do(self, work: Callable[..., object], given: tuple[Any, ...]) -> None:
        try:
            work(*given)
        except Exception:  # noqa: BLE001  it has no caller to tell, and whoever comes next is served
            traceback.print_exc()
        finally:
            self._busy -= 1
