"""Queries about roles that change hands: who holds what, giving, ending, expiring, and the acts' own journal."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.accounts import ActivationCard, HeldRole, PersonCard
from services.contracts.roles import Role
from services.contracts.vietnamese import name_key
from services.identity.domain.roles import Held, Holder
from services.identity.models import (
    AccountRow,
    ActivationRow,
    ActRow,
    AuthenticatorRow,
    ChallengeRow,
    GrantRow,
    PasswordRow,
    PersonRow,
    SessionRow,
    UnitRow,
)
from services.kit.database import Transaction

_UNSYNCHRONIZED = {"synchronize_session": False}
_INSIDE = ("created", "enrolling")
_AT_ONCE = 1000


@dataclass(frozen=True)
class Act:
    """What an administrator does: by whom, by which command, when, where, to whom and why."""

    act: str
    by: UUID
    key: UUID
    at: datetime
    election: str
    unit: str
    person: UUID | None = None
    reason: str = ""
    document: str = ""
    request_hash: str = ""

    def with_hash(self, request_hash: str) -> "Act":
        """The same by a request of this hash."""
        return replace(self, request_hash=request_hash)


@dataclass(frozen=True)
class Listed:
    """A person on a list of accounts."""

    person: UUID
    login: str
    name: str
    state: str
    last_sign_in_at: datetime | None


def holder_of(tx: Transaction, person: UUID, at: datetime) -> Holder | None:
    """A person with the roles they hold now; their account is locked until the end of the transaction."""
    row = tx.execute(
        select(AccountRow.person, AccountRow.login, AccountRow.state, PersonRow.name)
        .join(PersonRow, PersonRow.id == AccountRow.person)
        .where(AccountRow.person == person)
        .with_for_update(of=AccountRow)
    ).one_or_none()
    if row is None:
        return None
    return Holder(row.person, row.login, row.name, row.state, held_by(tx, person, at))


def was_active(tx: Transaction, person: UUID) -> bool:
    """Whether the account was ever active: a one-time code is used up when it becomes so."""
    used = select(ActivationRow.id).where(ActivationRow.person == person, ActivationRow.used_at.is_not(None))
    return bool(tx.scalar(select(used.exists())))


def held_by(tx: Transaction, person: UUID, at: datetime) -> tuple[Held, ...]:
    """The roles a person holds now, oldest first."""
    rows = tx.execute(
        select(GrantRow.id, GrantRow.role, GrantRow.election, GrantRow.unit, GrantRow.expires_at)
        .where(GrantRow.person == person, *standing(at))
        .order_by(GrantRow.given_at, GrantRow.id)
    )
    return tuple(Held(row.id, Role(row.role), row.election, row.unit, row.expires_at) for row in rows)


def person_of_grant(tx: Transaction, grant: UUID) -> UUID | None:
    """Whose role it is or was."""
    found: UUID | None = tx.scalar(select(GrantRow.person).where(GrantRow.id == grant))
    return found


def was_in(tx: Transaction, person: UUID, election: str, unit: str) -> bool:
    """Whether a person holds or held a role at or below a unit, in the election or in all."""
    near = or_(GrantRow.unit == unit, GrantRow.unit.startswith(f"{unit}/", autoescape=True))
    here = exists().where(GrantRow.person == person, near, of_election(election))
    return bool(tx.scalar(select(here)))


def add_grants(tx: Transaction, person: UUID, roles: Sequence[Held], act: Act) -> None:
    """The person holds these roles from now on, and keeps them in this order."""
    if not roles:
        return
    rows = [
        {
            "id": held.id,
            "person": person,
            "role": held.role.value,
            "election": held.election,
            "unit": held.unit,
            "scope": held.scope,
            "given_by": act.by,
            "given_at": act.at + timedelta(microseconds=place),
            "expires_at": held.expires_at,
            "reason": act.reason,
        }
        for place, held in enumerate(roles, start=1)
    ]
    tx.execute(insert(GrantRow), rows)


def end_grants(tx: Transaction, grants: Collection[UUID], act: Act) -> None:
    """The roles have ended."""
    tx.execute(
        update(GrantRow)
        .where(GrantRow.id.in_(grants), GrantRow.ended_at.is_(None))
        .values(ended_at=act.at, ended_by=act.by, end_reason=act.reason)
        .execution_options(**_UNSYNCHRONIZED)
    )


def set_expiry(tx: Transaction, grant: UUID, expires_at: datetime | None) -> None:
    """The role ends by itself at the instant, or not at all."""
    tx.execute(
        update(GrantRow).where(GrantRow.id == grant).values(expires_at=expires_at).execution_options(**_UNSYNCHRONIZED)
    )


def expire_grants(tx: Transaction, at: datetime, by: UUID) -> list[tuple[UUID, str | None, str]]:
    """Roles whose time is over have ended, a thousand at a time: person, election and unit of each.

    Nobody may use them from that instant anyway; this writes it down, so that it is told.
    """
    over = select(GrantRow.id).where(GrantRow.ended_at.is_(None), GrantRow.expires_at <= at)
    ended = update(GrantRow).where(
        GrantRow.id.in_(over.order_by(GrantRow.expires_at).limit(_AT_ONCE).with_for_update())
    )
    rows = tx.execute(
        ended.values(ended_at=GrantRow.expires_at, ended_by=by, end_reason="hết hạn")
        .returning(GrantRow.person, GrantRow.election, GrantRow.unit)
        .execution_options(**_UNSYNCHRONIZED)
    )
    return [(row.person, row.election, row.unit) for row in rows]


def end_ways_in(tx: Transaction, person: UUID, at: datetime) -> None:
    """No code, password or authenticator of the person opens anything any more."""
    challenge = update(ChallengeRow).where(ChallengeRow.person == person, ChallengeRow.used_at.is_(None))
    tx.execute(challenge.values(used_at=at).execution_options(**_UNSYNCHRONIZED))
    end_codes(tx, person, at)
    factor = update(AuthenticatorRow).where(AuthenticatorRow.person == person, AuthenticatorRow.ended_at.is_(None))
    tx.execute(factor.values(ended_at=at).execution_options(**_UNSYNCHRONIZED))
    tx.execute(delete(PasswordRow).where(PasswordRow.person == person).execution_options(**_UNSYNCHRONIZED))


def end_codes(tx: Transaction, person: UUID, at: datetime) -> None:
    """The person's unused one-time codes stop working."""
    code = update(ActivationRow).where(
        ActivationRow.person == person, ActivationRow.used_at.is_(None), ActivationRow.ends_at > at
    )
    tx.execute(code.values(ends_at=at).execution_options(**_UNSYNCHRONIZED))


def record(tx: Transaction, act: Act) -> None:
    """The act is in the journal of acts."""
    tx.execute(insert(ActRow).values(id=uuid4(), **act.__dict__))


def recorded(tx: Transaction, by: UUID, key: UUID, act: str) -> str | None:
    """The hash of the request by which a person's command did an act before."""
    done = select(ActRow.request_hash).where(ActRow.by == by, ActRow.key == key, ActRow.act == act)
    found: str | None = tx.scalar(done)
    return found


def cards_by_command(tx: Transaction, by: UUID, command: UUID) -> list[tuple[UUID, ActivationCard]]:
    """The activations a person's command made, with an empty code, by name: id and card."""
    first = select(GrantRow.role, GrantRow.unit).where(GrantRow.person == ActivationRow.person)
    role = first.with_only_columns(GrantRow.role).order_by(GrantRow.given_at, GrantRow.id).limit(1).scalar_subquery()
    unit = first.with_only_columns(GrantRow.unit).order_by(GrantRow.given_at, GrantRow.id).limit(1).scalar_subquery()
    rows = tx.execute(
        select(ActivationRow.id, ActivationRow.ends_at, AccountRow.login, PersonRow.name, role, unit)
        .join(AccountRow, AccountRow.person == ActivationRow.person)
        .join(PersonRow, PersonRow.id == ActivationRow.person)
        .where(ActivationRow.made_by == by, ActivationRow.command == command)
    )
    cards = [
        (activation, ActivationCard(login=login, name=name, role=Role(given), unit=place, code="", ends_at=ends_at))
        for activation, ends_at, login, name, given, place in rows
    ]
    return sorted(cards, key=lambda each: (name_key(each[1].name), each[1].login))


def people_at(tx: Transaction, election: str, unit: str, at: datetime, *, below: bool) -> list[Listed]:
    """Everybody with a role in a unit now, and on demand in the units directly below, by name."""
    here = GrantRow.unit.regexp_match(f"^{unit}(/[^/]+)?$") if below else GrantRow.unit == unit
    holding = exists().where(GrantRow.person == AccountRow.person, here, of_election(election), *standing(at))
    return _listed(tx, holding)


def person(tx: Transaction, wanted: UUID) -> list[Listed]:
    """One person, whatever they hold."""
    return _listed(tx, AccountRow.person == wanted)


def _listed(tx: Transaction, where: ColumnElement[bool]) -> list[Listed]:
    rows = tx.execute(
        select(AccountRow.person, AccountRow.login, PersonRow.name, AccountRow.state, AccountRow.last_sign_in_at)
        .join(PersonRow, PersonRow.id == AccountRow.person)
        .where(where)
    )
    found = [Listed(row.person, row.login, row.name, row.state, row.last_sign_in_at) for row in rows]
    return sorted(found, key=lambda each: (name_key(each.name), each.login))


def cards(tx: Transaction, people: Sequence[Listed], election: str, unit: str, at: datetime) -> tuple[PersonCard, ...]:
    """The people as an administrator of a unit sees them: roles at and below it, the number of others."""
    ids = [each.person for each in people]
    roles = _roles(tx, ids, at)
    live = set(tx.scalars(select(SessionRow.person).where(SessionRow.person.in_(ids), SessionRow.state == "live")))
    codes = _codes(tx, [each.person for each in people if each.state in _INSIDE], at)
    found = []
    for each in people:
        shown, others = [], 0
        for role_election, role in roles.get(each.person, ()):
            near = role.unit == unit or role.unit.startswith(f"{unit}/")
            if near and role_election in (None, election):
                shown.append(role)
            else:
                others += 1
        found.append(
            PersonCard(
                person=each.person, login=each.login, name=each.name, state=each.state, roles=tuple(shown),
                elsewhere=others, live=each.person in live, last_sign_in_at=each.last_sign_in_at,
                code_ends_at=codes.get(each.person),
            )
        )  # fmt: skip
    return tuple(found)


def _roles(
    tx: Transaction, people: Collection[UUID], at: datetime
) -> Mapping[UUID, Iterable[tuple[str | None, HeldRole]]]:
    rows = tx.execute(
        select(
            GrantRow.person, GrantRow.election, GrantRow.id, GrantRow.role, GrantRow.unit, GrantRow.given_at,
            GrantRow.expires_at,
        )
        .where(GrantRow.person.in_(people), *standing(at))
        .order_by(GrantRow.given_at, GrantRow.id)
    )  # fmt: skip
    found: dict[UUID, list[tuple[str | None, HeldRole]]] = {}
    for row in rows:
        role = HeldRole(
            grant=row.id, role=Role(row.role), unit=row.unit, given_at=row.given_at, expires_at=row.expires_at
        )
        found.setdefault(row.person, []).append((row.election, role))
    return found


def _codes(tx: Transaction, people: Collection[UUID], at: datetime) -> dict[UUID, datetime]:
    """When the one-time code of each person ends, of those whose code still works."""
    rows = tx.execute(
        select(ActivationRow.person, func.max(ActivationRow.ends_at))
        .where(ActivationRow.person.in_(people), ActivationRow.used_at.is_(None), ActivationRow.ends_at > at)
        .group_by(ActivationRow.person)
    )
    return {person: ends_at for person, ends_at in rows}  # noqa: C416  a Row is no pair to the type checker


def logins_ending(tx: Transaction, endings: Collection[str]) -> set[str]:
    """The logins in use that end with one of the endings."""
    if not endings:
        return set()
    like = or_(*(AccountRow.login.endswith(ending, autoescape=True) for ending in endings))
    return set(tx.scalars(select(AccountRow.login).where(like)))


def units_named(tx: Transaction, codes: Collection[str]) -> dict[str, tuple[str, str]]:
    """Path and name of the administrative units of these codes, by code."""
    rows = tx.execute(select(UnitRow.code, UnitRow.path, UnitRow.name).where(UnitRow.code.in_(codes)))
    return {row.code: (row.path, row.name) for row in rows}


def of_election(election: str) -> ColumnElement[bool]:
    """A role of the election, or of the system."""
    return or_(GrantRow.election == election, GrantRow.election.is_(None))


def standing(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """A role that is held now."""
    return GrantRow.ended_at.is_(None), or_(GrantRow.expires_at.is_(None), GrantRow.expires_at > at)
