"""Connections to the broker as this project makes them: named, short time-outs, one kind of error."""

import socket
import threading
from typing import Any

from kombu import connection as kombu_connection
from kombu.transport.pyamqp import Transport

_Connection: Any = kombu_connection.Connection
ERRORS: tuple[type[Exception], ...] = (*Transport.connection_errors, *Transport.channel_errors)
RPC_EXCHANGE = "nameko-rpc"
JSON = {"content_type": "application/json", "content_encoding": "utf-8"}


def connect(url: str, name: str, *, heartbeat: int = 15, **options: Any) -> Any:
    """A connection that is open, or an error within seconds."""
    connection = _Connection(
        url,
        heartbeat=heartbeat,
        connect_timeout=5,
        transport_options={"client_properties": {"connection_name": name}, "write_timeout": 15, **options},
    )
    connection.connect()
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


class Post:
    """One long-lived channel that sends without confirms: requests and replies, which carry a deadline anyway."""

    def __init__(self, url: str, name: str, **options: Any) -> None:
        self._url, self._name, self._options = url, name, options
        self._lock = threading.Lock()
        self._connection: Any = None
        self._channel: Any = None

    def send(self, routing_key: str, body: bytes, **properties: Any) -> None:
        """Sent on an open connection; a broken one is replaced once, then the error is the caller's."""
        with self._lock:
            try:
                self._send(routing_key, body, properties)
            except ERRORS:
                self._drop()
                self._send(routing_key, body, properties)

    def _send(self, routing_key: str, body: bytes, properties: dict[str, Any]) -> None:
        if self._channel is None:
            self._connection = connect(self._url, self._name, heartbeat=0, **self._options)
            self._channel = self._connection.channel()
        else:
            self._require_open()
        rest = {name: value for name, value in properties.items() if name != "headers"}
        message = self._channel.prepare_message(body, headers=properties.get("headers"), properties=rest, **JSON)
        self._channel.basic_publish(message, exchange=RPC_EXCHANGE, routing_key=routing_key)

    def _require_open(self) -> None:
        """A broker that went away has closed the socket: seen before the message is lost in it."""
        sock = self._connection.connection.sock
        raw = getattr(sock, "fd", sock)
        try:
            waiting = raw.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except (BlockingIOError, ValueError):
            return
        if not waiting:
            raise ConnectionResetError("the broker closed the connection")
        try:
            self._connection.drain_events(timeout=0.05)
        except TimeoutError:
            return

    def _drop(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.collect()

    def close(self) -> None:
        with self._lock:
            self._drop()
