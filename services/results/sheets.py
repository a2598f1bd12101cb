"""Between rows and words: the paper a record is judged by, the sheet a typist sees, the view of an agreed record."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import TypeAdapter

from services.contracts.base import Finding, StaleVersion, Unknown
from services.contracts.candidates import CONTEST_NAMES, Constituency, Contest, ListedCandidate
from services.contracts.daytime import hour, instant
from services.contracts.duties import Duty, Hand
from services.contracts.results import (
    BallotUse,
    Draft,
    Figures,
    ListNotPublished,
    RecordAdvanced,
    RecordSheet,
    RecordState,
    RecordView,
)
from services.contracts.voters import Rights
from services.kit.database import Transaction
from services.results.domain.boxes import FORMS
from services.results.domain.checks import Paper, Sibling, findings
from services.results.domain.entry import Standing
from services.results.domain.rules import RULES
from services.results.domain.states import AGREED
from services.results.doors import shown
from services.results.models import RecordRow
from services.results.store.records import Neighbour, Sheet, figures_of, sheet_of

_CANDIDATES = TypeAdapter(tuple[ListedCandidate, ...])


class OfRecord(Protocol):
    """A request about one count record of a commune."""

    @property
    def election(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def area(self) -> str: ...
    @property
    def contest(self) -> Contest: ...


def sheet_in(
    tx: Transaction, asked: OfRecord, person: UUID | None = None, *, lock: bool = True, numbered: bool = False
) -> Sheet:
    """The record of an area of that commune, with its official list; what is not of the commune is not found."""
    sheet = sheet_of(tx, (asked.election, asked.area, asked.contest), person, lock=lock, numbered=numbered)
    if sheet is None or sheet.record.unit != asked.unit:
        raise Unknown(what=asked.area)
    if sheet.list is None or sheet.constituency is None:
        raise ListNotPublished(constituency=sheet.record.constituency)
    return sheet


def candidates_of(sheet: Sheet) -> tuple[ListedCandidate, ...]:
    """The official list in ballot order."""
    return _CANDIDATES.validate_python(sheet.list.candidates if sheet.list else [])


def standing_of(record: RecordRow) -> Standing:
    """Who did what to the record."""
    return Standing(
        state=record.state,
        first_by=record.first_by,
        second_by=record.second_by,
        compared_by=record.compared_by,
        claimed_by=record.claimed_by,
        since=record.claimed_at,
        machines={
            Duty.FIRST_ENTRY: record.first_machine or "",
            Duty.SECOND_ENTRY: record.second_machine or "",
            Duty.COMPARE: record.compared_machine or "",
        },
    )


def hands_of(record: RecordRow) -> tuple[Hand, ...]:
    """Who did which duty to the record, on which machine."""
    done = (
        (Duty.FIRST_ENTRY, record.first_by, record.first_machine),
        (Duty.SECOND_ENTRY, record.second_by, record.second_machine),
        (Duty.COMPARE, record.compared_by, record.compared_machine),
        (Duty.APPROVE, record.approved_by, record.approved_machine),
    )
    return tuple(Hand(duty=duty, person=person, machine=machine or "") for duty, person, machine in done if person)


def paper_of(sheet: Sheet, neighbours: Iterable[Neighbour], *, gross: bool) -> Paper:
    """What is known beside the figures of a record."""
    contest = Contest(sheet.record.contest)
    rights = sheet.area.rights_at_opening or (sheet.voters.rights if sheet.voters else None)
    candidates = candidates_of(sheet)
    near = list(neighbours)
    return Paper(
        contest=contest,
        seats=sheet.list.seats if sheet.list else 0,
        candidates=len(candidates),
        struck=frozenset(candidate.order for candidate in candidates if candidate.struck),
        listed=Rights.model_validate(rights).of(contest) if rights else None,
        gross=gross,
        use=BallotUse.model_validate(sheet.use, from_attributes=True) if sheet.use else None,
        siblings={
            Contest(other.contest): Sibling(other.voters, other.took_part)
            for other in near
            if other.kind == "sibling" and other.contest != contest and other.area == sheet.record.area
        },
        twin=next((other.area for other in near if other.kind == "twin"), ""),
    )


def without_form_32(sheet: Sheet) -> tuple[Finding, ...]:
    """A record closes only when form 32 of its Team is recorded (F1)."""
    if sheet.use is not None:
        return ()
    vi, en = CONTEST_NAMES[Contest(sheet.record.contest)]
    return (RULES["F1_missing"].finding("issued", area=sheet.record.area, contest=vi, contest_en=en),)


def first_of(record: RecordRow) -> Figures:
    """The first entry; only for comparing."""
    return Figures.model_validate(record.first_figures)


def second_of(record: RecordRow) -> Figures:
    """The second entry; only for comparing."""
    return Figures.model_validate(record.second_figures)


def typists_sheet(sheet: Sheet, draft: Draft | None, draft_at: datetime | None) -> RecordSheet:
    """What a typist needs, and nothing of the other entry."""
    candidates = candidates_of(sheet)
    record = sheet.record
    seats = sheet.list.seats if sheet.list else 0
    empty = Draft(votes=(None,) * len(candidates), kinds=(None,) * seats)
    constituency = Constituency.model_validate(sheet.constituency.told) if sheet.constituency else None
    since = shown(sheet.election, record.claimed_at) if record.claimed_at else record.changed_at
    return RecordSheet(
        area=record.area,
        contest=Contest(record.contest),
        constituency=record.constituency,
        constituency_title=constituency.title if constituency else "",
        place=sheet.area.place,
        form=FORMS[Contest(record.contest)],
        seats=seats,
        candidates=candidates,
        entry=1 if record.first_by is None else 2,
        state=record.state,
        draft=draft or empty,
        draft_at=draft_at,
        claimed_at=since or _morning(sheet),
    )


def _morning(sheet: Sheet) -> datetime:
    """The day's beginning, for a record nothing has happened to."""
    return instant(sheet.election.day, "00:00")


def own_draft(sheet: Sheet) -> tuple[Draft | None, datetime | None]:
    """The person's own draft and when it was saved."""
    if sheet.draft is None:
        return None, None
    return Draft.model_validate(sheet.draft.draft), sheet.draft.saved_at


def advanced(record: RecordRow, at: datetime) -> RecordAdvanced:
    """The record's state as told to everybody: people from the agreement on, figures and hands from the approval on."""
    agreed = record.state in AGREED
    approved = record.state == RecordState.APPROVED
    return RecordAdvanced(
        election=record.election,
        unit=record.unit,
        area=record.area,
        contest=Contest(record.contest),
        constituency=record.constituency,
        state=record.state,
        figures=figures_of(record) if approved else None,
        content=record.content if approved else None,
        entered_by=(record.first_name, record.second_name) if agreed else (),
        compared_by=record.compared_name if agreed else "",
        approved_by=record.approved_name,
        reason=record.reason,
        hands=hands_of(record) if approved else (),
        at=at,
    )


def view_of(sheet: Sheet, figures: Figures, paper: Paper) -> RecordView:
    """An agreed record with the people behind it and what an approver must look at."""
    record = sheet.record
    missing = without_form_32(sheet) if record.state == RecordState.WAITING else ()
    return RecordView(
        area=record.area,
        contest=Contest(record.contest),
        constituency=record.constituency,
        state=record.state,
        version=record.version,
        figures=figures,
        findings=(*missing, *findings(figures, paper)),
        content=record.content or "",
        entered_by=(record.first_name, record.second_name),
        compared_by=record.compared_name,
        approved_by=record.approved_name,
        changed_at=record.changed_at or _morning(sheet),
    )


def require_same(content: str, present: str | None, changed_at: datetime | None) -> None:
    """What a person read is what stands now; else StaleVersion with the time it changed."""
    if content != present:
        raise StaleVersion(at=hour(changed_at) if changed_at else "–")


def by_area(neighbours: Iterable[Neighbour]) -> Mapping[str, list[Neighbour]]:
    """Agreed records by their area."""
    found: dict[str, list[Neighbour]] = {}
    for neighbour in neighbours:
        found.setdefault(neighbour.area, []).append(neighbour)
    return found
