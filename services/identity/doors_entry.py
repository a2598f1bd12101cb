"""The doors into the system: two factors, one live session, a passport of five minutes, stepping up, going out."""

from datetime import timedelta
from uuid import UUID, uuid4

from services.contracts.base import Grant, NotSignedIn, Passport
from services.contracts.identity import (
    Challenge,
    CodeRefused,
    Done,
    OpenPassport,
    Papers,
    SecondFactor,
    Session,
    SessionEnded,
    SignIn,
    SignInFailed,
    SignOut,
    StepUp,
)
from services.identity.desk import Desk
from services.identity.domain import sessions, totp
from services.identity.domain.passwords import one_form
from services.identity.domain.states import SESSION_STATES
from services.identity.hashing import matches
from services.identity.store import entry, people
from services.identity.vault import new_token, token_hash
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, rpc, signal
from services.kit.offload import offload
from services.kit.passports import sign

_KEEP_CHALLENGES = timedelta(hours=1)
_KEEP_STRANGERS = timedelta(days=30)


class EntryDoors(Desk):
    """How a person comes in, stays and leaves.

    A refused door leaves no trace, but a failure must be counted: every try is counted first, in a transaction of its
    own, and given back when it was right.
    """

    @rpc(public=True)
    def sign_in(self, request: SignIn, by: Actor, tx: Transaction) -> Challenge:
        """The first factor was right. One hash is computed, whoever asks; the answer to everything wrong is one."""
        with self.db.transaction() as first:
            failures = self._count_try(first, request.login, by)
            holder = entry.holder_of(first, request.login)
        stored = holder.password_hash if holder is not None and holder.state == "active" else None
        right = offload(matches, stored, one_form(request.password))
        if holder is None or not right:
            raise SignInFailed(seconds=max(1, sessions.seconds_to_wait(failures)))
        entry.give_back_try(tx, request.login, by.at)
        token = new_token()
        place = entry.Place(address=request.address, device=request.device, machine=request.machine)
        entry.add_challenge(tx, token_hash(token), holder.person, by.at + sessions.CHALLENGE_LIFE, place)
        return Challenge(challenge=token, name=holder.name)

    @rpc(public=True)
    def second_factor(self, request: SecondFactor, by: Actor, tx: Transaction) -> Session:
        """A session has begun; the person's former one has ended."""
        challenge = token_hash(request.challenge)
        with self.db.transaction() as first:
            found = entry.challenged(first, challenge, by.at)
            if found is None or found[0].state != "active":
                raise CodeRefused
            holder, place = found
            self._count_try(first, _second_of(holder.login), by)
        self._claim_code(tx, holder.person, request.totp, by)
        if not entry.use_challenge(tx, challenge, by.at):
            raise CodeRefused
        for login in (holder.login, _second_of(holder.login)):
            entry.forget_tries(tx, login)
        for former in entry.end_sessions_of(tx, holder.person, SESSION_STATES.advance("live", "replace"), by.at):
            tx.emit(SessionEnded(session=former, person=holder.person, reason="replaced"))
        return self._begin(tx, holder, place, by)

    @rpc(public=True)
    def open_passport(self, request: OpenPassport, by: Actor, tx: Transaction) -> Papers:
        """A passport for a live session, with the roles held now; a person's request renews its idle time."""
        with self.db.transaction() as own:  # `tx` of a question may not write, and the idle time must be
            visit = self._visit(own, request.token, by)
            if request.renew and sessions.is_due_for_renewal(visit.span, by.at):
                entry.renew(own, visit.id, by.at)
            grants = people.grants_of(own, visit.holder.person, by.at)
        return self._papers(visit, grants)

    @rpc(public=True)
    def step_up(self, request: StepUp, by: Actor, tx: Transaction) -> Papers:
        """A passport that approves exactly one content, for a second factor given just now."""
        with self.db.transaction() as first:
            visit = self._visit(first, request.token, by)
            self._count_try(first, _step_up_of(visit.id), by)
        self._claim_code(tx, visit.holder.person, request.totp, by)
        entry.forget_tries(tx, _step_up_of(visit.id))
        entry.renew(tx, visit.id, by.at)
        grants = people.grants_of(tx, visit.holder.person, by.at)
        return self._papers(visit, grants, approves=request.content)

    @rpc(public=True)
    def sign_out(self, request: SignOut, by: Actor, tx: Transaction) -> Done:
        """The session has ended, now or before."""
        ended = entry.end_session(tx, token_hash(request.token), SESSION_STATES.advance("live", "sign_out"), by.at)
        if ended:
            session, person = ended
            tx.emit(SessionEnded(session=session, person=person, reason="signed_out"))
        return Done()

    @every(30)
    def expire(self, tx: Transaction) -> None:
        """Sessions past their life or idle time have ended; what nobody needs any more is forgotten."""
        now = entry.now(tx)
        for session, person in entry.expire_sessions(tx, now):
            tx.emit(SessionEnded(session=session, person=person, reason="expired"))
        entry.forget_challenges(tx, now - _KEEP_CHALLENGES)
        entry.forget_old_tries(tx, now - _KEEP_STRANGERS)

    @signal("hp_sessions_live")
    def sessions_live(self, tx: Transaction) -> int:
        return entry.live_sessions(tx)

    def _count_try(self, tx: Transaction, login: str, by: Actor) -> int:
        """The failures in a row with this try counted; SignInFailed when it comes too early."""
        failures = entry.count_try(tx, login, by.at, sessions.WAITS)
        if failures is None:
            counted, not_before = entry.tries(tx, login)
            raise SignInFailed(seconds=sessions.seconds_left(counted, not_before, by.at))
        return failures

    def _claim_code(self, tx: Transaction, person: UUID, code: str, by: Actor) -> None:
        """The code is right and used up; of the same code given many times at once, one passes."""
        factor = entry.factor_of(tx, person, confirmed=True)
        if factor is None:
            raise CodeRefused
        step = totp.accepted_step(self.vault.unseal(person, factor.sealed), code, by.at)
        if step is None or not entry.claim_step(tx, factor.id, step):
            raise CodeRefused

    def _begin(self, tx: Transaction, holder: entry.Holder, place: entry.Place, by: Actor) -> Session:
        grants = people.grants_of(tx, holder.person, by.at)
        idle = sessions.idle_minutes(grant.role for grant in grants)
        span = sessions.Span(seen_at=by.at, ends_at=by.at + sessions.SESSION_LIFE, idle_minutes=idle)
        token = new_token()
        entry.add_session(tx, uuid4(), token_hash(token), holder.person, span, place)
        return Session(
            token=token,
            person=holder.person,
            name=holder.name,
            grants=grants,
            ends_at=span.ends_at,
            idle_minutes=idle,
        )

    def _visit(self, tx: Transaction, token: str, by: Actor) -> entry.Visit:
        """The live session of a token, or NotSignedIn."""
        visit = entry.visit_by(tx, token_hash(token))
        if visit is None or visit.holder.state != "active" or not sessions.lives(visit.span, by.at):
            raise NotSignedIn
        return visit

    def _papers(self, visit: entry.Visit, grants: tuple[Grant, ...], approves: str | None = None) -> Papers:
        holder = visit.holder
        passport = Passport(
            person=holder.person,
            name=holder.name,
            session=visit.id,
            grants=grants,
            approves=approves,
            machine=visit.machine,
        )
        return Papers(
            passport=sign(passport, self.passport_key, sessions.PASSPORT_LIFE),
            person=holder.person,
            name=holder.name,
            login=holder.login,
            grants=grants,
            session_ends_at=visit.span.ends_at,
        )


def _second_of(login: str) -> str:
    """Codes are counted apart from passwords: who guesses the one does not keep its owner from giving the other."""
    return f"second:{login}"


def _step_up_of(session: UUID) -> str:
    return f"step-up:{session}"
