"""The doors to accounts: creating them in bulk, reading them, activating one's own in two steps."""

import secrets
from functools import cache
from uuid import UUID, uuid4

from services.contracts.base import Grant, KeyReused, require_nothing_blocks
from services.contracts.identity import (
    AccountChanged,
    Accounts,
    AccountsOf,
    Activate,
    Activation,
    Activations,
    CodeRefused,
    ConfirmEnrolment,
    CreateAccounts,
    Done,
    Enrolment,
    NewAccount,
)
from services.contracts.roles import Action
from services.contracts.vietnamese import name_key
from services.identity.desk import Desk
from services.identity.domain import accounts, activation, passwords, totp
from services.identity.domain.passkeys import require_code_enough
from services.identity.domain.sessions import ACTIVATION_LIFE
from services.identity.domain.states import ACCOUNT_STATES
from services.identity.hashing import hash_of, in_turn, room
from services.identity.reference import place_names
from services.identity.store import entry, people, places
from services.identity.vault import code_hash
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import invariant, rpc, signal


@cache
def guessable() -> frozenset[str]:
    """The words nobody's password may lean on, worked out once."""
    return passwords.guessable_words(place_names())


class AccountDoors(Desk):
    """Named people, their roles and how an account becomes theirs."""

    @rpc(may=Action.CREATE_ACCOUNTS, remember=False)
    def create_accounts(self, request: CreateAccounts, by: Actor, tx: Transaction) -> Activations:
        """The accounts exist, each with a one-time code. The codes are never stored: a repeat works them out again."""
        people.one_creation_at_a_time(tx)
        made = people.made_by_command(tx, by.person, request.key)
        if made:
            return self._activations_again(request, made)
        giver = accounts.Giver(login=people.login_of(tx, by.person), grants=by.grants, at=by.at)
        taken = people.taken_logins(tx, {account.login for account in request.accounts})
        known = places.known_paths(tx, accounts.units_named(request.accounts))
        require_nothing_blocks(accounts.findings_of(request.accounts, request.scope, giver, taken, known))
        fresh = [self.new_person(account, request.election) for account in request.accounts]
        people.add_people(
            tx, fresh, people.Made(by.person, request.key, by.at, request.election, by.at + ACTIVATION_LIFE)
        )
        tx.emit_all(created(person) for person in fresh)
        return Activations(activations=tuple(self._activation(each.account.login, each.activation) for each in fresh))

    @rpc(may=Action.READ_ACCOUNTS)
    def accounts_of(self, request: AccountsOf, by: Actor, tx: Transaction) -> Accounts:
        """The accounts with a role in the unit, by name."""
        rows = people.accounts_at(tx, request.election, request.unit, by.at)
        return Accounts(accounts=tuple(sorted(rows, key=lambda row: (name_key(row.name), row.login, row.role))))

    @rpc(public=True)
    def activate(self, request: Activate, by: Actor, tx: Transaction) -> Enrolment:
        """The holder chose a password and is shown the secret of their authenticator; again until it is confirmed."""
        typed = code_hash(request.code)
        with self.db.transaction(read_only=True) as look:
            pending = activation.opened(people.newest_activation(look, request.login), typed, by.at)
        words = guessable() | passwords.guessable_words(passwords.own_words(request.login, pending.name))
        passwords.require_strong(request.password, words)
        with room():
            hashed = in_turn(hash_of, passwords.one_form(request.password))
        pending = activation.opened(people.newest_activation(tx, request.login, lock=True), typed, by.at)
        secret = secrets.token_bytes(totp.SECRET_BYTES)
        people.set_password(tx, pending.person, hashed, by.at)
        people.set_authenticator(tx, pending.person, self.vault.seal(pending.person, secret), by.at)
        self._advance(tx, pending, "activate", by)
        return Enrolment(secret=totp.written(secret), uri=totp.uri(secret, request.login))

    @rpc(public=True)
    def confirm_enrolment(self, request: ConfirmEnrolment, by: Actor, tx: Transaction) -> Done:
        """The authenticator works and the account is active; the one-time code is used up."""
        typed = code_hash(request.code)
        found = people.newest_activation(tx, request.login, lock=True)
        if activation.was_used_by(found, request.key, typed):
            return Done()
        pending = activation.opened(found, typed, by.at)
        factor = entry.factor_of(tx, pending.person, confirmed=False)
        if factor is None:
            raise CodeRefused
        step = totp.accepted_step(self.vault.unseal(pending.person, factor.sealed), request.totp, by.at)
        if step is None or not entry.claim_step(tx, factor.id, step):
            raise CodeRefused
        require_code_enough(people.grants_of(tx, pending.person, by.at), self.settings.passkey_roles)
        people.confirm_authenticator(tx, factor.id, by.at)
        people.use_activation(tx, pending.activation, request.key, by.at)
        self._advance(tx, pending, "confirm", by)
        return Done()

    @signal("hp_accounts", labels=("state",), seconds=60)
    def accounts_by_state(self, tx: Transaction) -> list[tuple[str, int]]:
        return people.count_by_state(tx)

    @invariant("active account without password or second factor")
    def active_without_factors(self, tx: Transaction) -> int:
        return people.active_without_factors(tx)

    def _advance(self, tx: Transaction, pending: activation.Pending, act: str, by: Actor) -> None:
        """The account has taken the step; its new state is told when it differs."""
        state = ACCOUNT_STATES.advance(pending.state, act)
        if state == pending.state:
            return
        people.set_state(tx, pending.person, state)
        grants = people.grants_of(tx, pending.person, by.at)
        tx.emit(
            AccountChanged(person=pending.person, login=pending.login, name=pending.name, state=state, grants=grants)
        )

    def new_person(self, account: NewAccount, election: str) -> people.NewPerson:
        """Everything that is written of a new account."""
        scope = accounts.scope_of(account.role, election, account.unit)
        grant, made = Grant(role=account.role.value, scope=scope), uuid4()
        return people.NewPerson(uuid4(), account, grant, made, code_hash(self.vault.activation_code(made)))

    def _activation(self, login: str, made: UUID) -> Activation:
        return Activation(login=login, code=self.vault.activation_code(made))

    def _activations_again(self, request: CreateAccounts, made: dict[str, UUID]) -> Activations:
        if made.keys() != {account.login for account in request.accounts}:
            raise KeyReused
        return Activations(
            activations=tuple(self._activation(account.login, made[account.login]) for account in request.accounts)
        )


def created(person: people.NewPerson) -> AccountChanged:
    """What is told of a new account."""
    account = person.account
    return AccountChanged(
        person=person.id, login=account.login, name=account.name, state=ACCOUNT_STATES.start, grants=(person.grant,)
    )
