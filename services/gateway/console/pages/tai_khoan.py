"""People and accounts of a unit: who may do what here, since when, until when; and every act on one account."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.accounts import (
    ActivationCard,
    ActivationSheet,
    CloseAccount,
    EndRole,
    GiveRole,
    HandOver,
    HeldRole,
    People,
    PeopleOf,
    PersonCard,
    ReissueActivation,
    SetExpiry,
)
from services.contracts.base import EVERYWHERE, NotAllowed, Refusal, ScopedCommand, Told
from services.contracts.daytime import VIETNAM
from services.contracts.identity import Activations, CodeRefused, CreateAccounts
from services.contracts.roles import ROLE_NAMES, Action, Role
from services.gateway.console.acts import act, approve, key_of, line_of
from services.gateway.console.places import HERE, title_of
from services.gateway.console.powers import roles_from
from services.gateway.console.visits import Visit, here
from services.gateway.console.words import capital

router = APIRouter()

TAI_KHOAN: Final = HERE + "/tai-khoan"
_NGUOI: Final = TAI_KHOAN + "/nguoi/{person}"
_PAGE: Final = 100
_SOON: Final = timedelta(days=7)
LOOKS: Final = {
    "created": ("wait", "wait", "Chưa kích hoạt", "Not activated"),
    "enrolling": ("q2", "work", "Đang ghép ứng dụng xác thực", "Enrolling"),
    "active": ("ok", "ok", "Đang dùng", "Active"),
    "closed": ("lock", "ink", "Đã đóng", "Closed"),
}
_TYPED: Final = (
    "viec", "login", "name", "role", "place", "phone", "expires", "reason", "document", "to", "grant", "close", "chac",
)  # fmt: skip
_MUST_BE_SURE: Final = {"ket-thuc", "dong", "ban-giao"}


@dataclass(frozen=True)
class Held:
    """A role with whose it is, where, and whether it ends soon."""

    card: PersonCard
    role: HeldRole
    where: str
    soon: bool


@router.get(TAI_KHOAN)
async def people(visit: Annotated[Visit, Depends(here)], duoi: bool = False, trang: int = 1) -> Response:
    """Everybody with a role here, by role; with the units directly below on demand."""
    level_of(visit)
    visit.require(Action.READ_ACCOUNTS)
    page = max(1, min(trang, 10_000))
    asked = act(visit, PeopleOf, below=duoi, first=(page - 1) * _PAGE, size=_PAGE)
    found = await visit.ask(asked, People)
    by_role = [(ROLE_NAMES[role], held) for role in Role if (held := _held(visit, found, role))]
    return visit.page(
        "tai-khoan.html",
        by_role=by_role,
        total=found.total,
        states=[(LOOKS[state], found.states[state]) for state in LOOKS if found.states.get(state)],
        expiring=sum(each.soon for _, held in by_role for each in held),
        below=duoi,
        looks=LOOKS,
        may_create=visit.may(Action.CREATE_ACCOUNTS),
        pages=-(-found.total // _PAGE),
        shown_page=page,
    )


def _held(visit: Visit, found: People, role: Role) -> list[Held]:
    return [_one(visit, card, each) for card in found.people for each in card.roles if each.role == role]


def _one(visit: Visit, card: PersonCard, role: HeldRole) -> Held:
    soon = role.expires_at is not None and role.expires_at < datetime.now(VIETNAM) + _SOON
    return Held(card, role, unit_words(visit, role.unit), soon)


def unit_words(visit: Visit, path: str) -> str:
    """The title of a unit, area or constituency."""
    return capital(title_of(path, visit.place.units, visit.words))


def level_of(visit: Visit) -> str:
    """The level of the unit in the words of the table of roles; an area has no accounts of its own."""
    if visit.place.level == "area":
        raise NotAllowed
    if visit.place.level == "constituency":
        return "commune_seats" if visit.place.code.startswith("CC") else "province_seats"
    return visit.place.level


def choices(visit: Visit) -> list[tuple[str, tuple[str, str]]]:
    """The roles that may be chosen for people here and below."""
    system = any(grant.scope == EVERYWHERE for grant in visit.papers.grants)
    return roles_from(level_of(visit), system=system)


@router.get(TAI_KHOAN + "/moi")
async def new_account(visit: Annotated[Visit, Depends(here)]) -> Response:
    """A form for one account."""
    return _new_page(visit)


@router.post(TAI_KHOAN + "/moi")
async def create(visit: Annotated[Visit, Depends(here)]) -> Response:
    """One account; its one-time code is on the sheet that follows, and nowhere else."""
    visit.require(Action.CREATE_ACCOUNTS)
    form = await visit.form()
    account = {
        "login": line_of(form, "login").lower(),
        "name": line_of(form, "name", 200),
        "role": line_of(form, "role"),
        "unit": place_of(visit, form),
        "phone": line_of(form, "phone"),
        "expires_at": end_of(line_of(form, "expires")),
    }
    try:
        made = await visit.ask(act(visit, CreateAccounts, key=key_of(form), accounts=(account,)), Activations)
    except Refusal as refused:
        return _new_page(visit, refused.told(), form)
    ends = datetime.now(VIETNAM) + _SOON
    card = ActivationCard.model_validate({**account, "code": made.activations[0].code, "ends_at": ends})
    return sheet(visit, ActivationSheet(cards=(card,)))


def _new_page(visit: Visit, refused: Told | None = None, form: FormData | None = None) -> Response:
    visit.require(Action.CREATE_ACCOUNTS)
    return visit.page(
        "tai-khoan-moi.html",
        refused.status if refused else 200,
        refused=refused,
        typed=typed_in(form),
        roles=choices(visit),
    )


def typed_in(form: FormData | None) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: line_of(form, name) if form else "" for name in _TYPED}


def place_of(visit: Visit, form: FormData) -> str:
    """The path of the unit whose code was typed; the unit of the page when none was."""
    typed = line_of(form, "place", 60).rpartition("/")[2]
    return (visit.gateway.units.path_of(typed) or typed) if typed else visit.unit


def end_of(typed: str) -> datetime | str | None:
    """The end of a day typed as 31/5/2026 or 2026-05-31; what is no day is left for the contract to refuse."""
    if not typed:
        return None
    day, _, rest = typed.replace(".", "/").partition("/")
    month, _, year = rest.partition("/")
    try:
        found = datetime.fromisoformat(typed) if "-" in typed else datetime(int(year), int(month), int(day))  # noqa: DTZ001
        return datetime.combine(found.date() + timedelta(days=1), time(), VIETNAM)
    except (ValueError, OverflowError):
        return typed


def sheet(visit: Visit, made: ActivationSheet) -> Response:
    """The cards to print. They are shown once: the codes are stored nowhere."""
    return visit.page(
        "tai-khoan-giay.html",
        cards=[(card, ROLE_NAMES[card.role], unit_words(visit, card.unit)) for card in made.cards],
        address=f"{visit.request.base_url}kich-hoat",
    )


@router.get(_NGUOI)
async def person(visit: Annotated[Visit, Depends(here)], person: str) -> Response:
    """One person: roles, expiry, last sign-in, and what can be done."""
    return await _person_page(visit, _uuid(person))


@router.post(_NGUOI)
async def change(visit: Annotated[Visit, Depends(here)], person: str) -> Response:
    """One act on the account; what was typed is kept when it is refused."""
    visit.require(Action.CHANGE_ACCOUNTS)
    whose, form = _uuid(person), await visit.form()
    kind = line_of(form, "viec")
    if kind not in _ACTS:
        raise NotAllowed
    if kind in _MUST_BE_SURE and form.get("chac") != "1":
        return await _person_page(visit, whose, form=form, unsure=True)
    try:
        asked = _ACTS[kind](visit, whose, form)
        if isinstance(asked, GiveRole | HandOver) and not (form.get("totp") or form.get("assertion")):
            return await _signing_page(visit, asked, form)
        made = await _done(visit, asked, form)
    except CodeRefused as refused:
        return await _signing_page(visit, asked, form, refused.told())
    except Refusal as refused:
        return await _person_page(visit, whose, refused.told(), form)
    if isinstance(made, ActivationSheet) and made.cards:
        return sheet(visit, made)
    return visit.go(f"{visit.address}/tai-khoan/nguoi/{whose}?xong={kind}")


async def _signing_page(visit: Visit, asked: ScopedCommand, form: FormData, refused: Told | None = None) -> Response:
    """What is about to happen, in words, with the hash of exactly this; the second factor signs it."""
    assert isinstance(asked, GiveRole | HandOver)
    card = (await visit.ask(act(visit, PeopleOf, person=asked.person), People)).people[0]
    to = f"{asked.name} ({asked.login})" if isinstance(asked, HandOver) else ""
    if isinstance(asked, HandOver) and asked.to is not None:
        receiver = (await visit.ask(act(visit, PeopleOf, person=asked.to), People)).people[0]
        to = f"{receiver.name} ({receiver.login})"
    return visit.page(
        "tai-khoan-ky.html",
        refused.status if refused else 200,
        refused=refused,
        asked=asked,
        role=ROLE_NAMES[asked.role] if isinstance(asked, GiveRole) else None,
        where=unit_words(visit, asked.place),
        card=card,
        to=to,
        typed=typed_in(form),
        content=asked.content,
        key=str(asked.key),
    )


async def _done(visit: Visit, asked: ScopedCommand, form: FormData) -> PersonCard | ActivationSheet:
    """The answer to the act; roles are given and handed over with the second factor."""
    if isinstance(asked, GiveRole):
        return await approve(visit, asked, PersonCard, form, asked.content)
    if isinstance(asked, HandOver):
        return await approve(visit, asked, ActivationSheet, form, asked.content)
    if isinstance(asked, ReissueActivation):
        return await visit.ask(asked, ActivationSheet)
    return await visit.ask(asked, PersonCard)


def _give(visit: Visit, person: UUID, form: FormData) -> ScopedCommand:
    return act(
        visit, GiveRole, key=key_of(form), person=person, role=line_of(form, "role"), place=place_of(visit, form),
        expires_at=end_of(line_of(form, "expires")), reason=line_of(form, "reason"),
    )  # fmt: skip


def _end(visit: Visit, _person: UUID, form: FormData) -> ScopedCommand:
    return act(visit, EndRole, key=key_of(form), grant=line_of(form, "grant"), reason=line_of(form, "reason"))


def _expire(visit: Visit, _person: UUID, form: FormData) -> ScopedCommand:
    return act(
        visit, SetExpiry, key=key_of(form), grant=line_of(form, "grant"), reason=line_of(form, "reason"),
        expires_at=end_of(line_of(form, "expires")),
    )  # fmt: skip


def _close(visit: Visit, person: UUID, form: FormData) -> ScopedCommand:
    return act(visit, CloseAccount, key=key_of(form), person=person, reason=line_of(form, "reason"))


def _hand_over(visit: Visit, person: UUID, form: FormData) -> ScopedCommand:
    to = line_of(form, "to")
    newcomer = {} if to else {"login": line_of(form, "login").lower() or None, "name": line_of(form, "name") or None}
    return act(
        visit, HandOver, key=key_of(form), person=person, place=place_of(visit, form), to=to or None, **newcomer,
        phone=line_of(form, "phone"), document=line_of(form, "document"), reason=line_of(form, "reason"),
        close=form.get("close") == "1",
    )  # fmt: skip


def _reissue(visit: Visit, person: UUID, form: FormData) -> ScopedCommand:
    return act(visit, ReissueActivation, key=key_of(form), person=person)


_ACTS: Final[dict[str, Callable[[Visit, UUID, FormData], ScopedCommand]]] = {
    "cap": _give,
    "ket-thuc": _end,
    "han": _expire,
    "dong": _close,
    "ban-giao": _hand_over,
    "cap-lai": _reissue,
}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise NotAllowed from wrong


async def _person_page(
    visit: Visit, person: UUID, refused: Told | None = None, form: FormData | None = None, *, unsure: bool = False
) -> Response:
    level_of(visit)
    visit.require(Action.READ_ACCOUNTS)
    card = (await visit.ask(act(visit, PeopleOf, person=person), People)).people[0]
    others = await visit.ask(act(visit, PeopleOf, size=500), People)
    mine = card.person == visit.papers.person
    facts: dict[str, Any] = {
        "card": card,
        "held": [_one(visit, card, role) for role in card.roles],
        "look": LOOKS.get(card.state, ("info", "ink", card.state, card.state)),
        "mine": mine,
        "may": visit.may(Action.CHANGE_ACCOUNTS) and not mine and card.state != "closed",
        "others": [each for each in others.people if each.person not in (card.person, visit.papers.person)],
        "here": any(role.unit == visit.unit for role in card.roles),
        "role_names": ROLE_NAMES,
        "done": visit.request.query_params.get("xong", ""),
    }
    return visit.page(
        "tai-khoan-nguoi.html",
        refused.status if refused else 422 if unsure else 200,
        refused=refused,
        unsure=unsure,
        typed=typed_in(form),
        roles=choices(visit),
        **facts,
    )
