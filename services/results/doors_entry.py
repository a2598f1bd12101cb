"""The doors of typists: the status board, taking a record, drafts, the first and the blind second entry."""

from dataclasses import dataclass
from datetime import datetime

from services.contracts.base import Finding, HasFindings, Severity, Unknown
from services.contracts.candidates import Contest
from services.contracts.results import (
    ClaimRecord,
    EntryOutcome,
    Figures,
    NextRecord,
    NothingToEnter,
    RecordRow,
    Records,
    RecordSheet,
    RecordsOf,
    RecordState,
    SaveDraft,
    SubmitEntry,
)
from services.contracts.roles import Action
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc
from services.results import models
from services.results.domain import boxes, checks, entry
from services.results.domain.states import NEEDS_PERSON, RECORD_STATES, RecordAct
from services.results.doors import Doors, election_of, receipt, shown
from services.results.sheets import (
    advanced,
    candidates_of,
    first_of,
    own_draft,
    paper_of,
    sheet_in,
    standing_of,
    typists_sheet,
)
from services.results.store import records as store


class EntryDoors(Doors):
    """Two people type every record, and neither sees what the other typed."""

    @rpc(may=Action.READ_PROGRESS)
    def records_of(self, request: RecordsOf, by: Actor, tx: Transaction) -> Records:
        election = election_of(tx, request.election)
        last = request.unit.rsplit("/", 1)[-1]
        constituency = last if last[:2] in set(Contest) else None
        if constituency and not store.stands_at(tx, request.election, constituency, request.unit):
            raise Unknown(what=constituency)
        board = store.Board(request.election, request.unit, constituency, request.contest, request.state)
        rows = store.board_rows(tx, board, NEEDS_PERSON, request.page)
        return Records(
            records=tuple(_board_row(row, election, by) for row in rows), by_state=store.board_states(tx, board)
        )

    @rpc(may=Action.ENTER_RECORD)
    def claim_record(self, request: ClaimRecord, by: Actor, tx: Transaction) -> RecordSheet:
        return self._take(sheet_in(tx, request, by.person), by, tx)

    @rpc(may=Action.ENTER_RECORD)
    def next_record(self, request: NextRecord, by: Actor, tx: Transaction) -> RecordSheet:
        typist = store.Typist(by.person, by.machine)
        key = store.next_for(tx, request.election, request.unit, typist, by.at - self.idle)
        if key is None:
            raise NothingToEnter
        asked = ClaimRecord(
            key=request.key, election=request.election, unit=request.unit, area=key[1], contest=Contest(key[2])
        )
        return self._take(sheet_in(tx, asked, by.person), by, tx)

    def _take(self, sheet: store.Sheet, by: Actor, tx: Transaction) -> RecordSheet:
        """The record is this person's to type; taking up one's own again tells nobody."""
        record = sheet.record
        before = record.state
        since = shown(sheet.election, record.claimed_at) if record.claimed_at else shown(sheet.election, by.at)
        record.state = entry.claim(standing_of(record), by.person, by.at, self.idle, since)
        entry.require_own_machine(standing_of(record), by.machine)
        record.claimed_by, record.claimed_at = by.person, by.at
        if record.state != before:
            record.changed_at = shown(sheet.election, by.at)
            tx.emit(advanced(record, record.changed_at))
        return typists_sheet(sheet, *own_draft(sheet))

    @rpc(may=Action.ENTER_RECORD)
    def save_draft(self, request: SaveDraft, by: Actor, tx: Transaction) -> RecordSheet:
        sheet = sheet_in(tx, request, by.person)
        _require_claim(sheet, by)
        at = shown(sheet.election, by.at)
        store.keep_draft(tx, (request.election, request.area, request.contest), by.person, request.draft, at)
        sheet.record.claimed_at = by.at
        return typists_sheet(sheet, request.draft, at)

    @rpc(may=Action.ENTER_RECORD)
    def submit_entry(self, request: SubmitEntry, by: Actor, tx: Transaction) -> EntryOutcome:
        """What is kept back with findings stays as the person's draft: nothing typed is lost."""
        sheet = sheet_in(tx, request, by.person, numbered=True)
        _require_claim(sheet, by)
        entry.require_own_machine(standing_of(sheet.record), by.machine)
        work = self._judge(sheet, request.figures, tx)
        at = shown(sheet.election, by.at)
        if entry.must_confirm(work.found, as_paper=request.as_paper):
            key = (request.election, request.area, request.contest)
            store.keep_draft(tx, key, by.person, boxes.as_draft(request.figures), at)
            sheet.record.claimed_at = by.at
            sheet.record.tellings += bool(work.unlike)
            tx.commit()
            raise HasFindings(findings=work.found, number=len(work.found))
        _enter(sheet, request.figures, work, by, at)
        store.draft_done(tx, sheet)
        tx.emit(advanced(sheet.record, at))
        return EntryOutcome(
            area=request.area,
            contest=request.contest,
            state=sheet.record.state,
            receipt=receipt(tx, request.unit, sheet.number),
            at=at,
            findings=work.found,
            differing=work.unlike,
        )

    def _judge(self, sheet: store.Sheet, figures: Figures, tx: Transaction) -> "Judged":
        """The findings of an entry, with the boxes unlike the first one named a limited number of times."""
        record = sheet.record
        vector = boxes.vector(figures)
        paper = paper_of(sheet, store.neighbours_of(tx, record, vector), gross=self.gross)
        found = checks.findings(figures, paper)
        unlike: tuple[str, ...] = ()
        if record.state == RecordState.ENTERING_SECOND:
            unlike = boxes.differing(first_of(record), figures)
        if unlike and record.tellings < entry.TELLINGS:
            found = _after_blocking(found, checks.unlike(unlike, len(candidates_of(sheet))))
        return Judged(found, unlike, vector)


@dataclass(frozen=True)
class Judged:
    """What an entry comes to before it is handed over."""

    found: tuple[Finding, ...]
    unlike: tuple[str, ...]
    vector: str | None


def _after_blocking(found: tuple[Finding, ...], difference: Finding) -> tuple[Finding, ...]:
    blocking = checks.blocking(found)
    return (*blocking, difference, *(finding for finding in found if finding.severity is not Severity.BLOCK))


def _require_claim(sheet: store.Sheet, by: Actor) -> None:
    since = sheet.record.claimed_at or by.at
    entry.require_claim(standing_of(sheet.record), by.person, shown(sheet.election, since))


def _enter(sheet: store.Sheet, figures: Figures, work: Judged, by: Actor, at: datetime) -> None:
    """The entry stands; the second decides whether the record waits for approval or for the checker."""
    record = sheet.record
    typed = figures.model_dump(mode="json")
    if record.state == RecordState.ENTERING_FIRST:
        act = RecordAct.SUBMIT
        record.first_by, record.first_name, record.first_at, record.first_figures = by.person, by.name, at, typed
        record.first_machine, record.vector = by.machine, work.vector
    else:
        act = entry.second_act(first_of(record), figures, work.found)
        record.second_by, record.second_name, record.second_at, record.second_figures = by.person, by.name, at, typed
        record.second_machine, record.findings = by.machine, len(work.found)
    record.state = RECORD_STATES.advance(record.state, act)
    record.claimed_by = record.claimed_at = None
    record.changed_at = at
    if act is RecordAct.AGREE:
        content = boxes.record_content(record.election, record.area, record.contest, record.version, figures)
        store.agree_on(record, figures, content)


def _board_row(row: store.BoardRow, election: models.HeardElection, by: Actor) -> RecordRow:
    record = row.record
    return RecordRow(
        area=record.area,
        contest=Contest(record.contest),
        constituency=record.constituency,
        place=row.place,
        state=record.state,
        version=record.version,
        mine=by.person in {record.claimed_by, record.first_by, record.second_by},
        claimed_at=shown(election, record.claimed_at) if record.claimed_at else None,
        changed_at=record.changed_at,
        findings=record.findings,
    )
