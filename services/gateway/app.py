"""The gateway's application: parts made from settings, routes hung on it, started and stopped with the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.base import Refusal
from services.contracts.identity import SessionEnded
from services.contracts.units import UnitDefined
from services.gateway.console.attach import attach, page_of
from services.gateway.lines import Line
from services.gateway.live import Hub
from services.gateway.refusals import BadAddress, NoSuchAddress, NoSuchMethod, answer_of, shape_finding
from services.gateway.routes import api, files, health, live
from services.gateway.sessions import Sessions
from services.gateway.settings import GatewaySettings
from services.gateway.shield import Shield
from services.gateway.slots import Slots
from services.gateway.state import Gateway
from services.gateway.units import UnitDirectory
from services.kit.direct import Direct
from services.kit.faults import refusal_of
from services.kit.files import FileStore
from services.kit.logs import log_of
from services.kit.revoked import EVERY, standing_of

log = log_of("gateway")

_PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics")


def gateway(settings: GatewaySettings, line: Line | None = None, hub: Hub | None = None) -> Gateway:
    """The parts of a gateway, connected to nothing yet."""
    direct, share = Direct(settings.direct_lines, settings.direct_secret), max(settings.gateway_in_flight // 2, 1)
    line = Line(settings.broker_url, direct, share=share) if line is None else line
    hub = Hub(settings.broker_url, settings.gateway_live_clients) if hub is None else hub
    sessions, units = Sessions(line, settings.gateway_passport_hold), UnitDirectory(line)

    def on_end(event: SessionEnded) -> None:
        sessions.end(event.session)
        hub.end_session(event.session)

    line.instead_of = sessions.instead_of
    hub.when(SessionEnded, on_end)
    hub.when(UnitDefined, units.hear)
    return Gateway(settings, line, sessions, Slots(settings), units, hub, FileStore(settings.files_url))


async def _watch(parts: Gateway) -> None:
    """Over the direct line, so also without the broker: sessions that end or may do less do so here within seconds."""
    settings = parts.settings
    standing = standing_of(Direct(settings.direct_lines, settings.direct_secret), settings.revocations)
    while standing is not None:
        try:
            for news in await asyncio.to_thread(standing.ask):
                parts.sessions.hear(news)
                parts.hub.end_session(news.session)  # whose roles only changed comes back by itself, with those of now
        except Exception:  # the next question may be answered; until then nothing is held for longer than seconds
            log.exception("no news of sessions")
        await asyncio.sleep(EVERY)


def build(settings: GatewaySettings | None = None, parts: Gateway | None = None) -> FastAPI:
    """The application. Tests give their own parts."""
    settings = settings or GatewaySettings()
    parts = parts or gateway(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await parts.line.start()
        parts.hub.start()
        watch = asyncio.create_task(_watch(parts))
        yield
        watch.cancel()
        await parts.hub.stop()
        await parts.line.stop()

    made = FastAPI(title="Hòm Phiếu", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    made.state.gateway = parts
    for router in (health.router, live.router, files.router, api.router):
        made.include_router(router)
    attach(made, parts)
    made.add_exception_handler(Refusal, refused)
    made.add_exception_handler(HTTPException, not_served)
    made.add_exception_handler(RequestValidationError, misshapen)
    made.add_middleware(Shield, answer=refused, secure=settings.gateway_secure)
    return made


async def refused(request: Request, refusal: Exception) -> Response:
    """A refusal as JSON for programs, as a page for people."""
    assert isinstance(refusal, Refusal)
    if request.url.path.startswith(_PROGRAMS):
        return answer_of(refusal)
    return page_of(request, refusal)


async def not_served(request: Request, error: Exception) -> Response:
    """An address or method the application does not have."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return await refused(request, NoSuchMethod(allowed=(error.headers or {}).get("Allow", "GET")))
    if error.status_code == 404:
        return await refused(request, NoSuchAddress())
    return await refused(request, BadAddress())


async def misshapen(request: Request, error: Exception) -> Response:
    """Parameters of the gateway's own addresses, all faults at once."""
    assert isinstance(error, RequestValidationError)
    vi, en = "Không đúng dạng quy định.", "Not in the form that is asked for."
    findings = [shape_finding(".".join(map(str, fault["loc"][1:])), vi, en) for fault in error.errors()]
    return await refused(request, refusal_of(findings))
