"""Codes of an authenticator app (RFC 6238): which time step a code belongs to, never whether it was used."""

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import quote

SECONDS = 30
DIGITS = 6
DRIFT = 1
"""Steps a phone's clock may be early or late."""
SECRET_BYTES = 20
ISSUER = "Hòm Phiếu"


def step_of(at: datetime) -> int:
    """The time step of an instant."""
    return int(at.timestamp()) // SECONDS


def code_at(secret: bytes, step: int) -> str:
    """The code of a time step.

    >>> code_at(b"12345678901234567890", 1)
    '287082'
    """
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def accepted_step(secret: bytes, code: str, at: datetime) -> int | None:
    """The step whose code this is: the present one or a neighbour; all are compared, in constant time."""
    now = step_of(at)
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def written(secret: bytes) -> str:
    """The secret as a person types it into the app."""
    return base64.b32encode(secret).decode().rstrip("=")


def uri(secret: bytes, login: str) -> str:
    """The secret as the app reads it from a picture."""
    issuer = quote(ISSUER)
    return f"otpauth://totp/{issuer}:{quote(login)}?secret={written(secret)}&issuer={issuer}&digits={DIGITS}&period={SECONDS}"
