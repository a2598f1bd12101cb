"""The doors into the system: two factors, one live session, a passport of five minutes, stepping up, going out."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

from services.contracts.base import Grant, NotSignedIn, Passport, SessionsNews
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
from services.contracts.passkeys import NewsOfSessions, PresentPasswordWrong, RenewedSession, RenewSession
from services.identity import watching
from services.identity.desk import Desk
from services.identity.domain import sessions, totp
from services.identity.domain.passkeys import needs_key, require_code_enough
from services.identity.domain.passwords import one_form
from services.identity.domain.sharing import Place
from services.identity.domain.states import SESSION_STATES
from services.identity.hashing import in_turn, matches, room
from services.identity.store import entering, entry, families, people
from services.identity.vault import new_session_token, new_token, token_hash
from services.identity.watching import Visitor
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, rpc, signal
from services.kit.passports import sign

_KEEP_CHALLENGES = timedelta(hours=1)
_KEEP_STRANGERS = timedelta(days=30)
_OLDEST_NEWS = 3600  # seconds: far longer than any passport lives


class EntryDoors(Desk):
    """How a person comes in, stays and leaves.

    A refused door leaves no trace, but a failure must be counted: every try is counted first, in a transaction of its
    own, and given back when it was right.
    """

    @rpc(public=True)
    def sign_in(self, request: SignIn, by: Actor, tx: Transaction) -> Challenge:
        """The first factor was right. One hash is computed, whoever asks; the answer to everything wrong is one."""
        with room():
            failures, holder = entering.first_try(self.db, request.login, by.at, sessions.WAITS)
            if failures is None:
                raise self._too_early(request.login, by)
            stored = holder.password_hash if holder is not None and holder.state == "active" else None
            right = in_turn(matches, stored, one_form(request.password))
        if holder is None or not right:
            raise SignInFailed(seconds=max(1, sessions.seconds_to_wait(failures)))
        token, ends_at = new_token(), by.at + sessions.CHALLENGE_LIFE
        place = entry.Place(address=request.address, device=request.device, machine=request.machine)
        by_key = entering.offer_challenge(tx, token_hash(token), holder, by.at, ends_at, place)
        by_code = not self._needs_key(tx, holder.person, by)
        return Challenge(challenge=token, name=holder.name, by_code=by_code, by_key=by_key)

    @rpc(public=True)
    def second_factor(self, request: SecondFactor, by: Actor, tx: Transaction) -> Session:
        """A session has begun; the person's former one has ended."""
        second = self._second_try(request.challenge, by)
        self._use_code(tx, second.holder.person, second.factor, request.totp, by)
        grants = people.grants_of(tx, second.holder.person, by.at)
        require_code_enough(grants, self.settings.passkey_roles)
        return self._come_in(tx, second, request.challenge, grants, by)

    def _second_try(self, challenge: str, by: Actor) -> entering.Second:
        """Whose second factor it is, this try counted; CodeRefused when nobody's."""
        second = entering.second_try(self.db, token_hash(challenge), second_of(""), by.at, sessions.WAITS)
        if second is None:
            raise CodeRefused
        if second.failures is None:
            raise self._too_early(second_of(second.holder.login), by)
        return second

    def _too_early(self, tried: str, by: Actor) -> SignInFailed:
        """What is told to who comes before the wait is over."""
        with self.db.transaction(read_only=True) as look:
            return SignInFailed(seconds=seconds_left(look, tried, by))

    def _come_in(
        self, tx: Transaction, second: entering.Second, challenge: str, grants: tuple[Grant, ...], by: Actor
    ) -> Session:
        """Both factors were right: the challenge is used up, the person's former session ends, another begins."""
        holder = second.holder
        if not entering.use_challenge(tx, token_hash(challenge), by.at, *guessed_of(holder.login)):
            raise CodeRefused
        ended = entry.end_sessions_of(tx, holder.person, SESSION_STATES.advance("live", "replace"), by.at)
        for former in ended:
            tx.emit(SessionEnded(session=former, person=holder.person, reason="replaced"))
        visitor = Visitor(holder.person, uuid4(), grants)
        session = self._begin(tx, visitor, holder.name, second.place, by)
        here = Place(second.place.machine, second.place.address, second.place.device)
        watching.signed_in(tx, self.settings, visitor, here, by.at, replaces=bool(ended))
        return session

    @rpc(public=True)
    def open_passport(self, request: OpenPassport, by: Actor, tx: Transaction) -> Papers:
        """A passport for a live session, with the roles held now; a person's request renews its idle time."""
        visit = self._visit(tx, request.token, by)
        visitor, here = Visitor(visit.holder.person, visit.id), Place(request.machine, request.address, request.device)
        renews = request.renew and sessions.is_due_for_renewal(visit.span, by.at)
        moves = bool(here.machine or here.address) and not watching.was_just_there(tx, visitor.session, here, by.at)
        if renews or moves:
            with self.db.transaction() as own:  # `tx` of a question may not write
                if renews:
                    entry.renew(own, visit.id, by.at)
                if moves:
                    watching.seen_again(own, self.settings, visitor, here, by.at)
        return self._papers(visit, people.grants_of(tx, visit.holder.person, by.at), by)

    @rpc(public=True)
    def renew_session(self, request: RenewSession, by: Actor, tx: Transaction) -> RenewedSession:
        """The token that follows; nothing is kept of it but its hash, for it can be told again from the former one."""
        with self.db.transaction() as own:
            visit = self._visit(own, request.token, by)
            successor = self.vault.successor(request.token)
            families.offer(own, visit.id, token_hash(request.token), token_hash(successor))
        return RenewedSession(token=successor)

    @rpc(public=True)
    def news_of_sessions(self, request: NewsOfSessions, by: Actor, tx: Transaction) -> SessionsNews:
        """Who signed out, was signed out, or may do something else than before: no passport from before holds."""
        since = by.at - timedelta(seconds=min(request.seconds, _OLDEST_NEWS)) - sessions.NEWS_OVERLAP
        return SessionsNews(sessions=tuple(families.news(tx, since, by.at)))

    @rpc(public=True)
    def step_up(self, request: StepUp, by: Actor, tx: Transaction) -> Papers:
        """A passport that approves exactly one content, for a second factor given just now."""
        with self.db.transaction() as first:
            visit = self._visit(first, request.token, by)
            count_try(first, step_up_of(visit.id), by)
        person = visit.holder.person
        self._use_code(tx, person, entry.factor_of(tx, person, confirmed=True), request.totp, by)
        entry.forget_tries(tx, step_up_of(visit.id))
        entry.renew(tx, visit.id, by.at)
        grants = people.grants_of(tx, person, by.at)
        require_code_enough(grants, self.settings.passkey_roles)
        return self._papers(visit, grants, by, approves=request.content)

    @rpc(public=True)
    def sign_out(self, request: SignOut, by: Actor, tx: Transaction) -> Done:
        """The session has ended, now or before."""
        with suppress(NotSignedIn):  # it had ended before: what was asked for is so
            visit = self._visit(tx, request.token, by)
            person = families.end(tx, visit.id, SESSION_STATES.advance("live", "sign_out"), by.at)
            if person is not None:
                tx.emit(SessionEnded(session=visit.id, person=person, reason="signed_out"))
        return Done()

    @every(30)
    def expire(self, tx: Transaction) -> None:
        """Sessions past their life or idle time have ended; what nobody needs any more is forgotten."""
        now = entry.now(tx)
        for session, person in entry.expire_sessions(tx, now):
            tx.emit(SessionEnded(session=session, person=person, reason="expired"))
        entry.forget_challenges(tx, now - _KEEP_CHALLENGES)
        entry.forget_old_tries(tx, now - _KEEP_STRANGERS)
        families.forget_former(tx, now - sessions.SESSION_LIFE)

    @signal("hp_sessions_live")
    def sessions_live(self, tx: Transaction) -> int:
        return entry.live_sessions(tx)

    def _use_code(self, tx: Transaction, person: UUID, factor: entry.Factor | None, code: str, by: Actor) -> None:
        """The code is right and used up; of the same code given many times at once, one passes."""
        if factor is None:
            raise CodeRefused
        step = totp.accepted_step(self.vault.unseal(person, factor.sealed), code, by.at)
        if step is None or not entry.claim_step(tx, factor.id, step):
            raise CodeRefused

    def _needs_key(self, tx: Transaction, person: UUID, by: Actor) -> bool:
        roles = self.settings.passkey_roles
        return bool(roles) and needs_key(people.grants_of(tx, person, by.at), roles)

    def _begin(self, tx: Transaction, visitor: Visitor, name: str, place: entry.Place, by: Actor) -> Session:
        grants = visitor.grants or ()
        idle = sessions.idle_minutes(grant.role for grant in grants)
        span = sessions.Span(seen_at=by.at, ends_at=by.at + sessions.SESSION_LIFE, idle_minutes=idle)
        token = new_session_token()
        entry.add_session(tx, visitor.session, token_hash(token), visitor.person, span, place)
        return Session(
            token=token,
            person=visitor.person,
            name=name,
            grants=grants,
            ends_at=span.ends_at,
            idle_minutes=idle,
        )

    def _visit(self, tx: Transaction, token: str, by: Actor) -> entry.Visit:
        """The live session of a token, or NotSignedIn. The first use of an offered token makes it the session's."""
        hashed = token_hash(token)
        visit = entry.visit_by(tx, hashed) or self._visit_of_former(tx, hashed, by)
        if visit is None or visit.holder.state != "active" or not sessions.lives(visit.span, by.at):
            raise NotSignedIn
        if visit.offered:
            with self.db.transaction() as own:  # whatever becomes of what is asked
                families.take_over(own, hashed, by.at, by.at + sessions.GRACE)
        return visit

    def _visit_of_former(self, tx: Transaction, hashed: bytes, by: Actor) -> entry.Visit | None:
        """The session of a token that was on its way when its successor took over; later than that it is reuse.

        Of two who hold one token nobody knows which is the thief: the session ends for both, in a transaction of its
        own, whatever becomes of the question.
        """
        former = families.former(tx, hashed)
        if former is None:
            return None
        if by.at <= former.good_until:
            return entry.visit_of(tx, former.session)
        with self.db.transaction(by=by, cause="reuse") as own:
            person = families.end(own, former.session, SESSION_STATES.advance("live", "revoke"), by.at)
            if person is not None:
                own.emit(SessionEnded(session=former.session, person=person, reason="reused"))
        return None

    def _papers(self, visit: entry.Visit, grants: tuple[Grant, ...], by: Actor, approves: str | None = None) -> Papers:
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
            token_due=visit.in_use and sessions.is_token_due(visit.renewed_at, by.at),
        )


def second_of(login: str) -> str:
    """Codes are counted apart from passwords: who guesses the one does not keep its owner from giving the other."""
    return f"second:{login}"


def present_of(login: str) -> str:
    """The present password at its change: who guesses there keeps nobody from signing in."""
    return f"present:{login}"


def count_try(
    tx: Transaction, tried: str, by: Actor, refused: type[SignInFailed | PresentPasswordWrong] = SignInFailed
) -> int:
    """The failures in a row at a name, this try counted; `refused` with the seconds left when it comes too early."""
    failures = entering.count_try(tx, tried, by.at, sessions.WAITS)
    if failures is None:
        raise refused(seconds=seconds_left(tx, tried, by))
    return failures


def seconds_left(tx: Transaction, tried: str, by: Actor) -> int:
    """How long who tries too early has to wait."""
    counted, not_before = entry.tries(tx, tried) or (0, by.at)
    return sessions.seconds_left(counted, not_before, by.at)


def guessed_of(login: str) -> tuple[str, ...]:
    """All names the guesses at an account are counted under."""
    return (login, second_of(login), present_of(login))


def forget_guesses(tx: Transaction, login: str) -> None:
    """The owner is in: what was guessed at their password and codes counts no longer."""
    entry.forget_tries(tx, *guessed_of(login))


def step_up_of(session: UUID) -> str:
    return f"step-up:{session}"
