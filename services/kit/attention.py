"""A consumer the broker has forgotten is noticed: letters wait, none comes, none is in hand. Then it connects anew.

Seen with RabbitMQ 3.10 when a node dies while queues look for a new leader: the consumer is confirmed and never fed.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from services.kit.broker import ERRORS, connect
from services.kit.logs import log_of

LOOK = 2.0  # seconds between two looks
_PATIENCE = 5.0  # seconds the broker has for an answer


class Attention:
    """Looks at the queues of one connection's consumers."""

    def __init__(self, service: str, url: str, line: Callable[[], Any]) -> None:
        self._service, self._url, self._line = service, url, line
        self._seen: dict[Any, int] = {}
        self._suspects: set[Any] = set()
        self._around: Any = None  # a connection to look around with
        self._channel: Any = None

    def watch(self, ears: Callable[[], list[Any]]) -> None:
        """As long as the process lives."""
        while True:
            time.sleep(LOOK)
            try:
                self.look(ears())
            except ERRORS:
                self._seen, self._suspects = {}, set()  # the broker is away: its return begins anew
                self._leave()

    def look(self, ears: list[Any]) -> None:
        """An ear that was idle beside a full queue at two looks in a row has been forgotten."""
        idle = [ear for ear in ears if ear.in_hand() == 0 and self._seen.get(ear) == ear.came]
        self._seen = {ear: ear.came for ear in ears}
        forgotten = {ear for ear in idle if self._waiting(ear)}
        if forgotten & self._suspects:
            log_of(self._service).warning("forgotten by the broker", queues=sorted(ear.queue_name for ear in forgotten))
            self._break()
            forgotten = set()
        self._suspects = forgotten

    def _waiting(self, ear: Any) -> int:
        if self._around is None:
            self._around = connect(self._url, f"{self._service} looks around", heartbeat=0)
            self._around.connection.sock.settimeout(_PATIENCE)  # a node that was cut off says nothing at all
            self._channel = self._around.channel()
        return int(self._channel.queue_declare(ear.queue_name, passive=True).message_count)

    def _leave(self) -> None:
        around, self._around = self._around, None
        if around is not None:
            around.collect()

    def _break(self) -> None:
        """The reader of the connection sees its end and makes another."""
        line = self._line()
        if line is not None:
            with suppress(*ERRORS):
                line.sock.shutdown(socket.SHUT_RDWR)
