"""Queries about the way in: guesses, factors, challenges, sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, select, update

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

# What everybody who comes in or asks for a passport needs goes to the driver as it is written here.
_CLAIM_STEP = """
    UPDATE authenticators SET last_step = %(step)s
    WHERE id = %(factor)s AND ended_at IS NULL AND last_step < %(step)s RETURNING id
"""
_ADD_SESSION = """
    INSERT INTO sessions (id, token_hash, person, state, began_at, seen_at, renewed_at, ends_at, idle_minutes,
                          address, device, machine)
    VALUES (%(id)s, %(hashed)s, %(person)s, 'live', %(at)s, %(at)s, %(at)s, %(ends_at)s, %(idle_minutes)s,
            %(address)s, %(device)s, %(machine)s)
"""
_END_SESSIONS = """
    UPDATE sessions SET state = %(state)s, ended_at = %(at)s WHERE person = %(person)s AND state = 'live' RETURNING id
"""
_VISIT = """
    SELECT s.id, s.person, s.seen_at, s.ends_at, s.idle_minutes, s.machine, s.renewed_at,
           s.token_hash = %(hashed)s, s.next_hash = %(hashed)s, a.login, p.name, a.state
    FROM sessions s JOIN accounts a ON a.person = s.person JOIN persons p ON p.id = s.person
    WHERE s.state = 'live' AND """
_VISIT_BY_TOKEN = _VISIT + "(s.token_hash = %(hashed)s OR s.next_hash = %(hashed)s)"
_VISIT_BY_ID = _VISIT + "s.id = %(session)s"


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


def tries(tx: Transaction, login: str) -> tuple[int, datetime] | None:
    """The failures in a row under a login, and when the next try is looked at; None: there were none."""
    row = tx.scalars(select(GuessRow).where(GuessRow.login_hash == login_hash(login))).one_or_none()
    return (row.failures, row.not_before) if row else None


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
    return bool(tx.drive(_CLAIM_STEP, {"factor": factor, "step": step}))


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
    tx.drive(
        _ADD_SESSION,
        {
            "id": id,
            "hashed": hashed,
            "person": person,
            "at": span.seen_at,
            "ends_at": span.ends_at,
            "idle_minutes": span.idle_minutes,
            "address": place.address,
            "device": place.device,
            "machine": place.machine,
        },
    )


def visit_by(tx: Transaction, hashed: bytes) -> Visit | None:
    """The live session of a token that is in use, or was offered to follow it."""
    return _visit(tx, _VISIT_BY_TOKEN, {"hashed": hashed})


def visit_of(tx: Transaction, session: UUID) -> Visit | None:
    """The live session by its id."""
    return _visit(tx, _VISIT_BY_ID, {"session": session, "hashed": b""})


def _visit(tx: Transaction, statement: str, asked: dict[str, object]) -> Visit | None:
    rows = tx.drive(statement, asked)
    if not rows:
        return None
    session, person, seen_at, ends_at, idle, machine, renewed_at, in_use, offered, login, name, state = rows[0]
    return Visit(
        id=session,
        holder=Holder(person=person, login=login, name=name, state=state),
        span=Span(seen_at, ends_at, idle),
        machine=machine,
        renewed_at=renewed_at,
        in_use=in_use,
        offered=bool(offered),
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
    return [session for (session,) in tx.drive(_END_SESSIONS, {"person": person, "state": state, "at": at})]


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
