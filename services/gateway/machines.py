"""Which browser or program a session is opened from: an id its cookie keeps, known to services by its hash only."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

COOKIE: Final = "hp_may"
HEADER: Final = "x-device"
_KEPT: Final = 400 * 24 * 3600  # the longest a browser keeps a cookie (RFC 6265bis)
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_STRANGE: Final = "0" * 32


@dataclass(frozen=True, slots=True)
class Where:
    """Where a request comes from: identity looks at it for signs of shared accounts."""

    address: str
    device: str
    machine: str


def where(request: Request) -> Where:
    """Where a request of a session comes from.

    A program that names no machine stays unnamed. A browser that brings a session without the machine's cookie, which
    was given with it, is a machine of its own kind: the session was carried over.
    """
    told = request.headers.get(HEADER) or request.cookies.get(COOKIE) or ""
    carried = _STRANGE if "authorization" not in request.headers else ""
    machine = _hashed(told) if _SHAPE.fullmatch(told) else carried
    return Where(request.client.host if request.client else "", device_of(request), machine)


def device_of(request: Request) -> str:
    """What the browser says it is."""
    return "".join(letter for letter in request.headers.get("user-agent", "") if letter.isprintable())[:200]


def machine_of(request: Request) -> str:
    """The machine a request comes from, as 32 hex digits; one that never came before is given an id to keep."""
    told = request.headers.get(HEADER) or request.cookies.get(COOKIE) or ""
    if not _SHAPE.fullmatch(told):
        told = request.state.fresh_machine = secrets.token_urlsafe(18)
    return _hashed(told)


def _hashed(told: str) -> str:
    return hashlib.sha256(b"machine:" + told.encode()).hexdigest()[:32]


def keep_machine(request: Request, response: Response, *, secure: bool) -> None:
    """The browser keeps the id it was given; out of reach of scripts and of other sites."""
    fresh = getattr(request.state, "fresh_machine", None)
    if fresh is not None:
        response.set_cookie(COOKIE, fresh, max_age=_KEPT, path="/", httponly=True, samesite="strict", secure=secure)
