"""The doors to bodies beyond forming them: who is missing, and which candidate sits on a body of his constituency."""

from collections.abc import Collection
from datetime import datetime

from services.contracts.base import NotAllowed, Unknown
from services.contracts.candidates import Clock, ConstituencyFixed, ElectionCalled, ListPublished
from services.contracts.daytime import VIETNAM
from services.contracts.duties import (
    BodiesMissing,
    Conflict,
    Conflicts,
    ConflictsOf,
    ConflictState,
    ExplainConflict,
    MissingBodies,
    MissingBody,
)
from services.contracts.identity import ConflictFound
from services.contracts.roles import Action
from services.contracts.units import BodyKind
from services.contracts.voters import PollingAreaFixed
from services.identity.desk import Desk
from services.identity.domain.bodies import DEADLINES
from services.identity.domain.conflicts import Match, changes, finding_of
from services.identity.domain.paths import holds, unit_path
from services.identity.domain.states import CONFLICT_STATES
from services.identity.models import ConflictRow, HeardElectionRow
from services.identity.store import conflicts, entry, places
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import on, rpc, signal


class BodyDoors(Desk):
    """Bodies against the law's days and against the official lists (LBC 22-27)."""

    @on(ElectionCalled)
    def on_election_called(self, event: ElectionCalled, tx: Transaction) -> None:
        conflicts.keep_election(tx, event)

    @on(ConstituencyFixed, batch=200)
    def on_constituency_fixed(self, events: list[ConstituencyFixed], tx: Transaction) -> None:
        conflicts.keep_constituencies(tx, events)
        for election in {event.election for event in events}:
            codes = {event.constituency.code for event in events if event.election == election}
            look_again(tx, election, constituencies=codes)

    @on(PollingAreaFixed, batch=500)
    def on_polling_area_fixed(self, events: list[PollingAreaFixed], tx: Transaction) -> None:
        conflicts.keep_areas(tx, events)
        for election in {event.election for event in events}:
            paths = {f"{event.unit}/{event.area.code}" for event in events if event.election == election}
            look_again(tx, election, paths=paths)

    @on(ListPublished, batch=25)
    def on_list_published(self, events: list[ListPublished], tx: Transaction) -> None:
        """Whoever sits on a Board or Team of the constituency is found in the moment the list is heard."""
        conflicts.keep_lists(tx, events)
        for election in {event.election for event in events}:
            codes = {event.constituency for event in events if event.election == election}
            look_again(tx, election, constituencies=codes)

    @rpc(may=Action.READ_ELECTION)
    def bodies_missing(self, request: BodiesMissing, by: Actor, tx: Transaction) -> MissingBodies:
        """Who has not been formed, and since which of the law's days that is late on the election's own clock."""
        held = conflicts.election_of(tx, request.election)
        if held is None:
            raise Unknown(what=f"cuộc bầu cử {request.election}")
        rows, by_kind = conflicts.missing_bodies(tx, request.election, request.unit)
        shown = tuple(_missing(row, held, by.at) for row in rows)
        late = {BodyKind(kind): _is_late(BodyKind(kind), held, by.at) for kind in by_kind}
        return MissingBodies(
            missing=shown,
            total=sum(by_kind.values()),
            late=sum(count for kind, count in by_kind.items() if late[BodyKind(kind)]),
            by_kind=by_kind,
        )

    @rpc(may=Action.READ_ELECTION)
    def conflicts_of(self, request: ConflictsOf, by: Actor, tx: Transaction) -> Conflicts:
        """What was found at or below the unit: the unit itself and every unit above it reads the same."""
        rows, open_now = conflicts.conflicts_below(tx, request.election, request.unit)
        return Conflicts(conflicts=tuple(card(row) for row in rows), open=open_now)

    @rpc(may=Action.FORM_BODIES)
    def explain_conflict(self, request: ExplainConflict, by: Actor, tx: Transaction) -> Conflict:
        """Another person of the same name; where the birth date agrees too, only a unit above may say so."""
        if not holds(request.unit, request.path):
            raise NotAllowed
        rows = conflicts.conflict_held(tx, request.election, request.path, request.dossier)
        if not rows:
            raise Unknown(what=f"người ứng cử trong {request.path}")
        if any(row.sure for row in rows) and unit_path(request.path) == request.unit:
            above = request.unit.rpartition("/")[0] or request.unit
            by.require(Action.FORM_BODIES, f"{request.election}/{above}")
        for row in rows:
            row.state = CONFLICT_STATES.advance(row.state, "explain")
            row.explanation, row.explained_by, row.explained_name = request.explanation, by.person, by.name
            row.changed_at = by.at
        tx.emit_all(ConflictFound(conflict=card(row)) for row in rows)
        return card(rows[0])

    @signal("hp_conflicts_open", seconds=30)
    def conflicts_open(self, tx: Transaction) -> int:
        return conflicts.open_conflicts(tx)


def look_again(
    tx: Transaction, election: str, paths: Collection[str] = (), constituencies: Collection[str] = ()
) -> list[Match]:
    """What is matched now is kept and told; the matches. One at a time with the forming of bodies."""
    places.one_change_at_a_time(tx, f"bodies/{election}")
    found = conflicts.matches(tx, election, paths, constituencies)
    now = entry.now(tx)
    for change in changes(found, conflicts.known(tx, election, paths, constituencies)):
        tx.emit(ConflictFound(conflict=card(conflicts.keep_change(tx, election, change, now))))
    return found


def card(row: ConflictRow) -> Conflict:
    """A conflict as it is shown and told."""
    return Conflict(
        election=row.election,
        path=row.path,
        title=row.title,
        constituency=row.constituency,
        dossier=row.dossier,
        member=row.member,
        candidate=row.candidate,
        sure=row.sure,
        state=ConflictState(row.state),
        found_at=row.found_at,
        explanation=row.explanation or "",
        explained_by=row.explained_name or "",
        finding=finding_of(conflicts.match_of(row)),
    )


def _is_late(kind: BodyKind, held: HeardElectionRow, now: datetime) -> bool:
    today = Clock.model_validate(held.clock).at(now).astimezone(VIETNAM).date()
    return today > DEADLINES[kind].day(held.day)


def _missing(row: conflicts.Missing, held: HeardElectionRow, now: datetime) -> MissingBody:
    kind = BodyKind(row.kind)
    deadline = DEADLINES[kind]
    return MissingBody(
        path=row.path,
        kind=kind,
        title=row.title,
        due=deadline.day(held.day),
        source=deadline.source,
        late=_is_late(kind, held, now),
    )
