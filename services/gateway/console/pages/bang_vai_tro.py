"""The fixed table of roles and what each may do, as every service judges by it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.console.desk import desk_of
from services.gateway.console.powers import powers
from services.gateway.console.visits import safe_return
from services.gateway.security import COOKIE
from services.gateway.state import gateway_of

router = APIRouter()


@router.get("/bang-vai-tro")
async def table(request: Request, ve: str = "/") -> Response:
    """For everybody who is signed in: the specification, shown as it is."""
    gateway, desk = gateway_of(request), desk_of(request)
    await gateway.sessions.papers(request.cookies.get(COOKIE))
    return desk.page(request, desk.words(request), "pages/bang-vai-tro.html", powers=powers(), back=safe_return(ve))
