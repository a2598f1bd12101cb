"""From a session's token to a passport: asked of identity, held for seconds, dropped when the session ends."""

import asyncio
import base64
import json
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.base import NotSignedIn, Refusal, SessionNews
from services.contracts.identity import OpenPassport, Papers, StepUp
from services.contracts.passkeys import RenewedSession, RenewSession, StepUpByKey
from services.gateway.lines import Line
from services.gateway.machines import Where
from services.gateway.security import COOKIE, SUCCESSOR
from services.kit.logs import log_of

log = log_of("gateway")

_MOST: Final = 50_000
_REFUSED_FOR: Final = 1.0
_DIGITS: Final = 6
LIFETIME: Final = 12 * 3600  # seconds


@dataclass(frozen=True, slots=True)
class Held:
    """Papers in hand; None when identity said there is no such session."""

    papers: Papers | None
    session: UUID | None
    until: float
    renewed: bool
    where: Where | None = None


class Sessions:
    """Passports of live sessions. No passport is used longer than `hold` seconds after identity gave it."""

    def __init__(self, line: Line, hold: float) -> None:
        self._line = line
        self._hold = hold
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._asked: dict[tuple[str, bool, Where | None], asyncio.Task[Held]] = {}

    async def papers(self, token: str | None, *, renew: bool = True, where: Where | None = None) -> Papers:
        """The papers of a session, or NotSignedIn. A page that asks by itself does not renew the idle time.

        Identity is told at once when the session is used somewhere else than a moment ago.
        """
        if not token or len(token) > 512:
            raise NotSignedIn
        held = self._held.get(token)
        if (
            held is None
            or held.until <= time.monotonic()
            or (renew and not held.renewed)
            or (where and held.where != where)
        ):
            held = await self._ask_once(token, renew=renew, where=where)
        if held.papers is None:
            raise NotSignedIn
        return held.papers

    async def step_up(self, token: str | None, proof: str, content: str) -> Papers:
        """Papers that approve exactly one content; never held. The proof is a code or a browser's answer of a key."""
        if not token:
            raise NotSignedIn
        asked: StepUp | StepUpByKey
        if is_code(proof):
            asked = StepUp(key=uuid4(), token=token, totp=proof, content=content)
        else:
            asked = StepUpByKey(key=uuid4(), token=token, assertion=proof, content=content)
        return await self._line.ask(asked, Papers)

    async def successor(self, token: str | None) -> str | None:
        """The token that is to take this one's place; None while it is not due, or nobody can tell it now."""
        held = self._held.get(token or "")
        if token is None or held is None or held.papers is None or not held.papers.token_due:
            return None
        self._held[token] = replace(held, papers=held.papers.model_copy(update={"token_due": False}))
        try:
            return (await self._line.ask(RenewSession(key=uuid4(), token=token), RenewedSession)).token
        except Refusal as refused:  # the old one is good as long as nobody has used its successor
            log.info("token not renewed", reason=refused.code)
            return None

    async def instead_of(self, passport: str) -> str | None:
        """A passport of the same session, asked anew: a service has heard something that this one does not say yet."""
        session = session_of(passport)
        token = next((token for token, held in self._held.items() if held.session == session), None)
        if session is None or token is None or _approves(passport):
            return None
        held = self._held[token]
        if held.papers is not None and held.papers.passport == passport:
            self.forget(token)
        fresh = await self.papers(token, renew=False)
        return None if fresh.passport == passport else fresh.passport

    def hear(self, news: SessionNews) -> None:
        """Papers that say something else than the session may do now are dropped."""
        held = [one for one in self._held.values() if one.session == news.session and one.papers is not None]
        if any(news.grants is None or set(one.papers.grants) != set(news.grants) for one in held if one.papers):
            self.end(news.session)

    def end(self, session: UUID) -> None:
        """Forget a session that has ended."""
        for token in [token for token, held in self._held.items() if held.session == session]:
            del self._held[token]

    def forget(self, token: str) -> None:
        self._held.pop(token, None)

    async def _ask_once(self, token: str, *, renew: bool, where: Where | None) -> Held:
        """However many requests of a session come at once, identity is asked once."""
        task = self._asked.get((token, renew, where))
        if task is None:
            task = self._asked[token, renew, where] = asyncio.create_task(self._ask(token, renew=renew, where=where))
            task.add_done_callback(lambda _task: self._asked.pop((token, renew, where), None))
        return await asyncio.shield(task)

    async def _ask(self, token: str, *, renew: bool, where: Where | None) -> Held:
        place = {"address": where.address, "device": where.device, "machine": where.machine} if where else {}
        try:
            papers = await self._line.ask(OpenPassport(token=token, renew=renew, **place), Papers)
        except NotSignedIn:
            held = Held(None, None, time.monotonic() + _REFUSED_FOR, renewed=True, where=where)
        else:
            held = Held(papers, session_of(papers.passport), time.monotonic() + self._hold, renew, where)
        self._held[token] = held
        self._held.move_to_end(token)
        while len(self._held) > _MOST:
            self._held.popitem(last=False)
        return held


def is_code(proof: str) -> bool:
    """Whether a second factor was given as six digits; else it is what a passkey signed, as JSON."""
    return len(proof) == _DIGITS and proof.isascii() and proof.isdigit()


def session_of(passport: str) -> UUID | None:
    """The session a passport names. It came from identity over our own line: services verify it, we only file it."""
    try:
        return UUID(_claims(passport)["sid"])
    except (IndexError, KeyError, ValueError, TypeError):
        return None


def _approves(passport: str) -> bool:
    """Whether the passport was given for one act: another one would need the second factor again."""
    return bool(_claims(passport).get("approves"))


def _claims(passport: str) -> dict[str, Any]:
    claims = passport.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return found


async def carry_on(request: Request, sessions: Sessions, token: str | None) -> None:
    """When the token has been in use for long, its successor goes out with the answer (`shield`)."""
    fresh = await sessions.successor(token)
    if fresh is not None:
        request.scope[SUCCESSOR] = fresh


def give_cookie(response: Response, token: str, *, secure: bool) -> None:
    """The session in the browser: out of reach of scripts, never sent from another site's page."""
    response.set_cookie(COOKIE, token, max_age=LIFETIME, path="/", httponly=True, samesite="strict", secure=secure)


def take_cookie(response: Response, *, secure: bool) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=secure)
