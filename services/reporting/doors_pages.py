"""The doors of the pages: polling day, dashboards, summaries, results and lists; and what proves them."""

from services.contracts.base import NotAllowed, TooMuchAtOnce, Unknown
from services.contracts.reporting import (
    BoardOf,
    CommuneDay,
    Dashboard,
    DayOf,
    Freshness,
    ListOf,
    OfficialList,
    OperationsNow,
    PublicResult,
    ResultsSeen,
    SeenResults,
    Summary,
    TotalsOf,
)
from services.contracts.results import Result
from services.contracts.roles import Action
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import invariant, rpc, signal
from services.reporting import pages
from services.reporting.desk import Desk
from services.reporting.store import counters, freshness, places, sums

MOST = 2000
"""Results in one answer: more than any province has."""


class PageDoors(Desk):
    """Questions only; every figure follows from facts that were told."""

    @rpc(may=Action.READ_PROGRESS)
    def day_of(self, request: DayOf, by: Actor, tx: Transaction) -> CommuneDay:
        if request.unit.count("/") != 2 or "-" in request.unit:
            raise Unknown(what=f"xã, phường {request.unit}")
        election = places.election_held(tx, request.election)
        at = pages.moment_of(election, by.at, self.settings.grace_minutes)
        return pages.commune_day(tx, election, request.unit, at)

    @rpc(may=Action.READ_PROGRESS)
    def board_of(self, request: BoardOf, by: Actor, tx: Transaction) -> Dashboard:
        if request.unit.count("/") > 1:
            raise Unknown(what=f"tỉnh, thành phố {request.unit}")
        election = places.election_held(tx, request.election)
        at = pages.moment_of(election, by.at, self.settings.grace_minutes)
        return pages.dashboard(tx, election, request.unit, at)

    @rpc(may=Action.READ_PROGRESS)
    def totals_of(self, request: TotalsOf, by: Actor, tx: Transaction) -> Summary:
        if request.unit.count("/") > 2 or "-" in request.unit:
            raise Unknown(what=request.unit)
        places.election_held(tx, request.election)
        return pages.summary(tx, request.election, request.unit, request.contest)

    @rpc(may=Action.READ_RESULT)
    def public_result(self, request: PublicResult, by: Actor, tx: Transaction) -> Result:
        held = places.result(tx, request.election, request.constituency)
        if held is None or held[0].path != request.unit:
            raise Unknown(what=f"kết quả đơn vị bầu cử {request.constituency}")
        return held[0]

    @rpc(may=Action.READ_RESULT)
    def results_seen(self, request: ResultsSeen, by: Actor, tx: Transaction) -> SeenResults:
        if places.how_many_results(tx, request.election, request.unit, request.contest) > MOST:
            raise TooMuchAtOnce(most=MOST)
        found = places.results_within(tx, request.election, request.unit, request.contest)
        return SeenResults(results=tuple(result.model_copy(update={"by_commune": ()}) for result in found))

    @rpc(may=Action.READ_ELECTION)
    def list_of(self, request: ListOf, by: Actor, tx: Transaction) -> OfficialList:
        constituency = places.constituency(tx, request.election, request.constituency)
        listed = places.official_list(tx, request.election, request.constituency)
        if constituency is None or listed is None or constituency.path != request.unit:
            raise Unknown(what=f"danh sách chính thức {request.constituency}")
        return OfficialList(
            constituency=request.constituency,
            title=constituency.title,
            seats=listed.seats,
            candidates=listed.candidates,
            document=listed.document,
            published_at=listed.published_at,
        )

    @rpc(may=Action.READ_OPERATIONS, judges=True)
    def operations_now(self, request: OperationsNow, by: Actor, tx: Transaction) -> Freshness:
        if not any(by.may(Action.READ_OPERATIONS, grant.scope) for grant in by.grants):
            raise NotAllowed
        return Freshness(heard_at=freshness.heard_at(tx), counts=freshness.counts(tx))

    @invariant("the summary of the nation is the sum of its approved records")
    def summary_of_the_nation(self, tx: Transaction) -> int:
        return sum(sums.drifting(tx, election) for election in places.elections(tx))

    @invariant("the counters of every commune say what its facts say", seconds=300)
    def counters_follow_facts(self, tx: Transaction) -> int:
        return counters.differing(tx)

    @signal("hp_seen_turnout_reports", labels=("election", "province", "slot"), seconds=30)
    def areas_reported(self, tx: Transaction) -> list[tuple[str, str, str, int]]:
        return freshness.reported_by_province(tx)

    @signal("hp_seen_records", labels=("election", "province", "contest", "state"), seconds=30)
    def records_by_province(self, tx: Transaction) -> list[tuple[str, str, str, str, int]]:
        return freshness.records_by_province(tx)
