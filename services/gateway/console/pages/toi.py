"""My account: who I am and what I may do, my security keys, where I signed in, a new password."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.contracts.base import EVERYWHERE, Message, Refusal, Told, Unknown
from services.contracts.base import Request as Question
from services.contracts.identity import CodeRefused, Done, Papers
from services.contracts.passkeys import (
    BeginKey,
    BeginStepUp,
    CeremonyOptions,
    ChangePassword,
    EndKey,
    FinishKey,
    KeyCard,
    KeyRefused,
    KeysOfMe,
    Me,
    MyAccount,
    MyKeys,
    MySessions,
    NotMe,
    RoleCard,
    SessionsOfMe,
    own_content,
)
from services.contracts.roles import ROLE_NAMES, Role
from services.gateway.console.acts import key_of, proof_of
from services.gateway.console.desk import desk_of
from services.gateway.console.pages.vao import options_answer
from services.gateway.console.places import title_of
from services.gateway.console.visits import read_form
from services.gateway.console.words import Words, capital
from services.gateway.machines import where
from services.gateway.refusals import answer_of
from services.gateway.security import COOKIE, FORM_MARK, form_mark, require_form_mark
from services.gateway.state import Gateway, gateway_of

router = APIRouter()
Answer = TypeVar("Answer", bound=Message)

TOI: Final = "/toi"
_FORM_BYTES: Final = 65_536  # a key's attestation carries certificates
_BROWSERS: Final = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("coc_coc", "Cốc Cốc"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip
_PROGRAM: Final = re.compile(r"[\w.-]+(/[\d.]+)?")


@dataclass(frozen=True)
class Myself:
    """A signed-in person on a page of no unit."""

    request: Request
    gateway: Gateway
    papers: Papers
    token: str

    @property
    def words(self) -> Words:
        return desk_of(self.request).words(self.request)

    async def ask(self, question: Question, reply: type[Answer]) -> Answer:
        return await self.gateway.line.ask(question, reply, passport=self.papers.passport)

    async def ask_approved(self, question: Question, reply: type[Answer], form: FormData, content: str) -> Answer:
        """The answer to an act signed with a second factor for exactly this content."""
        papers = await self.gateway.sessions.step_up(self.token, proof_of(form), content)
        return await self.gateway.line.ask(question, reply, passport=papers.passport)

    async def form(self) -> FormData:
        form = await read_form(self.request, _FORM_BYTES)
        require_form_mark(self.token, str(form.get(FORM_MARK, "")))
        return form

    def page(self, template: str, refused: Told | None = None, **facts: Any) -> Response:
        desk, mark = desk_of(self.request), form_mark(self.token)
        shown = {"papers": self.papers, "mark": mark, "new_key": _fresh, "refused": refused, **facts}
        return desk.page(self.request, self.words, f"pages/{template}", refused.status if refused else 200, **shown)


def _fresh() -> str:
    return str(key_of(FormData()))


async def myself(request: Request) -> Myself:
    """Who is here; to the sign-in when nobody is."""
    gateway, token = gateway_of(request), request.cookies.get(COOKIE, "")
    papers = await gateway.sessions.papers(token, where=where(request))
    await gateway.units.fill(papers.passport)
    return Myself(request, gateway, papers, token)


Asker = Annotated[Myself, Depends(myself)]


@dataclass(frozen=True)
class ShownRole:
    """A role as its holder reads it."""

    name: str
    place: str
    election: str
    role: RoleCard


def _role(role: RoleCard, asker: Myself) -> ShownRole:
    words = asker.words
    name = words.pair(ROLE_NAMES[Role(role.role)]) if role.role in set(Role) else role.role
    if role.scope == EVERYWHERE:
        return ShownRole(name, words.text("Toàn hệ thống"), "", role)
    election, _, path = role.scope.partition("/")
    return ShownRole(name, capital(title_of(path, asker.gateway.units, words)), election, role)


def browser_of(device: str) -> str:
    """What a browser says it is, short.

    >>> browser_of("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36")
    'Chrome · Windows'
    """
    browser = next((name for mark, name in _BROWSERS if mark in device), "")
    system = next((name for mark, name in _SYSTEMS if mark in device), "")
    if not browser:
        program = _PROGRAM.match(device)
        return program.group() if program else ""
    return f"{browser} · {system}" if system else browser


@router.get(TOI)
async def my_account(asker: Asker, xong: str = "") -> Response:
    """Everything of one's own on one page."""
    return await _overview(asker, done=xong)


async def _overview(asker: Myself, refused: Told | None = None, done: str = "") -> Response:
    mine = await asker.ask(Me(), MyAccount)
    keys = await asker.ask(KeysOfMe(), MyKeys)
    signed_in = await asker.ask(MySessions(), SessionsOfMe)
    return asker.page(
        "toi.html",
        refused,
        mine=mine,
        roles=[_role(role, asker) for role in mine.roles],
        keys=keys,
        sessions=signed_in.sessions,
        browser_of=browser_of,
        done=done if done in {"khoa", "het-khoa", "mat-khau", "bao"} else "",
    )


@router.post(TOI + "/khong-phai-toi")
async def not_me(asker: Asker) -> Response:
    """A sign-in that was not mine ends and is reported; when it is this very one, the page is left."""
    form = await asker.form()
    try:
        asked = NotMe(key=key_of(form), session=UUID(str(form.get("phien", ""))))
        await asker.ask(asked, SessionsOfMe)
    except ValueError:
        return await _overview(asker, Unknown(what=asker.words.text("lần đăng nhập này")).told())
    except Refusal as refused:
        return await _overview(asker, refused.told())
    asker.gateway.sessions.forget(asker.token)
    return RedirectResponse(f"{TOI}?xong=bao", 303)


@router.post(TOI + "/khoa/hoi")
async def ask_for_key(asker: Asker) -> Response:
    """What the browser is to be asked so that its answer approves the content the form names."""
    form = await asker.form()
    try:
        asked = BeginStepUp(key=key_of(FormData()), token=asker.token, content=str(form.get("noi-dung", "")))
        found = await asker.gateway.line.ask(asked, CeremonyOptions)
    except ValidationError:
        return answer_of(CodeRefused())
    except Refusal as refused:
        return answer_of(refused)
    return options_answer(found)


@router.get(TOI + "/them-khoa")
async def new_key(asker: Asker) -> Response:
    """First the second factor again: who finds an open session must not add a key of their own."""
    return _new_key(asker)


def _new_key(asker: Myself, refused: Told | None = None, options: str = "", name: str = "") -> Response:
    content = own_content("add-key", asker.papers.person)
    return asker.page("toi-them-khoa.html", refused, content=content, options=options, name=name)


@router.post(TOI + "/them-khoa")
async def begin_key(asker: Asker) -> Response:
    """The second factor was right: the browser may make the key."""
    form = await asker.form()
    name = str(form.get("name", "")).strip()[:60]
    try:
        asked, content = BeginKey(key=key_of(form)), own_content("add-key", asker.papers.person)
        found = await asker.ask_approved(asked, CeremonyOptions, form, content)
    except Refusal as refused:
        return _new_key(asker, refused.told(), name=name)
    return _new_key(asker, options=found.options, name=name)


@router.post(TOI + "/ghep-khoa")
async def finish_key(asker: Asker) -> Response:
    """The key the browser made is kept under its name."""
    form = await asker.form()
    name = str(form.get("name", "")).strip()[:60]
    try:
        asked = FinishKey(key=key_of(form), name=name, credential=str(form.get("assertion", "")))
        await asker.ask(asked, MyKeys)
    except ValidationError:
        return _new_key(asker, KeyRefused().told(), name=name)
    except Refusal as refused:
        return _new_key(asker, refused.told(), name=name)
    return RedirectResponse(f"{TOI}?xong=khoa", 303)


@router.get(TOI + "/khoa/{id}")
async def one_key(asker: Asker, id: UUID) -> Response:
    """One key, before it is ended."""
    return await _one_key(asker, id)


async def _one_key(asker: Myself, id: UUID, refused: Told | None = None) -> Response:
    keys = await asker.ask(KeysOfMe(), MyKeys)
    card: KeyCard | None = next((key for key in keys.keys if key.id == id), None)
    if card is None:
        raise Unknown(what=asker.words.text("khóa này"))
    return asker.page("toi-khoa.html", refused, card=card, content=own_content("end-key", id))


@router.post(TOI + "/khoa/{id}")
async def end_key(asker: Asker, id: UUID) -> Response:
    """The key opens nothing any more."""
    form = await asker.form()
    try:
        await asker.ask_approved(EndKey(key=key_of(form), id=id), MyKeys, form, own_content("end-key", id))
    except Refusal as refused:
        return await _one_key(asker, id, refused.told())
    return RedirectResponse(f"{TOI}?xong=het-khoa", 303)


@router.get(TOI + "/mat-khau")
async def new_password(asker: Asker) -> Response:
    """A password of one's own choice."""
    return _new_password(asker)


def _new_password(asker: Myself, refused: Told | None = None, *, unlike: bool = False) -> Response:
    content = own_content("change-password", asker.papers.person)
    return asker.page("toi-mat-khau.html", refused, content=content, unlike=unlike)


@router.post(TOI + "/mat-khau")
async def change_password(asker: Asker) -> Response:
    """The new password holds; this session stays, every other ends."""
    form = await asker.form()
    password = str(form.get("password", ""))
    if password != str(form.get("again", "")):
        return _new_password(asker, unlike=True)
    try:
        present = str(form.get("present", ""))
        asked = ChangePassword(key=key_of(form), password=password, present=present)
        await asker.ask_approved(asked, Done, form, own_content("change-password", asker.papers.person))
    except ValidationError:
        return _new_password(asker, CodeRefused().told())
    except Refusal as refused:
        return _new_password(asker, refused.told())
    return RedirectResponse(f"{TOI}?xong=mat-khau", 303)
