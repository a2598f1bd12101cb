"""Passkeys: what a challenge is bound to, when a counter betrays a copy, which factor is the last, who needs a key."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from services.contracts.base import Finding, Grant
from services.contracts.passkeys import KeyNeeded, LastFactor
from services.identity.domain.rules.passkeys import PASSKEYS

CEREMONY_LIFE = timedelta(minutes=5)
NONCE_BYTES = 32
LONGEST_ANSWER = 16_384
"""Characters of what a browser answers; real ones have 600 to 6,000."""

_RULES = {rule.code: rule for rule in PASSKEYS}


class Purpose(StrEnum):
    """What a browser's answer is for; an answer for one is worth nothing for another."""

    ADD = "add"
    FIRST = "first"
    SIGN_IN = "sign_in"
    STEP_UP = "step_up"


@dataclass(frozen=True)
class Binding:
    """What one ceremony is for: its purpose, whose, within what (session, challenge or activation), which content."""

    purpose: Purpose
    person: UUID
    within: bytes
    content: str = ""


def challenge_of(binding: Binding, nonce: bytes) -> bytes:
    """The WebAuthn challenge of a ceremony: whoever signs it approves exactly this content, here and now, and no other.

    >>> one = Binding(Purpose.STEP_UP, UUID(int=1), b"session", "ab" * 32)
    >>> len(challenge_of(one, bytes(32)))
    32
    """
    parts = (binding.purpose.encode(), binding.person.bytes, binding.within, binding.content.encode(), nonce)
    told = b"".join(len(part).to_bytes(4) + part for part in parts)
    return hashlib.sha256(b"hom-phieu/webauthn\0" + told).digest()


def is_copy(known: int, told: int) -> bool:
    """Whether a counter shows that the key was copied: it does not go on (WebAuthn 7.2 step 22).

    A key that never counts says 0 always.

    >>> [is_copy(0, 0), is_copy(4, 5), is_copy(5, 5), is_copy(5, 0)]
    [False, False, True, True]
    """
    return (known > 0 or told > 0) and told <= known


def needs_key(grants: Collection[Grant], key_roles: Collection[str]) -> bool:
    """Whether a role of the person opens by passkey only."""
    return any(grant.role in key_roles for grant in grants)


def require_code_enough(grants: Collection[Grant], key_roles: Collection[str]) -> None:
    """KeyNeeded when a code is not enough for a role of the person."""
    if needs_key(grants, key_roles):
        raise KeyNeeded


def require_another(keys_left: int, *, codes: bool, key_needed: bool) -> None:
    """LastFactor when nothing would remain to come in by."""
    if keys_left == 0 and (key_needed or not codes):
        raise LastFactor


def advice(keys: int, *, codes: bool, copied: Collection[str] = ()) -> tuple[Finding, ...]:
    """What would be wise: another key for one that was copied; a second for who has one; a first for who has codes."""
    told = tuple(_RULES["T503"].finding("keys", name=name) for name in copied)
    if keys == 0 and codes:
        return (*told, _RULES["T502"].finding("keys"))
    return (*told, _RULES["T501"].finding("keys")) if keys == 1 else told
