"""Queries about recoveries of accounts: asked, confirmed by two people, used, refused, lapsed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.base import EVERYWHERE
from services.identity.domain.recovery import Recovery
from services.identity.models import (
    AccountRow,
    GrantRow,
    PersonRow,
    RecoveryAskRow,
    RecoveryConfirmationRow,
    RecoveryRow,
)
from services.kit.database import Transaction

_OPEN = ("asked", "half", "confirmed")
_MOST = 200


@dataclass(frozen=True)
class Asked:
    """A request for the account of a login."""

    login: str
    address: str
    device: str
    at: datetime


def ask(tx: Transaction, asked: Asked) -> None:
    """The request waits to be looked at; there is one for each login, whoever has it."""
    fresh = insert(RecoveryAskRow).values(login=asked.login, address=asked.address, device=asked.device, at=asked.at)
    tx.execute(
        fresh.on_conflict_do_update(
            index_elements=["login"],
            set_={"address": asked.address, "device": asked.device, "at": asked.at},
        )
    )


def take_asks(tx: Transaction) -> list[Asked]:
    """The requests that waited, which wait no longer."""
    taken = delete(RecoveryAskRow).returning(
        RecoveryAskRow.login, RecoveryAskRow.address, RecoveryAskRow.device, RecoveryAskRow.at
    )
    return [Asked(*row) for row in tx.execute(taken)]


def holder_by_login(tx: Transaction, login: str) -> tuple[UUID, str] | None:
    """Whose an account is, and its state."""
    row = tx.execute(select(AccountRow.person, AccountRow.state).where(AccountRow.login == login)).one_or_none()
    return (row.person, row.state) if row else None


def scopes_of(tx: Transaction, person: UUID, at: datetime) -> list[str]:
    """The scopes of the roles a person holds now."""
    held = select(GrantRow.scope).where(
        GrantRow.person == person,
        GrantRow.ended_at.is_(None),
        or_(GrantRow.expires_at.is_(None), GrantRow.expires_at > at),
    )
    return list(tx.scalars(held.order_by(GrantRow.scope)))


def open_for(tx: Transaction, person: UUID) -> Recovery | None:
    """The open recovery of a person."""
    return _one(tx, _all().where(RecoveryRow.person == person, RecoveryRow.state.in_(_OPEN)))


def was_refused_since(tx: Transaction, person: UUID, since: datetime) -> bool:
    """Whether a recovery of the person that was asked for since then was refused."""
    refused = select(RecoveryRow.id).where(
        RecoveryRow.person == person, RecoveryRow.state == "refused", RecoveryRow.asked_at >= since
    )
    return tx.scalar(select(refused.exists())) is True


def add(tx: Transaction, recovery: Recovery) -> bool:
    """The recovery is open; False when another of the person is."""
    fresh = (
        insert(RecoveryRow)
        .values(
            id=recovery.id,
            person=recovery.person,
            state=recovery.state,
            asked_at=recovery.asked_at,
            ends_at=recovery.ends_at,
            address=recovery.address,
            device=recovery.device,
            reason=recovery.reason,
            opened_by=recovery.opened_by,
            refusal="",
        )
        .on_conflict_do_nothing()
        .returning(RecoveryRow.id)
    )
    return tx.scalars(fresh).one_or_none() is not None


def locked(tx: Transaction, id: UUID) -> Recovery | None:
    """A recovery that nobody else changes until the end of the transaction."""
    tx.execute(select(RecoveryRow.id).where(RecoveryRow.id == id).with_for_update())
    return _one(tx, _all().where(RecoveryRow.id == id))


def of_activation(tx: Transaction, activation: UUID) -> Recovery | None:
    """The recovery whose one-time code this is."""
    return _one(tx, _all().where(RecoveryRow.activation == activation))


def activation_of(tx: Transaction, id: UUID) -> UUID | None:
    """The activation whose code a recovery gave."""
    found: UUID | None = tx.scalar(select(RecoveryRow.activation).where(RecoveryRow.id == id))
    return found


def confirm(tx: Transaction, id: UUID, person: UUID, at: datetime) -> None:
    """The person confirmed the recovery."""
    tx.execute(insert(RecoveryConfirmationRow).values(recovery=id, person=person, at=at))


def set_state(tx: Transaction, id: UUID, state: str, **values: object) -> None:
    """The recovery is in the state."""
    changed = update(RecoveryRow).where(RecoveryRow.id == id).values(state=state, **values)
    tx.execute(changed.execution_options(synchronize_session=False))


def overdue(tx: Transaction, at: datetime) -> list[Recovery]:
    """Open recoveries past their time, locked."""
    over = select(RecoveryRow.id).where(RecoveryRow.state.in_(_OPEN), RecoveryRow.ends_at <= at)
    ids = list(tx.scalars(over.with_for_update(skip_locked=True)))
    return _many(tx, _all().where(RecoveryRow.id.in_(ids)))


def around(tx: Transaction, election: str, unit: str) -> list[Recovery]:
    """The recoveries of people with a role at or below a unit, open ones first, then the newest."""
    scope = f"{election}/{unit}"
    here = or_(GrantRow.scope == scope, GrantRow.scope.startswith(f"{scope}/", autoescape=True))
    if unit == "vn":
        here = or_(here, GrantRow.scope == EVERYWHERE)
    theirs = exists().where(and_(GrantRow.person == RecoveryRow.person, GrantRow.ended_at.is_(None), here))
    ordered = _all().where(theirs).order_by(RecoveryRow.state.in_(_OPEN).desc(), RecoveryRow.asked_at.desc())
    return _many(tx, ordered.limit(_MOST))


def names_of(tx: Transaction, people: Sequence[UUID]) -> dict[UUID, str]:
    """The names of people."""
    rows = tx.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people)))
    return {row.id: row.name for row in rows}


def _all() -> Select[RecoveryRow, str, str]:
    return (
        select(RecoveryRow, AccountRow.login, PersonRow.name)
        .join(AccountRow, AccountRow.person == RecoveryRow.person)
        .join(PersonRow, PersonRow.id == RecoveryRow.person)
        .execution_options(populate_existing=True)
    )


def _one(tx: Transaction, wanted: Select[RecoveryRow, str, str]) -> Recovery | None:
    return next(iter(_many(tx, wanted)), None)


def _many(tx: Transaction, wanted: Select[RecoveryRow, str, str]) -> list[Recovery]:
    rows = tx.execute(wanted).all()
    done = tx.execute(
        select(RecoveryConfirmationRow.recovery, RecoveryConfirmationRow.person)
        .where(RecoveryConfirmationRow.recovery.in_([row[0].id for row in rows]))
        .order_by(RecoveryConfirmationRow.at)
    )
    confirmed: dict[UUID, list[UUID]] = {}
    for recovery, person in done:
        confirmed.setdefault(recovery, []).append(person)
    return [_recovery(row, login, name, confirmed.get(row.id, [])) for row, login, name in rows]


def _recovery(row: RecoveryRow, login: str, name: str, confirmed: Sequence[UUID]) -> Recovery:
    return Recovery(
        id=row.id,
        person=row.person,
        login=login,
        name=name,
        state=row.state,
        asked_at=row.asked_at,
        ends_at=row.ends_at,
        address=row.address,
        device=row.device,
        reason=row.reason,
        opened_by=row.opened_by,
        confirmed_by=tuple(confirmed),
    )
