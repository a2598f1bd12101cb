"""Breaches of security: one form upward, who must take it up by when, and how it was settled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.base import Page, Refusal, Told
from services.contracts.daytime import VIETNAM
from services.contracts.roles import Action
from services.contracts.sharing import (
    Breach,
    Breaches,
    BreachesOf,
    BreachState,
    ReportBreach,
    SettleBreach,
    TakeUpBreach,
)
from services.gateway.console.acts import act, key_of, line_of
from services.gateway.console.places import HERE, title_of
from services.gateway.console.visits import Visit, here

router = APIRouter()

_ADDRESS: Final = HERE + "/su-co-an-toan"
_NOTE: Final = 4000
_ROWS: Final = 50
_FIELDS: Final = ("what", "at", "accounts", "machines", "action", "phone", "personal")
_LOOKS: Final = {
    BreachState.REPORTED: ("ring", "work", "Chờ tiếp nhận", "Waiting"),
    BreachState.TAKEN_UP: ("q2", "work", "Đang xử lý", "In work"),
    BreachState.SETTLED: ("ok", "ok", "Đã xử lý xong", "Settled"),
}


@dataclass(frozen=True)
class Shown:
    """A report as the page draws it."""

    row: Breach
    unit: str
    handler: str
    look: tuple[str, str, str, str]
    may_settle: bool


@router.get(_ADDRESS)
async def breaches(visit: Annotated[Visit, Depends(here)], so: int = 0, dau: int = 0) -> Response:
    """What waits to be taken up first."""
    return await _page(visit, told=so, first=max(0, dau))


@router.post(_ADDRESS)
async def report(visit: Annotated[Visit, Depends(here)]) -> Response:
    """One form upward; what was typed is kept when it is refused."""
    visit.require(Action.REPORT_BREACH)
    form = await visit.form()
    try:
        asked = act(
            visit,
            ReportBreach,
            key=key_of(form),
            what=line_of(form, "what", _NOTE),
            noticed_at=_instant(line_of(form, "at")),
            accounts=line_of(form, "accounts"),
            machines=line_of(form, "machines"),
            action=line_of(form, "action", _NOTE),
            phone=line_of(form, "phone"),
            personal_data=form.get("personal") == "1",
        )
        told = await visit.ask(asked, Breach)
    except Refusal as refused:
        return await _page(visit, refused=refused.told(), typed=form)
    return visit.go(f"{visit.address}/su-co-an-toan?so={told.number}")


@router.post(_ADDRESS + "/{breach:uuid}/nhan")
async def take_up(visit: Annotated[Visit, Depends(here)], breach: UUID) -> Response:
    """Somebody works on it from now on."""
    visit.require(Action.SETTLE_BREACH)
    form = await visit.form()
    try:
        told = await visit.ask(act(visit, TakeUpBreach, key=key_of(form), breach=breach), Breach)
    except Refusal as refused:
        return await _page(visit, refused=refused.told())
    return visit.go(f"{visit.address}/su-co-an-toan#bc-{told.number}")


@router.post(_ADDRESS + "/{breach:uuid}/xong")
async def settle(visit: Annotated[Visit, Depends(here)], breach: UUID) -> Response:
    """It is over: how it was settled."""
    visit.require(Action.SETTLE_BREACH)
    form = await visit.form()
    try:
        asked = act(visit, SettleBreach, key=key_of(form), breach=breach, how=line_of(form, "how", _NOTE))
        told = await visit.ask(asked, Breach)
    except Refusal as refused:
        return await _page(visit, refused=refused.told())
    return visit.go(f"{visit.address}/su-co-an-toan#bc-{told.number}")


def _instant(typed: str) -> str | datetime:
    """A browser's local date and time, read as Vietnam's; what cannot be read is left for the contract to refuse."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return typed or "-"
    return at if at.tzinfo else at.replace(tzinfo=VIETNAM)


async def _page(
    visit: Visit, *, told: int = 0, first: int = 0, refused: Told | None = None, typed: FormData | None = None
) -> Response:
    visit.require(Action.REPORT_BREACH, Action.SETTLE_BREACH)
    asked = BreachesOf(election=visit.election, unit=visit.unit, page=Page(first=first, size=_ROWS))
    found = await visit.ask(asked, Breaches)
    shown = [_shown(visit, row) for row in found.breaches]
    return visit.page(
        "su-co-an-toan.html",
        refused.status if refused else 200,
        shown=shown,
        total=found.total,
        waiting=sum(1 for one in shown if one.row.state is BreachState.REPORTED),
        late=sum(1 for one in shown if one.row.late),
        first=first,
        size=_ROWS,
        may_report=visit.may(Action.REPORT_BREACH),
        settles=visit.may(Action.SETTLE_BREACH),
        above=_title(visit, visit.unit.rpartition("/")[0] or "vn"),
        told=told,
        refused=refused,
        now=datetime.now(VIETNAM),
        typed={name: line_of(typed, name, _NOTE) for name in _FIELDS} if typed else {},
    )


def _shown(visit: Visit, row: Breach) -> Shown:
    return Shown(
        row=row,
        unit=_title(visit, row.unit),
        handler=_title(visit, row.handler),
        look=_LOOKS[row.state],
        may_settle=row.state is not BreachState.SETTLED and visit.may(Action.SETTLE_BREACH, row.handler),
    )


def _title(visit: Visit, path: str) -> str:
    return title_of(path, visit.place.units, visit.words)
