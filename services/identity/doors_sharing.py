"""The doors to signs of shared accounts: the findings, the weekly list, what the unit above concludes, networks."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from services.contracts.base import Unknown, require_nothing_blocks
from services.contracts.identity import SessionEnded
from services.contracts.roles import Action
from services.contracts.sharing import (
    Announced,
    AnnounceMachine,
    FindingAboutYou,
    FindingsOf,
    Networks,
    NetworksOf,
    SetNetworks,
    SettleFinding,
    SharingCount,
    SharingFindings,
    SharingKind,
    SharingRow,
    SharingUnit,
    SharingWeek,
    SharingWeekOf,
)
from services.identity import watching
from services.identity.desk import Desk
from services.identity.domain import networks, sharing
from services.identity.domain.paths import holds
from services.identity.domain.states import FINDING_STATES, SESSION_STATES
from services.identity.store import entry, people, places
from services.identity.store import sharing as store
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, invariant, on, rpc, signal

_WEEK = 7
_WAITS = timedelta(hours=24)
_ACTS_KEPT, _SIGHTINGS_KEPT = timedelta(hours=1), timedelta(days=60)
_NETWORKS = "networks"


class SharingDoors(Desk):
    """Whose account is in more hands than one, and who says what is to be done about it."""

    @rpc(may=Action.READ_SHARING)
    def findings_of(self, request: FindingsOf, by: Actor, tx: Transaction) -> SharingFindings:
        """A page of the findings about people of the unit and below."""
        found, total, still_open = store.findings(tx, request)
        return SharingFindings(findings=tuple(found), total=total, open=still_open)

    @rpc(may=Action.SETTLE_SHARING, judges=True)
    def settle_finding(self, request: SettleFinding, by: Actor, tx: Transaction) -> SharingRow:
        """The unit above has concluded; on demand the person's live session has ended."""
        by.require(Action.SETTLE_SHARING, request.scope)
        row = store.finding(tx, request.finding, lock=True)
        if row is None or row.election not in (None, request.election) or not holds(request.unit, row.unit):
            raise Unknown(what=f"dấu hiệu {request.finding}")
        by.require(Action.SETTLE_SHARING, f"{request.election}/{sharing.unit_above(row.unit)}")
        if row.person == by.person:
            raise FindingAboutYou
        row.state = FINDING_STATES.advance(row.state, "confirm" if request.shared else "explain")
        row.settled_by, row.settled_name, row.settled_at, row.note = by.person, by.name, by.at, request.note
        if row.kind == SharingKind.SHARED_MACHINE and not request.shared:
            store.declare_shared(tx, row.machine, by.person, by.at)
        if request.end_session:
            self._end_session(tx, row.person, by)
        tx.flush()
        tx.emit(watching.found_of(row))
        return store.cards(tx, [row.id])[0]

    @rpc(may=Action.SETTLE_SHARING)
    def announce_machine(self, request: AnnounceMachine, by: Actor, tx: Transaction) -> Announced:
        """The person's next sign-in from another machine is expected for a day; nobody announces their own."""
        person = store.person_of(tx, request.login)
        units = sharing.units_of(people.grants_of(tx, person, by.at)) if person else ()
        if person is None or not any(holds(request.unit, unit) for unit in units):
            raise Unknown(what=f"tài khoản {request.login}")
        if person == by.person:
            raise FindingAboutYou
        store.announce(tx, person, request.reason, by.person, by.at, by.at + _WAITS)
        return Announced(until=by.at + _WAITS)

    @rpc(may=Action.READ_SHARING)
    def sharing_week(self, request: SharingWeekOf, by: Actor, tx: Transaction) -> SharingWeek:
        """The units below with findings in seven days: by kind, by state, and who must act."""
        kinds: dict[str, Counter[str]] = {}
        states: dict[str, Counter[str]] = {}
        for place, kind, state, number in store.counts_of(tx, request.election, request.unit, request.first_day, _WEEK):
            unit = _one_below(request.unit, place)
            kinds.setdefault(unit, Counter())[kind] += number
            states.setdefault(unit, Counter())[state] += number
        rows = [_unit(unit, kinds[unit], states[unit]) for unit in kinds]
        return SharingWeek(units=tuple(sorted(rows, key=lambda row: (-row.open, row.unit))))

    @rpc(may=Action.SET_NETWORKS)
    def set_networks(self, request: SetNetworks, by: Actor, tx: Transaction) -> Networks:
        """The unit's networks are these."""
        places.one_change_at_a_time(tx, _NETWORKS)
        sound = {known: held.note for held in request.networks if (known := networks.written(held.cidr))}
        others = store.networks_like(tx, request.unit, sound)
        findings = require_nothing_blocks(networks.findings_of(request.unit, request.networks, others))
        store.set_networks(tx, request.unit, sound, by.person, by.at)
        return Networks(networks=tuple(store.networks_of(tx, request.unit)), findings=findings)

    @rpc(may=Action.READ_SHARING)
    def networks_of(self, request: NetworksOf, by: Actor, tx: Transaction) -> Networks:
        """The networks the unit has registered."""
        return Networks(networks=tuple(store.networks_of(tx, request.unit)))

    @on(SessionEnded, every=True)
    def on_session_ended(self, event: SessionEnded, tx: Transaction) -> None:
        """A session that ended because an old key came back is a finding."""
        if event.reason == "reused":
            watching.reused(tx, event.person, event.session, tx.envelope.at)

    @every(2)
    def watch_rhythm(self, tx: Transaction) -> None:
        """Whoever acts faster than hands can is a finding within seconds."""
        watching.look_at_rhythm(tx, self.settings, entry.now(tx))

    @every(3600)
    def forget_sightings(self, tx: Transaction) -> None:
        """What no rule looks at any more is gone."""
        now = entry.now(tx)
        store.forget(tx, now - _ACTS_KEPT, now - _SIGHTINGS_KEPT)

    @signal("hp_sharing_open", labels=("kind",))
    def sharing_open(self, tx: Transaction) -> list[tuple[str, int]]:
        return store.open_by_kind(tx)

    @invariant("finding of a shared account settled by the person it is about")
    def settled_about_oneself(self, tx: Transaction) -> int:
        return store.settled_about_oneself(tx)

    def _end_session(self, tx: Transaction, person: UUID, by: Actor) -> None:
        for session in entry.end_sessions_of(tx, person, SESSION_STATES.advance("live", "revoke"), by.at):
            tx.emit(SessionEnded(session=session, person=person, reason="revoked"))


def _one_below(unit: str, place: str) -> str:
    """The unit itself, or the one right below it that holds the place.

    >>> _one_below("vn", "vn/46/19777"), _one_below("vn/46", "vn/46")
    ('vn/46', 'vn/46')
    """
    return "/".join(place.split("/")[: unit.count("/") + 2])


def _unit(unit: str, kinds: Counter[str], states: Counter[str]) -> SharingUnit:
    return SharingUnit(
        unit=unit,
        kinds=tuple(SharingCount(kind=kind, number=kinds[kind]) for kind in SharingKind if kinds[kind]),
        open=states["open"],
        explained=states["explained"],
        confirmed=states["confirmed"],
        act_by=sharing.unit_above(unit),
    )
