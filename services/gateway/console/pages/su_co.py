"""Incidents of a unit and below: what is open, who must decide; reporting one, settling one."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.base import Refusal, Told
from services.contracts.daytime import VIETNAM
from services.contracts.reporting import CommuneDay, DayOf
from services.contracts.results import Incident, IncidentKind, Incidents, IncidentsOf, ReportIncident, SettleIncident
from services.contracts.roles import Action
from services.gateway.console.acts import act, key_of, line_of
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here

router = APIRouter()

_ADDRESS: Final = HERE + "/su-co"
_NOTE: Final = 4000
KINDS: Final = {
    IncidentKind.INTERRUPTION: ("Gián đoạn bỏ phiếu", "Voting interrupted"),
    IncidentKind.WEATHER: ("Thời tiết", "Weather"),
    IncidentKind.TRAFFIC: ("Giao thông", "Traffic"),
    IncidentKind.SECURITY: ("An ninh, trật tự", "Security"),
    IncidentKind.TECHNICAL: ("Điện, thiết bị, đường truyền", "Power, equipment, lines"),
    IncidentKind.OTHER: ("Việc khác", "Other"),
}


@router.get(_ADDRESS)
async def incidents(visit: Annotated[Visit, Depends(here)], so: int = 0) -> Response:
    """Open incidents first; those that need a decision before the others."""
    visit.require(Action.READ_PROGRESS)
    return await _page(visit, told=so)


@router.post(_ADDRESS)
async def report(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Report an incident; what was typed is kept when it is refused."""
    visit.require(Action.REPORT_INCIDENT)
    form = await visit.form()
    try:
        asked = act(
            visit,
            ReportIncident,
            key=key_of(form),
            area=line_of(form, "area") or None,
            kind=line_of(form, "kind"),
            happened_at=_instant(visit, line_of(form, "at")),
            what=line_of(form, "what", _NOTE) or None,
            action=line_of(form, "action", _NOTE),
            needs_decision=form.get("decision") == "1",
        )
        incident = await visit.ask(asked, Incident)
    except Refusal as refused:
        return await _page(visit, refused=refused.told(), typed=form)
    return visit.go(f"{visit.address}/su-co?so={incident.number}")


@router.post(_ADDRESS + "/{number}/xong")
async def settle(visit: Annotated[Visit, Depends(here)], number: int) -> Response:
    """An incident is over: how it was settled."""
    visit.require(Action.REPORT_INCIDENT)
    form = await visit.form()
    try:
        asked = act(visit, SettleIncident, key=key_of(form), number=number, how=line_of(form, "how", _NOTE) or None)
        await visit.ask(asked, Incident)
    except Refusal as refused:
        return await _page(visit, refused=refused.told())
    return visit.go(f"{visit.address}/su-co?so={number}")


def _instant(visit: Visit, typed: str) -> str | datetime:
    """15:10 of the election's own day; what cannot be read is left for the contract to refuse."""
    hour, _, minute = typed.replace("h", ":").replace("g", ":").partition(":")
    now = visit.place.at().astimezone(VIETNAM)
    try:
        return now.replace(hour=int(hour), minute=int(minute or "0"), second=0, microsecond=0)
    except ValueError:
        return typed


async def _page(visit: Visit, *, told: int = 0, refused: Told | None = None, typed: FormData | None = None) -> Response:
    found = await visit.ask(IncidentsOf(election=visit.election, unit=visit.unit), Incidents)
    may = visit.may(Action.REPORT_INCIDENT)
    areas = []
    if may and visit.place.level == "commune":
        day = await visit.ask(DayOf(election=visit.election, unit=visit.unit), CommuneDay)
        areas = [(area.area, str(int(area.area[6:])), area.place) for area in day.areas]
    ordered = sorted(found.incidents, key=lambda one: (bool(one.settled), not one.needs_decision))
    return visit.page(
        "su-co.html",
        refused.status if refused else 200,
        incidents=ordered,
        open_count=sum(1 for one in ordered if not one.settled),
        deciding=sum(1 for one in ordered if not one.settled and one.needs_decision),
        may=may,
        areas=areas,
        kinds=[(kind.value, KINDS[kind]) for kind in KINDS],
        names={kind.value: KINDS[kind] for kind in KINDS},
        told=told,
        refused=refused,
        typed={name: line_of(typed, name, _NOTE) for name in ("area", "kind", "at", "what", "action", "decision")}
        if typed
        else {},
        unit_title=visit.place.units.title,
    )
