"""The doors of polling areas, and what is heard of elections and constituencies."""

from services.contracts.base import TooMuchAtOnce, require_nothing_blocks
from services.contracts.candidates import ConstituencyFixed, ElectionCalled
from services.contracts.roles import Action
from services.contracts.voters import Areas, AreasOf, FixAreas, PollingAreaFixed
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import on, rpc
from services.voters.desk import Desk, commune_of, election_held
from services.voters.domain.areas import area_findings
from services.voters.domain.states import ListState
from services.voters.store import areas, heard

MOST_AREAS = 5000
"""Areas in one answer: more than any province has."""


class AreaDoors(Desk):
    """Polling areas and the constituencies they belong to."""

    @rpc(may=Action.FIX_AREAS)
    def fix_areas(self, request: FixAreas, by: Actor, tx: Transaction) -> Areas:
        """The whole set of a commune's areas stands, or all that is wrong with it is told."""
        commune = commune_of(request.unit)
        election_held(tx, request.election)
        named = {code for area in request.areas for code in (area.na, area.pc, area.cc)}
        homes = heard.homes(tx, request.election, commune, named)
        before = areas.areas_held(tx, request.election, request.unit)
        kept = {row.code: areas.card(row).area for row in before if row.state != ListState.EMPTY}
        require_nothing_blocks(tuple(area_findings(commune, request.areas, homes, kept)))
        fixed = {area.code for area in request.areas}
        areas.drop_areas(tx, [row for row in before if row.code not in fixed])
        areas.keep_areas(tx, request.election, request.unit, request.areas)
        told = (PollingAreaFixed(election=request.election, unit=request.unit, area=area) for area in request.areas)
        tx.emit_all(told)
        tx.session.expire_all()
        return _shown(tx, request.election, request.unit)

    @rpc(may=Action.READ_PROGRESS)
    def areas_of(self, request: AreasOf, by: Actor, tx: Transaction) -> Areas:
        return _shown(tx, request.election, request.unit)

    @on(ElectionCalled)
    def on_election_called(self, event: ElectionCalled, tx: Transaction) -> None:
        heard.keep_election(tx, event)

    @on(ConstituencyFixed, batch=200)
    def on_constituency_fixed(self, events: list[ConstituencyFixed], tx: Transaction) -> None:
        heard.keep_constituencies(tx, events)


def _shown(tx: Transaction, election: str, unit: str) -> Areas:
    """The areas of a unit; a province or the nation with more of them than an answer holds is refused."""
    if areas.how_many_below(tx, election, unit) > MOST_AREAS:
        raise TooMuchAtOnce(most=MOST_AREAS)
    return Areas(areas=tuple(areas.card(row) for row in areas.areas_below(tx, election, unit)))
