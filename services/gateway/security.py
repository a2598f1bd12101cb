"""What protects the browser: headers of every answer, requests of other sites refused, forms that carry a mark."""

import hashlib
import hmac
import re
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers

from services.gateway.refusals import BadAddress, CrossSite

COOKIE: Final = "hp_phien"
FORM_MARK: Final = "dau"
SUCCESSOR: Final = "hom-phieu.successor"
"""Where a request keeps the token that is to go out with its answer."""

HANDED_OVER: Final = b"x-session-token"
"""The header in which a program finds it; a browser has it in its cookie."""
_HOST: Final = "__Host-"

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000")

_OF_PATHS: Final = frozenset({"hp_buoc2"})
"""Cookies of one path only: the prefix is not for them."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HERE: Final = frozenset({"same-origin", "none"})
_OF_FORMS: Final = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def token_of(headers: Headers, cookies: dict[str, str]) -> str | None:
    """The session token of a request: the bearer's when there is an Authorization header, else the cookie's."""
    given = headers.get("authorization")
    if given is None:
        return cookies.get(COOKIE) or None
    kind, _, token = given.partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def require_same_site(method: str, headers: Headers) -> None:
    """An act is asked by a page of this very host, or by a program that carries its token itself.

    A request with an Authorization header cannot be made by a strange page: browsers add none by themselves. Neither
    can one whose body is of a kind no form sends: the browser asks first, and is told no. Old browsers that name no
    origin are refused with a form's body.
    """
    if method in _SAFE or "authorization" in headers:
        return
    fetched, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if fetched is not None and fetched not in _HERE:
        raise CrossSite
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise CrossSite
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if fetched is None and origin is None and kind in _OF_FORMS and COOKIE in headers.get("cookie", ""):
        raise CrossSite


def form_mark(token: str) -> str:
    """The mark a form of a session carries: known to whoever holds the session, to nobody else.

    It is made of the part of the token that stays when the token is renewed: a form filled in for long is still taken.
    """
    family = token.partition(".")[0]
    return hmac.new(family.encode(), b"hom-phieu form", hashlib.sha256).hexdigest()[:32]


def guarded_cookie(cookie: bytes) -> bytes:
    """A cookie as it leaves over TLS: never sent without it, and one of the whole site bound to this very host.

    The prefix (RFC 6265bis, 4.1.3.2) keeps a neighbouring host, or whoever sits on a plain connection, from setting it.
    """
    text = cookie.decode("latin-1")
    attributes = [part.strip().lower() for part in text.split(";")[1:]]
    if "secure" not in attributes:
        text += "; Secure"
    if "path=/" in attributes and not any(part.startswith("domain=") for part in attributes):
        text = _HOST + text
    return text.encode("latin-1")


def unguarded_cookies(header: bytes) -> bytes:
    """The cookies a browser sent over TLS under the names the pages know; one without the prefix is not ours."""
    pairs = [part.strip() for part in header.decode("latin-1").split(";") if part.strip()]
    held = [pair for pair in pairs if pair.startswith(_HOST) or pair.partition("=")[0] in _OF_PATHS]
    return "; ".join(pair.removeprefix(_HOST) for pair in held).encode("latin-1")


def require_form_mark(token: str, mark: str) -> None:
    if not hmac.compare_digest(form_mark(token).encode(), mark.encode()):
        raise CrossSite


def decoded(raw: bytes) -> str:
    """Percent-decoded text, or BadAddress: no broken escape, no broken UTF-8, no control character."""
    if _BROKEN_ESCAPE.search(raw):
        raise BadAddress
    try:
        text = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError as broken:
        raise BadAddress from broken
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise BadAddress
    return text


def parameters_of(query: bytes) -> list[tuple[str, str]]:
    """The parameters of a query string, strictly decoded, in order."""
    pairs = (part.partition(b"=") for part in query.split(b"&") if part)
    return [(decoded(name.replace(b"+", b" ")), decoded(value.replace(b"+", b" "))) for name, _, value in pairs]
