"""The doors of approvers: what waits, what stands, approving with a second factor, re-opening from above."""

from collections.abc import Sequence
from datetime import datetime

from services.contracts.base import Finding, HasFindings, StepNotAllowed, StepUpNeeded, Unknown
from services.contracts.candidates import Contest
from services.contracts.results import (
    ApproveRecords,
    RecordOf,
    RecordRef,
    RecordView,
    RecordViews,
    ReopenRecord,
    WaitingApproval,
    batch_hash,
)
from services.contracts.roles import Action
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc
from services.results import totals
from services.results.domain import checks, entry
from services.results.domain.states import RECORD_STATES, RecordAct
from services.results.doors import Doors, shown
from services.results.sheets import advanced, by_area, paper_of, require_same, sheet_in, standing_of, view_of
from services.results.store import records as store


class ApprovalDoors(Doors):
    """A figure counts from the approval on, and changes only through a unit above."""

    @rpc(may=Action.READ_RECORDS)
    def waiting_approval(self, request: WaitingApproval, by: Actor, tx: Transaction) -> RecordViews:
        sheets = store.waiting_in(tx, request.election, request.unit)
        views = self._views(tx, request.election, sheets)
        return RecordViews(records=views, content=batch_hash(tuple(view.content for view in views)))

    @rpc(may=Action.READ_RECORDS)
    def record_of(self, request: RecordOf, by: Actor, tx: Transaction) -> RecordView:
        """Figures are shown once two entries or a comparison made them; before that they are nobody's to see."""
        sheet = sheet_in(tx, request, lock=False)
        if store.figures_of(sheet.record) is None:
            raise StepNotAllowed(state=RECORD_STATES.words[sheet.record.state])
        return self._views(tx, request.election, [sheet])[0]

    @rpc(may=Action.APPROVE_RECORD)
    def approve_records(self, request: ApproveRecords, by: Actor, tx: Transaction) -> RecordViews:
        """All or none, with one second factor for exactly these contents."""
        if by.approves != batch_hash(tuple(ref.content for ref in request.records)):
            raise StepUpNeeded
        keys = [(ref.area, ref.contest.value) for ref in request.records]
        sheets = store.sheets_of(tx, request.election, keys, lock=True)
        _require_all(sheets, request.records, request.unit)
        for sheet in sheets:
            record = sheet.record
            entry.require_approver(standing_of(record), (by.person, by.machine), record.area, Contest(record.contest))
        self._require_faultless(tx, request.election, sheets)
        at = shown(sheets[0].election, by.at)
        for sheet in sheets:
            record = sheet.record
            record.state = RECORD_STATES.advance(record.state, RecordAct.APPROVE)
            record.approved_by, record.approved_name, record.approved_machine = by.person, by.name, by.machine
            record.changed_at = at
        tx.emit_all(advanced(sheet.record, at) for sheet in sheets)
        _settle(tx, sheets, at)
        views = self._views(tx, request.election, sheets)
        return RecordViews(records=views, content=batch_hash(tuple(view.content for view in views)))

    @rpc(may=Action.REOPEN_RECORD)
    def reopen_record(self, request: ReopenRecord, by: Actor, tx: Transaction) -> RecordView:
        """The approved version is kept; what the constituency made of it is collected anew."""
        sheet = sheet_in(tx, request)
        record, at = sheet.record, shown(sheet.election, by.at)
        after = RECORD_STATES.advance(record.state, RecordAct.REOPEN)
        entry.require_approver(standing_of(record), (by.person, by.machine), request.area, request.contest)
        stood = self._views(tx, request.election, [sheet])[0]
        why = store.Superseding(by.person, by.name, at, request.reason, request.document)
        store.supersede(tx, record, why)
        record.state, record.changed_at = after, at
        tx.emit(advanced(record, at))
        _settle(tx, [sheet], at)
        return stood.model_copy(update={"state": record.state, "changed_at": at})

    def _views(self, tx: Transaction, election: str, sheets: Sequence[store.Sheet]) -> tuple[RecordView, ...]:
        near = by_area(store.agreed_in(tx, election, [sheet.record.area for sheet in sheets])) if sheets else {}
        views = []
        for sheet in sheets:
            figures = store.figures_of(sheet.record)
            if figures is not None:
                paper = paper_of(sheet, near.get(sheet.record.area, ()), gross=self.gross)
                views.append(view_of(sheet, figures, paper))
        return tuple(views)

    def _require_faultless(self, tx: Transaction, election: str, sheets: Sequence[store.Sheet]) -> None:
        """No record of the batch carries a finding that blocks (F1 included); each says which record it is of."""
        wrong: list[Finding] = []
        for view in self._views(tx, election, sheets):
            for finding in checks.blocking(view.findings):
                places = (f"{view.area}/{view.contest}", *finding.places)
                wrong.append(finding.model_copy(update={"places": places}))
        if wrong:
            raise HasFindings(findings=tuple(wrong), number=len(wrong))


def _require_all(sheets: Sequence[store.Sheet], refs: Sequence[RecordRef], unit: str) -> None:
    """Every record is of the commune, waits, and is what was read."""
    present = {(sheet.record.area, sheet.record.contest): sheet for sheet in sheets if sheet.record.unit == unit}
    for ref in refs:
        sheet = present.get((ref.area, ref.contest))
        if sheet is None:
            raise Unknown(what=ref.area)
        RECORD_STATES.advance(sheet.record.state, RecordAct.APPROVE)
        require_same(ref.content, sheet.record.content, sheet.record.changed_at)


def _settle(tx: Transaction, sheets: Sequence[store.Sheet], at: datetime) -> None:
    touched = {(sheet.record.election, sheet.record.constituency, sheet.record.unit) for sheet in sheets}
    totals.settle(tx, touched, at)
