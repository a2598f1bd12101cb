"""Comparison of two entries: one row a differing box, the checks recomputed for the choice, the decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.base import (
    BadRequest,
    Finding,
    HasFindings,
    NotAllowed,
    Refusal,
    Severity,
    StepNotAllowed,
    Told,
)
from services.contracts.results import (
    CheckChoice,
    Choice,
    Comparison,
    ComparisonOf,
    DifferingBox,
    EntryIsYours,
    EntryOutcome,
    Figures,
    RecordOf,
    RecordView,
    ResolveRecord,
    ReturnRecord,
)
from services.contracts.roles import Action
from services.contracts.vietnamese import number
from services.gateway.console.acts import act, key_of, line_of, number_of, require_commune
from services.gateway.console.boxes import Box, boxes_of, found_at, groups_of, heading_of, marked, texts_of, values_of
from services.gateway.console.numbers import typed
from services.gateway.console.pages.bien_ban import Filter, board_page
from services.gateway.console.places import HERE
from services.gateway.console.states import look
from services.gateway.console.visits import Visit, here

router = APIRouter()

DOI_CHIEU: Final = HERE + "/bien-ban/{area:area}/{contest:contest}/doi-chieu"
FIRST, SECOND, OTHER = "1", "2", "khac"


@dataclass(frozen=True)
class Row:
    """A differing box as the checker decides it."""

    box: DifferingBox
    line: int
    label: str
    first: Markup
    second: Markup
    chosen: str = ""
    other: str = ""
    reason: str = ""
    value: int | None = None
    wrong: str = ""


@dataclass(frozen=True)
class Decision:
    """What the checker has chosen so far, and what is said of it."""

    rows: tuple[Row, ...]
    figures: Figures
    reason: str
    choice: Choice | None = None
    refused: Told | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def done(self) -> int:
        return sum(1 for row in self.rows if row.value is not None)

    @property
    def whole(self) -> bool:
        return self.done == len(self.rows)


@router.get(DOI_CHIEU)
async def compare(visit: Annotated[Visit, Depends(here)], area: str, contest: str) -> Response:
    """Which boxes differ, what does the paper say, does it add up if I choose so."""
    _require(visit, area)
    try:
        both = await _both(visit, area, contest)
    except (StepNotAllowed, EntryIsYours) as refused:
        return await board_page(visit, Filter(), refused.told())
    decision = await _checked(visit, both, _decided(visit, both, FormData()))
    return _page(visit, both, decision)


@router.post(DOI_CHIEU)
async def decide(visit: Annotated[Visit, Depends(here)], area: str, contest: str) -> Response:
    """Recompute the checks, write the decision, or send the record back."""
    _require(visit, area)
    form = await visit.form()
    try:
        both = await _both(visit, area, contest)
    except (StepNotAllowed, EntryIsYours) as refused:
        return await board_page(visit, Filter(), refused.told())
    decision = _decided(visit, both, form)
    if form.get("viec") == "tra-lai":
        return await _send_back(visit, both, decision, form)
    if visit.request.headers.get("x-manh") == "kiem":
        decision = await _checked(visit, both, decision)
        return visit.page("doi-chieu-kiem.html", decision=decision, **_judged(visit, both, decision))
    if not decision.whole:
        return _page(visit, both, await _checked(visit, both, decision), 422)
    return await _resolve(visit, both, decision, form)


def _require(visit: Visit, area: str) -> None:
    visit.require(Action.COMPARE_RECORD)
    require_commune(visit, area)


async def _both(visit: Visit, area: str, contest: str) -> Comparison:
    return await visit.ask(act(visit, ComparisonOf, area=area, contest=contest), Comparison)


def _all_boxes(visit: Visit, both: Comparison) -> list[Box]:
    return boxes_of(groups_of(both.sheet.candidates, both.sheet.seats, visit.words))


def _decided(visit: Visit, both: Comparison, form: FormData) -> Decision:
    """The rows with what the form chooses in each."""
    lines = {box.name: box.line for box in _all_boxes(visit, both)}
    rows = tuple(_row(visit, box, lines.get(box.box, 0), form) for box in both.boxes)
    reasons = [
        visit.words.text("Ô {number}: {reason}", number=str(row.box.number), reason=row.reason)
        for row in rows
        if row.chosen == OTHER and row.reason
    ]
    changes = {row.box.box: row.value for row in rows if row.value is not None}
    return Decision(rows, _with(both.first, changes), "; ".join(reasons)[:400])


def _row(visit: Visit, box: DifferingBox, line: int, form: FormData) -> Row:
    one, two = number(box.first), number(box.second)
    chosen = str(form.get(f"chon-{box.number}", ""))
    other, reason = line_of(form, f"so-{box.number}", 40), line_of(form, f"ly-do-{box.number}", 200)
    value, wrong = {FIRST: box.first, SECOND: box.second}.get(chosen), ""
    if chosen == OTHER:
        try:
            value = typed(other)
        except ValueError:
            wrong = visit.words.text("Chỉ gõ chữ số, ví dụ 1286.")
    label = visit.words.pair((box.label_vi, box.label_en))
    return Row(box, line, label, marked(one, two), marked(two, one), chosen, other, reason, value, wrong)


def _with(figures: Figures, changes: Mapping[str, int | None]) -> Figures:
    """The figures with other values in some boxes."""
    held = {**values_of(figures), **changes}
    groups = {
        group: tuple(
            held[name] or 0
            for name in sorted((n for n in held if n.startswith(f"{group}.")), key=lambda n: int(n.split(".")[1]))
        )
        for group in ("votes", "kinds")
    }
    heads = {name: count for name, count in held.items() if "." not in name}
    return Figures.model_validate({**heads, **groups})


async def _checked(visit: Visit, both: Comparison, decision: Decision) -> Decision:
    """With the findings of the choice, once it is whole; nothing is stored."""
    if not decision.whole:
        return decision
    place = {"area": both.sheet.area, "contest": both.sheet.contest}
    choice = await visit.ask(act(visit, CheckChoice, figures=decision.figures, **place), Choice)
    return Decision(decision.rows, decision.figures, decision.reason, choice)


async def _resolve(visit: Visit, both: Comparison, decision: Decision, form: FormData) -> Response:
    asked = act(
        visit, ResolveRecord, key=key_of(form), area=both.sheet.area, contest=both.sheet.contest,
        figures=decision.figures, reason=decision.reason, content=line_of(form, "noi-dung", 64),
    )  # fmt: skip
    try:
        outcome = await visit.ask(asked, EntryOutcome)
    except (HasFindings, BadRequest) as kept_back:
        checked = await _checked(visit, both, decision)
        shown = Decision(checked.rows, checked.figures, checked.reason, checked.choice, None, kept_back.findings)
        return _page(visit, both, shown, kept_back.status)
    except Refusal as refused:
        shown = Decision(decision.rows, decision.figures, decision.reason, None, refused.told())
        return _page(visit, both, shown, refused.status)
    return await _receipt(visit, both, outcome)


async def _send_back(visit: Visit, both: Comparison, decision: Decision, form: FormData) -> Response:
    reason = line_of(form, "ly-do-tra")
    if not reason:
        return _page(visit, both, decision, 422, no_reason=True)
    place = {"area": both.sheet.area, "contest": both.sheet.contest}
    try:
        outcome = await visit.ask(act(visit, ReturnRecord, key=key_of(form), reason=reason, **place), EntryOutcome)
    except Refusal as refused:
        shown = Decision(decision.rows, decision.figures, decision.reason, None, refused.told())
        return _page(visit, both, shown, refused.status)
    return await _receipt(visit, both, outcome)


async def _receipt(visit: Visit, both: Comparison, outcome: EntryOutcome) -> Response:
    """What was decided; only now the names of who typed."""
    view = None
    if outcome.state == "waiting" and visit.may(Action.READ_RECORDS):
        asked = act(visit, RecordOf, area=both.sheet.area, contest=both.sheet.contest)
        view = await visit.ask(asked, RecordView)
    return visit.page(
        "doi-chieu-xong.html",
        outcome=outcome,
        sheet=both.sheet,
        view=view,
        area_number=number_of(both.sheet.area),
        seen=look(outcome.state),
    )


def _judged(visit: Visit, both: Comparison, decision: Decision) -> dict[str, object]:
    findings = decision.choice.findings if decision.choice else ()
    errors = sum(1 for one in findings if one.severity is Severity.BLOCK)
    return {"found": found_at(findings, _all_boxes(visit, both)), "errors": errors}


def _page(
    visit: Visit, both: Comparison, decision: Decision, status: int = 200, *, no_reason: bool = False
) -> Response:
    if visit.place.level != "commune":
        raise NotAllowed
    boxes = _all_boxes(visit, both)
    unlike = {box.box for box in both.boxes}
    return visit.page(
        "doi-chieu.html",
        status,
        both=both,
        sheet=both.sheet,
        seen=look(both.sheet.state),
        area_number=number_of(both.sheet.area),
        decision=decision,
        same=[box for box in boxes if box.name not in unlike],
        texts=texts_of(values_of(both.first)),
        kept_back=found_at(decision.findings, boxes),
        heading=heading_of(decision.findings, visit.words),
        of_entries=found_at(both.findings, boxes) if not both.boxes else [],
        no_reason=no_reason,
        **_judged(visit, both, decision),
    )
