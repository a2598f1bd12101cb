"""Recovery of an account: asked for by who cannot come in, confirmed by two people above, used with a one-time code."""

from typing import Annotated, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.base import Refusal, Told
from services.contracts.identity import CodeRefused, Enrolment
from services.contracts.passkeys import (
    AskRecovery,
    ConfirmRecovery,
    OpenRecovery,
    Recover,
    Recoveries,
    RecoveriesOf,
    RecoveryAsked,
    RecoveryCard,
    RecoveryOutcome,
    RefuseRecovery,
)
from services.contracts.roles import Action
from services.gateway.console.acts import act, approve, key_of, line_of
from services.gateway.console.desk import desk_of
from services.gateway.console.pages.kich_hoat import FORM_BYTES, activation_page, shown
from services.gateway.console.pages.vao import drill
from services.gateway.console.places import HERE, title_of
from services.gateway.console.visits import Visit, here, read_form
from services.gateway.console.words import capital
from services.gateway.routes.api import whereabouts
from services.gateway.state import gateway_of

router = APIRouter()

PUBLIC: Final = "/khoi-phuc"
_OPEN: Final = frozenset({"asked", "half", "confirmed"})
_STATES: Final = {
    "asked": ("Chờ người thứ nhất", "Waits for the first person", "wait"),
    "half": ("Chờ người thứ hai", "Waits for the second person", "work"),
    "confirmed": ("Đã cấp mã, chờ dùng", "Code given, not used yet", "work"),
    "used": ("Đã khôi phục", "Recovered", "ok"),
    "refused": ("Bị từ chối", "Refused", "err"),
    "lapsed": ("Quá hạn", "Lapsed", "wait"),
}
"""Each state in Vietnamese and English, and the kind of its glyph."""


@router.get(PUBLIC)
async def who_cannot_come_in(request: Request) -> Response:
    return _street(request)


@router.post(PUBLIC)
async def ask(request: Request) -> Response:
    """The same answer for every name."""
    form = await read_form(request, FORM_BYTES)
    gateway, place = gateway_of(request), whereabouts(request)
    try:
        login = str(form.get("login", "")).strip().lower()
        asked = AskRecovery(key=uuid4(), login=login, address=place["address"] or "", device=place["device"] or "")
        async with gateway.slots.one(""):
            await gateway.line.ask(asked, RecoveryAsked)
    except ValidationError:
        return _street(request, asked=True)  # a name no account can have is answered like any other
    return _street(request, asked=True)


def _street(request: Request, *, asked: bool = False) -> Response:
    desk = desk_of(request)
    return desk.page(request, desk.words(request), "pages/khoi-phuc.html", drill=drill(request), asked=asked)


@router.get(PUBLIC + "/ma")
async def with_code(request: Request) -> Response:
    return activation_page(request, {}, recovering=True)


@router.post(PUBLIC + "/ma")
async def recover(request: Request) -> Response:
    """The code two people gave, and a new password; then a new second factor, as at activation."""
    form = await read_form(request, FORM_BYTES)
    password = str(form.get("password", ""))
    if password != str(form.get("again", "")):
        return activation_page(request, form, 422, unlike=True, recovering=True)
    try:
        login, code = line_of(form, "login").lower(), line_of(form, "code")
        asked = Recover(key=uuid4(), login=login, code=code, password=password)
        enrolment = await gateway_of(request).line.ask(asked, Enrolment)
    except ValidationError:
        return activation_page(request, form, 401, refused=CodeRefused().told(), recovering=True)
    except Refusal as refused:
        return activation_page(request, form, refused.status, refused=refused.told(), recovering=True)
    return activation_page(request, form, **shown(enrolment))


@router.get(HERE + "/khoi-phuc")
async def recoveries(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Who cannot come in below this unit, and what two people decide about it."""
    return await _page(visit)


@router.post(HERE + "/khoi-phuc")
async def decide(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Open, confirm or refuse one."""
    visit.require(Action.RECOVER_ACCOUNTS)
    form = await visit.form()
    try:
        outcome = await _decided(visit, form)
    except Refusal as refused:
        return await _page(visit, refused=refused.told())
    return await _page(visit, outcome=outcome)


async def _decided(visit: Visit, form: FormData) -> RecoveryOutcome:
    key, what = key_of(form), line_of(form, "viec")
    if what == "mo":
        login, reason = line_of(form, "login").lower(), line_of(form, "reason", 4000)
        return await visit.ask(act(visit, OpenRecovery, key=key, login=login, reason=reason), RecoveryOutcome)
    about = _id_of(form)
    if what == "tu-choi":
        reason = line_of(form, "reason", 4000)
        return await visit.ask(act(visit, RefuseRecovery, key=key, recovery=about, reason=reason), RecoveryOutcome)
    content = line_of(form, "noi-dung", 64)
    asked = act(visit, ConfirmRecovery, key=key, recovery=about, content=content)
    return await approve(visit, asked, RecoveryOutcome, form, content)


def _where(visit: Visit, one: RecoveryCard) -> str:
    """The units of somebody's roles, as people call them."""
    paths = [path for path in one.unit.split(", ") if path.startswith("vn")]
    return ", ".join(capital(title_of(path, visit.place.units, visit.words)) for path in paths)


def _id_of(form: FormData) -> UUID | str:
    return line_of(form, "ma-khoi-phuc", 64)


async def _page(visit: Visit, refused: Told | None = None, outcome: RecoveryOutcome | None = None) -> Response:
    visit.require(Action.RECOVER_ACCOUNTS)
    found = (await visit.ask(act(visit, RecoveriesOf), Recoveries)).recoveries
    return visit.page(
        "khoi-phuc-ds.html",
        refused.status if refused else 200,
        refused=refused,
        outcome=outcome,
        found=found,
        states=_STATES,
        waiting=sum(1 for one in found if one.may_confirm),
        open_count=sum(1 for one in found if one.state in _OPEN),
        open_states=_OPEN,
        where=lambda one: _where(visit, one),
    )
