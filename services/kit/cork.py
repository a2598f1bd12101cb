"""What many greenlets write to one broker connection in a turn of the hub leaves in one system call."""

from collections.abc import Callable
from typing import Any

import eventlet
from amqp.method_framing import frame_writer  # type: ignore[import-untyped]  # amqp has no types

from services.kit.broker import ERRORS


class Cork:
    """A transport whose writes are gathered; one greenlet at a time hands them on."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._gathered: list[bytes] = []
        self._pouring = False

    def write(self, frame: bytes) -> None:
        self._gathered.append(bytes(frame))
        if not self._pouring:
            self._pouring = True
            eventlet.spawn_n(self._pour)

    def _pour(self) -> None:
        """A connection that breaks here is seen by its reader or at the next send; what was in it comes again."""
        try:
            while self._gathered:
                frames, self._gathered = self._gathered, []
                self._transport.write(b"".join(frames))
        except ERRORS:
            self._gathered.clear()
        finally:
            self._pouring = False


def corked(connection: Any, transport: Any) -> Callable[..., None]:
    """A frame writer for amqp's Connection (its `frame_writer` option)."""
    writer: Callable[..., None] = frame_writer(connection, Cork(transport))
    return writer
