"""Connections to the broker as this project makes them: named, short time-outs, one kind of error."""

import socket
import threading
import time
from contextlib import suppress
from typing import Any, Self

from kombu import connection as kombu_connection
from kombu.transport.pyamqp import Transport

from services.kit import parcel
from services.kit.green import is_green
from services.kit.parcel import Parcel

_Connection: Any = kombu_connection.Connection
ERRORS: tuple[type[Exception], ...] = (*Transport.connection_errors, *Transport.channel_errors)
RPC_EXCHANGE = "nameko-rpc"
_LOOK = int(socket.MSG_PEEK | socket.MSG_DONTWAIT)
HEARTBEAT = 15
"""Seconds between signs of life; a broker that gives none for twice as long is left."""
_BEATS = 1.0  # seconds a heartbeat may take to be written


def connect(url: str, name: str, *, heartbeat: int = HEARTBEAT, within: float = 5.0, **options: Any) -> Any:
    """A connection to the first node that answers, or an error within seconds. Nodes stand in the URL, `;` between.

    Each has its share of the time: one that says nothing at all, as when its cable is cut, leaves some for the next.
    """
    if is_green():
        from services.kit.cork import corked  # of eventlet, which tools that are not green do without

        options.setdefault("frame_writer", corked)
    others = url.count(";")
    connection = _Connection(
        url,
        heartbeat=heartbeat,
        connect_timeout=within / (others + 1),
        transport_options={"client_properties": {"connection_name": name}, "write_timeout": 15, **options},
    )
    # As connection.connect(), which would sleep for seconds between two nodes: who waits here has a deadline.
    connection._ensure_connection(  # noqa: SLF001
        max_retries=others, interval_start=0, interval_step=0, reraise_as_library_errors=False, timeout=within
    )
    # amqp would try to read before every publish, to learn whether it is blocked; who publishes here looks for itself.
    told = connection.connection.client_properties
    told["capabilities"] = {**told["capabilities"], "connection.blocked": False}
    return connection


def exchange_of(owner: str) -> str:
    """The exchange an owner tells its events on."""
    return f"{owner}.events"


def rpc_queue(service: str) -> str:
    return f"rpc-{service}"


def ear_queue(service: str, key: str) -> str:
    """The queue of a handler: what is heard, and who hears it."""
    topic, _, handler = key.partition("--")
    return f"{topic}--{service}.{handler}"


def dead_queue(service: str) -> str:
    """Where the broker puts letters that killed their reader again and again."""
    return f"{service}.dead"


def has_more(line: Any) -> bool:
    """Whether amqp's connection has read more than it has taken in; a channel that was closed meanwhile has none."""
    return line is not None and bool(line.transport._read_buffer)  # noqa: SLF001  nothing else knows of it


def bytes_of(message: Any) -> bytes:
    """The body as it came."""
    return message.body.encode(errors="surrogatepass") if isinstance(message.body, str) else bytes(message.body)


class Patience:
    """What the broker is asked meanwhile it answers in time, or the connection ends: heartbeats are no answers.

    amqp waits for an answer as long as frames come, and for ever on a node that stands still and keeps its connections.
    """

    def __init__(self, line: Any, seconds: float) -> None:
        self._sock = line.sock  # of amqp's own connection: kombu's would connect again if it is gone
        self._timer = threading.Timer(seconds, self._break)
        self._timer.daemon = True
        self._timer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.end()

    def end(self) -> None:
        """It was answered."""
        self._timer.cancel()

    def _break(self) -> None:
        """Whoever waits on the connection sees its end."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)


class BrokerBlocked(ConnectionError):
    """The broker takes nothing at present: its disk or its memory is full."""


class Post:
    """One long-lived channel that sends without confirms: requests and replies, which carry a deadline anyway.

    Nobody reads here, and a node that stands still takes in all it is sent: so its heartbeats are looked for aside.
    """

    def __init__(self, url: str, name: str, heartbeat: int = HEARTBEAT) -> None:
        self._url, self._name, self._heartbeat = url, name, heartbeat
        self._closed = threading.Event()
        self._tender: threading.Thread | None = None
        self._lock = threading.Lock()
        self._line: Any = None  # amqp's own connection: kombu's would connect again where an error is wanted
        self._channel: Any = None
        self._blocked = False

    def send(self, routing_key: str, body: bytes, *, within: float = 15.0, **properties: Any) -> None:
        """Sent on an open connection; a broken one is replaced once, then the error is the caller's, in time."""
        end = time.monotonic() + within
        # A free lock is taken without a timer, which a green one would set and take back.
        if not self._lock.acquire(blocking=False) and not self._lock.acquire(timeout=max(within, 0)):
            raise TimeoutError("others wait to send")
        try:
            try:
                self._send(routing_key, body, end, properties)
            except BrokerBlocked:
                raise
            except ERRORS:
                self._drop()
                self._send(routing_key, body, end, properties)
        finally:
            self._lock.release()

    def _send(self, routing_key: str, body: bytes, end: float, properties: dict[str, Any]) -> None:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("no time is left to send")
        if self._channel is None:
            self._connect(min(left, 5.0))
        else:
            self._require_open()
        if self._blocked:
            raise BrokerBlocked("the broker takes nothing at present")
        sock = self._line.sock
        sock.settimeout(max(end - time.monotonic(), 0.05))
        parcel.send(self._line, self._channel.channel_id, RPC_EXCHANGE, routing_key, Parcel(body, properties))
        sock.settimeout(None)

    def _connect(self, within: float) -> None:
        end = time.monotonic() + within
        told = {"on_blocked": self._on_blocked, "on_unblocked": self._on_unblocked}
        self._drop()
        self._line = connect(self._url, self._name, heartbeat=self._heartbeat, within=within, **told).connection
        with Patience(self._line, max(end - time.monotonic(), 0.05)):
            self._channel = self._line.channel()
        if self._tender is None:
            self._tender = threading.Thread(target=self._tend, name=self._name, daemon=True)
            self._tender.start()

    def _tend(self) -> None:
        """As long as this is open: the broker and we show each other that we live."""
        while not self._closed.wait(self._heartbeat / 4):
            with self._lock:
                try:
                    if self._line is not None:
                        self._beat(self._line.sock)
                except ERRORS:
                    self._drop()

    def _beat(self, sock: Any) -> None:
        self._require_open()
        sock.settimeout(_BEATS)
        self._line.heartbeat_tick()
        sock.settimeout(None)

    def _on_blocked(self, _reason: str) -> None:
        self._blocked = True

    def _on_unblocked(self) -> None:
        self._blocked = False

    def _require_open(self) -> None:
        """All the broker said meanwhile is heard; if it closed the socket, before the message is lost in it."""
        with suppress(TimeoutError):  # of a frame that is half here
            while self._has_spoken():
                self._line.drain_events(timeout=0.05)

    def _has_spoken(self) -> bool:
        """Whether something waits on the socket, or was read along with what came before it."""
        if has_more(self._line):
            return True
        sock = self._line.sock
        try:
            waiting = getattr(sock, "fd", sock).recv(1, _LOOK)
        except (BlockingIOError, ValueError):
            return False
        if not waiting:
            raise ConnectionResetError("the broker closed the connection")
        return True

    def _drop(self) -> None:
        line, self._line, self._channel, self._blocked = self._line, None, None, False
        if line is not None:
            line.collect()

    def close(self) -> None:
        self._closed.set()
        with self._lock:
            self._drop()
