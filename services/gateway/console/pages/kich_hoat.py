"""Activation of an account: the one-time code and a password of one's own, then the authenticator app."""

import re
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.contracts.base import Refusal
from services.contracts.identity import Activate, CodeRefused, ConfirmEnrolment, Done, Enrolment
from services.contracts.passkeys import BeginFirstKey, CeremonyOptions, FinishFirstKey, KeyRefused
from services.gateway.console.desk import desk_of
from services.gateway.console.pages.vao import drill, options_answer
from services.gateway.console.qr import picture
from services.gateway.console.visits import read_form
from services.gateway.refusals import answer_of
from services.gateway.state import gateway_of

router = APIRouter()
FORM_BYTES: Final = 65_536  # a key's attestation carries certificates
_URI: Final = re.compile(r"otpauth://totp/[!-~]{1,240}")


def activation_page(request: Request, form: FormData | dict[str, str], status: int = 200, **facts: object) -> Response:
    desk = desk_of(request)
    empty: dict[str, object] = {"refused": None, "unlike": False, "enrolment": None, "recovering": False}
    typed = {"login": _line(form, "login"), "code": _line(form, "code")}
    return desk.page(
        request,
        desk.words(request),
        "pages/kich-hoat.html",
        status,
        drill=drill(request),
        **{**empty, **typed, **facts},
    )


def _line(form: FormData | dict[str, str], name: str) -> str:
    return str(form.get(name, "")).strip()[:512]


@router.get("/kich-hoat")
async def first_step(request: Request) -> Response:
    return activation_page(request, {})


@router.get("/kich-hoat/{code}")
async def first_step_with_code(request: Request, code: str) -> Response:
    return activation_page(request, {"code": code})


@router.post("/kich-hoat")
async def activate(request: Request) -> Response:
    form = await read_form(request, FORM_BYTES)
    password = str(form.get("password", ""))
    if password != str(form.get("again", "")):
        return activation_page(request, form, 422, unlike=True)
    try:
        asked = Activate(key=uuid4(), login=_line(form, "login").lower(), code=_line(form, "code"), password=password)
        enrolment = await gateway_of(request).line.ask(asked, Enrolment)
    except ValidationError:
        return activation_page(request, form, 401, refused=CodeRefused().told())
    except Refusal as refused:
        return activation_page(request, form, refused.status, refused=refused.told())
    return activation_page(request, form, **shown(enrolment))


def shown(enrolment: Enrolment, refused: Refusal | None = None) -> dict[str, Any]:
    """The secret as a telephone reads it and as a person types it."""
    told = refused.told() if refused else None
    parts = groups_of(enrolment.secret)
    return {"enrolment": enrolment, "qr": picture(enrolment.uri), "parts": parts, "refused": told}


def _shown_before(form: FormData) -> Enrolment | None:
    """What the page showed, back from its form; None when it is nothing that identity makes."""
    enrolment = Enrolment(secret=_line(form, "secret"), uri=_line(form, "uri"))
    return enrolment if _URI.fullmatch(enrolment.uri) else None


def groups_of(secret: str) -> list[str]:
    """A secret as a person types it, four letters at a time."""
    return [secret[start : start + 4] for start in range(0, len(secret), 4)]


@router.post("/kich-hoat/xac-nhan")
async def confirm(request: Request) -> Response:
    form = await read_form(request, FORM_BYTES)
    enrolment = _shown_before(form)
    if enrolment is None:
        return RedirectResponse("/kich-hoat", 303)
    try:
        code = "".join(_line(form, "totp").split())
        asked = ConfirmEnrolment(key=uuid4(), login=_line(form, "login").lower(), code=_line(form, "code"), totp=code)
        await gateway_of(request).line.ask(asked, Done)
    except (ValidationError, Refusal) as wrong:
        refused = wrong if isinstance(wrong, Refusal) else CodeRefused()
        return activation_page(request, form, refused.status, **shown(enrolment, refused))
    return RedirectResponse("/vao?xong=true", 303)


@router.post("/kich-hoat/khoa/hoi")
async def ask_for_key(request: Request) -> Response:
    """What the browser is to be asked in order to make the account's first key."""
    form = await read_form(request, FORM_BYTES)
    try:
        asked = BeginFirstKey(key=uuid4(), login=_line(form, "login").lower(), code=_line(form, "code"))
        found = await gateway_of(request).line.ask(asked, CeremonyOptions)
    except ValidationError:
        return answer_of(CodeRefused())
    except Refusal as refused:
        return answer_of(refused)
    return options_answer(found)


@router.post("/kich-hoat/khoa")
async def confirm_key(request: Request) -> Response:
    """The account becomes active by the key the browser made."""
    form = await read_form(request, FORM_BYTES)
    enrolment = _shown_before(form)
    if enrolment is None:
        return RedirectResponse("/kich-hoat", 303)
    try:
        asked = FinishFirstKey(
            key=uuid4(),
            login=_line(form, "login").lower(),
            code=_line(form, "code"),
            name=_line(form, "name")[:60],
            credential=str(form.get("assertion", "")),
        )
        await gateway_of(request).line.ask(asked, Done)
    except (ValidationError, Refusal) as wrong:
        refused = wrong if isinstance(wrong, Refusal) else KeyRefused()
        return activation_page(request, form, refused.status, **shown(enrolment, refused))
    return RedirectResponse("/vao?xong=true", 303)
