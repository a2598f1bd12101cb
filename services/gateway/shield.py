"""Around every request: headers, strict addresses, same-site check, measures, and an incident number for every bug."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.contracts.base import Refusal
from services.gateway.security import (
    HANDED_OVER,
    HEADERS,
    SUCCESSOR,
    TRANSPORT,
    decoded,
    guarded_cookie,
    parameters_of,
    require_same_site,
    unguarded_cookies,
)
from services.gateway.sessions import give_cookie
from services.kit import metrics
from services.kit.faults import Unexpected
from services.kit.logs import log_of

log = log_of("gateway")
Answer = Callable[[Request, Refusal], Awaitable[Response]]
_QUIET: Final = ("/healthz", "/readyz", "/metrics", "/tinh/", "/api/v1/live")  # a stream lasts as long as its page
NAMED: Final = "hom-phieu.name"
"""Where a route that serves many doors says which one it served."""

_NO_STORE: Final = (b"cache-control", b"no-store")


class Shield:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp, *, answer: Answer, secure: bool) -> None:
        self._app = app
        self._answer = answer
        self._secure = secure
        self._headers = [*HEADERS, TRANSPORT] if secure else [*HEADERS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, seen = time.perf_counter(), Seen()
        if self._secure:
            scope["headers"] = [
                (name, unguarded_cookies(value) if name == b"cookie" else value) for name, value in scope["headers"]
            ]
        try:
            await self._guarded(scope, receive, self._sending(scope, send, seen))
        finally:
            _measure(scope, seen.status, time.perf_counter() - began)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            require_clean(scope)
            require_same_site(scope["method"], Headers(scope=scope))
            await self._app(scope, receive, send)
        except Refusal as refusal:
            await (await self._answer(request, refusal))(scope, receive, send)
        except Exception as bug:
            incident = f"G-{uuid4().hex[:8].upper()}"
            log.exception("incident", incident=incident, path=scope["path"], kind=type(bug).__name__)
            await (await self._answer(request, Unexpected(incident=incident)))(scope, receive, send)

    def _sending(self, scope: Scope, send: Send, seen: "Seen") -> Send:
        async def forward(message: Message) -> None:
            if message["type"] == "http.response.start":
                if seen.status:
                    return
                seen.status = message["status"]
                given = [*message.get("headers", ()), *_handed_over(scope, secure=self._secure)]
                message = {**message, "headers": self._with_headers(given)}
            await send(message)

        return forward

    def _with_headers(self, given: Any) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in given}
        if self._secure:
            given = [(name, guarded_cookie(value) if name == b"set-cookie" else value) for name, value in given]
        return [*given, *(pair for pair in (*self._headers, _NO_STORE) if pair[0] not in present)]


def _handed_over(scope: Scope, *, secure: bool) -> list[tuple[bytes, bytes]]:
    """The session's next token: in a cookie to a browser, in a header to who carries the token themselves."""
    token = scope.get(SUCCESSOR)
    if token is None:
        return []
    if "authorization" in Headers(scope=scope):
        return [(HANDED_OVER, token.encode())]
    answer = Response()
    give_cookie(answer, token, secure=secure)
    return [pair for pair in answer.raw_headers if pair[0] == b"set-cookie"]


class Seen:
    """The status that went out; 0 while none has."""

    def __init__(self) -> None:
        self.status = 0


def require_clean(scope: Scope) -> None:
    """Path and parameters are valid percent-encoded UTF-8 without control characters."""
    decoded(scope.get("raw_path") or b"")
    parameters_of(scope.get("query_string", b""))


def _measure(scope: Scope, status: int, seconds: float) -> None:
    """One observation a request, under the route's pattern: an address a stranger made up gets no name of its own."""
    if scope["path"].startswith(_QUIET):
        return
    name = scope.get(NAMED) or getattr(scope.get("route"), "name", None) or "none"
    metrics.DOOR.labels("gateway", name, str(status)).observe(seconds)
    log.info("request", route=name, method=scope["method"], status=status, ms=round(seconds * 1000, 1))
