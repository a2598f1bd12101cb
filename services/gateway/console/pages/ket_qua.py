"""Results: of one constituency, with the Board's record drawn up and signed; of a unit, all its constituencies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.base import NotAllowed, Refusal, Severity, Told
from services.contracts.candidates import Contest
from services.contracts.daytime import VIETNAM
from services.contracts.reporting import Document, Documents, DocumentsOf, Form, IssueDocument
from services.contracts.results import (
    CandidateResult,
    DecideTie,
    DeclareResult,
    Outcome,
    PrepareResult,
    Result,
    ResultOf,
    Results,
    ResultsOf,
    ResultState,
)
from services.contracts.roles import Action
from services.contracts.vietnamese import name_parts, percent
from services.gateway.console.acts import act, approve, key_of, line_of
from services.gateway.console.pages.bien_ban import document_address
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here

router = APIRouter()

KET_QUA: Final = HERE + "/ket-qua"
_BAR: Final = 300  # width of a bar's box in the drawing; half of the valid ballots is its middle
_ADDS_UP: Final = "C9"  # the other things told of a result are its sentence already
_MEETING: Final = ("events", "complaints_teams", "complaints_board", "complaints_passed")


@dataclass(frozen=True)
class Line:
    """A candidate's line: how wide the bar is, whether the line between elected and not runs above it."""

    result: CandidateResult
    width: str
    cut: bool
    short_name: str

    @property
    def titled(self) -> str:
        return self.result.candidate.titled


@router.get(KET_QUA)
async def result(visit: Annotated[Visit, Depends(here)], loai: str = "") -> Response:
    """Complete? Valid? Who is elected? Is a seat missing? What do I sign?"""
    visit.require(Action.READ_RESULT)
    if visit.place.level == "constituency":
        return await _page(visit)
    return await _list(visit, loai if loai in set(Contest) else "")


@router.post(KET_QUA)
async def decide(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Draw the Board's record up, sign it, decide a tie, or print it."""
    if visit.place.level != "constituency":
        raise NotAllowed
    form = await visit.form()
    do = _ACTS.get(str(form.get("viec", "")))
    if do is None:
        raise NotAllowed
    action, work = do
    visit.require(action)
    try:
        return await work(visit, form)
    except Refusal as refused:
        return await _page(visit, refused.told(), form)


async def _prepare(visit: Visit, form: FormData) -> Response:
    meeting = {
        "held_at": _instant(form), "place": line_of(form, "place", 200),
        **{name: line_of(form, name, 4000) or "Không có" for name in _MEETING},
        "annexes": [line for line in line_of(form, "annexes", 4000).splitlines() if line.strip()],
    }  # fmt: skip
    asked = act(
        visit, PrepareResult, key=key_of(form), constituency=visit.place.code, meeting=meeting,
        content=line_of(form, "noi-dung", 64),
    )  # fmt: skip
    await visit.ask(asked, Result)
    return visit.go(f"{visit.address}/ket-qua")


def _instant(form: FormData) -> datetime | str:
    """When the Board met, in Vietnam's time, as the browser's own field gives it."""
    text = line_of(form, "held_at", 40)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)
    except ValueError:
        return text


async def _declare(visit: Visit, form: FormData) -> Response:
    content = line_of(form, "noi-dung", 64)
    asked = act(visit, DeclareResult, key=key_of(form), constituency=visit.place.code, content=content)
    await approve(visit, asked, Result, form, content)
    return visit.go(f"{visit.address}/ket-qua")


async def _tie(visit: Visit, form: FormData) -> Response:
    orders = [int(part) for part in line_of(form, "first", 100).replace(",", " ").split() if part.isdecimal()]
    asked = act(
        visit,
        DecideTie,
        key=key_of(form),
        constituency=visit.place.code,
        first=orders,
        document=line_of(form, "document"),
    )
    await visit.ask(asked, Result)
    return visit.go(f"{visit.address}/ket-qua")


async def _print(visit: Visit, form: FormData) -> Response:
    asked = act(visit, IssueDocument, key=key_of(form), form=_form_of(visit.place.code), constituency=visit.place.code)
    return visit.go(document_address(visit, await visit.ask(asked, Document)))


_ACTS: Final = {
    "lap": (Action.PREPARE_RESULT, _prepare),
    "ky": (Action.DECLARE_RESULT, _declare),
    "bang-phieu": (Action.PREPARE_RESULT, _tie),
    "in": (Action.ISSUE_DOCUMENT, _print),
}


def _form_of(code: str) -> Form:
    return Form.BOARD_NA if code.startswith(Contest.NA) else Form.BOARD_COUNCIL


async def _page(visit: Visit, refused: Told | None = None, form: FormData | None = None) -> Response:
    found = await visit.ask(act(visit, ResultOf, constituency=visit.place.code), Result)
    typed = form or FormData()
    return visit.page(
        "ket-qua.html",
        refused.status if refused else 200,
        refused=refused,
        result=found,
        number=int(visit.place.code.rsplit("-", 1)[1]),
        lines=_lines(found),
        to_see=[one for one in found.findings if one.severity is not Severity.INFO],
        holding=[one for one in found.findings if one.severity is Severity.INFO and one.code == _ADDS_UP],
        turnout=percent(found.totals.took_part, found.totals.voters),
        invalid=percent(found.totals.invalid, found.totals.collected),
        form_number=_form_of(visit.place.code).value,
        issued=await _issued(visit),
        typed={name: str(value) for name, value in typed.items()},
        now=visit.place.at().astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M"),
        collecting=found.state == ResultState.COLLECTING,
        counting=Outcome.COUNTING,
    )


def _lines(found: Result) -> list[Line]:
    """Most votes first; who is elected above who is not, a dashed line between."""
    held = sorted(found.candidates, key=lambda one: (not one.elected, -one.votes, one.candidate.order))
    lines, before = [], False
    for one in held:
        cut = before and not one.elected
        lines.append(Line(one, width(one.votes, found.totals.valid), cut, _short(one.candidate.full_name)))
        before = one.elected
    return lines


def _short(full_name: str) -> str:
    """Middle and given name, for the head of a narrow column."""
    _, middle, given = name_parts(full_name)
    return f"{middle.split()[-1]} {given}" if middle else given


def width(votes: int, valid: int) -> str:
    """The bar's width in tenths of the drawing's unit, by integers."""
    tenths = min(votes, valid) * _BAR * 10 // valid if valid else 0
    return f"{tenths // 10}.{tenths % 10}"


async def _issued(visit: Visit) -> str:
    """Where the newest record that still holds is, if one was printed."""
    if not visit.may(Action.ISSUE_DOCUMENT):
        return ""
    found = await visit.ask(act(visit, DocumentsOf), Documents)
    wanted = _form_of(visit.place.code)
    held = [one for one in found.documents if one.form == wanted and one.unit == visit.unit and not one.superseded]
    return document_address(visit, held[0]) if held else ""


async def _list(visit: Visit, contest: str) -> Response:
    """A nation's page lists the National Assembly; what the Councils elect stands on the provinces' pages."""
    whole = visit.place.level == "nation"
    contest = Contest.NA.value if whole else contest
    found = await visit.ask(act(visit, ResultsOf, contest=contest or None), Results)
    states = {state.value: sum(1 for one in found.results if one.state == state) for state in ResultState}
    chips = [contest] if whole else ["", *(one.value for one in Contest)]
    return visit.page(
        "ket-qua-ds.html",
        results=sorted(found.results, key=lambda one: one.constituency),
        states=states,
        chips=[
            (f"?{urlencode({'loai': one})}" if one else visit.request.url.path, one, contest == one) for one in chips
        ],
        missing=sum(one.missing for one in found.results if one.state != ResultState.COLLECTING),
    )
