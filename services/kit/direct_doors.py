"""A service's doors without the broker: a part of the health pages' application."""

import hmac
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from eventlet.event import Event

from services.kit.admission import Admission
from services.kit.direct import PATH
from services.kit.entrypoints import doors_of
from services.kit.pipeline import Call
from services.kit.work import next_span

_LONGEST = 4 << 20  # bytes of a request
_NUMBER = re.compile(r"[0-9]{1,15}")
Start = Callable[[str, list[tuple[str, str]]], Any]
Serve = Callable[[Any, Call], bytes]


class DirectDoors:
    """Every door of a service to whoever shows the secret; admitted with those who come by the queue."""

    def __init__(self, kind: type[Any], serves: Callable[[Any], Serve], crowded: bytes) -> None:
        self._kind, self._crowded = kind, crowded
        self._serves = {name: serves(door) for name, door in doors_of(kind).items()}
        self._secret: str = kind.settings.direct_secret
        self._admission: Admission = kind.admission

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        name = environ["PATH_INFO"].removeprefix(PATH)
        if not self._may_ask(environ) or name not in self._serves:
            start("404 Not Found", [("Content-Length", "0")])
            return [b""]
        body = self._answer(name, _call_of(environ))
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, door: str, call: Call) -> bytes:
        """What a worker says to the call, or that there is none for it."""
        if self._admission.refuses(door, call.deadline):
            return self._crowded
        told = Event()
        self._admission.enter(door, partial(self._work, door, call, told))
        return bytes(told.wait())

    def _work(self, door: str, call: Call, told: Event) -> None:
        told.send(self._serves[door](self._kind(), call))

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

