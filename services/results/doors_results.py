"""The doors of Boards: the result of a constituency, a tie decided, drawn up by the secretary, signed by the head."""

from services.contracts.base import HasFindings, Severity, StepUpNeeded, Unknown
from services.contracts.duties import Duty, require_other_machine
from services.contracts.results import (
    DecideTie,
    DeclareResult,
    PreparationIsYours,
    PrepareResult,
    Result,
    ResultOf,
    Results,
    ResultsOf,
)
from services.contracts.roles import Action
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc
from services.results import totals
from services.results.domain.rules import RULES
from services.results.domain.states import RESULT_STATES, ResultAct
from services.results.domain.winners import decision_faults
from services.results.doors import Doors, election_of, shown
from services.results.sheets import require_same
from services.results.store import sums as store


class ResultDoors(Doors):
    """Who is elected follows from approved records alone; people only draw it up and sign it."""

    @rpc(may=Action.READ_RESULT)
    def result_of(self, request: ResultOf, by: Actor, tx: Transaction) -> Result:
        standing = _standing(tx, request.election, request.constituency, request.unit)
        return totals.results_of(tx, [standing])[0]

    @rpc(may=Action.READ_RESULT)
    def results_of(self, request: ResultsOf, by: Actor, tx: Transaction) -> Results:
        standings = store.standings_within(tx, request.election, request.unit, request.contest)
        results = totals.results_of(tx, standings)
        return Results(results=tuple(result.model_copy(update={"by_commune": ()}) for result in results))

    @rpc(may=Action.PREPARE_RESULT)
    def decide_tie(self, request: DecideTie, by: Actor, tx: Transaction) -> Result:
        """Equal votes and birth date at the last seat: no rule, so a decision with its document (forms.md 12.4)."""
        standing = _locked(tx, request.election, request.constituency, request.unit)
        row = standing.row
        state = RESULT_STATES.advance(row.state, ResultAct.DECIDE)
        row.first, row.first_document = [], ""
        faults = decision_faults(totals.poll_for(tx, standing), request.first)
        if faults:
            raise HasFindings(findings=faults, number=len(faults))
        row.state, row.first, row.first_document = state, list(request.first), request.document
        row.first_by, row.changed_at = by.person, shown(election_of(tx, request.election), by.at)
        totals.tell(tx, [(request.election, request.constituency)])
        return totals.results_of(tx, [standing])[0]

    @rpc(may=Action.PREPARE_RESULT)
    def prepare_result(self, request: PrepareResult, by: Actor, tx: Transaction) -> Result:
        standing = _locked(tx, request.election, request.constituency, request.unit)
        row = standing.row
        state = RESULT_STATES.advance(row.state, ResultAct.PREPARE)
        present = totals.results_of(tx, [standing])[0]
        require_same(request.content, present.content, row.changed_at)
        wrong = [finding for finding in present.findings if finding.severity is Severity.BLOCK]
        if store.sums_unlike_facts(tx, (request.election, request.constituency)):
            wrong.append(RULES["F8_totals"].finding())
        if wrong:
            raise HasFindings(findings=tuple(wrong), number=len(wrong))
        row.state, row.meeting = state, request.meeting.model_dump(mode="json")
        row.changed_at = shown(election_of(tx, request.election), by.at)
        row.prepared_by, row.prepared_name, row.prepared_at = by.person, by.name, row.changed_at
        row.prepared_machine = by.machine
        totals.tell(tx, [(request.election, request.constituency)])
        return totals.results_of(tx, [standing])[0]

    @rpc(may=Action.DECLARE_RESULT)
    def declare_result(self, request: DeclareResult, by: Actor, tx: Transaction) -> Result:
        if by.approves != request.content:
            raise StepUpNeeded
        standing = _locked(tx, request.election, request.constituency, request.unit)
        row = standing.row
        state = RESULT_STATES.advance(row.state, ResultAct.DECLARE)
        if row.prepared_by == by.person:
            raise PreparationIsYours(constituency=request.constituency)
        require_other_machine(Duty.DECLARE, by.machine, {Duty.PREPARE: row.prepared_machine})
        require_same(request.content, totals.results_of(tx, [standing])[0].content, row.changed_at)
        row.state, row.changed_at = state, shown(election_of(tx, request.election), by.at)
        row.declared_by, row.declared_name, row.declared_at = by.person, by.name, row.changed_at
        row.declared_machine = by.machine
        totals.tell(tx, [(request.election, request.constituency)])
        return totals.results_of(tx, [standing])[0]


def _standing(tx: Transaction, election: str, constituency: str, unit: str) -> store.Standing:
    """The constituency whose own path was named and judged."""
    for standing in store.standings_of(tx, [(election, constituency)]):
        if standing.constituency.path == unit:
            return standing
    raise Unknown(what=constituency)


def _locked(tx: Transaction, election: str, constituency: str, unit: str) -> store.Standing:
    store.lock_results(tx, [(election, constituency)])
    return _standing(tx, election, constituency, unit)
