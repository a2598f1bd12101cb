"""Queries about passkeys, about what browsers were asked, and about a person's own account and sign-ins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.base import NotSignedIn
from services.contracts.passkeys import KeyCard, RoleCard
from services.identity.models import (
    AccountRow,
    AuthenticatorRow,
    CeremonyRow,
    ChallengeRow,
    DisownedRow,
    GrantRow,
    PasskeyRow,
    PasswordRow,
    PersonRow,
    SessionRow,
)
from services.kit.database import Transaction

_RECENT = 30


@dataclass(frozen=True)
class Passkey:
    """A live passkey, as a ceremony needs it."""

    id: UUID
    person: UUID
    public_key: bytes
    counter: int


@dataclass(frozen=True)
class FreshKey:
    """A passkey that is to be kept."""

    id: UUID
    person: UUID
    name: str
    credential: bytes
    public_key: bytes
    counter: int
    kind: str
    attested: bool
    synced: bool


@dataclass(frozen=True)
class Owner:
    """Whose account it is."""

    person: UUID
    login: str
    name: str
    state: str


def owner_of(tx: Transaction, person: UUID) -> Owner:
    """The person with their login; NotSignedIn when nobody has such an account."""
    row = tx.execute(
        select(AccountRow.person, AccountRow.login, PersonRow.name, AccountRow.state)
        .join(PersonRow, PersonRow.id == AccountRow.person)
        .where(AccountRow.person == person)
    ).one_or_none()
    if row is None:
        raise NotSignedIn
    return Owner(*row)


def lock_factors(tx: Transaction, person: UUID) -> None:
    """Until the end of the transaction nobody else adds or ends a factor of the person."""
    tx.execute(select(AccountRow.person).where(AccountRow.person == person).with_for_update())


def begin_ceremony(tx: Transaction, challenge: bytes, nonce: bytes, person: UUID, ends_at: datetime) -> None:
    """A browser is asked to sign the challenge until then."""
    tx.execute(insert(CeremonyRow).values(challenge=challenge, nonce=nonce, person=person, ends_at=ends_at))


def ceremony_of(tx: Transaction, challenge: bytes, at: datetime) -> tuple[UUID, bytes] | None:
    """Whose the open ceremony of a challenge is, and its nonce."""
    row = tx.execute(
        select(CeremonyRow.person, CeremonyRow.nonce).where(
            CeremonyRow.challenge == challenge, CeremonyRow.used_at.is_(None), CeremonyRow.ends_at > at
        )
    ).one_or_none()
    return (row.person, row.nonce) if row else None


def use_ceremony(tx: Transaction, challenge: bytes, at: datetime) -> bool:
    """Whether this was the ceremony's first use; of many at once one is told yes."""
    used = tx.execute(
        update(CeremonyRow)
        .where(CeremonyRow.challenge == challenge, CeremonyRow.used_at.is_(None), CeremonyRow.ends_at > at)
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    return used.rowcount == 1


def forget_ceremonies(tx: Transaction, before: datetime) -> None:
    """Ceremonies that ended before are forgotten."""
    tx.execute(delete(CeremonyRow).where(CeremonyRow.ends_at < before).execution_options(synchronize_session=False))


def passkey_by(tx: Transaction, credential: bytes) -> Passkey | None:
    """The live passkey of a credential id."""
    row = tx.execute(
        select(PasskeyRow.id, PasskeyRow.person, PasskeyRow.public_key, PasskeyRow.counter).where(
            PasskeyRow.credential_id == credential, PasskeyRow.ended_at.is_(None)
        )
    ).one_or_none()
    return Passkey(*row) if row else None


def locked_counter(tx: Transaction, id: UUID) -> int | None:
    """The counter of a live passkey, locked until the end of the transaction; None when it has ended."""
    counter: int | None = tx.scalar(
        select(PasskeyRow.counter).where(PasskeyRow.id == id, PasskeyRow.ended_at.is_(None)).with_for_update()
    )
    return counter


def count_use(tx: Transaction, id: UUID, counter: int, at: datetime) -> None:
    """The passkey was used and its counter stands there."""
    tx.execute(update(PasskeyRow).where(PasskeyRow.id == id).values(counter=counter, last_used_at=at))


def add_key(tx: Transaction, key: FreshKey, at: datetime) -> bool:
    """The person has this passkey as well; False when anybody ever had it."""
    fresh = (
        insert(PasskeyRow)
        .values(
            id=key.id,
            person=key.person,
            credential_id=key.credential,
            public_key=key.public_key,
            counter=key.counter,
            name=key.name,
            kind=key.kind,
            attested=key.attested,
            synced=key.synced,
            made_at=at,
            end_cause="",
        )
        .on_conflict_do_nothing(index_elements=["credential_id"])
        .returning(PasskeyRow.id)
    )
    return tx.scalars(fresh).one_or_none() is not None


def end_key(tx: Transaction, id: UUID, cause: str, at: datetime) -> bool:
    """Whether the passkey was live; it opens nothing any more."""
    ended = tx.execute(
        update(PasskeyRow)
        .where(PasskeyRow.id == id, PasskeyRow.ended_at.is_(None))
        .values(ended_at=at, end_cause=cause)
        .execution_options(synchronize_session=False)
    )
    return ended.rowcount == 1


def end_factors(tx: Transaction, person: UUID, cause: str, at: datetime) -> None:
    """Every passkey and authenticator of a person opens nothing any more, nor does a first factor given before."""
    tx.execute(
        update(PasskeyRow)
        .where(PasskeyRow.person == person, PasskeyRow.ended_at.is_(None))
        .values(ended_at=at, end_cause=cause)
        .execution_options(synchronize_session=False)
    )
    end_codes(tx, person, at)
    end_challenges(tx, person, at)


def end_codes(tx: Transaction, person: UUID, at: datetime) -> None:
    """The authenticator app of a person gives no code that is taken."""
    tx.execute(
        update(AuthenticatorRow)
        .where(AuthenticatorRow.person == person, AuthenticatorRow.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )


def end_challenges(tx: Transaction, person: UUID, at: datetime) -> None:
    """A first factor given before has to be given again."""
    tx.execute(
        update(ChallengeRow)
        .where(ChallengeRow.person == person, ChallengeRow.used_at.is_(None))
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )


def credentials_of(tx: Transaction, person: UUID) -> list[bytes]:
    """The credential ids of a person's live passkeys."""
    live = select(PasskeyRow.credential_id).where(PasskeyRow.person == person, PasskeyRow.ended_at.is_(None))
    return list(tx.scalars(live.order_by(PasskeyRow.made_at)))


def keys_of(tx: Transaction, person: UUID) -> tuple[KeyCard, ...]:
    """The live passkeys of a person, oldest first."""
    live = select(PasskeyRow).where(PasskeyRow.person == person, PasskeyRow.ended_at.is_(None))
    return tuple(
        KeyCard(
            id=row.id,
            name=row.name,
            made_at=row.made_at,
            last_used_at=row.last_used_at,
            attested=row.attested,
            synced=row.synced,
        )
        for row in tx.scalars(live.order_by(PasskeyRow.made_at, PasskeyRow.id))
    )


def copied_lately(tx: Transaction, person: UUID, since: datetime) -> tuple[str, ...]:
    """The names of a person's passkeys that ended since because they were copied."""
    ended = select(PasskeyRow.name).where(
        PasskeyRow.person == person, PasskeyRow.end_cause == "cloned", PasskeyRow.ended_at >= since
    )
    return tuple(tx.scalars(ended.order_by(PasskeyRow.ended_at)))


def has_codes(tx: Transaction, person: UUID) -> bool:
    """Whether a confirmed authenticator app of the person is live."""
    live = select(func.count()).where(
        AuthenticatorRow.person == person,
        AuthenticatorRow.confirmed_at.is_not(None),
        AuthenticatorRow.ended_at.is_(None),
    )
    return bool(tx.scalar(live))


def roles_of(tx: Transaction, person: UUID, at: datetime) -> tuple[RoleCard, ...]:
    """The roles a person holds now, with their ends."""
    held = select(GrantRow.role, GrantRow.scope, GrantRow.expires_at).where(
        GrantRow.person == person,
        GrantRow.ended_at.is_(None),
        GrantRow.expires_at.is_(None) | (GrantRow.expires_at > at),
    )
    rows = tx.execute(held.order_by(GrantRow.given_at))
    return tuple(RoleCard(role=role, scope=scope, expires_at=until) for role, scope, until in rows)


def password_set_at(tx: Transaction, person: UUID) -> datetime | None:
    """Since when the person has their password."""
    at: datetime | None = tx.scalar(select(PasswordRow.set_at).where(PasswordRow.person == person))
    return at


def recent_sessions(tx: Transaction, person: UUID) -> Sequence[tuple[SessionRow, datetime | None]]:
    """The newest sign-ins of a person, with the moment one was disowned."""
    rows = tx.execute(
        select(SessionRow, DisownedRow.at)
        .outerjoin(DisownedRow, DisownedRow.session == SessionRow.id)
        .where(SessionRow.person == person)
        .order_by(SessionRow.began_at.desc())
        .limit(_RECENT)
    )
    return [(row[0], row[1]) for row in rows]


def session_of(tx: Transaction, session: UUID, person: UUID) -> SessionRow | None:
    """A session, when it is of the person."""
    return tx.scalars(select(SessionRow).where(SessionRow.id == session, SessionRow.person == person)).one_or_none()


def disown(tx: Transaction, session: UUID, at: datetime) -> bool:
    """Whether the session is disowned for the first time."""
    fresh = insert(DisownedRow).values(session=session, at=at).on_conflict_do_nothing()
    return tx.scalars(fresh.returning(DisownedRow.session)).one_or_none() is not None


def end_other_sessions(tx: Transaction, person: UUID, kept: UUID | None, state: str, at: datetime) -> list[UUID]:
    """The live sessions of a person but the one that is kept have ended."""
    ended = update(SessionRow).where(SessionRow.person == person, SessionRow.state == "live")
    if kept is not None:
        ended = ended.where(SessionRow.id != kept)
    return list(tx.scalars(ended.values(state=state, ended_at=at).returning(SessionRow.id)))
