"""Sign-in in two steps, sign-out, the choice of language, and where a person's day begins."""

import base64
import json
from contextlib import suppress
from typing import Final
from uuid import uuid4

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.contracts.base import EVERYWHERE, NotSignedIn, Refusal
from services.contracts.identity import (
    Challenge,
    CodeRefused,
    Done,
    SecondFactor,
    Session,
    SignIn,
    SignInFailed,
    SignOut,
)
from services.contracts.passkeys import BeginAssertion, CeremonyOptions, SecondFactorByKey
from services.contracts.roles import Role
from services.gateway.console.desk import TONGUE, desk_of
from services.gateway.console.rail import HOMES
from services.gateway.console.visits import read_form, safe_return
from services.gateway.console.words import LANGUAGES
from services.gateway.machines import keep_machine, where
from services.gateway.refusals import answer_of
from services.gateway.routes.api import whereabouts
from services.gateway.security import COOKIE, FORM_MARK, require_form_mark
from services.gateway.sessions import give_cookie, take_cookie
from services.gateway.state import gateway_of

router = APIRouter()

CHALLENGE: Final = "hp_buoc2"
_FORM_BYTES: Final = 16_384
_STEP_SECONDS: Final = 300


def drill(request: Request) -> bool:
    """Whether this installation only rehearses, as far as is known before anybody has signed in."""
    desk = desk_of(request)
    known = desk.elections.only_rehearsals
    return desk.drill if known is None else known


def _first_page(request: Request, status: int = 200, **facts: object) -> Response:
    desk = desk_of(request)
    shown: dict[str, object] = {"refused": None, "login": "", "back": "/", "activated": False}
    return desk.page(request, desk.words(request), "pages/vao.html", status, drill=drill(request), **{**shown, **facts})


@router.get("/vao")
async def first_step(request: Request, ve: str = "/", xong: bool = False) -> Response:
    return _first_page(request, back=safe_return(ve), activated=xong)


@router.post("/vao")
async def check_password(request: Request) -> Response:
    gateway = gateway_of(request)
    form = await read_form(request, _FORM_BYTES)
    login, back = str(form.get("login", "")).strip().lower(), safe_return(str(form.get("ve", "/")))
    try:
        asked = SignIn(key=uuid4(), login=login, password=str(form.get("password", "")), **whereabouts(request))
        async with gateway.slots.one(""):
            challenge = await gateway.line.ask(asked, Challenge)
    except (ValidationError, Refusal) as refused:
        return _first_page(request, 401, refused=_failed(refused).told(), login=login[:64], back=back)
    answer = RedirectResponse("/vao/buoc-2", 303)
    step = {
        "challenge": challenge.challenge, "name": challenge.name, "login": login, "back": back,
        "by_code": "1" if challenge.by_code else "", "by_key": "1" if challenge.by_key else "",
    }  # fmt: skip
    packed = base64.urlsafe_b64encode(json.dumps(step).encode()).decode()
    secure = gateway.settings.gateway_secure
    answer.set_cookie(
        CHALLENGE, packed, max_age=_STEP_SECONDS, path="/vao", httponly=True, samesite="strict", secure=secure
    )
    keep_machine(request, answer, secure=secure)
    return answer


def _failed(refused: Exception) -> Refusal:
    """A name or password that no account can have is answered like a wrong one."""
    return refused if isinstance(refused, Refusal) else SignInFailed(seconds=1)


def _step(request: Request) -> dict[str, str] | None:
    try:
        held = json.loads(base64.urlsafe_b64decode(request.cookies[CHALLENGE]))
        return {name: str(held[name]) for name in ("challenge", "name", "login", "back", "by_code", "by_key")}
    except (KeyError, ValueError, TypeError):
        return None


def _second_page(request: Request, step: dict[str, str], refused: Refusal | None = None) -> Response:
    desk = desk_of(request)
    initials = "".join(word[:1] for word in step["name"].split()[-2:]).upper()
    facts = {"name": step["name"], "login": step["login"], "back": safe_return(step["back"]), "initials": initials}
    ways = {"by_code": bool(step["by_code"]), "by_key": bool(step["by_key"])}
    told = refused.told() if refused else None
    return desk.page(
        request, desk.words(request), "pages/buoc-2.html", told.status if told else 200,
        drill=drill(request), refused=told, **facts, **ways,
    )  # fmt: skip


@router.get("/vao/buoc-2")
async def second_step(request: Request) -> Response:
    step = _step(request)
    return _second_page(request, step) if step else RedirectResponse("/vao", 303)


@router.post("/vao/buoc-2")
async def check_code(request: Request) -> Response:
    gateway, step = gateway_of(request), _step(request)
    if step is None:
        return RedirectResponse("/vao", 303)
    form = await read_form(request, _FORM_BYTES)
    try:
        session = await gateway.line.ask(_second_of(step, form), Session)
    except ValidationError:
        return _second_page(request, step, CodeRefused())
    except Refusal as refused:
        return _second_page(request, step, refused)
    answer = RedirectResponse(safe_return(step["back"]), 303)
    give_cookie(answer, session.token, secure=gateway.settings.gateway_secure)
    answer.delete_cookie(CHALLENGE, path="/vao", httponly=True, samesite="strict")
    return answer


def _second_of(step: dict[str, str], form: FormData) -> SecondFactor | SecondFactorByKey:
    """The second factor a form carries: what a passkey signed, else the code."""
    signed = str(form.get("assertion", "")).strip()
    if signed:
        return SecondFactorByKey(key=uuid4(), challenge=step["challenge"], assertion=signed)
    return SecondFactor(key=uuid4(), challenge=step["challenge"], totp="".join(str(form.get("totp", "")).split()))


@router.post("/vao/buoc-2/khoa")
async def ask_for_key(request: Request) -> Response:
    """What the browser is to be asked for the second step by passkey."""
    step = _step(request)
    if step is None:
        return answer_of(CodeRefused())
    try:
        asked = BeginAssertion(key=uuid4(), challenge=step["challenge"])
        found = await gateway_of(request).line.ask(asked, CeremonyOptions)
    except ValidationError:
        return answer_of(CodeRefused())
    except Refusal as refused:
        return answer_of(refused)
    return options_answer(found)


def options_answer(found: CeremonyOptions) -> Response:
    """What the page's script hands to the browser."""
    return Response(found.options, headers={"Cache-Control": "no-store"}, media_type="application/json")


@router.post("/ra")
async def sign_out(request: Request) -> Response:
    gateway, token = gateway_of(request), request.cookies.get(COOKIE, "")
    form = await read_form(request, _FORM_BYTES)
    require_form_mark(token, str(form.get(FORM_MARK, "")))
    with suppress(NotSignedIn):  # it had ended already: what was asked for is so
        await gateway.line.ask(SignOut(key=uuid4(), token=token), Done)
    gateway.sessions.forget(token)
    answer = RedirectResponse("/vao", 303)
    take_cookie(answer, secure=gateway.settings.gateway_secure)
    return answer


@router.get("/tieng/{language}")
async def choose_language(language: str, ve: str = "/") -> Response:
    answer = RedirectResponse(safe_return(ve), 303)
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    answer.set_cookie(TONGUE, chosen, max_age=31_536_000, path="/", httponly=True, samesite="lax")
    return answer


@router.get("/")
async def begin(request: Request) -> Response:
    """Where this person's day begins: their role's section in their own unit."""
    gateway, desk = gateway_of(request), desk_of(request)
    papers = await gateway.sessions.papers(request.cookies.get(COOKIE), where=where(request))
    elections = [held.election for held in await desk.elections.all(papers.passport)]
    grants = [grant for grant in papers.grants if grant.scope != EVERYWHERE]
    if not grants:
        return RedirectResponse(f"/{elections[0]}/vn" if elections else "/cuoc-bau-cu", 303)
    newest = {election: place for place, election in enumerate(elections)}
    grant = min(grants, key=lambda held: newest.get(held.scope.split("/", 1)[0], len(newest)))
    election, _, path = grant.scope.partition("/")
    home = HOMES.get(Role(grant.role), "") if grant.role in set(Role) else ""
    section = f"/{home}" if home in desk.sections and home else ""
    return RedirectResponse(f"/{election}/{path.rsplit('/', 1)[-1]}{section}", 303)
