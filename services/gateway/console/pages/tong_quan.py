"""The overview of a unit: the commune's day, the dashboard of a province or the nation, a Board's result."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.contracts.daytime import VIETNAM
from services.contracts.reporting import AreaDay, BoardOf, CommuneDay, Dashboard, DayOf, RecordStates, Standing
from services.contracts.results import Incident, RecordState
from services.contracts.roles import Action
from services.contracts.vietnamese import percent
from services.gateway.console.charts import curve, hundredths
from services.gateway.console.places import HERE, late_by
from services.gateway.console.states import stacked
from services.gateway.console.tiles import CALL_FROM, tiles
from services.gateway.console.visits import Visit, here
from services.gateway.console.words import slot

router = APIRouter()

_TO_RECORDS: Final = (Action.READ_RECORDS, Action.ENTER_RECORD, Action.COMPARE_RECORD, Action.APPROVE_RECORD)
_MOST_TASKS: Final = 7
_MOST_LATE: Final = 4
_FILTERS: Final = ("", "cham", "su-co", "du")


@dataclass(frozen=True)
class Task:
    """Something a person must do now."""

    glyph: str
    kind: str
    title: str
    why: str
    address: str = ""
    button: str = ""


@router.get(HERE)
async def overview(
    visit: Annotated[Visit, Depends(here)], loc: str = "", xem: str = "", man_hinh: str = ""
) -> Response:
    """What must be done now, how do we stand."""
    visit.require(Action.READ_PROGRESS)
    if visit.place.level == "commune":
        return await _commune(visit, loc if loc in _FILTERS else "")
    if visit.place.level in {"nation", "province"}:
        return await _board(visit, xem if xem in {"cham", "bien-ban"} else "", big=man_hinh == "lon")
    if visit.place.level == "constituency":
        return RedirectResponse(f"{visit.address}/ket-qua", 303)
    return RedirectResponse(f"/{visit.election}/{visit.place.path.split('/')[2]}", 303)


async def _commune(visit: Visit, chosen: str) -> Response:
    day = await visit.ask(DayOf(election=visit.election, unit=visit.unit), CommuneDay)
    late = [area for area in day.areas if area.late]
    open_incidents = [incident for incident in day.incidents if not incident.settled]
    tasks = _tasks(visit, day, late, open_incidents)
    troubled = {incident.area for incident in open_incidents}
    counting = is_counting(day.standing, day.records)
    kept = [area for area in day.areas if _keeps(area, chosen, troubled)]
    return visit.page(
        "tong-quan-xa.html",
        day=day,
        late=late,
        open_incidents=open_incidents,
        tasks=tasks[:_MOST_TASKS],
        more=max(0, len(tasks) - _MOST_TASKS),
        curve=curve(day.curve),
        areas=sorted(kept, key=lambda area: (not area.late, area.area not in troubled, area.area)),
        chosen=chosen,
        troubled=len({area for area in troubled if area}),
        full=sum(1 for area in day.areas if _is_full(area)),
        slots=day.standing.slots,
        reported_share=percent(day.areas_reported, len(day.areas)),
        left=_minutes_left(day, visit.place.at()),
        counting=counting,
        to_records=counting and "bien-ban" in visit.desk.sections and any(map(visit.may, _TO_RECORDS)),
        closing=slot(day.standing.slots[-1]) if day.standing.slots else "",
        pieces=stacked(day.records.by_state, day.records.total),
    )


def is_counting(standing: Standing, records: RecordStates) -> bool:
    """Whether the day has come to the count: the last slot is due and a record is on its way."""
    last = bool(standing.slots) and standing.slot == standing.slots[-1]
    return last and records.total > records.by_state.get(RecordState.AWAITED, 0)


def _is_full(area: AreaDay) -> bool:
    return area.voters > 0 and area.took_part >= area.voters


def _keeps(area: AreaDay, chosen: str, troubled: set[str | None]) -> bool:
    if chosen == "cham":
        return area.late
    if chosen == "su-co":
        return area.area in troubled
    return chosen != "du" or _is_full(area)


def _minutes_left(day: CommuneDay, now: datetime) -> int | None:
    """Minutes to the close of the boxes; None before or after polling day."""
    if not day.standing.slots:
        return None
    hour, minute = map(int, day.standing.slots[-1].split(":"))
    midnight = datetime(day.standing.day.year, day.standing.day.month, day.standing.day.day, tzinfo=VIETNAM)
    local = now.astimezone(VIETNAM)
    closes = midnight.replace(hour=hour, minute=minute)
    return late_by(closes, local) if midnight <= local <= closes else None


def _number(area: str | None) -> str:
    return str(int(area.split("-")[1])) if area else ""


def _tasks(visit: Visit, day: CommuneDay, late: list[AreaDay], incidents: list[Incident]) -> list[Task]:
    """What waits for a person here, by deadline: reports, incidents, records."""
    words, tasks = visit.words, []
    if late:
        tasks.append(_late_task(visit, day, late))
    tasks += [_incident_task(visit, incident) for incident in incidents]
    for state, glyph, kind, sentence, section, action in _RECORD_TASKS:
        count = day.records.by_state.get(state, 0)
        if count:
            address = f"{visit.address}/{section}" if visit.may(action) and section in visit.desk.sections else ""
            title = words.text(sentence, n=count)
            why = words.text("trên {n} biên bản của đơn vị", n=day.records.total)
            tasks.append(Task(glyph, kind, title, why, address, words.text("Mở")))
    return tasks


_COMPARE: Final = "bien-ban/doi-chieu"
_RECORD_TASKS: Final = (
    (RecordState.DIFFERS, "diff", "diff", "{n} biên bản có hai lần nhập khác nhau", _COMPARE, Action.COMPARE_RECORD),
    (RecordState.FAULTY, "err", "err", "{n} biên bản có lỗi", _COMPARE, Action.COMPARE_RECORD),
    (RecordState.WAITING, "ring", "work", "{n} biên bản chờ phê duyệt", "bien-ban/duyet", Action.APPROVE_RECORD),
    (RecordState.REOPENED, "re", "re", "{n} biên bản mở lại để sửa", "bien-ban", Action.READ_RECORDS),
    (RecordState.RETURNED, "re", "re", "{n} biên bản trả lại để nhập lại", "bien-ban", Action.ENTER_RECORD),
)  # fmt: skip


def _late_task(visit: Visit, day: CommuneDay, late: list[AreaDay]) -> Task:
    words, first = visit.words, max(late, key=lambda area: area.late_minutes)
    names = ", ".join(_number(area.area) for area in late[:6]) + (" …" if len(late) > 6 else "")
    title = words.text("Khu vực {names} chưa báo cáo mốc {slot}", names=names, slot=slot(day.standing.slot))
    why = words.text("Chậm {late}", late=words.hours(first.late_minutes))
    if first.phone:
        why += " · " + words.text("khu vực {number}: {phone}", number=_number(first.area), phone=first.phone)
    may = visit.may(Action.REPORT_TURNOUT)
    return Task(
        "late", "diff", title, why, f"{visit.address}/cu-tri-di-bau" if may else "", words.text("Gọi và nhập thay")
    )


def _incident_task(visit: Visit, incident: Incident) -> Task:
    words = visit.words
    title = words.text("Sự cố số {number}: {what}", number=str(incident.number), what=incident.what[:90])
    why = words.text("Báo lúc {at} bởi {name}", at=words.clock(incident.reported_at), name=incident.reported_by)
    if incident.needs_decision:
        why += " · " + words.text("chờ cấp trên quyết định")
    return Task("warn", "diff", title, why, f"{visit.address}/su-co", words.text("Xem sự cố"))


async def _board(visit: Visit, shown: str, *, big: bool) -> Response:
    board = await visit.ask(BoardOf(election=visit.election, unit=visit.unit), Dashboard)
    nation = visit.place.level == "nation"
    names = {unit.code: unit.name for unit in visit.place.units.below("vn")}
    late = sum(unit.late for unit in board.units)
    low = [unit for unit in board.units if unit.areas and hundredths(unit.share) < 5000]
    open_incidents = [incident for incident in board.incidents if not incident.settled]
    seats, declared = sum(board.constituencies.values()), sum(board.declared.values())
    return visit.page(
        "toan-canh.html",
        board=board,
        nation=nation,
        tiles=tiles(board.units, names, shown) if nation else [],
        shown=shown,
        big=big,
        late=late,
        counting=is_counting(board.standing, board.records),
        seats=seats,
        declared=declared,
        low=low,
        late_units=[unit for unit in board.late if unit.late][:_MOST_LATE],
        late_count=sum(1 for unit in board.units if unit.late),
        open_incidents=open_incidents,
        deciding=sum(1 for incident in open_incidents if incident.needs_decision),
        curve=curve(board.curve, 480, 128),
        pieces=stacked(board.records.by_state, board.records.total),
        call_from=CALL_FROM,
        approved_share=percent(board.records.by_state.get(RecordState.APPROVED, 0), board.records.total),
    )
