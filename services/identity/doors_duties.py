"""The doors of break-glass: three sealed keys, two open one role in one unit for an hour, reviewed from above."""

import hmac
from uuid import UUID, uuid4

from services.contracts.base import StaleVersion, StepUpNeeded, Unknown, require_nothing_blocks
from services.contracts.daytime import hour
from services.contracts.duties import (
    CloseOpening,
    Duty,
    Glass,
    GlassActs,
    GlassIsOpen,
    GlassOf,
    GlassOpening,
    GlassState,
    JoinOpening,
    NotAboveOpening,
    OpenGlass,
    OpeningActs,
    OpeningIsYours,
    ReviewOpening,
    SealedKey,
    SealedKeyRefused,
    SealedKeys,
    SealKeys,
    opening_hash,
    require_other_machine,
)
from services.contracts.identity import AccountChanged, GlassChanged, KeysSealed
from services.contracts.roles import Action, Role
from services.identity.desk import Desk
from services.identity.domain import glass
from services.identity.domain.states import GLASS_STATES
from services.identity.models import OpeningRow, SealedKeyRow
from services.identity.store import duties as store
from services.identity.store import entry, people
from services.identity.store.places import one_change_at_a_time
from services.identity.vault import code_hash
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, rpc, signal


class DutyDoors(Desk):
    """For the night on which the right hand cannot be reached: never one person, never for long, never unseen."""

    @rpc(may=Action.HOLD_KEY, remember=False)
    def seal_keys(self, request: SealKeys, by: Actor, tx: Transaction) -> SealedKeys:
        """Three new keys, shown this once; who sealed them is told, and the keys of before open nothing."""
        one_change_at_a_time(tx, _lock(request.election, request.unit))
        if store.stands(tx, request.election, request.unit):
            raise GlassIsOpen
        holders = store.holders_named(tx, request.holders, by.at)
        require_nothing_blocks(glass.holder_findings(holders, request.election, request.unit))
        ids = [uuid4() for _ in holders]
        codes = [self.vault.activation_code(key) for key in ids]
        rows = [
            SealedKeyRow(
                id=key,
                election=request.election,
                unit=request.unit,
                person=holder.person,
                key_hash=code_hash(code),
                sealed_at=by.at,
                sealed_by=by.person,
                sealed_name=by.name,
            )
            for key, holder, code in zip(ids, holders, codes, strict=True)
        ]
        store.seal(tx, rows, by.at)
        people_held = tuple(row.person for row in rows)
        tx.emit(KeysSealed(election=request.election, unit=request.unit, holders=people_held, sealed_at=by.at))
        named = zip(holders, codes, strict=True)
        keys = tuple(SealedKey(login=holder.login, name=holder.name, key=code) for holder, code in named)
        return SealedKeys(keys=keys, sealed_at=by.at)

    @rpc(may=Action.READ_ELECTION)
    def glass_of(self, request: GlassOf, by: Actor, tx: Transaction) -> Glass:
        """Who holds keys and what was opened is no secret to anybody who works in the unit or above it."""
        holders, sealed = store.holders_of(tx, request.election, request.unit)
        rows = store.openings_below(tx, request.election, request.unit)
        return Glass(
            holders=holders,
            sealed_at=sealed.sealed_at if sealed else None,
            sealed_by=sealed.sealed_name if sealed else "",
            openings=tuple(self._card(tx, row, by) for row in rows),
        )

    @rpc(may=Action.HOLD_KEY)
    def open_glass(self, request: OpenGlass, by: Actor, tx: Transaction) -> GlassOpening:
        """One holder asks; nothing is lent yet."""
        require_nothing_blocks(glass.role_findings(request.role, request.unit))
        one_change_at_a_time(tx, _lock(request.election, request.unit))
        _require_key(tx, request.election, request.unit, request.sealed_key, by)
        if store.stands(tx, request.election, request.unit):
            raise GlassIsOpen
        opening = uuid4()
        row = OpeningRow(
            id=opening,
            election=request.election,
            unit=request.unit,
            role=request.role.value,
            reason=request.reason,
            state=GLASS_STATES.start,
            content=opening_hash(opening, request.election, request.unit, request.role.value, request.reason),
            asked_by=by.person,
            asked_name=by.name,
            asked_machine=by.machine,
            asked_at=by.at,
            lapses_at=by.at + glass.JOIN_WITHIN,
        )
        tx.add(row)
        tx.flush()
        tx.emit(_told(row))
        return self._card(tx, row, by)

    @rpc(may=Action.HOLD_KEY)
    def join_opening(self, request: JoinOpening, by: Actor, tx: Transaction) -> GlassOpening:
        """The second key, at a second machine, with a second factor for exactly this opening: the role is lent."""
        if by.approves != request.content:
            raise StepUpNeeded
        row = _held(tx, request.election, request.unit, request.opening)
        _end_when_due(tx, row, by)
        state = GLASS_STATES.advance(row.state, "join")
        if row.content != request.content:
            raise StaleVersion(at=hour(row.asked_at))
        if row.asked_by == by.person:
            raise OpeningIsYours
        require_other_machine(Duty.JOIN_OPENING, by.machine, {Duty.ASK_OPENING: row.asked_machine})
        _require_key(tx, request.election, request.unit, request.sealed_key, by)
        ends_at, why = by.at + glass.LASTS, f"mở khẩn cấp {row.id}"
        lending = store.Lending(row.asked_by, row.role, row.election, row.unit, by.person, by.at, ends_at, why)
        row.lent = store.lend(tx, lending)
        row.joined_by, row.joined_name, row.joined_machine = by.person, by.name, by.machine
        row.state, row.opened_at, row.ends_at = state, by.at, ends_at
        tx.emit_all((_told(row), _borrower(tx, row, by)))
        return self._card(tx, row, by)

    @rpc(may=Action.HOLD_KEY)
    def close_opening(self, request: CloseOpening, by: Actor, tx: Transaction) -> GlassOpening:
        """Any holder ends it, at once: the lent role is taken back."""
        row = _held(tx, request.election, request.unit, request.opening)
        if store.key_of(tx, request.election, request.unit, by.person) is None:
            raise SealedKeyRefused(unit=request.unit)
        _end(tx, row, "close", by)
        return self._card(tx, row, by)

    @rpc(may=Action.REVIEW_OPENING)
    def review_opening(self, request: ReviewOpening, by: Actor, tx: Transaction) -> GlassOpening:
        """Somebody of the unit above who neither asked nor joined says whether every act was in order."""
        row = _below(tx, request.election, request.unit, request.opening, lock=True)
        if not glass.reviewed_from(by.grants, row.election, row.unit):
            raise NotAboveOpening
        _end_when_due(tx, row, by)
        state = GLASS_STATES.advance(row.state, "review")
        if by.person in {row.asked_by, row.joined_by}:
            raise OpeningIsYours
        used = {Duty.ASK_OPENING: row.asked_machine, Duty.JOIN_OPENING: row.joined_machine}
        for duty, machine in used.items():
            require_other_machine(Duty.REVIEW_OPENING, by.machine, {duty: machine})
        row.state, row.reviewed_by, row.reviewed_name, row.reviewed_at = state, by.person, by.name, by.at
        row.in_order, row.verdict = request.in_order, request.verdict
        tx.emit(_told(row))
        return self._card(tx, row, by)

    @rpc(may=Action.READ_ELECTION)
    def opening_acts(self, request: OpeningActs, by: Actor, tx: Transaction) -> GlassActs:
        """Every act of the borrower while the opening lasted, from the ledger."""
        row = _below(tx, request.election, request.unit, request.opening)
        return GlassActs(acts=tuple(store.acts_of(tx, row, by.at)))

    @every(5)
    def end_openings(self, tx: Transaction) -> None:
        """Openings nobody joined in time, and those whose hour is over, have ended."""
        for row in store.due_openings(tx, entry.now(tx)):
            row.over_at = row.ends_at or row.lapses_at
            row.state = GLASS_STATES.advance(row.state, "lapse")
            tx.emit(_told(row))

    @signal("hp_glass_open", seconds=5)
    def glass_open(self, tx: Transaction) -> int:
        """Emergency openings that lend a role now."""
        return store.count_in(tx, "open")

    @signal("hp_glass_unreviewed", seconds=30)
    def glass_unreviewed(self, tx: Transaction) -> int:
        """Openings that ended more than a day ago and nobody above has reviewed."""
        return store.count_in(tx, "over", before=entry.now(tx) - glass.REVIEW_WITHIN)

    def _card(self, tx: Transaction, row: OpeningRow, by: Actor) -> GlassOpening:
        return GlassOpening(
            opening=row.id,
            election=row.election,
            unit=row.unit,
            role=Role(row.role),
            reason=row.reason,
            state=GlassState(row.state),
            asked_by=row.asked_name,
            asked_at=row.asked_at,
            joined_by=row.joined_name or "",
            opened_at=row.opened_at,
            ends_at=row.ends_at,
            over_at=row.over_at,
            over_by=row.over_name or "",
            reviewed_by=row.reviewed_name or "",
            reviewed_at=row.reviewed_at,
            in_order=row.in_order,
            verdict=row.verdict or "",
            acts=len(store.acts_of(tx, row, by.at)),
            content=row.content,
            reviewable=_reviewable(row, by),
            findings=glass.review_findings(row.state, row.over_at, by.at),
        )


def _lock(election: str, unit: str) -> str:
    return f"glass/{election}/{unit}"


def _require_key(tx: Transaction, election: str, unit: str, typed: str, by: Actor) -> None:
    """The key is the one sealed for this person and unit; the refusal never says which of the two was wrong."""
    key = store.key_of(tx, election, unit, by.person)
    if not hmac.compare_digest(key.key_hash if key else bytes(32), code_hash(typed)):
        raise SealedKeyRefused(unit=unit)


def _held(tx: Transaction, election: str, unit: str, opening: UUID) -> OpeningRow:
    row = store.opening_held(tx, election, unit, opening)
    if row is None:
        raise Unknown(what="lần mở khẩn cấp này")
    return row


def _below(tx: Transaction, election: str, unit: str, opening: UUID, *, lock: bool = False) -> OpeningRow:
    row = store.opening_below(tx, election, unit, opening, lock=lock)
    if row is None:
        raise Unknown(what="lần mở khẩn cấp này")
    return row


def _reviewable(row: OpeningRow, by: Actor) -> bool:
    """Whether the asker may say now whether all was in order; at which machine is looked at when they do."""
    if row.state != "over" or by.person in {row.asked_by, row.joined_by}:
        return False
    return glass.reviewed_from(by.grants, row.election, row.unit)


def _end_when_due(tx: Transaction, row: OpeningRow, by: Actor) -> None:
    """Time has run out although no clock has struck yet."""
    until = row.ends_at if row.state == "open" else row.lapses_at if row.state == "asked" else None
    if until is not None and until <= by.at:
        row.over_at, row.state = until, GLASS_STATES.advance(row.state, "lapse")
        tx.emit(_told(row))


def _end(tx: Transaction, row: OpeningRow, act: str, by: Actor) -> None:
    row.state = GLASS_STATES.advance(row.state, act)
    row.over_at, row.over_name = by.at, by.name
    tx.emit(_told(row))
    if row.lent is not None:
        store.take_back(tx, row.lent, by.at, by.person, "đóng mở khẩn cấp")
        tx.emit(_borrower(tx, row, by))


def _borrower(tx: Transaction, row: OpeningRow, by: Actor) -> AccountChanged:
    """The borrower's account with the roles it holds now."""
    login, name, state = store.person_of(tx, row.asked_by)
    grants = people.grants_of(tx, row.asked_by, by.at)
    return AccountChanged(person=row.asked_by, login=login, name=name, state=state, grants=grants)


def _told(row: OpeningRow) -> GlassChanged:
    return GlassChanged(
        opening=row.id,
        election=row.election,
        unit=row.unit,
        role=Role(row.role),
        state=GlassState(row.state),
        reason=row.reason,
        person=row.asked_by,
        asked_by=row.asked_name,
        joined_by=row.joined_name or "",
        ends_at=row.ends_at,
        in_order=row.in_order,
    )
