"""The live stream over server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import StreamingResponse

from services.contracts.base import EVERYWHERE, ElectionId, NotAllowed
from services.gateway.doors import PREFIX
from services.gateway.live import Subscription
from services.gateway.machines import where
from services.gateway.refusals import Crowded
from services.gateway.security import token_of
from services.gateway.sessions import session_of
from services.gateway.state import gateway_of

router = APIRouter(tags=["live"])

_BEAT: Final = 10.0
_PAUSE: Final = 0.5  # two notes a second of one topic and unit at most
_LONGEST: Final = 3600.0  # then the browser opens a new stream, with a passport judged anew


@router.get(f"{PREFIX}/live", operation_id="live", response_class=StreamingResponse)
async def live(
    request: Request,
    election: ElectionId,
    unit: Annotated[str, Query(max_length=40, description="A unit's code (19777) or path (vn/46/19777).")] = "vn",
) -> StreamingResponse:
    """Server-sent events: what changed where, at and below a unit; a heartbeat every 10 seconds."""
    gateway = gateway_of(request)
    token = token_of(request.headers, request.cookies)
    papers = await gateway.sessions.papers(token, renew=False, where=where(request))
    await gateway.units.fill(papers.passport)
    path = unit if unit.startswith("vn") else gateway.units.path_of(unit)
    grants = tuple(g for g in papers.grants if g.scope == EVERYWHERE or g.scope.split("/", 1)[0] == election)
    if path is None or not grants:
        raise NotAllowed
    if gateway.hub.full:
        raise Crowded(seconds=30)
    subscription = Subscription(election, path, grants, session_of(papers.passport))
    gateway.hub.join(subscription, _after(request.headers.get("last-event-id")))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_told(request, subscription), media_type="text/event-stream", headers=headers)


def _after(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


async def _told(request: Request, subscription: Subscription) -> AsyncIterator[bytes]:
    hub = gateway_of(request).hub
    ends = time.monotonic() + _LONGEST
    try:
        yield b"retry: 3000\n: xin chao\n\n"
        while not subscription.closed and time.monotonic() < ends:
            try:
                await asyncio.wait_for(subscription.woken.wait(), _BEAT)
            except TimeoutError:
                yield b"event: nhip\ndata: {}\n\n"
                continue
            for number, note in subscription.take():
                text = note.model_dump_json(exclude_none=True)
                yield f"id: {number}\nevent: doi\ndata: {text}\n\n".encode()
            await asyncio.sleep(_PAUSE)
    finally:
        hub.leave(subscription)
