"""Fewer system calls on a broker connection: what a turn of the hub writes leaves in one, what came comes in one.

amqp reads a frame in three pieces and a message is three frames; left alone that is nine calls for each message.
"""

from collections.abc import Callable
from typing import Any

import eventlet
from amqp.method_framing import frame_writer  # type: ignore[import-untyped]  # amqp has no types
from amqp.transport import TCPTransport  # type: ignore[import-untyped]

from services.kit.broker import ERRORS

_SIP = 8192  # bytes asked for at once; amqp keeps what it did not ask for until its next read


class Cork:
    """A transport whose first write of a turn goes out at once; what follows in it is gathered and goes as one."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._gathered: list[bytes] = []
        self._pouring = False

    def write(self, frame: bytes) -> None:
        if self._pouring:
            self._gathered.append(bytes(frame))
            return
        self._pouring = True
        try:
            self._transport.write(frame)
        finally:
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
    """A frame writer for amqp's Connection (its `frame_writer` option), made when the socket is open."""
    if isinstance(transport, TCPTransport):
        receive = transport.sock.recv
        transport._quick_recv = lambda wanted: receive(max(wanted, _SIP))  # noqa: SLF001  what its _read reads with
    writer: Callable[..., None] = frame_writer(connection, Cork(transport))
    return writer
