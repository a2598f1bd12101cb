"""Who is late with a report, and whom to call: units one level down, or the areas of a commune."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.contracts.reporting import BoardOf, CommuneDay, Dashboard, DayOf
from services.contracts.roles import Action
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here

router = APIRouter()


@router.get(HERE + "/ai-cham")
async def late(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Everyone who is late, the worst first; the overview has room for four."""
    visit.require(Action.READ_PROGRESS)
    if visit.place.level == "commune":
        return await _areas(visit)
    if visit.place.level in {"nation", "province"}:
        return await _units(visit)
    return RedirectResponse(visit.address, 303)


async def _areas(visit: Visit) -> Response:
    day = await visit.ask(DayOf(election=visit.election, unit=visit.unit), CommuneDay)
    areas = sorted((area for area in day.areas if area.late), key=lambda area: (-area.late_minutes, area.area))
    return visit.page("ai-cham-xa.html", standing=day.standing, areas=areas, whole=len(day.areas))


async def _units(visit: Visit) -> Response:
    board = await visit.ask(BoardOf(election=visit.election, unit=visit.unit), Dashboard)
    units = sorted((unit for unit in board.units if unit.late), key=lambda unit: (-unit.late, unit.code))
    return visit.page(
        "ai-cham.html",
        standing=board.standing,
        nation=visit.place.level == "nation",
        units=units,
        whole=len(board.units),
        late=sum(unit.late for unit in units),
    )
