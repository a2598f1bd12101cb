"""The doors of recovery: asked for by anybody, confirmed by two people of the unit above, used once by its holder."""

import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from services.contracts.base import StepNotAllowed, StepUpNeeded, Unknown
from services.contracts.identity import CodeRefused, Enrolment, RecoveryChanged, SessionEnded
from services.contracts.passkeys import (
    AskRecovery,
    ConfirmRecovery,
    NotAbove,
    OpenRecovery,
    Recover,
    Recoveries,
    RecoveriesOf,
    RecoveryAsked,
    RecoveryCard,
    RecoveryOutcome,
    RefuseRecovery,
)
from services.contracts.roles import Action
from services.identity.domain import activation, passwords, totp
from services.identity.domain.recovery import LIFE, Recovery, require_may_confirm, stands_above
from services.identity.domain.states import RECOVERY_STATES, SESSION_STATES
from services.identity.doors_accounts import AccountDoors, guessable
from services.identity.doors_entry import forget_guesses
from services.identity.doors_passkeys import factors_of
from services.identity.hashing import hash_of, in_turn, room
from services.identity.store import entry, passkeys, people, recovery
from services.identity.vault import code_hash
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, rpc

_DEAF = timedelta(hours=1)
"""After a refusal nobody's asking from the street opens another recovery for so long."""


class RecoveryDoors(AccountDoors):
    """How somebody comes back in who lost password or factor. No administrator ever learns the password."""

    @rpc(public=True)
    def ask_recovery(self, request: AskRecovery, by: Actor, tx: Transaction) -> RecoveryAsked:
        """Written down for every login alike; whether there is such an account is looked at afterwards."""
        recovery.ask(tx, recovery.Asked(request.login, request.address, request.device, by.at))
        return RecoveryAsked()

    @every(5)
    def tend_recoveries(self, tx: Transaction) -> None:
        """What was asked for is open for the unit above; what nobody decided in time has lapsed."""
        for asked in recovery.take_asks(tx):
            found = recovery.holder_by_login(tx, asked.login)
            if found is None or found[1] != "active" or recovery.was_refused_since(tx, found[0], asked.at - _DEAF):
                continue
            self._open_recovery(tx, found[0], asked, "", None)
        for over in recovery.overdue(tx, entry.now(tx)):
            self._end_recovery(tx, over, "lapse", None)

    @rpc(may=Action.RECOVER_ACCOUNTS)
    def open_recovery(self, request: OpenRecovery, by: Actor, tx: Transaction) -> RecoveryOutcome:
        """The recovery of somebody's account is open; the one that is open already when there is one."""
        found = recovery.holder_by_login(tx, request.login)
        if found is None or found[1] != "active":
            raise NotAbove
        self._require_above_holder(tx, found[0], by)
        asked = recovery.Asked(request.login, "", "", by.at)
        self._open_recovery(tx, found[0], asked, request.reason, by.person)
        return RecoveryOutcome(recovery=self._recovery_card(tx, _must(recovery.open_for(tx, found[0])), by))

    @rpc(may=Action.RECOVER_ACCOUNTS)
    def recoveries_of(self, request: RecoveriesOf, by: Actor, tx: Transaction) -> Recoveries:
        """The recoveries of people at or below the unit."""
        found = recovery.around(tx, request.election, request.unit)
        return Recoveries(recoveries=tuple(self._recovery_card(tx, one, by) for one in found))

    @rpc(may=Action.RECOVER_ACCOUNTS, remember=False)
    def confirm_recovery(self, request: ConfirmRecovery, by: Actor, tx: Transaction) -> RecoveryOutcome:
        """One of two people confirmed; the second is told the one-time code, which is worked out again for a repeat."""
        found = _must(recovery.locked(tx, request.recovery))
        again = people.made_by_command(tx, by.person, request.key)
        if again:
            return self._recovery_outcome(tx, found, again[found.login], by)
        if request.content != found.content or by.approves != found.content:
            raise StepUpNeeded
        require_may_confirm(found, by.person, by.grants, recovery.scopes_of(tx, found.person, by.at))
        state = RECOVERY_STATES.advance(found.state, "confirm")
        if by.at >= found.ends_at:
            raise StepNotAllowed(state=RECOVERY_STATES.words["lapsed"])
        recovery.confirm(tx, found.id, by.person, by.at)
        code = self._give_recovery_code(tx, found, request.key, by) if state == "confirmed" else None
        recovery.set_state(tx, found.id, state, activation=code)
        changed = _must(recovery.locked(tx, found.id))
        tx.emit(_told(changed))
        return self._recovery_outcome(tx, changed, code, by)

    @rpc(may=Action.RECOVER_ACCOUNTS)
    def refuse_recovery(self, request: RefuseRecovery, by: Actor, tx: Transaction) -> RecoveryOutcome:
        """The recovery does not happen; a code that was given opens nothing."""
        found = _must(recovery.locked(tx, request.recovery))
        self._require_above_holder(tx, found.person, by)
        self._end_recovery(tx, found, "refuse", request.key, refused_by=by.person, refusal=request.reason)
        return RecoveryOutcome(recovery=self._recovery_card(tx, _must(recovery.locked(tx, found.id)), by))

    @rpc(public=True)
    def recover(self, request: Recover, by: Actor, tx: Transaction) -> Enrolment:
        """A new password and a new authenticator; every old factor and session has ended."""
        typed = code_hash(request.code)
        with self.db.transaction(read_only=True) as look:
            pending = self._recovering(look, people.newest_activation(look, request.login), typed, by)[0]
        words = guessable() | passwords.guessable_words(passwords.own_words(request.login, pending.name))
        passwords.require_strong(request.password, words)
        with room():
            hashed = in_turn(hash_of, passwords.one_form(request.password))
        newest = people.newest_activation(tx, request.login, lock=True)
        pending, found = self._recovering(tx, newest, typed, by)
        secret = secrets.token_bytes(totp.SECRET_BYTES)
        passkeys.end_factors(tx, pending.person, "recovered", by.at)
        people.set_password(tx, pending.person, hashed, by.at)
        people.set_authenticator(tx, pending.person, self.vault.seal(pending.person, secret), by.at)
        self._end_everything_open(tx, pending, by)
        self._end_recovery(tx, found, "use", None)
        self._advance(tx, pending, "recover", by)
        tx.emit(factors_of(tx, pending.person, "recovered", None))
        return Enrolment(secret=totp.written(secret), uri=totp.uri(secret, request.login))

    def _recovering(
        self, tx: Transaction, newest: activation.Pending | None, typed: bytes, by: Actor
    ) -> tuple[activation.Pending, Recovery]:
        """The person whose recovery gave this code; else CodeRefused, for every reason the same."""
        pending = activation.opened(newest, typed, by.at, "recover")
        found = recovery.of_activation(tx, pending.activation)
        if found is None or not RECOVERY_STATES.allows(found.state, "use"):
            raise CodeRefused
        return pending, found

    def _end_everything_open(self, tx: Transaction, pending: activation.Pending, by: Actor) -> None:
        revoked = SESSION_STATES.advance("live", "revoke")
        for session in passkeys.end_other_sessions(tx, pending.person, None, revoked, by.at):
            tx.emit(SessionEnded(session=session, person=pending.person, reason="recovered"))
        forget_guesses(tx, pending.login)

    def _open_recovery(
        self, tx: Transaction, person: UUID, asked: recovery.Asked, reason: str, opened_by: UUID | None
    ) -> None:
        fresh = Recovery(
            id=uuid4(),
            person=person,
            login=asked.login,
            name="",
            state=RECOVERY_STATES.start,
            asked_at=asked.at,
            ends_at=asked.at + LIFE,
            address=asked.address,
            device=asked.device,
            reason=reason,
            opened_by=opened_by,
            confirmed_by=(),
        )
        if recovery.add(tx, fresh):
            tx.emit(_told(fresh))

    def _give_recovery_code(self, tx: Transaction, found: Recovery, command: UUID, by: Actor) -> UUID:
        """The activation whose code opens the recovery; only its hash is kept."""
        made = people.Made(by=by.person, command=command, at=by.at, election=None, codes_end_at=by.at + LIFE)
        code = uuid4()
        people.add_activation(tx, code, found.person, code_hash(self.vault.activation_code(code)), made)
        return code

    def _end_recovery(self, tx: Transaction, found: Recovery, act: str, command: UUID | None, **values: object) -> None:
        """The recovery took its last step; unless it was used, its code is used up."""
        state = RECOVERY_STATES.advance(found.state, act)
        code = recovery.activation_of(tx, found.id)
        if act != "use" and code is not None:
            people.use_activation(tx, code, command or found.id, entry.now(tx))
        recovery.set_state(tx, found.id, state, **values)
        tx.emit(_told(_must(recovery.locked(tx, found.id))))

    def _require_above_holder(self, tx: Transaction, person: UUID, by: Actor) -> None:
        if person == by.person or not stands_above(by.grants, recovery.scopes_of(tx, person, by.at)):
            raise NotAbove

    def _recovery_outcome(self, tx: Transaction, found: Recovery, code: UUID | None, by: Actor) -> RecoveryOutcome:
        told = self.vault.activation_code(code) if code is not None else ""
        return RecoveryOutcome(recovery=self._recovery_card(tx, found, by), code=told)

    def _recovery_card(self, tx: Transaction, found: Recovery, by: Actor) -> RecoveryCard:
        scopes = recovery.scopes_of(tx, found.person, by.at)
        involved = [*found.confirmed_by, *([found.opened_by] if found.opened_by else [])]
        names = recovery.names_of(tx, involved)
        may = by.person != found.person and by.person not in found.confirmed_by and stands_above(by.grants, scopes)
        return RecoveryCard(
            id=found.id,
            login=found.login,
            name=found.name,
            unit=", ".join(scope.partition("/")[2] or scope for scope in scopes),
            state=found.state,
            content=found.content,
            asked_at=found.asked_at,
            ends_at=found.ends_at,
            address=found.address,
            device=found.device,
            reason=found.reason,
            opened_by=names.get(found.opened_by, "") if found.opened_by else "",
            confirmed_by=tuple(names.get(person, "") for person in found.confirmed_by),
            may_confirm=may and RECOVERY_STATES.allows(found.state, "confirm"),
        )


def _must(found: Recovery | None) -> Recovery:
    if found is None:
        raise Unknown(what="khôi phục này")
    return found


def _told(found: Recovery) -> RecoveryChanged:
    return RecoveryChanged(
        recovery=found.id,
        person=found.person,
        login=found.login,
        state=found.state,
        opened_by=found.opened_by,
        confirmed_by=found.confirmed_by,
    )
