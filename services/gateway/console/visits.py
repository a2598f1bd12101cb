"""A visit: one person asking for one page, with everything a page needs to answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.datastructures import FormData
from starlette.formparsers import FormParser
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.contracts.base import EVERYWHERE, Grant, Message, NotAllowed, Unavailable
from services.contracts.base import Request as Question
from services.contracts.identity import Papers
from services.contracts.roles import POLICY, ROLE_NAMES, Action, Role
from services.gateway.bodies import pieces
from services.gateway.console.desk import Desk, desk_of
from services.gateway.console.places import Place
from services.gateway.console.rail import rail_for
from services.gateway.console.words import Words
from services.gateway.machines import where
from services.gateway.refusals import WrongKind
from services.gateway.security import COOKIE, FORM_MARK, form_mark, require_form_mark
from services.gateway.sessions import carry_on
from services.gateway.state import Gateway, gateway_of

Answer = TypeVar("Answer", bound=Message)
_COME_BACK = 5
BY_ITSELF = "x-manh"
"""The header with which a page says that no person asked: `song` for a refresh of its live regions."""

_FORM = "application/x-www-form-urlencoded"
UNLISTED = "-"
"""The section of a page that is not of the unit it is shown in."""


@dataclass(frozen=True)
class Visit:
    """Who is here, where, and in which language."""

    request: Request
    gateway: Gateway
    desk: Desk
    papers: Papers
    token: str
    place: Place
    words: Words

    @property
    def election(self) -> str:
        return self.place.election

    @property
    def unit(self) -> str:
        return self.place.path

    @property
    def address(self) -> str:
        """The address of the unit's overview; sections follow it."""
        return self.place.address

    def may(self, action: Action, path: str = "") -> bool:
        """Whether the person may do something here, or in the unit at another path."""
        scope = f"{self.election}/{path}" if path else self.place.scope
        return any(POLICY.allows(grant, action, scope) for grant in self.papers.grants)

    @property
    def way_up(self) -> list[tuple[str, str]]:
        """Address and title of the units above; no address where the person may not look."""
        return [
            (f"/{self.election}/{path.rsplit('/', 1)[-1]}" if self.may(Action.READ_PROGRESS, path) else "", title)
            for path, title in self.place.way_up(self.words)
        ]

    def require(self, *actions: Action) -> None:
        """A page one may do nothing on is not there."""
        if not any(map(self.may, actions)):
            raise NotAllowed

    @property
    def guest(self) -> bool:
        """Whether the person only looks: no role of theirs was given in this very unit."""
        return not any(grant.scope in (EVERYWHERE, self.place.scope) for grant in self.papers.grants)

    @property
    def role(self) -> str:
        """The person's role that counts here, in words."""
        return role_of(best_grant(self.papers.grants, self.place), self.words)

    async def ask(self, question: Question, reply: type[Answer]) -> Answer:
        """The answer of the service that owns it."""
        trace = self.request.headers.get("traceparent")
        return await self.gateway.line.ask(question, reply, passport=self.papers.passport, trace=trace)

    async def ask_approved(self, question: Question, reply: type[Answer], proof: str, content: str) -> Answer:
        """The same with the second factor given again for exactly this content."""
        papers = await self.gateway.sessions.step_up(self.token, proof, content)
        return await self.gateway.line.ask(question, reply, passport=papers.passport)

    async def form(self) -> FormData:
        """The posted form of this session."""
        form = await read_form(self.request, self.gateway.settings.gateway_body)
        require_form_mark(self.token, str(form.get(FORM_MARK, "")))
        return form

    def page(self, template: str, status: int = 200, /, **facts: Any) -> Response:
        """A page in its frame."""
        return self.desk.page(self.request, self.words, f"pages/{template}", status, **self._frame(), **facts)

    def go(self, address: str) -> Response:
        """On to another page of this site, after an act."""
        return RedirectResponse(address, 303)

    def _frame(self) -> dict[str, Any]:
        section = self.request.url.path.removeprefix(self.address).strip("/")
        here = max(
            (known for known in self.desk.sections if is_within(section, known)),
            key=len,
            default="-" if section else "",
        )
        return {
            "visit": self,
            "place": self.place,
            "mark": form_mark(self.token),
            "new_key": lambda: str(uuid4()),
            "groups": rail_for(self.place, here, self.desk.sections, self.may),
            "shown_at": self.place.at(),
        }


def is_within(section: str, known: str) -> bool:
    return section == known or (bool(known) and section.startswith(f"{known}/"))


def best_grant(grants: tuple[Grant, ...], place: Place) -> Grant | None:
    """The grant nearest to the unit: its own, else the longest above it."""
    over = [g for g in grants if g.scope == EVERYWHERE or f"{place.scope}/".startswith(f"{g.scope}/")]
    return max(over, key=lambda grant: 0 if grant.scope == EVERYWHERE else len(grant.scope), default=None)


def role_of(grant: Grant | None, words: Words) -> str:
    if grant is None or grant.role not in set(Role):
        return ""
    return words.pair(ROLE_NAMES[Role(grant.role)])


async def read_form(request: Request, limit: int) -> FormData:
    """A form as browsers send it, at most `limit` bytes."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise WrongKind(wanted=_FORM)
    return await FormParser(request.headers, pieces(request, limit)).parse()


async def here(request: Request) -> AsyncIterator[Visit]:
    """The visit of a page under `HERE`, in a slot of its own: pages wait their turn like every request."""
    gateway, token = gateway_of(request), request.cookies.get(COOKIE, "")
    async with gateway.slots.one(token):
        yield await _visit(request, gateway, token)


async def _visit(request: Request, gateway: Gateway, token: str) -> Visit:
    desk = desk_of(request)
    papers = await gateway.sessions.papers(token, renew=request.headers.get(BY_ITSELF) != "song", where=where(request))
    if request.method == "GET":
        await carry_on(request, gateway.sessions, token)
    await gateway.units.fill(papers.passport)
    election, code = request.path_params["election"], request.path_params["unit"]
    path = gateway.units.path_of(code)
    if path is None:
        raise NotAllowed if gateway.units.known else Unavailable(seconds=_COME_BACK)
    known = await desk.elections.one(election, papers.passport)
    if known is None and not any(grant.scope.startswith(f"{election}/") for grant in papers.grants):
        raise NotAllowed
    place = Place(election, path, code, known, gateway.units)
    return Visit(request, gateway, desk, papers, token, place, desk.words(request))


def safe_return(address: str) -> str:
    """Where to go back to: a path of this site, or the beginning."""
    parts = urlsplit(address)
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return address if inside and "\\" not in address else "/"
