"""Fewer system calls on a broker connection: what a turn of the hub writes leaves in one, what came comes in one.

amqp reads a frame in three pieces and a message is three frames; left alone that is nine calls for each message.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any

from amqp.method_framing import frame_writer  # type: ignore[import-untyped]  # amqp has no types
from amqp.transport import TCPTransport  # type: ignore[import-untyped]
from eventlet.hubs import get_hub
from greenlet import greenlet  # type: ignore[import-untyped]  # eventlet's own base

from services.kit.broker import ERRORS

_SIP = 8192  # bytes asked for at once; amqp keeps what it did not ask for until its next read
_HEAD = Struct(">BHI")  # of a frame: type, channel, size of what follows, and behind that an octet (AMQP 0-9-1, 4.2.3)
_END = 0xCE


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
            get_hub().schedule_call_global(0, self._turn_over)

    def _turn_over(self) -> None:
        """In the hub, which must not wait for a socket: what was gathered, if anything, is written aside."""
        if self._gathered:
            greenlet(self._pour).switch()
        else:
            self._pouring = False

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
        connection.blocking_read = _reader(connection, transport)
    writer: Callable[..., None] = frame_writer(connection, Cork(transport))
    return writer


def _reader(connection: Any, transport: Any) -> Callable[..., Any]:
    """What reads a frame: in one piece if it came whole, and with one look for all that is here.

    Whatever is out of the ordinary (a frame in parts, a line that ended, a wait without end) is amqp's to read.
    """
    waited_for: Callable[..., Any] = connection.blocking_read
    sock, receive = transport.sock, transport._quick_recv  # noqa: SLF001  what its _read reads with

    def read(timeout: float | None = None) -> Any:
        here = transport._read_buffer  # noqa: SLF001
        if not here and timeout:
            before = sock.gettimeout()
            sock.settimeout(timeout)
            try:
                here = transport._read_buffer = receive(_SIP)  # noqa: SLF001
            finally:
                sock.settimeout(before)
        if len(here) > _HEAD.size:
            kind, channel, size = _HEAD.unpack_from(here)
            end = _HEAD.size + size
            if len(here) > end and here[end] == _END:
                transport._read_buffer = here[end + 1 :]  # noqa: SLF001
                return connection.on_inbound_frame((kind, channel, here[_HEAD.size : end]))
        return waited_for(timeout)

    return read
