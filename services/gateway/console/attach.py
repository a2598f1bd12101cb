"""Hangs the console on the application: assets, every page module, refusals as pages."""

import importlib
import pkgutil

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.contracts.base import NotAllowed, NotSignedIn, Refusal
from services.gateway.console import pages
from services.gateway.console.assets import Assets
from services.gateway.console.desk import Desk, desk_of
from services.gateway.console.elections import ElectionList
from services.gateway.console.places import HERE
from services.gateway.refusals import RETRY, NoSuchAddress
from services.gateway.security import COOKIE
from services.gateway.state import Gateway

router = APIRouter(include_in_schema=False)


@router.get("/tinh/{version}/{name}")
async def asset(request: Request, version: str, name: str) -> Response:
    return desk_of(request).assets.answer(request, version, name)


def attach(app: FastAPI, gateway: Gateway) -> None:
    """Every page of `pages/` is part of the application; the public results are served from their folder."""
    found = [
        importlib.import_module(f"{pages.__name__}.{module.name}") for module in pkgutil.iter_modules(pages.__path__)
    ]
    app.include_router(router)
    for module in found:
        app.include_router(module.router, include_in_schema=False)
    paths = [route.path for module in found for route in module.router.routes]
    sections = frozenset(path.removeprefix(HERE).strip("/") for path in paths if path.startswith(HERE))
    settings = gateway.settings
    app.state.desk = Desk(
        Assets(settings.packages_folder), ElectionList(gateway.line), settings.gateway_drill, sections
    )
    settings.public_folder.mkdir(parents=True, exist_ok=True)


def page_of(request: Request, refusal: Refusal) -> Response:
    """A refusal as a page: to the sign-in when nobody is signed in, else its sentence, and what to do next."""
    if isinstance(refusal, NotSignedIn):
        back = request.url.path if request.method == "GET" else ""
        query = f"?{request.url.query}" if request.url.query and back else ""
        answer = RedirectResponse(f"/vao?ve={back}{query}" if back not in {"", "/"} else "/vao", 303)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer
    if isinstance(refusal, NoSuchAddress):
        refusal = NotAllowed()
    desk, told = desk_of(request), refusal.told()
    page = desk.page(request, desk.words(request), "refusal.html", told.status, refused=told)
    if told.status in RETRY:
        page.headers["Retry-After"] = told.facts.get("seconds", "5")
    return page
