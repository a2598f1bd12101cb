"""Signs of shared accounts: each with its evidence and what to do, the weekly list, the networks of a unit."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.base import Page, Refusal, Told
from services.contracts.daytime import VIETNAM
from services.contracts.roles import Action
from services.contracts.sharing import (
    KIND_NAMES,
    Announced,
    AnnounceMachine,
    FindingsOf,
    Network,
    Networks,
    NetworksOf,
    SetNetworks,
    SettleFinding,
    SharingFindings,
    SharingKind,
    SharingRow,
    SharingState,
    SharingWeek,
    SharingWeekOf,
    Sighted,
)
from services.gateway.console.acts import act, key_of, line_of
from services.gateway.console.places import HERE, title_of
from services.gateway.console.visits import Visit, here

router = APIRouter()

_ADDRESS: Final = HERE + "/dung-chung"
_NOTE: Final = 4000
_ROWS: Final = 20
_STATES: Final = {
    "cho": SharingState.OPEN,
    "da-giai-trinh": SharingState.EXPLAINED,
    "dung-chung": SharingState.CONFIRMED,
}
_WORDS: Final = {
    SharingState.OPEN: ("ring", "work", "Chờ kết luận", "Waiting"),
    SharingState.EXPLAINED: ("ok", "ok", "Đã giải trình", "Explained"),
    SharingState.CONFIRMED: ("err", "err", "Đúng là dùng chung", "Shared indeed"),
}
_GLYPHS: Final = {"block": ("err", "err"), "warn": ("warn", "diff"), "info": ("info", "act")}


@dataclass(frozen=True)
class Wanted:
    """Which findings the address asks for."""

    state: str = ""
    kind: str = ""
    first: int = 0


@dataclass(frozen=True)
class Shown:
    """A finding as the page draws it."""

    row: SharingRow
    unit: str
    above: str
    accounts: str
    glyph: tuple[str, str]
    look: tuple[str, str, str, str]
    evidence: tuple[tuple[Sighted, str], ...]
    may_settle: bool


@dataclass(frozen=True)
class Week:
    """A row of the weekly list."""

    title: str
    address: str
    kinds: tuple[tuple[tuple[str, str], int], ...]
    open: int
    explained: int
    confirmed: int
    above: str


@router.get(_ADDRESS)
async def findings(
    visit: Annotated[Visit, Depends(here)], trang_thai: str = "", loai: str = "", dau: int = 0, xong: str = ""
) -> Response:
    """Those that wait for a conclusion first, the gravest before the others."""
    return await _page(visit, Wanted(trang_thai, loai, dau), done=xong)


@router.post(_ADDRESS + "/ket-luan")
async def settle(visit: Annotated[Visit, Depends(here)]) -> Response:
    """What the unit above concludes, with its reason; the session ends on demand."""
    visit.require(Action.SETTLE_SHARING)
    form = await visit.form()
    try:
        asked = act(
            visit,
            SettleFinding,
            key=key_of(form),
            finding=line_of(form, "finding"),
            shared=form.get("viec") == "dung-chung",
            note=line_of(form, "note", _NOTE),
            end_session=form.get("dong") == "1",
        )
        row = await visit.ask(asked, SharingRow)
    except Refusal as refused:
        return await _page(visit, refused=refused.told(), typed=form)
    return visit.go(f"{visit.address}/dung-chung?xong={row.state.value}#d-{row.finding}")


@router.post(_ADDRESS + "/bao-truoc")
async def announce(visit: Annotated[Visit, Depends(here)]) -> Response:
    """A person is to come from a new machine."""
    visit.require(Action.SETTLE_SHARING)
    form = await visit.form()
    try:
        asked = act(
            visit,
            AnnounceMachine,
            key=key_of(form),
            login=line_of(form, "login"),
            reason=line_of(form, "reason", _NOTE),
        )
        await visit.ask(asked, Announced)
    except Refusal as refused:
        return await _page(visit, refused=refused.told(), typed=form)
    return visit.go(f"{visit.address}/dung-chung?xong=bao-truoc")


async def _page(
    visit: Visit, asked: Wanted | None = None, *, refused: Told | None = None, typed: FormData | None = None,
    done: str = "",
) -> Response:  # fmt: skip
    visit.require(Action.READ_SHARING)
    wanted = asked or Wanted()
    kind = SharingKind(wanted.kind) if wanted.kind in set(SharingKind) else None
    page = Page(first=max(0, wanted.first), size=_ROWS)
    question = act(visit, FindingsOf, state=_STATES.get(wanted.state), kind=kind, page=page)
    found = await visit.ask(question, SharingFindings)
    return visit.page(
        "dung-chung.html",
        refused.status if refused else 200,
        found=found,
        shown=[_shown(visit, row) for row in found.findings],
        states=[(name, _WORDS[held][2:]) for name, held in _STATES.items()],
        kinds=[(held.value, KIND_NAMES[held]) for held in SharingKind],
        names={held.value: KIND_NAMES[held] for held in SharingKind},
        state=wanted.state if wanted.state in _STATES else "",
        kind=kind.value if kind else "",
        first=page.first,
        size=_ROWS,
        done=done,
        may=visit.may(Action.SETTLE_SHARING),
        refused=refused,
        typed={name: line_of(typed, name, _NOTE) for name in ("finding", "note", "login", "reason")} if typed else {},
    )


def _shown(visit: Visit, row: SharingRow) -> Shown:
    code = row.unit.rsplit("/", 1)[-1]
    mine = row.person == visit.papers.person
    return Shown(
        row=row,
        unit=_title(visit, row.unit),
        above=_title(visit, row.act_by),
        accounts=f"/{visit.election}/{code}/tai-khoan",
        glyph=_GLYPHS[row.severity.value],
        look=_WORDS[row.state],
        evidence=tuple((seen, _title(visit, seen.network) if seen.network else "") for seen in row.evidence),
        may_settle=row.state is SharingState.OPEN and not mine and visit.may(Action.SETTLE_SHARING, row.act_by),
    )


def _title(visit: Visit, path: str) -> str:
    return title_of(path, visit.place.units, visit.words)


@router.get(_ADDRESS + "/tuan")
async def week(visit: Annotated[Visit, Depends(here)], tu: str = "") -> Response:
    """Seven days from a Monday on: the units with findings, by kind, and who must conclude. Made to be printed."""
    visit.require(Action.READ_SHARING)
    today = visit.place.at().astimezone(VIETNAM).date()
    monday = _monday(tu, today)
    asked = SharingWeekOf(election=visit.election, unit=visit.unit, first_day=monday)
    found = await visit.ask(asked, SharingWeek)
    rows = [
        Week(
            title=_title(visit, row.unit),
            address=f"/{visit.election}/{row.unit.rsplit('/', 1)[-1]}/dung-chung",
            kinds=tuple((KIND_NAMES[one.kind], one.number) for one in row.kinds),
            open=row.open,
            explained=row.explained,
            confirmed=row.confirmed,
            above=_title(visit, row.act_by),
        )
        for row in found.units
    ]
    return visit.page(
        "dung-chung-tuan.html",
        rows=rows,
        monday=monday,
        sunday=monday + timedelta(days=6),
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7) if monday + timedelta(days=7) <= today else None,
        open=sum(row.open for row in rows),
        all=sum(row.open + row.explained + row.confirmed for row in rows),
    )


def _monday(typed: str, today: date) -> date:
    """The Monday of the week a day is in; of this week when none can be read.

    >>> _monday("2026-03-15", date(2026, 3, 20)), _monday("hôm qua", date(2026, 3, 20))
    (datetime.date(2026, 3, 9), datetime.date(2026, 3, 16))
    """
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = today
    day = day if date(2000, 1, 3) <= day <= date(2999, 1, 1) else today
    return day - timedelta(days=day.weekday())


@router.get(_ADDRESS + "/mang")
async def networks(visit: Annotated[Visit, Depends(here)], xong: bool = False) -> Response:
    """The networks of the unit, one a line."""
    return await _networks(visit, done=xong)


@router.post(_ADDRESS + "/mang")
async def set_networks(visit: Annotated[Visit, Depends(here)]) -> Response:
    """The networks are these; what was typed is kept when it is refused."""
    visit.require(Action.SET_NETWORKS)
    form = await visit.form()
    text = str(form.get("networks", ""))[:40_000]
    try:
        rows = tuple(_network(line) for line in text.splitlines() if line.strip())
        answer = await visit.ask(act(visit, SetNetworks, key=key_of(form), networks=rows), Networks)
    except Refusal as refused:
        return await _networks(visit, refused=refused.told(), typed=text)
    if answer.findings:
        return await _networks(visit, answer=answer, done=True)
    return visit.go(f"{visit.address}/dung-chung/mang?xong=1")


def _network(line: str) -> Network:
    """`203.0.113.0/24 phòng họp tầng 2`: the network, then what it is."""
    cidr, _, note = line.strip().partition(" ")
    return Network(cidr=cidr[:400], note=note.strip()[:400])


async def _networks(
    visit: Visit, *, answer: Networks | None = None, refused: Told | None = None, typed: str = "", done: bool = False
) -> Response:
    visit.require(Action.READ_SHARING)
    held = answer or await visit.ask(act(visit, NetworksOf), Networks)
    return visit.page(
        "dung-chung-mang.html",
        refused.status if refused else 200,
        networks=held.networks,
        findings=held.findings,
        typed=typed or "\n".join(f"{one.cidr} {one.note}".strip() for one in held.networks),
        done=done,
        refused=refused,
        may=visit.may(Action.SET_NETWORKS),
    )
