"""The way in, in few trips to the database: a whole country signs in within a quarter of an hour.

What a crowd asks goes to the driver as it is written here; everything else about sessions is in `entry`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.identity.store.entry import Factor, Holder, Place
from services.identity.vault import login_hash
from services.kit.database import Transaction

# One statement: looked at and counted in the same instant, so that a thousand tries at once are a thousand failures.
_COUNTED = """
    INSERT INTO guesses AS g (login_hash, failures, not_before, last_at)
    SELECT {name}, 1, %(at)s, %(at)s {source}
    ON CONFLICT (login_hash) DO UPDATE
    SET failures = g.failures + 1, last_at = %(at)s,
        not_before = %(at)s + make_interval(secs => (%(waits)s::int[])[g.failures + 1])
    WHERE g.not_before <= %(at)s AND g.failures < cardinality(%(waits)s::int[])
    RETURNING failures
"""
_COUNT = _COUNTED.format(name="%(name)s::bytea", source="")
_FIRST = f"""
    WITH counted AS ({_COUNT})
    SELECT counted.failures, a.person, p.name, a.state, w.hash
    FROM (VALUES (true)) AS asked LEFT JOIN counted ON true
    LEFT JOIN accounts a ON a.login = %(login)s
    LEFT JOIN persons p ON p.id = a.person
    LEFT JOIN passwords w ON w.person = a.person
"""  # noqa: S608  constants
_SECOND = f"""
    WITH asked AS (
        SELECT a.person, a.login, p.name, a.state, c.address, c.device, c.machine
        FROM challenges c JOIN accounts a ON a.person = c.person JOIN persons p ON p.id = c.person
        WHERE c.token_hash = %(challenge)s AND c.used_at IS NULL AND c.ends_at > %(at)s AND a.state = 'active'
    ), counted AS (
        {_COUNTED.format(name="sha256(convert_to(%(counted_as)s || login, 'UTF8'))", source="FROM asked WHERE true")}
    )
    SELECT asked.*, counted.failures, f.id, f.sealed
    FROM asked LEFT JOIN counted ON true
    LEFT JOIN authenticators f
        ON f.person = asked.person AND f.kind = 'totp' AND f.ended_at IS NULL AND f.confirmed_at IS NOT NULL
"""  # noqa: S608  constants
_OFFER = """
    WITH given_back AS (
        UPDATE guesses SET failures = greatest(failures - 1, 0), not_before = %(at)s WHERE login_hash = %(name)s
    ), offered AS (
        INSERT INTO challenges (token_hash, person, ends_at, address, device, machine)
        VALUES (%(challenge)s, %(person)s, %(ends_at)s, %(address)s, %(device)s, %(machine)s)
    )
    SELECT EXISTS (SELECT FROM passkeys WHERE person = %(person)s AND ended_at IS NULL)
"""
_USE = """
    WITH used AS (
        UPDATE challenges SET used_at = %(at)s WHERE token_hash = %(challenge)s AND used_at IS NULL RETURNING person
    ), forgotten AS (
        DELETE FROM guesses WHERE login_hash = ANY(%(names)s)
    )
    UPDATE accounts SET last_sign_in_at = %(at)s FROM used WHERE accounts.person = used.person
    RETURNING accounts.person
"""


class Driven(Protocol):
    """A transaction, or a database, for which each statement is one."""

    def drive(self, statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        ...


@dataclass(frozen=True)
class Second:
    """Whose second factor a challenge waits for; `failures` in a row with this try, None when it came too early."""

    holder: Holder
    place: Place
    failures: int | None
    factor: Factor | None


def count_try(tx: Transaction, login: str, at: datetime, waits: Sequence[int]) -> int | None:
    """The failures in a row under the login, this try counted as one until it proves right; None: it is not looked at.

    `waits` are the seconds to wait after 1, 2, 3 … failures; there is no try after the last.
    """
    rows = tx.drive(_COUNT, {"name": login_hash(login), "at": at, "waits": list(waits)})
    return rows[0][0] if rows else None


def first_try(db: Driven, login: str, at: datetime, waits: Sequence[int]) -> tuple[int | None, Holder | None]:
    """As `count_try`, with who has the login and the hash of their password."""
    asked = {"login": login, "name": login_hash(login), "at": at, "waits": list(waits)}
    failures, person, name, state, hashed = db.drive(_FIRST, asked)[0]
    holder = Holder(person=person, login=login, name=name, state=state, password_hash=hashed) if person else None
    return failures, holder


def offer_challenge(
    tx: Transaction, hashed: bytes, holder: Holder, at: datetime, ends_at: datetime, place: Place
) -> bool:
    """The first factor was right: it was no failure, and the second is due until then. Whether they have a passkey."""
    asked = {
        "challenge": hashed,
        "person": holder.person,
        "name": login_hash(holder.login),
        "at": at,
        "ends_at": ends_at,
    }
    where = {"address": place.address, "device": place.device, "machine": place.machine}
    return bool(tx.drive(_OFFER, asked | where)[0][0])


def second_try(db: Driven, challenge: bytes, counted_as: str, at: datetime, waits: Sequence[int]) -> Second | None:
    """As `count_try` under `counted_as` and the login, for the challenge of an active account; None: there is none."""
    rows = db.drive(_SECOND, {"challenge": challenge, "counted_as": counted_as, "at": at, "waits": list(waits)})
    if not rows:
        return None
    person, login, name, state, address, device, machine, failures, factor, sealed = rows[0]
    return Second(
        Holder(person=person, login=login, name=name, state=state),
        Place(address=address, device=device, machine=machine),
        failures,
        Factor(id=factor, sealed=sealed) if factor else None,
    )


def use_challenge(tx: Transaction, challenge: bytes, at: datetime, *counted_as: str) -> bool:
    """Whether this was the challenge's first use: they are in, and the counts of their guesses start anew.

    Of two who come in as one person at once the second waits here for the first, whose session it then sees.
    """
    return bool(tx.drive(_USE, {"challenge": challenge, "at": at, "names": [login_hash(name) for name in counted_as]}))
