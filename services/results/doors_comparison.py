"""The doors of checkers: both entries side by side, the findings of a choice, the decision, sending back."""

from services.contracts.base import StepNotAllowed
from services.contracts.results import (
    CheckChoice,
    Choice,
    Comparison,
    ComparisonOf,
    EntryOutcome,
    RecordState,
    ResolveRecord,
    ReturnRecord,
)
from services.contracts.roles import Action
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc
from services.results.domain import boxes, checks, entry
from services.results.domain.states import RECORD_STATES, RecordAct
from services.results.doors import Doors, receipt, shown
from services.results.sheets import (
    OfRecord,
    advanced,
    candidates_of,
    first_of,
    paper_of,
    require_same,
    second_of,
    sheet_in,
    standing_of,
    typists_sheet,
)
from services.results.store import records as store


class ComparisonDoors(Doors):
    """A third person settles what two typed differently."""

    @rpc(may=Action.COMPARE_RECORD)
    def comparison_of(self, request: ComparisonOf, by: Actor, tx: Transaction) -> Comparison:
        sheet = _to_compare(tx, request, by, lock=False)
        first, second = first_of(sheet.record), second_of(sheet.record)
        paper = self._paper(sheet, tx)
        found = dict.fromkeys((*checks.findings(first, paper), *checks.findings(second, paper)))
        return Comparison(
            sheet=typists_sheet(sheet, None, None),
            boxes=boxes.unlike(first, second, candidates_of(sheet)),
            first=first,
            second=second,
            findings=tuple(found),
            first_at=sheet.record.first_at or by.at,
            second_at=sheet.record.second_at or by.at,
            content=boxes.comparison_content(sheet.record.version, first, second),
        )

    @rpc(may=Action.COMPARE_RECORD)
    def check_choice(self, request: CheckChoice, by: Actor, tx: Transaction) -> Choice:
        sheet = _to_compare(tx, request, by, lock=False)
        paper = self._paper(sheet, tx)
        return Choice(findings=checks.findings(request.figures, paper), holding=checks.holding(request.figures, paper))

    @rpc(may=Action.COMPARE_RECORD)
    def resolve_record(self, request: ResolveRecord, by: Actor, tx: Transaction) -> EntryOutcome:
        """Bound to exactly the two entries the checker saw."""
        sheet = _to_compare(tx, request, by, lock=True)
        record, figures = sheet.record, request.figures
        first, second = first_of(record), second_of(record)
        require_same(request.content, boxes.comparison_content(record.version, first, second), record.changed_at)
        found = entry.require_resolution(first, second, figures, request.reason, self._paper(sheet, tx))
        record.state = RECORD_STATES.advance(record.state, RecordAct.RESOLVE)
        record.compared_by, record.compared_name, record.compared_machine = by.person, by.name, by.machine
        record.reason = request.reason
        record.findings, record.vector = len(found), boxes.vector(figures)
        record.changed_at = shown(sheet.election, by.at)
        content = boxes.record_content(record.election, record.area, record.contest, record.version, figures)
        store.agree_on(record, figures, content)
        tx.emit(advanced(record, record.changed_at))
        return EntryOutcome(
            area=request.area,
            contest=request.contest,
            state=record.state,
            receipt=receipt(tx, request.unit),
            at=record.changed_at,
            findings=found,
            differing=(),
        )

    @rpc(may=Action.COMPARE_RECORD)
    def return_record(self, request: ReturnRecord, by: Actor, tx: Transaction) -> EntryOutcome:
        """Both entries are kept in history, and the record is typed anew."""
        sheet = sheet_in(tx, request)
        record, at = sheet.record, shown(sheet.election, by.at)
        after = RECORD_STATES.advance(record.state, RecordAct.RETURN)
        entry.require_comparer(standing_of(record), (by.person, by.machine), request.area, request.contest)
        store.supersede(tx, record, store.Superseding(by.person, by.name, at, request.reason))
        record.state, record.changed_at = after, at
        tx.emit(advanced(record, at))
        return EntryOutcome(
            area=request.area,
            contest=request.contest,
            state=record.state,
            receipt=receipt(tx, request.unit),
            at=at,
            findings=(),
            differing=(),
        )

    def _paper(self, sheet: store.Sheet, tx: Transaction) -> checks.Paper:
        vector = boxes.vector(first_of(sheet.record))
        return paper_of(sheet, store.neighbours_of(tx, sheet.record, vector), gross=self.gross)


def _to_compare(tx: Transaction, asked: OfRecord, by: Actor, *, lock: bool) -> store.Sheet:
    """A record with two entries that a checker must look at, and who typed neither."""
    sheet = sheet_in(tx, asked, lock=lock)
    state = sheet.record.state
    if state not in {RecordState.DIFFERS, RecordState.FAULTY}:
        raise StepNotAllowed(state=RECORD_STATES.words[state])
    entry.require_comparer(standing_of(sheet.record), (by.person, by.machine), asked.area, asked.contest)
    return sheet
