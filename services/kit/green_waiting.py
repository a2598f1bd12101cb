"""Waiting among greenlets: the reader of replies goes over to whoever waited, without a turn of the hub between."""

from typing import Any

from eventlet.hubs import get_hub
from greenlet import getcurrent  # type: ignore[import-untyped]  # eventlet's own base


class Green:
    """As `services.kit.waiting.Waiting` says."""

    def __init__(self) -> None:
        self._body: bytes | None = None
        self._over = False
        self._sleeper: Any = None  # the greenlet, as long as it sleeps

    def wait(self, seconds: float) -> bytes | None:
        """As `Waiting` says."""
        if self._over:
            return self._body
        hub = get_hub()
        self._sleeper = getcurrent()
        alarm = hub.schedule_call_global(max(seconds, 0), self._wake)
        try:
            hub.switch()
        finally:
            self._sleeper = None
            alarm.cancel()
        return self._body

    def end(self, body: bytes | None = None, *, at_once: bool = False) -> None:
        """As `Waiting` says."""
        if self._over:
            return
        self._over, self._body = True, body
        if self._sleeper is None:
            return
        hub = get_hub()
        if at_once:
            hub.schedule_call_global(0, getcurrent().switch)
            self._wake()
        else:
            hub.schedule_call_global(0, self._wake)

    def _wake(self) -> None:
        """Once: a greenlet that was woken sleeps somewhere else by now."""
        sleeper, self._sleeper = self._sleeper, None
        if sleeper is not None:
            sleeper.switch()
