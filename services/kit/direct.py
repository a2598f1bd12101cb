"""Doors without the broker: while it is away a question goes straight to the service's own port.

The port is the one of the health pages. Who asks there shows a secret of the installation, as on the broker it would
show its password; the passport, the deadline and the answer are the same as on the bus.
"""

import hmac
import http.client
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from services.kit.entrypoints import doors_of
from services.kit.lines import Question
from services.kit.pipeline import Call
from services.kit.work import next_span

PATH = "/doors/"
SECRET, DEADLINE, PASSPORT, TRACE = "X-Direct-Secret", "X-Deadline", "X-Passport", "Traceparent"
_LONGEST = 4 << 20  # bytes of a request
_NUMBER = re.compile(r"[0-9]{1,15}")
Start = Callable[[str, list[tuple[str, str]]], Any]
Serve = Callable[[Any, Call], bytes]


def headers_of(secret: str, deadline: float, passport: str | None, trace: str | None) -> dict[str, str]:
    """What goes with a question."""
    told = {SECRET: secret, DEADLINE: str(int(deadline * 1000)), PASSPORT: passport, TRACE: trace}
    return {name: value for name, value in told.items() if value is not None}


class Unreached(Exception):
    """The service does not listen there: it never had the question."""


class Direct:
    """The asking side: where each service listens."""

    def __init__(self, addresses: Mapping[str, str], secret: str) -> None:
        self._places = {name: urlsplit(address) for name, address in addresses.items()}
        self._secret = secret

    def reaches(self, service: str) -> bool:
        """Whether there is a direct line to the service."""
        return bool(self._secret) and service in self._places

    def carry(self, question: Question) -> bytes | None:
        """The reply as on the bus, None when there was none in time."""
        place, left = self._places[question.service], question.deadline - time.time()
        if left <= 0:
            return None
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=left)
        headers = headers_of(self._secret, question.deadline, question.token, question.trace)
        try:
            connection.connect()
        except OSError as closed:
            raise Unreached from closed
        try:
            connection.request("POST", f"{PATH}{question.method}", question.body, headers)
            connection.sock.settimeout(max(question.deadline - time.time(), 0.01))
            answer = connection.getresponse()
            return answer.read() if answer.status == http.client.OK else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class DirectDoors:
    """The answering side, a part of the health pages' application."""

    def __init__(self, kind: type[Any], serves: Callable[[Any], Serve], crowded: bytes) -> None:
        self._kind, self._crowded = kind, crowded
        self._serves = {name: serves(door) for name, door in doors_of(kind).items()}
        self._secret: str = kind.settings.direct_secret
        self._most: int = kind.settings.workers + kind.settings.waiting
        self._inside = 0

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        serve = self._serves.get(environ["PATH_INFO"].removeprefix(PATH))
        if not self._may_ask(environ) or serve is None:
            start("404 Not Found", [("Content-Length", "0")])
            return [b""]
        body = self._crowded
        if self._inside < self._most:
            self._inside += 1
            try:
                body = serve(self._kind(), _call_of(environ))
            finally:
                self._inside -= 1
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _may_ask(self, environ: dict[str, Any]) -> bool:
        shown = environ.get("HTTP_X_DIRECT_SECRET", "")
        known = bool(self._secret) and hmac.compare_digest(shown.encode(), self._secret.encode())
        return known and environ["REQUEST_METHOD"] == "POST" and _length(environ) <= _LONGEST


def _length(environ: dict[str, Any]) -> int:
    """Bytes of the body; none of one that does not say how long it is."""
    told = str(environ.get("CONTENT_LENGTH") or "0")
    return int(told) if _NUMBER.fullmatch(told) else 0


def _call_of(environ: dict[str, Any]) -> Call:
    trace = environ.get("HTTP_TRACEPARENT")
    deadline = environ.get("HTTP_X_DEADLINE", "")
    return Call(
        body=environ["wsgi.input"].read(_length(environ)),
        token=environ.get("HTTP_X_PASSPORT"),
        deadline=int(deadline) / 1000 if _NUMBER.fullmatch(deadline) else None,
        trace=next_span(trace) if trace else None,
    )

