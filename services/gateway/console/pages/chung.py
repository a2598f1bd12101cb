"""Pages of no unit: help with all keys, the choice of an election."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.console.desk import desk_of
from services.gateway.console.visits import safe_return
from services.gateway.machines import where
from services.gateway.security import COOKIE
from services.gateway.state import gateway_of

router = APIRouter()


@router.get("/tro-giup")
async def help_page(request: Request, ve: str = "/") -> Response:
    desk = desk_of(request)
    return desk.page(request, desk.words(request), "pages/tro-giup.html", back=safe_return(ve))


@router.get("/cuoc-bau-cu")
async def elections(request: Request) -> Response:
    """The elections this person has a role in, the real ones apart from the rehearsals."""
    gateway, desk = gateway_of(request), desk_of(request)
    papers = await gateway.sessions.papers(request.cookies.get(COOKIE), where=where(request))
    mine = {grant.scope.split("/", 1)[0]: grant.scope.rsplit("/", 1)[-1] for grant in papers.grants}
    held = [
        election for election in await desk.elections.all(papers.passport) if "*" in mine or election.election in mine
    ]
    return desk.page(request, desk.words(request), "pages/cuoc-bau-cu.html", held=held, mine=mine)
