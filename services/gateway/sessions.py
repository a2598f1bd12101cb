"""From a session's token to a passport: asked of identity, held for seconds, dropped when the session ends."""

import asyncio
import base64
import json
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from starlette.responses import Response

from services.contracts.base import NotSignedIn
from services.contracts.identity import OpenPassport, Papers, StepUp
from services.gateway.lines import Line
from services.gateway.security import COOKIE

_MOST: Final = 50_000
_REFUSED_FOR: Final = 1.0
_LIFETIME: Final = 12 * 3600


@dataclass(frozen=True, slots=True)
class Held:
    """Papers in hand; None when identity said there is no such session."""

    papers: Papers | None
    session: UUID | None
    until: float
    renewed: bool


class Sessions:
    """Passports of live sessions. No passport is used longer than `hold` seconds after identity gave it."""

    def __init__(self, line: Line, hold: float) -> None:
        self._line = line
        self._hold = hold
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._asked: dict[tuple[str, bool], asyncio.Task[Held]] = {}

    async def papers(self, token: str | None, *, renew: bool = True) -> Papers:
        """The papers of a session, or NotSignedIn. A page that asks by itself does not renew the idle time."""
        if not token or len(token) > 512:
            raise NotSignedIn
        held = self._held.get(token)
        if held is None or held.until <= time.monotonic() or (renew and not held.renewed):
            held = await self._ask_once(token, renew=renew)
        if held.papers is None:
            raise NotSignedIn
        return held.papers

    async def step_up(self, token: str | None, totp: str, content: str) -> Papers:
        """Papers that approve exactly one content; never held."""
        if not token:
            raise NotSignedIn
        return await self._line.ask(StepUp(key=uuid4(), token=token, totp=totp, content=content), Papers)

    def end(self, session: UUID) -> None:
        """Forget a session that has ended."""
        for token in [token for token, held in self._held.items() if held.session == session]:
            del self._held[token]

    def forget(self, token: str) -> None:
        self._held.pop(token, None)

    async def _ask_once(self, token: str, *, renew: bool) -> Held:
        """However many requests of a session come at once, identity is asked once."""
        task = self._asked.get((token, renew))
        if task is None:
            task = self._asked[token, renew] = asyncio.create_task(self._ask(token, renew=renew))
            task.add_done_callback(lambda _task: self._asked.pop((token, renew), None))
        return await asyncio.shield(task)

    async def _ask(self, token: str, *, renew: bool) -> Held:
        try:
            papers = await self._line.ask(OpenPassport(token=token, renew=renew), Papers)
        except NotSignedIn:
            held = Held(None, None, time.monotonic() + _REFUSED_FOR, renewed=True)
        else:
            held = Held(papers, session_of(papers.passport), time.monotonic() + self._hold, renew)
        self._held[token] = held
        self._held.move_to_end(token)
        while len(self._held) > _MOST:
            self._held.popitem(last=False)
        return held


def session_of(passport: str) -> UUID | None:
    """The session a passport names. It came from identity over our own line: services verify it, we only file it."""
    try:
        claims = passport.split(".")[1]
        return UUID(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sid"])
    except (IndexError, KeyError, ValueError, TypeError):
        return None


def give_cookie(response: Response, token: str, *, secure: bool) -> None:
    """The session in the browser: out of reach of scripts, never sent from another site's page."""
    response.set_cookie(COOKIE, token, max_age=_LIFETIME, path="/", httponly=True, samesite="strict", secure=secure)


def take_cookie(response: Response, *, secure: bool) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=secure)
