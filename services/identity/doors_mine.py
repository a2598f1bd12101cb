"""The doors to one's own account: who I am, where I signed in, that it was not me, a new password."""

from services.contracts.base import StepUpNeeded, Unknown
from services.contracts.identity import Done, SessionEnded, SignInDisowned
from services.contracts.passkeys import (
    ChangePassword,
    Me,
    MyAccount,
    MySessions,
    NotMe,
    PresentPasswordWrong,
    SessionCard,
    SessionsOfMe,
    own_content,
)
from services.identity import watching
from services.identity.domain import passwords, sessions
from services.identity.domain.states import SESSION_STATES
from services.identity.doors_accounts import AccountDoors, guessable
from services.identity.doors_entry import count_try, present_of
from services.identity.doors_passkeys import factors_of
from services.identity.hashing import hash_of, in_turn, matches, room
from services.identity.models import SessionRow
from services.identity.store import entry, families, passkeys, people
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc


class MineDoors(AccountDoors):
    """What a person sees and changes of their own account."""

    @rpc(own=True)
    def me(self, request: Me, by: Actor, tx: Transaction) -> MyAccount:
        """The asker's name, login, roles with their ends."""
        owner = passkeys.owner_of(tx, by.person)
        return MyAccount(
            person=owner.person,
            login=owner.login,
            name=owner.name,
            roles=passkeys.roles_of(tx, by.person, by.at),
            password_set_at=passkeys.password_set_at(tx, by.person),
            session=by.session,
        )

    @rpc(own=True)
    def my_sessions(self, request: MySessions, by: Actor, tx: Transaction) -> SessionsOfMe:
        """The asker's sign-ins, the newest first."""
        return _sessions(tx, by)

    @rpc(own=True)
    def not_me(self, request: NotMe, by: Actor, tx: Transaction) -> SessionsOfMe:
        """The sign-in was somebody else's: it has ended, a first factor given meanwhile is void, and it is told."""
        row = passkeys.session_of(tx, request.session, by.person)
        if row is None:
            raise Unknown(what="lần đăng nhập này")
        if families.end(tx, row.id, SESSION_STATES.advance("live", "revoke"), by.at) is not None:
            tx.emit(SessionEnded(session=row.id, person=by.person, reason="disowned"))
        passkeys.end_challenges(tx, by.person, by.at)
        if passkeys.disown(tx, row.id, by.at):
            tx.emit(_disowned(row, people.login_of(tx, by.person)))
            watching.disowned(tx, row, by.at)
        return _sessions(tx, by)

    @rpc(own=True, remember=False)
    def change_password(self, request: ChangePassword, by: Actor, tx: Transaction) -> Done:
        """The asker has this password; their other sessions and first factors given before have ended."""
        if by.approves != own_content("change-password", by.person):
            raise StepUpNeeded
        with self.db.transaction(read_only=True) as look:
            owner = passkeys.owner_of(look, by.person)
        words = guessable() | passwords.guessable_words(passwords.own_words(owner.login, owner.name))
        passwords.require_strong(request.password, words)
        with room():
            self._require_present(owner.login, request.present, by)
            hashed = in_turn(hash_of, passwords.one_form(request.password))
        people.set_password(tx, by.person, hashed, by.at)
        passkeys.end_challenges(tx, by.person, by.at)
        revoked = SESSION_STATES.advance("live", "revoke")
        for other in passkeys.end_other_sessions(tx, by.person, by.session, revoked, by.at):
            tx.emit(SessionEnded(session=other, person=by.person, reason="password"))
        entry.forget_tries(tx, present_of(owner.login))
        tx.emit(factors_of(tx, by.person, "password", by.person))
        return Done()

    def _require_present(self, login: str, typed: str, by: Actor) -> None:
        """The password of now was typed; who guesses at it waits longer each time, as at signing in."""
        with self.db.transaction() as own:  # counted although the act is refused
            failures = count_try(own, present_of(login), by, PresentPasswordWrong)
            holder = entry.holder_of(own, login)
        stored = holder.password_hash if holder is not None else None
        if not in_turn(matches, stored, passwords.one_form(typed)):
            raise PresentPasswordWrong(seconds=max(1, sessions.seconds_to_wait(failures)))


def _sessions(tx: Transaction, by: Actor) -> SessionsOfMe:
    return SessionsOfMe(
        sessions=tuple(
            SessionCard(
                id=row.id,
                state=row.state,
                words=SESSION_STATES.words[row.state],
                began_at=row.began_at,
                seen_at=row.seen_at,
                ended_at=row.ended_at,
                address=row.address,
                device=row.device,
                machine=row.machine,
                here=row.id == by.session,
                disowned=disowned_at is not None,
            )
            for row, disowned_at in passkeys.recent_sessions(tx, by.person)
        )
    )


def _disowned(row: SessionRow, login: str) -> SignInDisowned:
    return SignInDisowned(
        session=row.id,
        person=row.person,
        login=login,
        address=row.address,
        device=row.device,
        machine=row.machine,
        began_at=row.began_at,
    )
