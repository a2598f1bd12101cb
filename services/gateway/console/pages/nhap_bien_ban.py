"""Entry of a count record: claimed, typed blind from the paper, checked, handed over with a receipt."""

from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.responses import PlainTextResponse, Response

from services.contracts.base import BadRequest, Finding, HasFindings, Refusal, Severity, StepNotAllowed, Told
from services.contracts.results import (
    ClaimRecord,
    EntryOutcome,
    ListNotPublished,
    RecordSheet,
    RecordTaken,
    SaveDraft,
    SubmitEntry,
)
from services.contracts.results import FirstEntryIsYours as Yours
from services.contracts.roles import Action
from services.gateway.console.acts import act, asks_by_itself, key_of, number_of, require_commune
from services.gateway.console.boxes import (
    Box,
    Group,
    Typed,
    bare_boxes,
    boxes_of,
    draft_of,
    figures_of,
    found_at,
    groups_of,
    heading_of,
    marks_of,
    read,
    shares_of,
    texts_of,
    values_of,
)
from services.gateway.console.pages.bien_ban import Filter, board_page
from services.gateway.console.places import HERE
from services.gateway.console.states import look
from services.gateway.console.visits import Visit, here

router = APIRouter()

NHAP = HERE + "/bien-ban/{area:area}/{contest:contest}/nhap"
_ELSEWHERE = (RecordTaken, Yours, StepNotAllowed, ListNotPublished)


@dataclass(frozen=True)
class Paper:
    """A record under entry: what the service gave, and its boxes."""

    sheet: RecordSheet
    groups: tuple[Group, ...]
    boxes: list[Box]

    @property
    def place(self) -> dict[str, str]:
        return {"area": self.sheet.area, "contest": self.sheet.contest.value}


@dataclass(frozen=True)
class Shown:
    """What stands in the boxes when the page is drawn, and what is said of it."""

    texts: dict[str, str]
    values: dict[str, int | None]
    findings: tuple[Finding, ...] = ()
    refused: Told | None = None
    may_confirm: bool = False
    recovered: bool = False


@router.get(NHAP)
async def enter(visit: Annotated[Visit, Depends(here)], area: str, contest: str) -> Response:
    """Opening a record takes it; the own draft is in the boxes."""
    _require(visit, area)
    if asks_by_itself(visit):
        return visit.page("bien-ban-yen.html")
    try:
        paper = await _take(visit, area, contest)
    except _ELSEWHERE as refused:
        return await board_page(visit, Filter(), refused.told())
    values = values_of(paper.sheet.draft)
    recovered = paper.sheet.draft_at is not None and any(count is not None for count in values.values())
    return _page(visit, paper, Shown(texts_of(values), values, recovered=recovered))


@router.post(NHAP)
async def hand_over(visit: Annotated[Visit, Depends(here)], area: str, contest: str) -> Response:
    """Keep the draft, leave it, or check and hand over."""
    _require(visit, area)
    form = await visit.form()
    wanted = str(form.get("viec", ""))
    only_draft = visit.request.headers.get("x-manh") == "nhap"
    try:
        paper = await _take(visit, area, contest)
    except _ELSEWHERE as refused:
        if only_draft:
            raise
        return await _handed_over(visit, form, area, contest) or await board_page(visit, Filter(), refused.told())
    typed = read(paper.boxes, {name: value for name, value in form.items() if isinstance(value, str)})
    if only_draft or wanted in {"tam-dung", "bo"}:
        return await _keep(visit, paper, typed, wanted)
    if typed.faults:
        await _save(visit, paper, typed.values)
        return _page(visit, paper, Shown(typed.texts, typed.values, typed.faults), 422)
    asked = act(
        visit, SubmitEntry, key=key_of(form), figures=figures_of(paper.boxes, typed.values),
        as_paper=form.get("dung-giay") == "1", **paper.place,
    )  # fmt: skip
    return await _submit(visit, paper, typed, asked)


def _require(visit: Visit, area: str) -> None:
    visit.require(Action.ENTER_RECORD)
    require_commune(visit, area)


async def _take(visit: Visit, area: str, contest: str) -> Paper:
    """Taking up one's own record again tells nobody, so it is simply asked for."""
    sheet = await visit.ask(act(visit, ClaimRecord, key=uuid4(), area=area, contest=contest), RecordSheet)
    groups = groups_of(sheet.candidates, sheet.seats, visit.words)
    return Paper(sheet, groups, boxes_of(groups))


async def _save(visit: Visit, paper: Paper, values: dict[str, int | None]) -> RecordSheet:
    draft = draft_of(paper.boxes, values)
    return await visit.ask(act(visit, SaveDraft, key=uuid4(), draft=draft, **paper.place), RecordSheet)


async def _keep(visit: Visit, paper: Paper, typed: Typed, wanted: str) -> Response:
    """The draft as it now is: saved while typing, saved on a pause, or emptied."""
    values: dict[str, int | None] = {} if wanted == "bo" else typed.values
    saved = await _save(visit, paper, values)
    if wanted == "bo":
        return visit.go(visit.request.url.path)
    if wanted == "tam-dung":
        return visit.go(f"{visit.address}/bien-ban")
    at = visit.words.clock(saved.draft_at or visit.place.at(), seconds=True)
    return PlainTextResponse(visit.words.text("Bản nháp đã lưu {at}", at=at))


async def _submit(visit: Visit, paper: Paper, typed: Typed, asked: SubmitEntry) -> Response:
    try:
        outcome = await visit.ask(asked, EntryOutcome)
    except (HasFindings, BadRequest) as kept_back:
        found = kept_back.findings
        return _page(visit, paper, Shown(typed.texts, typed.values, found, may_confirm=True), kept_back.status)
    except Refusal as refused:
        return _page(visit, paper, Shown(typed.texts, typed.values, refused=refused.told()), refused.status)
    return _receipt(visit, outcome, paper.boxes)


async def _handed_over(visit: Visit, form: FormData, area: str, contest: str) -> Response | None:
    """The receipt once more, when a form comes again whose entry was taken: sent twice, or the page loaded again."""
    boxes = bare_boxes(form)
    typed = read(boxes, {name: value for name, value in form.items() if isinstance(value, str)})
    if typed.faults or not boxes:
        return None
    try:
        asked = act(
            visit, SubmitEntry, key=key_of(form), area=area, contest=contest, figures=figures_of(boxes, typed.values),
            as_paper=form.get("dung-giay") == "1",
        )  # fmt: skip
        return _receipt(visit, await visit.ask(asked, EntryOutcome), boxes)
    except Refusal:
        return None


def _receipt(visit: Visit, outcome: EntryOutcome, boxes: list[Box]) -> Response:
    numbers = {box.name: box.number for box in boxes}
    return visit.page(
        "bien-ban-da-gui.html",
        outcome=outcome,
        area_number=number_of(outcome.area),
        seen=look(outcome.state),
        differing=", ".join(str(numbers[name]) for name in outcome.differing if name in numbers),
    )


def _page(visit: Visit, paper: Paper, shown: Shown, status: int = 200) -> Response:
    empty = [box for box in paper.boxes if not shown.texts.get(box.name)]
    wrong = [place for one in shown.findings for place in one.places]
    return visit.page(
        "bien-ban-nhap.html",
        status,
        sheet=paper.sheet,
        area_number=number_of(paper.sheet.area),
        printed=paper.groups,
        boxes=paper.boxes,
        shown=shown,
        found=found_at(shown.findings, paper.boxes),
        marks=marks_of(shown.findings),
        heading=heading_of(shown.findings, visit.words),
        blocking=sum(1 for one in shown.findings if one.severity is Severity.BLOCK),
        shares=shares_of(shown.values),
        full=len(paper.boxes) - len(empty),
        first=(empty or paper.boxes)[0].name if not wrong else "",
    )
