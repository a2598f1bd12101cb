"""Queries about sealed keys and emergency openings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.duties import GlassAct, KeyHolder
from services.identity.domain.glass import Holder
from services.identity.models import AccountRow, GrantRow, LedgerRow, OpeningRow, PersonRow, SealedKeyRow
from services.identity.store.people import grants_of
from services.kit.database import Transaction

MOST_OPENINGS = 50
MOST_ACTS = 1000
_SLACK = timedelta(hours=1)
"""How much later than it was told a letter may be entered in the ledger and still be looked for."""


@dataclass(frozen=True)
class Lending:
    """The role an opening lends: to whom, where, until when, by whose joining."""

    person: UUID
    role: str
    election: str
    unit: str
    by: UUID
    at: datetime
    ends_at: datetime
    reason: str


def holders_named(tx: Transaction, logins: Sequence[str], at: datetime) -> list[Holder]:
    """The people under the logins with the roles they hold now, in the order asked."""
    wanted = select(AccountRow, PersonRow.name).join(PersonRow, PersonRow.id == AccountRow.person)
    found = {
        account.login: (account, name) for account, name in tx.execute(wanted.where(AccountRow.login.in_(list(logins))))
    }
    holders = []
    for login in logins:
        if login not in found:
            holders.append(Holder(login))
            continue
        account, name = found[login]
        grants = grants_of(tx, account.person, at)
        holders.append(Holder(login, account.person, name, account.state == "active", grants))
    return holders


def seal(tx: Transaction, keys: Sequence[SealedKeyRow], at: datetime) -> None:
    """These keys hold, and those of the unit before hold no more."""
    first = keys[0]
    former = update(SealedKeyRow).where(
        SealedKeyRow.election == first.election, SealedKeyRow.unit == first.unit, SealedKeyRow.ended_at.is_(None)
    )
    tx.execute(former.values(ended_at=at).execution_options(synchronize_session=False))
    tx.session.add_all(keys)
    tx.flush()


def key_of(tx: Transaction, election: str, unit: str, person: UUID) -> SealedKeyRow | None:
    """The key a person holds of a unit."""
    wanted = select(SealedKeyRow).where(
        SealedKeyRow.election == election,
        SealedKeyRow.unit == unit,
        SealedKeyRow.person == person,
        SealedKeyRow.ended_at.is_(None),
    )
    return tx.scalars(wanted).one_or_none()


def holders_of(tx: Transaction, election: str, unit: str) -> tuple[tuple[KeyHolder, ...], SealedKeyRow | None]:
    """Who holds the keys of a unit, by login; one of the keys, which tells when and by whom they were sealed."""
    rows = tx.execute(
        select(SealedKeyRow, AccountRow.login, PersonRow.name)
        .join(AccountRow, AccountRow.person == SealedKeyRow.person)
        .join(PersonRow, PersonRow.id == SealedKeyRow.person)
        .where(SealedKeyRow.election == election, SealedKeyRow.unit == unit, SealedKeyRow.ended_at.is_(None))
        .order_by(AccountRow.login)
    ).all()
    holders = tuple(KeyHolder(person=key.person, login=login, name=name) for key, login, name in rows)
    return holders, rows[0][0] if rows else None


def opening_held(tx: Transaction, election: str, unit: str, opening: UUID) -> OpeningRow | None:
    """An opening of that unit, about to change."""
    wanted = select(OpeningRow).where(
        OpeningRow.id == opening, OpeningRow.election == election, OpeningRow.unit == unit
    )
    return tx.scalars(wanted.with_for_update()).one_or_none()


def opening_below(
    tx: Transaction, election: str, unit: str, opening: UUID, *, lock: bool = False
) -> OpeningRow | None:
    """An opening at or below a unit; locked when it is about to change."""
    row = tx.get(OpeningRow, opening, with_for_update=lock or None)
    if row is None or row.election != election:
        return None
    return row if row.unit == unit or row.unit.startswith(f"{unit}/") else None


def stands(tx: Transaction, election: str, unit: str) -> bool:
    """Whether an opening of the unit waits or is open."""
    standing = select(func.count()).where(
        OpeningRow.election == election, OpeningRow.unit == unit, OpeningRow.state.in_(("asked", "open"))
    )
    return bool(tx.scalar(standing))


def openings_below(tx: Transaction, election: str, unit: str) -> list[OpeningRow]:
    """The openings at or below a unit, newest first."""
    below = or_(OpeningRow.unit == unit, OpeningRow.unit.startswith(f"{unit}/", autoescape=True))
    wanted = select(OpeningRow).where(OpeningRow.election == election, below)
    return list(tx.scalars(wanted.order_by(OpeningRow.asked_at.desc()).limit(MOST_OPENINGS)))


def due_openings(tx: Transaction, now: datetime) -> list[OpeningRow]:
    """Openings whose time has run out: those nobody joined, and those that lasted their hour."""
    waiting = (OpeningRow.state == "asked") & (OpeningRow.lapses_at <= now)
    over = (OpeningRow.state == "open") & (OpeningRow.ends_at <= now)
    return list(tx.scalars(select(OpeningRow).where(or_(waiting, over)).with_for_update(skip_locked=True)))


def lend(tx: Transaction, lending: Lending) -> UUID:
    """The role is the person's until it ends by itself; which grant that is."""
    grant = uuid4()
    row = {
        "id": grant,
        "person": lending.person,
        "role": lending.role,
        "election": lending.election,
        "unit": lending.unit,
        "scope": f"{lending.election}/{lending.unit}",
        "given_by": lending.by,
        "given_at": lending.at,
        "expires_at": lending.ends_at,
        "reason": lending.reason[:400],
    }
    tx.execute(insert(GrantRow), [row])
    return grant


def take_back(tx: Transaction, grant: UUID, at: datetime, by: UUID, reason: str) -> None:
    """The lent role is the person's no more, unless it had ended before."""
    ended = update(GrantRow).where(GrantRow.id == grant, GrantRow.ended_at.is_(None))
    tx.execute(ended.values(ended_at=at, ended_by=by, end_reason=reason).execution_options(synchronize_session=False))


def person_of(tx: Transaction, person: UUID) -> tuple[str, str, str]:
    """Login, name and state of a person's account."""
    wanted = select(AccountRow.login, PersonRow.name, AccountRow.state).join(
        PersonRow, PersonRow.id == AccountRow.person
    )
    login, name, state = tx.execute(wanted.where(AccountRow.person == person)).one()
    return login, name, state


def acts_of(tx: Transaction, row: OpeningRow, now: datetime) -> list[GlassAct]:
    """Everything the ledger holds of the borrower's acts while the opening lasted, in its order."""
    if row.opened_at is None:
        return []
    until = row.over_at or now
    wanted = (
        select(LedgerRow.place, LedgerRow.line)
        .where(
            LedgerRow.entered_at >= row.opened_at,
            LedgerRow.entered_at <= until + _SLACK,
            LedgerRow.line.contains(f'"actor":"{row.asked_by}"', autoescape=True),
        )
        .order_by(LedgerRow.place)
        .limit(MOST_ACTS)
    )
    acts = []
    for place, line in tx.execute(wanted):
        told = json.loads(line)
        at = datetime.fromisoformat(told["at"])
        if told["actor"] == str(row.asked_by) and row.opened_at <= at <= until:
            acts.append(GlassAct(number=place, at=at, topic=told["topic"], aggregate=told["aggregate"]))
    return acts


def count_in(tx: Transaction, *states: str, before: datetime | None = None) -> int:
    """How many openings are in one of the states; `before`: of those over since before an instant."""
    wanted = select(func.count()).select_from(OpeningRow).where(OpeningRow.state.in_(states))
    return int(tx.scalar(wanted if before is None else wanted.where(OpeningRow.over_at < before)))
