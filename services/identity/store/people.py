"""Queries about persons, their accounts, roles and activation codes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts import identity as words
from services.contracts.base import Grant
from services.contracts.roles import Role
from services.identity.domain.activation import Pending
from services.identity.models import (
    AccountRow,
    ActivationRow,
    AuthenticatorRow,
    GrantRow,
    PasskeyRow,
    PasswordRow,
    PersonRow,
)
from services.kit.database import Transaction

_ONE_AT_A_TIME = 0x1D_AC_C0
_GRANTS = """
    SELECT role, scope FROM grants
    WHERE person = %(person)s AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > %(at)s) ORDER BY given_at
"""


@dataclass(frozen=True)
class NewPerson:
    """Everything that is written when an account is created."""

    id: UUID
    account: words.NewAccount
    grant: Grant
    activation: UUID
    code_hash: bytes


@dataclass(frozen=True)
class Made:
    """By whom, by which command, when, and until when the activation codes hold."""

    by: UUID
    command: UUID
    at: datetime
    election: str | None
    codes_end_at: datetime


def one_creation_at_a_time(tx: Transaction) -> None:
    """Until the end of the transaction nobody else creates accounts: a login that is free stays free."""
    tx.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))


def login_of(tx: Transaction, person: UUID) -> str:
    """The login of a person, empty when they have none."""
    return tx.scalar(select(AccountRow.login).where(AccountRow.person == person)) or ""


def taken_logins(tx: Transaction, logins: Collection[str]) -> set[str]:
    """Those of the logins that somebody has."""
    return set(tx.scalars(select(AccountRow.login).where(AccountRow.login.in_(logins))))


def made_by_command(tx: Transaction, by: UUID, command: UUID) -> dict[str, UUID]:
    """The activation of each login that a command of a person created."""
    rows = tx.execute(
        select(AccountRow.login, ActivationRow.id)
        .join(ActivationRow, ActivationRow.person == AccountRow.person)
        .where(ActivationRow.made_by == by, ActivationRow.command == command)
    )
    return {login: activation for login, activation in rows}  # noqa: C416  a Row is no pair to the type checker


def add_people(tx: Transaction, people: Sequence[NewPerson], made: Made) -> None:
    """The people, their accounts, grants and activations."""
    if not people:
        return
    tx.execute(insert(PersonRow), [_person_row(each, made) for each in people])
    tx.execute(
        insert(AccountRow), [{"person": each.id, "login": each.account.login, "state": "created"} for each in people]
    )
    tx.execute(insert(GrantRow), [_grant_row(each, made) for each in people])
    codes = [_activation_row(each.activation, each.id, each.code_hash, made) for each in people]
    tx.execute(insert(ActivationRow), codes)


def add_activation(tx: Transaction, id: UUID, person: UUID, code_hash: bytes, made: Made) -> None:
    """One more activation code for a person."""
    tx.execute(insert(ActivationRow), [_activation_row(id, person, code_hash, made)])


def account_by_login(tx: Transaction, login: str) -> AccountRow | None:
    """The account under a login."""
    return tx.scalars(select(AccountRow).where(AccountRow.login == login)).one_or_none()


def newest_activation(tx: Transaction, login: str, *, lock: bool = False) -> Pending | None:
    """The person under a login with their newest activation; locked until the end of the transaction on demand."""
    wanted = (
        select(AccountRow, PersonRow.name, ActivationRow)
        .join(PersonRow, PersonRow.id == AccountRow.person)
        .join(ActivationRow, ActivationRow.person == AccountRow.person)
        .where(AccountRow.login == login)
        .order_by(ActivationRow.made_at.desc())
        .limit(1)
    )
    row = tx.execute(wanted.with_for_update(of=AccountRow) if lock else wanted).one_or_none()
    if row is None:
        return None
    account, name, activation = row
    return Pending(
        person=account.person,
        name=name,
        login=account.login,
        state=account.state,
        activation=activation.id,
        code_hash=activation.code_hash,
        ends_at=activation.ends_at,
        used_by=activation.used_by,
    )


def set_state(tx: Transaction, person: UUID, state: str) -> None:
    """The account is in the state."""
    _change(tx, AccountRow.person == person, state=state)


def use_activation(tx: Transaction, activation: UUID, command: UUID, at: datetime) -> None:
    """The activation code was used by a command."""
    tx.execute(update(ActivationRow).where(ActivationRow.id == activation).values(used_at=at, used_by=command))


def set_password(tx: Transaction, person: UUID, hashed: str, at: datetime) -> None:
    """The person has this password and no other."""
    fresh = insert(PasswordRow).values(person=person, hash=hashed, set_at=at)
    tx.execute(fresh.on_conflict_do_update(index_elements=["person"], set_={"hash": hashed, "set_at": at}))


def set_authenticator(tx: Transaction, person: UUID, sealed: bytes, at: datetime) -> None:
    """The person has this authenticator, not yet confirmed, and no other of its kind."""
    tx.execute(
        update(AuthenticatorRow)
        .where(AuthenticatorRow.person == person, AuthenticatorRow.kind == "totp", AuthenticatorRow.ended_at.is_(None))
        .values(ended_at=at)
    )
    tx.execute(insert(AuthenticatorRow).values(person=person, kind="totp", sealed=sealed, made_at=at, last_step=0))


def confirm_authenticator(tx: Transaction, id: UUID, at: datetime) -> None:
    """The authenticator has shown that it works."""
    tx.execute(update(AuthenticatorRow).where(AuthenticatorRow.id == id).values(confirmed_at=at))


def grants_of(tx: Transaction, person: UUID, at: datetime) -> tuple[Grant, ...]:
    """The roles a person holds now."""
    return tuple(Grant(role=role, scope=scope) for role, scope in tx.drive(_GRANTS, {"person": person, "at": at}))


def accounts_at(tx: Transaction, election: str, unit: str, at: datetime) -> Iterable[words.AccountRow]:
    """The accounts with a role in a unit, in this election or in all."""
    rows = tx.execute(
        select(AccountRow, PersonRow.name, GrantRow.role, GrantRow.unit)
        .join(PersonRow, PersonRow.id == AccountRow.person)
        .join(GrantRow, GrantRow.person == AccountRow.person)
        .where(GrantRow.unit == unit, or_(GrantRow.election == election, GrantRow.election.is_(None)), *_standing(at))
    )
    for account, name, role, place in rows:
        yield words.AccountRow(
            person=account.person,
            login=account.login,
            name=name,
            role=Role(role),
            unit=place,
            state=account.state,
            last_sign_in_at=account.last_sign_in_at,
        )


def count_by_state(tx: Transaction) -> list[tuple[str, int]]:
    """How many accounts are in each state."""
    rows = tx.execute(select(AccountRow.state, func.count()).group_by(AccountRow.state))
    return [(state, int(count)) for state, count in rows]


def active_without_factors(tx: Transaction) -> int:
    """Active accounts that lack a password or a second factor: there must be none but those whose key was copied."""
    factor = select(AuthenticatorRow.id).where(
        AuthenticatorRow.person == AccountRow.person,
        AuthenticatorRow.confirmed_at.is_not(None),
        AuthenticatorRow.ended_at.is_(None),
    )
    key = select(PasskeyRow.id).where(
        PasskeyRow.person == AccountRow.person, or_(PasskeyRow.ended_at.is_(None), PasskeyRow.end_cause == "cloned")
    )
    password = select(PasswordRow.person).where(PasswordRow.person == AccountRow.person)
    lacking = or_(~factor.exists() & ~key.exists(), ~password.exists())
    return int(tx.scalar(select(func.count()).select_from(AccountRow).where(AccountRow.state == "active", lacking)))


def _standing(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return GrantRow.ended_at.is_(None), or_(GrantRow.expires_at.is_(None), GrantRow.expires_at > at)


def _change(tx: Transaction, where: ColumnElement[bool], **values: object) -> None:
    tx.execute(update(AccountRow).where(where).values(values).execution_options(synchronize_session=False))


def _person_row(each: NewPerson, made: Made) -> dict[str, object]:
    who = each.account
    return {"id": each.id, "name": who.name, "phone": who.phone, "made_by": made.by, "made_at": made.at}


def _grant_row(each: NewPerson, made: Made) -> dict[str, object]:
    return {
        "person": each.id,
        "role": each.grant.role,
        "election": made.election if each.grant.scope != "*" else None,
        "unit": each.account.unit,
        "scope": each.grant.scope,
        "given_by": made.by,
        "given_at": made.at,
        "expires_at": each.account.expires_at,
    }


def _activation_row(id: UUID, person: UUID, code_hash: bytes, made: Made) -> dict[str, object]:
    return {
        "id": id,
        "person": person,
        "code_hash": code_hash,
        "made_by": made.by,
        "command": made.command,
        "made_at": made.at,
        "ends_at": made.codes_end_at,
    }
