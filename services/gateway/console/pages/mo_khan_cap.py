"""Break-glass: who holds the keys of the unit, what is open until when, every act done with it, its review."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.accounts import ROLE_LEVELS
from services.contracts.base import Refusal, Told, Unknown
from services.contracts.duties import (
    GLASS_MINUTES,
    GLASS_ROLES,
    JOIN_MINUTES,
    REVIEW_HOURS,
    CloseOpening,
    Glass,
    GlassActs,
    GlassOf,
    GlassOpening,
    GlassState,
    JoinOpening,
    OpenGlass,
    OpeningActs,
    ReviewOpening,
    SealedKeys,
    SealKeys,
)
from services.contracts.roles import ROLE_NAMES, Action
from services.gateway.console.acts import act, approve, key_of, line_of
from services.gateway.console.pages.nhat_ky import ACTS
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here

router = APIRouter()

_MO: Final = HERE + "/mo-khan-cap"
_NOTE: Final = 4000
_STATES: Final = {
    GlassState.ASKED: ("wait", "wait", "Chờ người giữ khóa thứ hai", "Waiting for the second holder"),
    GlassState.LAPSED: ("ring", "work", "Không mở", "Not opened"),
    GlassState.OPEN: ("warn", "diff", "Đang mở", "Open"),
    GlassState.OVER: ("wait", "wait", "Chờ cấp trên xem lại", "Waiting for review"),
    GlassState.REVIEWED: ("ok", "ok", "Đã xem lại", "Reviewed"),
}
_BOXES: Final = {
    **{f"holders.{place}": f"giu-{place}" for place in range(3)},
    "holders": "giu-0",
    "role": "vai",
    "reason": "ly-do",
    "sealed_key": "khoa",
    "verdict": "ket-luan",
}


@router.get(_MO)
async def glass(visit: Annotated[Visit, Depends(here)], lan: str = "") -> Response:
    """What is open, who holds the keys, what was done with an opening."""
    visit.require(Action.HOLD_KEY, Action.REVIEW_OPENING)
    return await _page(visit, lan)


@router.post(_MO)
async def settle(visit: Annotated[Visit, Depends(here)]) -> Response:
    """One of the acts; a key that was made is shown on the answer and never again."""
    visit.require(Action.HOLD_KEY, Action.REVIEW_OPENING)
    form = await visit.form()
    work = _ACTS.get(str(form.get("viec", "")))
    if work is None:
        return visit.go(f"{visit.address}/mo-khan-cap")
    try:
        keys = await work(visit, form)
    except Refusal as refused:
        return await _page(visit, line_of(form, "lan", 40), refused.told(), form)
    if keys is not None:
        return await _page(visit, keys=keys)
    opening = line_of(form, "lan", 40)
    return visit.go(f"{visit.address}/mo-khan-cap" + (f"?lan={opening}" if opening else ""))


async def _seal(visit: Visit, form: FormData) -> SealedKeys:
    holders = tuple(line_of(form, f"holder-{place}", 64) for place in range(3))
    return await visit.ask(act(visit, SealKeys, key=key_of(form), holders=holders), SealedKeys)


async def _open(visit: Visit, form: FormData) -> None:
    asked = act(
        visit,
        OpenGlass,
        key=key_of(form),
        role=line_of(form, "role", 40),
        reason=line_of(form, "reason", _NOTE),
        sealed_key=line_of(form, "sealed_key", 64),
    )
    await visit.ask(asked, GlassOpening)


async def _join(visit: Visit, form: FormData) -> None:
    content = line_of(form, "noi-dung", 64)
    asked = act(
        visit,
        JoinOpening,
        key=key_of(form),
        opening=line_of(form, "lan", 40),
        content=content,
        sealed_key=line_of(form, "sealed_key", 64),
    )
    await approve(visit, asked, GlassOpening, form, content)


async def _close(visit: Visit, form: FormData) -> None:
    await visit.ask(act(visit, CloseOpening, key=key_of(form), opening=line_of(form, "lan", 40)), GlassOpening)


async def _review(visit: Visit, form: FormData) -> None:
    asked = act(
        visit,
        ReviewOpening,
        key=key_of(form),
        opening=line_of(form, "lan", 40),
        in_order=form.get("in_order") == "1",
        verdict=line_of(form, "verdict", _NOTE),
    )
    await visit.ask(asked, GlassOpening)


_ACTS: Final[Mapping[str, Callable[[Visit, FormData], Awaitable[SealedKeys | None]]]] = {
    "niem-phong": _seal,
    "xin": _open,
    "cung": _join,
    "dong": _close,
    "xem-lai": _review,
}


async def _page(
    visit: Visit,
    chosen: str = "",
    refused: Told | None = None,
    form: FormData | None = None,
    keys: SealedKeys | None = None,
) -> Response:
    held = await visit.ask(act(visit, GlassOf), Glass)
    own = [one for one in held.openings if one.unit == visit.unit]
    standing = next((one for one in own if one.state in {GlassState.ASKED, GlassState.OPEN}), None)
    opening, acts = await _chosen(visit, held, chosen)
    names = ("role", "reason", "verdict", "in_order", "holder-0", "holder-1", "holder-2")
    return visit.page(
        "mo-khan-cap.html",
        refused.status if refused else 200,
        glass=held,
        standing=standing,
        opening=opening,
        acts=acts,
        act_words=lambda topic: ACTS.get(topic, (topic, topic)),
        keys=keys,
        refused=refused,
        boxes=_BOXES,
        typed={name: line_of(form, name, _NOTE) for name in names} if form else {},
        roles=[(role.value, ROLE_NAMES[role]) for role in GLASS_ROLES if _exists(visit, role.value)],
        role_names={role.value: ROLE_NAMES[role] for role in GLASS_ROLES},
        looks=_STATES,
        holds=visit.may(Action.HOLD_KEY),
        mine=any(holder.person == visit.papers.person for holder in held.holders),
        unit_title=visit.place.units.title,
        minutes=(GLASS_MINUTES, JOIN_MINUTES, REVIEW_HOURS),
    )


def _exists(visit: Visit, role: str) -> bool:
    level = visit.place.level
    if level == "constituency":
        level = "commune_seats" if visit.place.code.startswith("CC") else "province_seats"
    return any(str(known) == role and level in levels for known, levels in ROLE_LEVELS.items())


async def _chosen(visit: Visit, held: Glass, chosen: str) -> tuple[GlassOpening | None, GlassActs | None]:
    """The opening whose acts are shown: the one asked for, else the newest that waits for its review."""
    waiting = (one for one in held.openings if one.state is GlassState.OVER)
    opening = next((one for one in held.openings if str(one.opening) == chosen), None) or next(waiting, None)
    if opening is None or opening.opened_at is None:
        return opening, None
    try:
        return opening, await visit.ask(act(visit, OpeningActs, opening=UUID(str(opening.opening))), GlassActs)
    except Unknown:
        return opening, None
