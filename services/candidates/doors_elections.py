"""The doors of elections and their structure."""

from services.candidates import cards
from services.candidates.desk import Desk
from services.candidates.domain.calendar import call_findings, is_rehearsal
from services.candidates.domain.structure import Standing, check_structure, communes_needed, province_kinds
from services.candidates.domain.structure_rows import MOST_BYTES, Unit
from services.candidates.store import elections, structure
from services.contracts.base import NotSignedIn, Unknown, require_nothing_blocks
from services.contracts.candidates import (
    AlreadyCalled,
    CallElection,
    Constituencies,
    ConstituenciesOf,
    ConstituencyFixed,
    Election,
    ElectionCalled,
    ElectionOf,
    Elections,
    ElectionsHeld,
    LoadStructure,
    RehearsalOnly,
    SetClock,
    StructureLoaded,
    UnitsNotLoaded,
)
from services.contracts.roles import Action
from services.contracts.units import UnitDefined
from services.kit.actor import NOBODY
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import on, rpc

NATION = "vn"


class ElectionDoors(Desk):
    """Calling an election, its clock, its constituencies."""

    @rpc(may=Action.CALL_ELECTION)
    def call_election(self, request: CallElection, by: Actor, tx: Transaction) -> Election:
        """The election stands with the calendar that follows from its day; its clock shows the world's time."""
        if request.unit != NATION:
            raise Unknown(what=f"cuộc bầu cử riêng của {request.unit}")
        require_nothing_blocks(call_findings(request))
        rehearsal = is_rehearsal(request.election)
        row = elections.add_election(tx, request, rehearsal=rehearsal, at=by.at, by=by.person)
        if row is None:
            raise AlreadyCalled(election=request.election)
        called = cards.election_card(row)
        tx.emit(ElectionCalled(election=called))
        return called

    @rpc(may=Action.SET_CLOCK)
    def set_clock(self, request: SetClock, by: Actor, tx: Transaction) -> Election:
        """A rehearsal shows another day from now on; a real election never."""
        if not is_rehearsal(request.election):
            raise RehearsalOnly(election=request.election)
        row = self.election_held(tx, request.election, hold=True)
        row.clock_real_at, row.clock_shown_at, row.clock_speed = by.at, request.shown_at, request.speed
        shown = cards.election_card(row)
        tx.emit(ElectionCalled(election=shown))
        return shown

    @rpc(may=Action.READ_ELECTION)
    def election_of(self, request: ElectionOf, by: Actor, tx: Transaction) -> Election:
        return cards.election_card(self.election_held(tx, request.election))

    @rpc(public=True)
    def elections_held(self, request: ElectionsHeld, by: Actor, tx: Transaction) -> Elections:
        """Anyone signed in may know which elections there are, whatever their role."""
        if by.person == NOBODY:
            raise NotSignedIn
        return Elections(elections=tuple(cards.election_card(row) for row in elections.all_elections(tx)))

    @rpc(may=Action.LOAD_STRUCTURE)
    def load_structure(self, request: LoadStructure, by: Actor, tx: Transaction) -> StructureLoaded:
        """The constituencies of a file stand, all of them or none."""
        if len(request.unit.split("/")) > 2 or "-" in request.unit:
            raise Unknown(what=f"tệp đơn vị bầu cử cho {request.unit}")
        with self.files.open(request.file) as file:
            content = file.read(MOST_BYTES + 1)
        self.election_held(tx, request.election)
        structure.one_at_a_time(tx, f"structure/{request.election}/{request.unit}")
        units = _units_known(tx, request.unit)
        before = structure.loaded_by_file(tx, request.election, request.unit)
        standing = Standing(before, structure.in_use(tx, request.election, before.keys()))
        found, findings = check_structure(content, request.unit, units, standing)
        require_nothing_blocks(findings)
        structure.save_structure(tx, request, found, by.person, by.at)
        changed = [one for one in found if before.get(one.code) != one]
        tx.emit_all(ConstituencyFixed(election=request.election, constituency=one) for one in changed)
        seats = sum(one.seats for one in found)
        return StructureLoaded(constituencies=len(found), seats=seats, findings=tuple(findings))

    @rpc(may=Action.READ_ELECTION)
    def constituencies_of(self, request: ConstituenciesOf, by: Actor, tx: Transaction) -> Constituencies:
        rows = structure.around(tx, request.election, request.unit, request.contest)
        return Constituencies(constituencies=tuple(structure.constituency_of(row) for row in rows))

    @on(UnitDefined, batch=500)
    def on_unit_defined(self, events: list[UnitDefined], tx: Transaction) -> None:
        elections.save_units(tx, events)


def _units_known(tx: Transaction, scope: str) -> dict[str, Unit]:
    """The units a file of the scope is checked against, provinces with their kind of election day."""
    kinds = province_kinds()
    units = {
        row.code: Unit(row.code, row.path, kinds.get(row.code, row.kind), row.title) for row in elections.all_units(tx)
    }
    communes = sum(1 for unit in units.values() if len(unit.code) == 5 and unit.path.startswith(f"{scope}/"))
    needed = communes_needed(scope)
    if communes < needed or (scope != NATION and scope.rsplit("/", 1)[-1] not in units):
        raise UnitsNotLoaded(known=communes, needed=needed)
    return units
