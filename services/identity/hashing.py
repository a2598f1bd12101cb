"""Passwords at rest: argon2id with 19 MiB, two passes, one lane (OWASP); one computation for each question."""

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, ParamSpec, TypeVar

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from services.contracts.base import Unavailable
from services.kit.offload import offload

Given = ParamSpec("Given")
Result = TypeVar("Result")

_COST = {"opslimit": 2, "memlimit": 19 * 2**20}
_NOBODY = argon2id.str(secrets.token_hex().encode(), **_COST)

# One processor is left to the doors: sixteen hashes at once on two processors would keep everybody waiting.
_TURNS = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) - 1))

# Half of the workers of a process: the others answer whoever is in already, however many want to come in.
_ROOM = threading.BoundedSemaphore(8)
_COME_BACK: Final = 2


@contextmanager
def room() -> Iterator[None]:
    """A place among those whose password is looked at, or Unavailable at once, before anything was counted."""
    if not _ROOM.acquire(blocking=False):
        raise Unavailable(seconds=_COME_BACK)
    try:
        yield
    finally:
        _ROOM.release()


def in_turn(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """What `hash_of` or `matches` answers, worked out off the hub and only as many at once as there is room for."""
    with _TURNS:
        return offload(work, *args, **kwargs)


def hash_of(password: str) -> str:
    """The hash of a password, in one form (`passwords.one_form`), as a string of the PHC format (RFC 9106)."""
    return argon2id.str(password.encode(), **_COST).decode()


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. For nobody a hash is computed too: nobody and somebody take one time."""
    try:
        right = argon2id.verify(stored.encode() if stored else _NOBODY, password.encode())
    except CryptoError:
        return False
    return right and stored is not None
