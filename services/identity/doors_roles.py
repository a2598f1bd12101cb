"""The doors to roles: who holds what, giving, ending, expiring, closing, handing over, a new one-time code."""

from collections import Counter
from collections.abc import Collection
from hashlib import sha256
from uuid import UUID, uuid4

from services.contracts.accounts import (
    ActivationSheet,
    AlreadyActive,
    CloseAccount,
    EndRole,
    GiveRole,
    HandOver,
    NotYourOwn,
    People,
    PeopleOf,
    PersonCard,
    ReissueActivation,
    SetExpiry,
)
from services.contracts.base import (
    EVERYWHERE,
    Command,
    Grant,
    KeyReused,
    ScopedCommand,
    StepUpNeeded,
    Unknown,
    require_nothing_blocks,
)
from services.contracts.identity import AccountChanged, NewAccount, SessionEnded
from services.contracts.roles import Action
from services.identity.desk import Desk
from services.identity.domain import accounts, roles
from services.identity.domain.paths import holds, unit_path
from services.identity.domain.rules import RULES
from services.identity.domain.sessions import ACTIVATION_LIFE
from services.identity.domain.states import ACCOUNT_STATES, SESSION_STATES
from services.identity.store import entry, people, places, reviews
from services.identity.store import roles as store
from services.identity.vault import code_hash
from services.kit.actor import NOBODY
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, rpc


class RoleDoors(Desk):
    """What administrators do to accounts that exist. Nobody does any of it to their own."""

    @rpc(may=Action.READ_ACCOUNTS)
    def people_of(self, request: PeopleOf, by: Actor, tx: Transaction) -> People:
        """The people of a unit with their roles, expiry, last sign-in, state, and whether a session is live."""
        if request.person is not None:
            if not store.was_in(tx, request.person, request.election, request.unit):
                raise Unknown(what="người này")
            found = store.person(tx, request.person)
        else:
            found = store.people_at(tx, request.election, request.unit, by.at, below=request.below)
        page = found[request.first :][: request.size]
        shown = store.cards(tx, page, request.election, request.unit, by.at)
        return People(people=shown, total=len(found), states=dict(Counter(each.state for each in found)))

    @rpc(may=Action.CHANGE_ACCOUNTS)
    def give_role(self, request: GiveRole, by: Actor, tx: Transaction) -> PersonCard:
        """The person holds the further role."""
        _require_step_up(request.content, by)
        holder = _holder(tx, request.person, by)
        wish = roles.Wish(request.role, request.place, request.expires_at)
        require_nothing_blocks(roles.giving(wish, holder, _acting(tx, request, by, {request.place})))
        scope = accounts.scope_of(request.role, request.election, request.place)
        election = None if scope == EVERYWHERE else request.election
        held = roles.Held(uuid4(), request.role, election, request.place, request.expires_at)
        act = _act("give_role", request, by, holder.person, request.reason)
        store.add_grants(tx, holder.person, [held], act)
        return self._done(tx, holder, act, request.unit)

    @rpc(may=Action.CHANGE_ACCOUNTS)
    def end_role(self, request: EndRole, by: Actor, tx: Transaction) -> PersonCard:
        """The role has ended; who has none left has no session either."""
        holder, held = _holder_of_grant(tx, request.grant, request, by)
        require_nothing_blocks(roles.ending(held, holder, _acting(tx, request, by)))
        act = _act("end_role", request, by, holder.person, request.reason)
        store.end_grants(tx, [held.id], act)
        self._end_idle_session(tx, holder, act)
        reviews.tell_units(tx, [(held.election, held.unit)], by.at)
        return self._done(tx, holder, act, request.unit)

    @rpc(may=Action.CHANGE_ACCOUNTS)
    def set_expiry(self, request: SetExpiry, by: Actor, tx: Transaction) -> PersonCard:
        """The role ends by itself at the instant, or not at all."""
        holder, held = _holder_of_grant(tx, request.grant, request, by)
        require_nothing_blocks(roles.expiring(held, holder, request.expires_at, _acting(tx, request, by)))
        act = _act("set_expiry", request, by, holder.person, request.reason)
        store.set_expiry(tx, held.id, request.expires_at)
        return self._done(tx, holder, act, request.unit)

    @rpc(may=Action.CHANGE_ACCOUNTS)
    def close_account(self, request: CloseAccount, by: Actor, tx: Transaction) -> PersonCard:
        """The account is closed: no role, no session, no code and no factor is left."""
        holder = _holder(tx, request.person, by)
        if not store.was_in(tx, holder.person, request.election, request.unit):
            raise Unknown(what="người này")
        act = _act("close", request, by, holder.person, request.reason)
        return self._close(tx, holder, act, _acting(tx, request, by))

    @rpc(may=Action.CHANGE_ACCOUNTS, remember=False)
    def hand_over(self, request: HandOver, by: Actor, tx: Transaction) -> ActivationSheet:
        """The roles have changed hands in one act; a receiver without an account has a one-time code for one."""
        people.one_creation_at_a_time(tx)
        if was_done(tx, request, by, "hand_over"):
            return self.sheet(tx, request.key, by)
        _require_step_up(request.content, by)
        former = _holder(tx, request.person, by)
        acting = _acting(tx, request, by, {request.place})
        receiver = _receiver(tx, request, by)
        handed = [held for held in former.roles if _is_of(held, request)]
        require_nothing_blocks(roles.handing(handed, former, receiver, request.place, acting))
        act = _act("hand_over", request, by, former.person, request.reason, request.document)
        store.end_grants(tx, [held.id for held in handed], act)
        self._receive(tx, request, receiver, handed, act)
        self._end_idle_session(tx, former, act)
        if request.close and len(handed) == len(former.roles):
            self._close(tx, former, act, acting, record=False)
        else:
            _tell(tx, former, act)
        store.record(tx, act)
        reviews.tell_units(tx, [(held.election, held.unit) for held in handed], by.at)
        return self.sheet(tx, request.key, by)

    @rpc(may=Action.CREATE_ACCOUNTS, remember=False)
    def reissue_activation(self, request: ReissueActivation, by: Actor, tx: Transaction) -> ActivationSheet:
        """A new one-time code for an account that never was active; the former one stops working.

        Who is being recovered was active: two people gave that code, and one alone cannot replace it.
        """
        holder = _holder(tx, request.person, by)
        if was_done(tx, request, by, "reissue"):
            return self.sheet(tx, request.key, by)
        if not store.was_in(tx, holder.person, request.election, request.unit):
            raise Unknown(what="người này")
        if not ACCOUNT_STATES.allows(holder.state, "activate") or store.was_active(tx, holder.person):
            raise AlreadyActive(login=holder.login)
        require_nothing_blocks(roles.closing(holder, _acting(tx, request, by)))
        act = _act("reissue", request, by, holder.person)
        store.end_codes(tx, holder.person, by.at)
        fresh = uuid4()
        made = people.Made(by.person, request.key, by.at, request.election, by.at + ACTIVATION_LIFE)
        people.add_activation(tx, fresh, holder.person, code_hash(self.vault.activation_code(fresh)), made)
        store.record(tx, act)
        return self.sheet(tx, request.key, by)

    @every(15)
    def expire_roles(self, tx: Transaction) -> None:
        """Roles past their expiry have ended, each told; who has none left has no session either."""
        now = entry.now(tx)
        ended = store.expire_grants(tx, now, NOBODY)
        act = store.Act("expire", NOBODY, NOBODY, now, "", "")
        for person in dict.fromkeys(person for person, _, _ in ended):
            holder = store.holder_of(tx, person, now)
            if holder is not None:
                self._end_idle_session(tx, holder, act)
                _tell(tx, holder, act)
        reviews.tell_units(tx, [(election, unit) for _, election, unit in ended], now)

    def _close(
        self, tx: Transaction, holder: roles.Holder, act: store.Act, acting: roles.Acting, *, record: bool = True
    ) -> PersonCard:
        require_nothing_blocks(roles.closing(holder, acting) if record else ())
        people.set_state(tx, holder.person, ACCOUNT_STATES.advance(holder.state, "close"))
        store.end_grants(tx, [held.id for held in holder.roles], act)
        store.end_ways_in(tx, holder.person, act.at)
        _end_session(tx, holder, act)
        reviews.tell_units(tx, [(held.election, held.unit) for held in holder.roles], act.at)
        if record:
            return self._done(tx, holder, act, act.unit, state="closed")
        _tell(tx, holder, act, state="closed")
        return _card(tx, holder, act, act.unit)

    def _receive(
        self,
        tx: Transaction,
        request: HandOver,
        receiver: roles.Holder,
        handed: list[roles.Held],
        act: store.Act,
    ) -> None:
        """The receiver, new or not, holds the roles."""
        got = [roles.Held(uuid4(), each.role, each.election, each.unit, each.expires_at) for each in handed]
        if request.to is None:
            self._hand(tx, request, receiver, got.pop(0), act)
        store.add_grants(tx, receiver.person, got, act)
        _tell(tx, receiver, act)

    def _hand(
        self, tx: Transaction, request: HandOver, receiver: roles.Holder, held: roles.Held, act: store.Act
    ) -> None:
        """The receiver has an account with the first of the roles, and a one-time code."""
        account = NewAccount(
            login=receiver.login, name=receiver.name, role=held.role, unit=held.unit, phone=request.phone,
            expires_at=held.expires_at,
        )  # fmt: skip
        activation = uuid4()
        code = code_hash(self.vault.activation_code(activation))
        grant = Grant(role=held.role.value, scope=held.scope)
        made = people.Made(act.by, act.key, act.at, act.election, act.at + ACTIVATION_LIFE)
        people.add_people(tx, [people.NewPerson(receiver.person, account, grant, activation, code)], made)

    def _end_idle_session(self, tx: Transaction, holder: roles.Holder, act: store.Act) -> None:
        """Who may do nothing any more is signed out."""
        if not store.held_by(tx, holder.person, act.at):
            _end_session(tx, holder, act)

    def _done(
        self, tx: Transaction, holder: roles.Holder, act: store.Act, unit: str, *, state: str | None = None
    ) -> PersonCard:
        """The act is told and recorded; the person as they now stand."""
        _tell(tx, holder, act, state=state)
        store.record(tx, act)
        return _card(tx, holder, act, unit)

    def sheet(self, tx: Transaction, key: UUID, by: Actor) -> ActivationSheet:
        """The cards of what a command made; the codes are worked out again and stored nowhere."""
        made = store.cards_by_command(tx, by.person, key)
        return ActivationSheet(
            cards=tuple(
                card.model_copy(update={"code": self.vault.activation_code(activation)}) for activation, card in made
            )
        )


def _require_step_up(content: str, by: Actor) -> None:
    if by.approves != content:
        raise StepUpNeeded


def _holder(tx: Transaction, person: UUID, by: Actor) -> roles.Holder:
    """The person, locked; never the one who asks."""
    if person == by.person:
        raise NotYourOwn
    holder = store.holder_of(tx, person, by.at)
    if holder is None:
        raise Unknown(what="người này")
    return holder


def _holder_of_grant(
    tx: Transaction, grant: UUID, request: ScopedCommand, by: Actor
) -> tuple[roles.Holder, roles.Held]:
    """The person who holds a role at or below the unit asked for, and the role."""
    person = store.person_of_grant(tx, grant)
    if person is None:
        raise Unknown(what="vai trò này")
    holder = _holder(tx, person, by)
    for held in holder.roles:
        if held.id == grant and held.election in (None, request.election) and holds(request.unit, held.unit):
            return holder, held
    raise Unknown(what="vai trò này")


def _receiver(tx: Transaction, request: HandOver, by: Actor) -> roles.Holder:
    """Who gets the roles: somebody with an account, or a new person whose login is free."""
    new = request.login is not None and request.name is not None
    if (request.to is None) != new or (request.to is not None and (request.login or request.name)):
        require_nothing_blocks([RULES["A315"].finding("to", "login", "name")])
    if request.to is not None:
        return _holder(tx, request.to, by)
    assert request.login is not None
    assert request.name is not None
    if people.taken_logins(tx, {request.login}):
        spot = accounts.in_form(request.login)
        require_nothing_blocks([RULES["A305"].finding("login", login=request.login, **spot.facts)])
    return roles.Holder(uuid4(), request.login, request.name, ACCOUNT_STATES.start, ())


def _is_of(held: roles.Held, request: HandOver) -> bool:
    return held.unit == request.place and held.election in (None, request.election)


def _acting(tx: Transaction, request: ScopedCommand, by: Actor, units: Collection[str] = ()) -> roles.Acting:
    """Who asks, by which grants, for which unit."""
    giver = accounts.Giver(login=people.login_of(tx, by.person), grants=by.grants)
    known = places.known_paths(tx, {unit_path(unit) for unit in units}) if units else set()
    return roles.Acting(giver, request.scope, known, by.at)


def _act(kind: str, request: ScopedCommand, by: Actor, person: UUID, reason: str = "", document: str = "") -> store.Act:
    which = fingerprint_of(request)
    return store.Act(
        kind, by.person, request.key, by.at, request.election, request.unit, person, reason, document, which
    )


def fingerprint_of(request: Command) -> str:
    """By what a repeat of a request is told from another one under its key."""
    return sha256(request.model_dump_json().encode()).hexdigest()


def was_done(tx: Transaction, request: ScopedCommand, by: Actor, act: str) -> bool:
    """Whether this very command did its act before; KeyReused when the key did another."""
    before = store.recorded(tx, by.person, request.key, act)
    if before not in (None, fingerprint_of(request)):
        raise KeyReused
    return before is not None


def _end_session(tx: Transaction, holder: roles.Holder, act: store.Act) -> None:
    revoked = SESSION_STATES.advance("live", "revoke")
    for session in entry.end_sessions_of(tx, holder.person, revoked, act.at):
        tx.emit(SessionEnded(session=session, person=holder.person, reason="revoked"))


def _tell(tx: Transaction, holder: roles.Holder, act: store.Act, *, state: str | None = None) -> None:
    grants = people.grants_of(tx, holder.person, act.at)
    shown = state or holder.state
    tx.emit(AccountChanged(person=holder.person, login=holder.login, name=holder.name, state=shown, grants=grants))


def _card(tx: Transaction, holder: roles.Holder, act: store.Act, unit: str) -> PersonCard:
    return store.cards(tx, store.person(tx, holder.person), act.election, unit, act.at)[0]
