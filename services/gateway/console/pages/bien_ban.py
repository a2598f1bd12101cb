"""The status board of count records, the next record of a typist, one record with its figures."""

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from services.contracts.base import Page, Refusal, Told
from services.contracts.candidates import Contest, ListedCandidate, ListsOf, OfficialLists
from services.contracts.reporting import Document, Form, IssueDocument
from services.contracts.results import (
    NextRecord,
    NothingToEnter,
    RecordOf,
    RecordRow,
    Records,
    RecordSheet,
    RecordsOf,
    RecordState,
    RecordView,
)
from services.contracts.roles import Action
from services.gateway.console.acts import act, asks_by_itself, key_of, number_of, require_commune
from services.gateway.console.boxes import groups_of, shares_of, texts_of, values_of
from services.gateway.console.places import HERE
from services.gateway.console.states import RECORD, Look, look, stacked
from services.gateway.console.visits import Visit, here

router = APIRouter()

_ROWS: Final = 50
_MOST_PAGES: Final = 4000
_CLAIMABLE: Final = {RecordState.AWAITED, RecordState.RETURNED, RecordState.REOPENED}
_ENTERING: Final = {RecordState.ENTERING_FIRST, RecordState.ENTERING_SECOND}
_TO_COMPARE: Final = {RecordState.DIFFERS, RecordState.FAULTY}
_WITH_FIGURES: Final = {RecordState.WAITING, RecordState.APPROVED}


@dataclass(frozen=True)
class Row:
    """A record on the board and the one thing this person may do with it."""

    record: RecordRow
    look: Look
    number: str
    address: str = ""
    button: str = ""
    note: str = ""


@dataclass(frozen=True)
class Chip:
    """A filter with how many it keeps."""

    address: str
    text: str
    count: int
    look: Look | None
    current: bool


@dataclass(frozen=True)
class Filter:
    """What of the board is shown; it lives in the address."""

    state: str = ""
    contest: str = ""
    page: int = 1

    def address(self, visit: Visit, **changes: str | int) -> str:
        kept = {"trang-thai": self.state, "loai": self.contest, "trang": self.page if self.page > 1 else "", **changes}
        query = urlencode({name: value for name, value in kept.items() if value})
        return f"{visit.address}/bien-ban" + (f"?{query}" if query else "")


@router.get(HERE + "/bien-ban")
async def board(
    visit: Annotated[Visit, Depends(here)],
    state: Annotated[str, Query(alias="trang-thai")] = "",
    contest: Annotated[str, Query(alias="loai")] = "",
    page: Annotated[int, Query(alias="trang", ge=1, le=_MOST_PAGES)] = 1,
) -> Response:
    """How many are done of how many, which are stuck and why."""
    chosen = Filter(state if state in set(RecordState) else "", contest if contest in set(Contest) else "", page)
    return await board_page(visit, chosen)


async def board_page(visit: Visit, chosen: Filter, refused: Told | None = None) -> Response:
    """The board; above it why something could not be done just now."""
    visit.require(Action.READ_PROGRESS)
    shown = Page(first=(chosen.page - 1) * _ROWS, size=_ROWS)
    asked = act(visit, RecordsOf, contest=chosen.contest or None, state=chosen.state or None, page=shown)
    found = await visit.ask(asked, Records)
    total = sum(found.by_state.values())
    kept = found.by_state.get(chosen.state, 0) if chosen.state else total
    return visit.page(
        "bien-ban.html",
        refused.status if refused and not asks_by_itself(visit) else 200,
        refused=refused,
        rows=[_row(visit, record) for record in found.records],
        by_state=found.by_state,
        total=total,
        kept=kept,
        pieces=stacked(found.by_state, total),
        chips=_chips(visit, chosen, found.by_state, total),
        contests=_contests(visit, chosen),
        chosen=chosen,
        pages=-(-kept // _ROWS),
        previous=chosen.address(visit, trang=chosen.page - 1) if chosen.page > 1 else "",
        following=chosen.address(visit, trang=chosen.page + 1) if chosen.page * _ROWS < kept else "",
        primary=_primary(visit, found),
    )


def _chips(visit: Visit, chosen: Filter, by_state: dict[str, int], total: int) -> list[Chip]:
    everything = Chip(
        chosen.address(visit, **{"trang-thai": "", "trang": ""}),
        visit.words.text("Tất cả"),
        total,
        None,
        not chosen.state,
    )
    held = [
        Chip(
            chosen.address(visit, **{"trang-thai": state.value, "trang": ""}),
            visit.words.pair((seen.vi, seen.en)),
            by_state[state],
            seen,
            chosen.state == state,
        )
        for state, seen in RECORD.items()
        if by_state.get(state)
    ]
    return [everything, *held]


def _contests(visit: Visit, chosen: Filter) -> list[tuple[str, str, bool]]:
    """Address, contest (empty: all three), whether it is the present one."""
    choices = ["", *(contest.value for contest in Contest)]
    return [(chosen.address(visit, loai=one, trang=""), one, chosen.contest == one) for one in choices]


def _row(visit: Visit, record: RecordRow) -> Row:
    words = visit.words
    shown = Row(record, look(record.state), number_of(record.area))
    commune = f"/{visit.election}/{record.area[:5]}"
    place = f"{commune}/bien-ban/{record.area}/{record.contest}"
    state = record.state
    if visit.may(Action.ENTER_RECORD):
        return _typists(visit, record, place)
    if state in _TO_COMPARE and visit.may(Action.COMPARE_RECORD):
        return Row(record, shown.look, shown.number, f"{place}/doi-chieu", words.text("Đối chiếu"))
    if state in _WITH_FIGURES and visit.may(Action.READ_RECORDS):
        return Row(record, shown.look, shown.number, place, words.text("Xem"))
    return shown


def _typists(visit: Visit, record: RecordRow, place: str) -> Row:
    """What a typist may do: take the first or the second entry, or go on with the own one."""
    words, state = visit.words, record.state
    seen, number = look(state), number_of(record.area)
    if state in _CLAIMABLE:
        return Row(record, seen, number, f"{place}/nhap", words.text("Nhập lần 1"))
    if state == RecordState.ENTERED_FIRST and not record.mine:
        return Row(record, seen, number, f"{place}/nhap", words.text("Nhập lần 2"))
    if state in _ENTERING and record.mine:
        return Row(record, seen, number, f"{place}/nhap", words.text("Nhập tiếp"))
    note = words.text("ông/bà đã nhập lần 1") if state == RecordState.ENTERED_FIRST else ""
    return Row(record, seen, number, note=note)


def _primary(visit: Visit, found: Records) -> tuple[str, str] | None:
    """The one next thing of this person's role: its address and words."""
    words, states = visit.words, found.by_state
    if visit.place.level != "commune":
        return None
    if visit.may(Action.ENTER_RECORD):
        return f"{visit.address}/bien-ban/nhap", words.text("Nhập biên bản kế tiếp")
    if visit.may(Action.APPROVE_RECORD) and states.get(RecordState.WAITING):
        waiting = states[RecordState.WAITING]
        return f"{visit.address}/bien-ban/duyet", words.text("Phê duyệt {n} biên bản", n=waiting)
    if visit.may(Action.COMPARE_RECORD) and any(states.get(state) for state in _TO_COMPARE):
        return f"{visit.address}/bien-ban/doi-chieu", words.text("Đối chiếu biên bản kế tiếp")
    return None


@router.get(HERE + "/bien-ban/nhap")
async def next_record(visit: Annotated[Visit, Depends(here)]) -> Response:
    """The next record this person may enter; the board when there is none."""
    visit.require(Action.ENTER_RECORD)
    require_commune(visit)
    if asks_by_itself(visit):
        return await board_page(visit, Filter())
    try:
        sheet = await visit.ask(act(visit, NextRecord, key=uuid4()), RecordSheet)
    except NothingToEnter as none_left:
        return await board_page(visit, Filter(), none_left.told())
    return visit.go(f"{visit.address}/bien-ban/{sheet.area}/{sheet.contest}/nhap")


@router.get(HERE + "/bien-ban/doi-chieu")
async def next_to_compare(visit: Annotated[Visit, Depends(here)]) -> Response:
    """The first record that differs or has errors; the board when there is none."""
    visit.require(Action.COMPARE_RECORD)
    require_commune(visit)
    for state in sorted(_TO_COMPARE):
        found = await visit.ask(act(visit, RecordsOf, state=state, page=Page(size=1)), Records)
        for record in found.records:
            return visit.go(f"{visit.address}/bien-ban/{record.area}/{record.contest}/doi-chieu")
    return visit.go(f"{visit.address}/bien-ban?{urlencode({'trang-thai': RecordState.DIFFERS.value})}")


@router.get(HERE + "/bien-ban/{area:area}/{contest:contest}")
async def record(visit: Annotated[Visit, Depends(here)], area: str, contest: str) -> Response:
    """One record as it stands: figures, people, content."""
    return await _record_page(visit, area, contest)


@router.post(HERE + "/bien-ban/{area:area}/{contest:contest}")
async def print_record(visit: Annotated[Visit, Depends(here)], area: str, contest: str) -> Response:
    """Form 18 or 23 of the record as PDF."""
    visit.require(Action.ISSUE_DOCUMENT)
    require_commune(visit, area)
    form = await visit.form()
    kind = Form.TEAM_NA if contest == Contest.NA else Form.TEAM_COUNCIL
    asked = act(visit, IssueDocument, key=key_of(form), form=kind, area=area, contest=contest)
    try:
        issued = await visit.ask(asked, Document)
    except Refusal as refused:
        return await _record_page(visit, area, contest, refused.told())
    return visit.go(document_address(visit, issued))


def document_address(visit: Visit, issued: Document) -> str:
    """Where the PDF of an issued document is."""
    query = urlencode({"election": visit.election, "unit": issued.unit})
    return f"/api/v1/documents/{issued.document}?{query}"


async def _record_page(visit: Visit, area: str, contest: str, refused: Told | None = None) -> Response:
    visit.require(Action.READ_RECORDS)
    require_commune(visit, area)
    view = await visit.ask(act(visit, RecordOf, area=area, contest=contest), RecordView)
    lists = await lists_here(visit, contest)
    groups = groups_of(lists.get(view.constituency, ()), len(view.figures.kinds), visit.words)
    return visit.page(
        "bien-ban-xem.html",
        refused.status if refused else 200,
        refused=refused,
        view=view,
        area_number=number_of(area),
        seen=look(view.state),
        printed=groups,
        texts=texts_of(values_of(view.figures)),
        shares=shares_of(values_of(view.figures)),
        may_print=visit.may(Action.ISSUE_DOCUMENT) and view.state == RecordState.APPROVED,
    )


async def lists_here(visit: Visit, contest: str | None = None) -> dict[str, tuple[ListedCandidate, ...]]:
    """The official lists that people of this commune vote from, by constituency."""
    lists = await visit.ask(act(visit, ListsOf, contest=contest), OfficialLists)
    return {held.constituency: held.candidates for held in lists.lists}
