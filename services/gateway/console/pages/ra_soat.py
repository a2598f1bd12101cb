"""Reviews of accounts: how many are left by when, confirming them, who is late below, the report."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.accounts import (
    ConfirmAccounts,
    OpenReview,
    ReviewCard,
    ReviewLine,
    ReviewOf,
    ReviewProgress,
    Reviews,
    ReviewSheet,
    ReviewsOf,
    ReviewsProgress,
    Verdict,
)
from services.contracts.base import NotAllowed, Refusal, Told
from services.contracts.roles import ROLE_NAMES, Action
from services.gateway.console.acts import act, key_of, line_of
from services.gateway.console.pages.tai_khoan import level_of, unit_words
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here

router = APIRouter()

_RA_SOAT: Final = HERE + "/ra-soat"
_MOST: Final = 500
_FORMULA: Final = ("=", "+", "-", "@", "\t")
LOOKS: Final = {
    Verdict.OPEN: ("wait", "wait", "Chưa rà soát", "Open"),
    Verdict.CONFIRMED: ("ok", "ok", "Đã xác nhận", "Confirmed"),
    Verdict.CLOSED: ("lock", "ink", "Đã đóng", "Closed"),
}
_TYPED: Final = ("name", "due")


@dataclass(frozen=True)
class Line:
    """A unit with how far it is."""

    line: ReviewLine
    where: str
    total: int


@router.get(_RA_SOAT)
async def review(visit: Annotated[Visit, Depends(here)], dot: str = "", trang: int = 1) -> Response:
    """The newest review, or the one asked for."""
    return await _page(visit, dot, trang)


@router.post(_RA_SOAT)
async def settle(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Confirm the ticked accounts, or open a review."""
    form = await visit.form()
    try:
        if form.get("viec") == "mo":
            visit.require(Action.OPEN_REVIEW)
            asked = act(visit, OpenReview, key=key_of(form), name=line_of(form, "name", 200), due=_day(form))
            card = await visit.ask(asked, ReviewCard)
        else:
            visit.require(Action.REVIEW_ACCOUNTS)
            card = await visit.ask(_confirmed(visit, form), ReviewCard)
    except Refusal as refused:
        return await _page(visit, line_of(form, "dot"), 1, refused.told(), form)
    return visit.go(f"{visit.address}/ra-soat?dot={card.review}")


@router.get(_RA_SOAT + "/{review}/bao-cao.csv")
async def report(visit: Annotated[Visit, Depends(here)], review: str) -> Response:
    """Every single unit with its counts, for a spreadsheet."""
    visit.require(Action.REVIEW_ACCOUNTS)
    found = await visit.ask(act(visit, ReviewsProgress, review=_uuid(review), deep=True), ReviewProgress)
    name = f"ra-soat-{visit.election}-{visit.place.code}.csv"
    text = "\ufeff" + "".join(_rows(visit, found))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _rows(visit: Visit, found: ReviewProgress) -> Iterator[str]:
    words = visit.words
    heads = ("Mã", "Đơn vị", "Đã xác nhận", "Đã đóng", "Chưa rà soát", "Quá hạn")
    yield _csv([words.text("Đợt"), found.card.name, words.day(found.card.due)])
    yield _csv([words.text(head) for head in heads])
    for line in found.lines:
        late = words.text("quá hạn") if line.late else ""
        code = line.unit.rpartition("/")[2]
        yield _csv([code, unit_words(visit, line.unit), line.confirmed, line.closed, line.open, late])


def _csv(cells: list[object]) -> str:
    """One line; a text a spreadsheet would take for a formula is shown as text."""
    kept = io.StringIO()
    csv.writer(kept).writerow([f"'{each}" if str(each).startswith(_FORMULA) else each for each in cells])
    return kept.getvalue()


def _confirmed(visit: Visit, form: FormData) -> ConfirmAccounts:
    """The ticked accounts: `person unit` each."""
    pairs = [str(each).partition(" ") for each in form.getlist("ai")][:_MOST]
    accounts = tuple({"person": person, "unit": unit} for person, _, unit in pairs)
    return act(visit, ConfirmAccounts, key=key_of(form), review=line_of(form, "dot"), accounts=accounts)


def _day(form: FormData) -> date | str:
    """A day typed as 31/5/2026 or 2026-05-31; what is none is left for the contract to refuse."""
    typed = line_of(form, "due", 20)
    day, _, rest = typed.replace(".", "/").partition("/")
    month, _, year = rest.partition("/")
    try:
        return date(int(year), int(month), int(day)) if rest else typed
    except ValueError:
        return typed


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise NotAllowed from wrong


async def _page(
    visit: Visit, dot: str, trang: int, refused: Told | None = None, form: FormData | None = None
) -> Response:
    level_of(visit)
    visit.require(Action.REVIEW_ACCOUNTS)
    held = (await visit.ask(act(visit, ReviewsOf), Reviews)).reviews
    chosen = next((card for card in held if str(card.review) == dot), held[0] if held and not dot else None)
    if dot and chosen is None:
        raise NotAllowed
    shown: dict[str, object] = {"card": chosen, "rows": [], "total": 0, "lines": [], "late": 0}
    page = max(1, min(trang, 1000))
    if chosen is not None:
        shown |= await _chosen(visit, chosen, page)
    return visit.page(
        "ra-soat.html",
        refused.status if refused else 200,
        refused=refused,
        reviews=held,
        looks=LOOKS,
        typed={name: line_of(form, name) if form else "" for name in _TYPED},
        may_open=visit.may(Action.OPEN_REVIEW),
        page_number=page,
        **shown,
    )


async def _chosen(visit: Visit, card: ReviewCard, page: int) -> dict[str, object]:
    """The accounts of the review here, and how far each unit below is."""
    size = 200
    sheet = await visit.ask(act(visit, ReviewOf, review=card.review, first=(page - 1) * size, size=size), ReviewSheet)
    progress = await visit.ask(act(visit, ReviewsProgress, review=card.review), ReviewProgress)
    rows = [
        (row, unit_words(visit, row.unit), [ROLE_NAMES[role] for role in row.roles], row.person == visit.papers.person)
        for row in sheet.rows
    ]
    lines = [
        Line(line, unit_words(visit, line.unit), line.confirmed + line.closed + line.open) for line in progress.lines
    ]
    pages = -(-sheet.total // size)
    return {
        "card": sheet.card,
        "rows": rows,
        "total": sheet.total,
        "lines": lines,
        "late": progress.late,
        "pages": pages,
    }
