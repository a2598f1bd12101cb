"""How long things last and how long a guesser waits: sessions, challenges, activations, delays."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.contracts.roles import Role

SESSION_LIFE = timedelta(hours=12)
IDLE_MINUTES, STRICT_IDLE_MINUTES = 30, 15
CHALLENGE_LIFE = timedelta(minutes=5)
ACTIVATION_LIFE = timedelta(days=7)
PASSPORT_LIFE = timedelta(minutes=5)
RENEWAL = timedelta(minutes=1)
"""The idle time of a session is written down at most this often."""

TOKEN_LIFE = timedelta(minutes=15)
"""After so long in use a session's token is due for its successor."""
GRACE = timedelta(seconds=30)
"""So long a former token is still good once its successor was used: for requests that were on their way."""
NEWS_OVERLAP = timedelta(minutes=2)
"""A change may be committed so much later than the instant it carries; whoever asks for news looks back further."""

STRICT_ROLES = frozenset(
    {Role.SYSTEM_ADMIN, Role.ACCOUNT_ADMIN, Role.APPROVER, Role.BOARD_HEAD, Role.COMMISSION_HEAD, Role.PUBLISHER}
)
"""Who approves, signs, publishes or administers is signed out after 15 idle minutes."""

FREE_FAILURES = 5
HARD_LOCK = 100
LONGEST_WAIT = 60


@dataclass(frozen=True)
class Span:
    """The times of a session that decide whether it lives."""

    seen_at: datetime
    ends_at: datetime
    idle_minutes: int


def idle_minutes(roles: Iterable[str]) -> int:
    """How long a person of these roles may be idle.

    >>> idle_minutes(["typist"]), idle_minutes(["typist", "approver"])
    (30, 15)
    """
    return STRICT_IDLE_MINUTES if STRICT_ROLES.intersection(roles) else IDLE_MINUTES


def lives(span: Span, now: datetime) -> bool:
    """Whether a session is within its absolute life and its idle time."""
    return now < span.ends_at and now < span.seen_at + timedelta(minutes=span.idle_minutes)


def is_due_for_renewal(span: Span, now: datetime) -> bool:
    """Whether the idle time is to be written down again."""
    return now - span.seen_at >= RENEWAL


def is_token_due(renewed_at: datetime, now: datetime) -> bool:
    """Whether a token has been in use so long that its successor is to take over."""
    return now - renewed_at >= TOKEN_LIFE


def seconds_to_wait(failures: int) -> int:
    """The wait after so many failures in a row: none before the 5th, then 2, 4, 8 … 60 seconds.

    >>> [seconds_to_wait(failures) for failures in (4, 5, 6, 9, 10, 99)]
    [0, 2, 4, 32, 60, 60]
    """
    if failures < FREE_FAILURES:
        return 0
    return int(min(2 ** (failures - FREE_FAILURES + 1), LONGEST_WAIT))


WAITS = tuple(seconds_to_wait(failures) for failures in range(1, HARD_LOCK + 1))
"""The wait after 1, 2, 3 … failures; after the last no try is looked at until an administrator helps."""


def seconds_left(failures: int, not_before: datetime, now: datetime) -> int:
    """How long somebody who came too early is told to wait."""
    if failures >= HARD_LOCK:
        return LONGEST_WAIT
    return max(1, math.ceil((not_before - now) / timedelta(seconds=1)))
