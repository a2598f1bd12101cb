"""Queries about the tokens of a session, one after the other, and about what happened to sessions lately."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, text, update

from services.contracts.base import Grant, SessionNews
from services.identity.models import AccountRow, FormerTokenRow, GrantRow, SessionRow
from services.kit.database import Transaction

# One statement, and one row lock: of many first uses at once one moves the token on, the others find it moved.
_TAKE_OVER = text("""
    WITH old AS (SELECT id, token_hash FROM sessions WHERE next_hash = :hashed AND state = 'live' FOR UPDATE),
    moved AS (
        UPDATE sessions SET token_hash = next_hash, next_hash = NULL, renewed_at = :at
        FROM old WHERE sessions.id = old.id RETURNING sessions.id
    )
    INSERT INTO former_tokens (token_hash, session, good_until)
    SELECT old.token_hash, old.id, :good_until FROM old JOIN moved ON moved.id = old.id
""")


@dataclass(frozen=True)
class Former:
    """A token whose successor is in use, and its live session."""

    session: UUID
    good_until: datetime


def take_over(tx: Transaction, hashed: bytes, at: datetime, good_until: datetime) -> None:
    """The offered successor was used: it is the session's token from now on, the former one good until then."""
    tx.execute(_TAKE_OVER, {"hashed": hashed, "at": at, "good_until": good_until})


def former(tx: Transaction, hashed: bytes) -> Former | None:
    """The live session a former token was of."""
    row = tx.execute(
        select(FormerTokenRow.session, FormerTokenRow.good_until)
        .join(SessionRow, SessionRow.id == FormerTokenRow.session)
        .where(FormerTokenRow.token_hash == hashed, SessionRow.state == "live")
    ).one_or_none()
    return Former(row.session, row.good_until) if row else None


def offer(tx: Transaction, session: UUID, hashed: bytes, successor: bytes) -> None:
    """The successor of the token in use may take over; nothing happens for a token that is no longer in use."""
    tx.execute(
        update(SessionRow)
        .where(SessionRow.id == session, SessionRow.token_hash == hashed, SessionRow.state == "live")
        .values(next_hash=successor)
        .execution_options(synchronize_session=False)
    )


def end(tx: Transaction, session: UUID, state: str, at: datetime) -> UUID | None:
    """The live session has ended: its person; None when it had ended before."""
    ended = update(SessionRow).where(SessionRow.id == session, SessionRow.state == "live")
    person: UUID | None = tx.scalars(
        ended.values(state=state, ended_at=at)
        .returning(SessionRow.person)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return person


def forget_former(tx: Transaction, before: datetime) -> None:
    """Former tokens that have not been good since before are forgotten: their sessions are over."""
    old = delete(FormerTokenRow).where(FormerTokenRow.good_until < before)
    tx.execute(old.execution_options(synchronize_session=False))


def news(tx: Transaction, since: datetime, now: datetime) -> list[SessionNews]:
    """Sessions that ended since, and live ones whose person's roles changed, began to hold or ran out since."""
    ended = tx.scalars(select(SessionRow.id).where(SessionRow.ended_at >= since))
    changed = select(GrantRow.person).where(
        or_(
            GrantRow.given_at >= since,
            GrantRow.ended_at >= since,
            and_(GrantRow.expires_at >= since, GrantRow.expires_at <= now),
        )
    )
    live = tx.execute(
        select(SessionRow.id, SessionRow.person, AccountRow.state)
        .join(AccountRow, AccountRow.person == SessionRow.person)
        .where(SessionRow.state == "live", or_(AccountRow.state != "active", SessionRow.person.in_(changed)))
    ).all()
    held = _held(tx, [row.person for row in live], now)
    return [
        *(SessionNews(session=session) for session in ended),
        *(
            SessionNews(session=session, grants=tuple(held[person]) if state == "active" else None)
            for session, person, state in live
        ),
    ]


def _held(tx: Transaction, people: list[UUID], now: datetime) -> dict[UUID, list[Grant]]:
    held: dict[UUID, list[Grant]] = defaultdict(list)
    if people:
        standing = and_(GrantRow.ended_at.is_(None), or_(GrantRow.expires_at.is_(None), GrantRow.expires_at > now))
        wanted = select(GrantRow.person, GrantRow.role, GrantRow.scope).where(GrantRow.person.in_(people), standing)
        for person, role, scope in tx.execute(wanted):
            held[person].append(Grant(role=role, scope=scope))
    return held
