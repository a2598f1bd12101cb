"""Queries about the way in: guesses, factors, challenges, sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.identity.domain.sessions import Span
from services.identity.models import (
    AccountRow,
    AuthenticatorRow,
    ChallengeRow,
    GuessRow,
    PasswordRow,
    PersonRow,
    SessionRow,
)
from services.identity.vault import login_hash
from services.kit.database import Transaction

# One statement: looked at and counted in the same instant, so that a thousand tries at once are a thousand failures.
_COUNT_TRY = text("""
    INSERT INTO guesses AS g (login_hash, failures, not_before, last_at)
    VALUES (:login_hash, 1, :at, :at)
    ON CONFLICT (login_hash) DO UPDATE
    SET failures = g.failures + 1, last_at = :at,
        not_before = :at + make_interval(secs => (CAST(:waits AS int[]))[g.failures + 1])
    WHERE g.not_before <= :at AND g.failures < :hard_lock
    RETURNING failures
""")


@dataclass(frozen=True)
class Holder:
    """Somebody with an account, as the door knows them."""

    person: UUID
    login: str
    name: str
    state: str
    password_hash: str | None = None


@dataclass(frozen=True)
class Factor:
    """A confirmed or pending authenticator."""

    id: UUID
    sealed: bytes


@dataclass(frozen=True)
class Sealed:
    """A sealed secret and whose it is."""

    id: UUID
    person: UUID
    sealed: bytes


@dataclass(frozen=True)
class Visit:
    """A live session and whose it is, as one of its tokens opened it.

    `in_use`: by the token of now; `offered`: by its successor, for the first time. Neither: by a former token.
    """

    id: UUID
    holder: Holder
    span: Span
    machine: str
    renewed_at: datetime
    in_use: bool = False
    offered: bool = False


@dataclass(frozen=True)
class Place:
    """Where somebody signs in from, as the gateway tells it."""

    address: str
    device: str
    machine: str


def now(tx: Transaction) -> datetime:
    """The instant the transaction began."""
    instant: datetime = tx.scalar(select(func.now()))
    return instant


def count_try(tx: Transaction, login: str, at: datetime, waits: Sequence[int]) -> int | None:
    """The failures in a row under the login, this try counted as one until it proves right; None: it is not looked at.

    `waits` are the seconds to wait after 1, 2, 3 … failures; there is no try after the last.
    """
    given = {"login_hash": login_hash(login), "at": at, "waits": list(waits), "hard_lock": len(waits)}
    failures: int | None = tx.scalar(_COUNT_TRY, given)
    return failures


def tries(tx: Transaction, login: str) -> tuple[int, datetime]:
    """The failures in a row under a login, and when the next try is looked at."""
    row = tx.scalars(select(GuessRow).where(GuessRow.login_hash == login_hash(login))).one()
    return row.failures, row.not_before


def give_back_try(tx: Transaction, login: str, at: datetime) -> None:
    """The last try was right: it was no failure and nobody waits for it."""
    tx.execute(
        update(GuessRow)
        .where(GuessRow.login_hash == login_hash(login))
        .values(failures=func.greatest(GuessRow.failures - 1, 0), not_before=at)
        .execution_options(synchronize_session=False)
    )


def forget_tries(tx: Transaction, *logins: str) -> None:
    """Both factors were right: the counts start anew."""
    hashes = [login_hash(login) for login in logins]
    tx.execute(delete(GuessRow).where(GuessRow.login_hash.in_(hashes)).execution_options(synchronize_session=False))


def forget_old_tries(tx: Transaction, before: datetime) -> None:
    """Tries under logins that nobody has are forgotten in time; those under real ones are kept until they sign in."""
    known = exists().where(func.sha256(func.convert_to(AccountRow.login, "UTF8")) == GuessRow.login_hash)
    tx.execute(delete(GuessRow).where(GuessRow.last_at < before, ~known).execution_options(synchronize_session=False))


def holder_of(tx: Transaction, login: str) -> Holder | None:
    """Who has the login, with the hash of their password."""
    row = tx.execute(
        select(AccountRow.person, PersonRow.name, AccountRow.state, PasswordRow.hash)
        .join(PersonRow, PersonRow.id == AccountRow.person)
        .outerjoin(PasswordRow, PasswordRow.person == AccountRow.person)
        .where(AccountRow.login == login)
    ).one_or_none()
    if row is None:
        return None
    person, name, state, hashed = row
    return Holder(person=person, login=login, name=name, state=state, password_hash=hashed)


def add_challenge(tx: Transaction, hashed: bytes, person: UUID, ends_at: datetime, place: Place) -> None:
    """The second factor of the person is due until then."""
    tx.execute(
        insert(ChallengeRow).values(
            token_hash=hashed,
            person=person,
            ends_at=ends_at,
            address=place.address,
            device=place.device,
            machine=place.machine,
        )
    )


def challenged(tx: Transaction, hashed: bytes, at: datetime) -> tuple[Holder, Place] | None:
    """Whose second factor a challenge waits for, and where it was given."""
    row = tx.execute(
        select(AccountRow.person, AccountRow.login, PersonRow.name, AccountRow.state, ChallengeRow)
        .join(ChallengeRow, ChallengeRow.person == AccountRow.person)
        .join(PersonRow, PersonRow.id == AccountRow.person)
        .where(ChallengeRow.token_hash == hashed, ChallengeRow.used_at.is_(None), ChallengeRow.ends_at > at)
    ).one_or_none()
    if row is None:
        return None
    person, login, name, state, challenge = row
    holder = Holder(person=person, login=login, name=name, state=state)
    return holder, Place(address=challenge.address, device=challenge.device, machine=challenge.machine)


def use_challenge(tx: Transaction, hashed: bytes, at: datetime) -> bool:
    """Whether this was the challenge's first use."""
    used = tx.execute(
        update(ChallengeRow)
        .where(ChallengeRow.token_hash == hashed, ChallengeRow.used_at.is_(None))
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    return used.rowcount == 1


def forget_challenges(tx: Transaction, before: datetime) -> None:
    """Challenges that ended before are forgotten."""
    tx.execute(delete(ChallengeRow).where(ChallengeRow.ends_at < before).execution_options(synchronize_session=False))


def factor_of(tx: Transaction, person: UUID, *, confirmed: bool) -> Factor | None:
    """The authenticator of a person."""
    shown = AuthenticatorRow.confirmed_at.is_not(None) if confirmed else AuthenticatorRow.confirmed_at.is_(None)
    row = tx.execute(
        select(AuthenticatorRow.id, AuthenticatorRow.sealed).where(
            AuthenticatorRow.person == person,
            AuthenticatorRow.kind == "totp",
            AuthenticatorRow.ended_at.is_(None),
            shown,
        )
    ).one_or_none()
    return Factor(id=row.id, sealed=row.sealed) if row else None


def claim_step(tx: Transaction, factor: UUID, step: int) -> bool:
    """Whether the time step was still free: a later one than any accepted before. Of many at once, one is told yes."""
    claimed = tx.execute(
        update(AuthenticatorRow)
        .where(AuthenticatorRow.id == factor, AuthenticatorRow.last_step < step)
        .values(last_step=step)
        .execution_options(synchronize_session=False)
    )
    return claimed.rowcount == 1


def sealed_before(tx: Transaction, version: int, most: int) -> list[Sealed]:
    """Secrets that an older master than this version sealed; their first byte says which."""
    older = func.get_byte(AuthenticatorRow.sealed, 0) < version
    wanted = select(AuthenticatorRow.id, AuthenticatorRow.person, AuthenticatorRow.sealed).where(
        func.length(AuthenticatorRow.sealed) > 0, older
    )
    return [Sealed(row.id, row.person, row.sealed) for row in tx.execute(wanted.limit(most))]


def seal_again(tx: Transaction, factor: UUID, before: bytes, sealed: bytes) -> int:
    """The secret is sealed anew, unless somebody changed it meanwhile: 1 or 0."""
    changed = update(AuthenticatorRow).where(AuthenticatorRow.id == factor, AuthenticatorRow.sealed == before)
    return tx.execute(changed.values(sealed=sealed).execution_options(synchronize_session=False)).rowcount


def add_session(tx: Transaction, id: UUID, hashed: bytes, person: UUID, span: Span, place: Place) -> None:
    """A live session has begun, and the account was signed in to."""
    tx.execute(
        insert(SessionRow).values(
            id=id,
            token_hash=hashed,
            person=person,
            state="live",
            began_at=span.seen_at,
            seen_at=span.seen_at,
            ends_at=span.ends_at,
            idle_minutes=span.idle_minutes,
            renewed_at=span.seen_at,
            address=place.address,
            device=place.device,
            machine=place.machine,
        )
    )
    tx.execute(
        update(AccountRow)
        .where(AccountRow.person == person)
        .values(last_sign_in_at=span.seen_at)
        .execution_options(synchronize_session=False)
    )


def visit_by(tx: Transaction, hashed: bytes) -> Visit | None:
    """The live session of a token that is in use, or was offered to follow it."""
    return _visit(tx, or_(SessionRow.token_hash == hashed, SessionRow.next_hash == hashed), hashed)


def visit_of(tx: Transaction, session: UUID) -> Visit | None:
    """The live session by its id."""
    return _visit(tx, SessionRow.id == session, b"")


def _visit(tx: Transaction, which: ColumnElement[bool], hashed: bytes) -> Visit | None:
    row = tx.execute(
        select(SessionRow, AccountRow.login, PersonRow.name, AccountRow.state)
        .join(AccountRow, AccountRow.person == SessionRow.person)
        .join(PersonRow, PersonRow.id == SessionRow.person)
        .where(which, SessionRow.state == "live")
    ).one_or_none()
    if row is None:
        return None
    found, login, name, state = row
    return Visit(
        id=found.id,
        holder=Holder(person=found.person, login=login, name=name, state=state),
        span=Span(found.seen_at, found.ends_at, found.idle_minutes),
        machine=found.machine,
        renewed_at=found.renewed_at,
        in_use=found.token_hash == hashed,
        offered=found.next_hash == hashed,
    )


def renew(tx: Transaction, session: UUID, at: datetime) -> None:
    """The session was seen at this instant."""
    tx.execute(
        update(SessionRow)
        .where(SessionRow.id == session, SessionRow.seen_at < at)
        .values(seen_at=at)
        .execution_options(synchronize_session=False)
    )


def end_sessions_of(tx: Transaction, person: UUID, state: str, at: datetime) -> list[UUID]:
    """The live session of a person has ended."""
    ended = update(SessionRow).where(SessionRow.person == person, SessionRow.state == "live")
    return list(tx.scalars(ended.values(state=state, ended_at=at).returning(SessionRow.id)))


def expire_sessions(tx: Transaction, at: datetime) -> list[tuple[UUID, UUID]]:
    """Every live session that is past its life or its idle time has ended: sessions and their persons."""
    idle = SessionRow.seen_at + SessionRow.idle_minutes * bindparam("minute", timedelta(minutes=1))
    over = (SessionRow.ends_at <= at) | (idle <= at)
    ended = update(SessionRow).where(SessionRow.state == "live", over).values(state="expired", ended_at=at)
    rows = tx.execute(ended.returning(SessionRow.id, SessionRow.person).execution_options(synchronize_session=False))
    return [(session, person) for session, person in rows]


def live_sessions(tx: Transaction) -> int:
    """How many sessions are live."""
    return int(tx.scalar(select(func.count()).select_from(SessionRow).where(SessionRow.state == "live")))
