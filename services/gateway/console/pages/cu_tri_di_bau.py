"""Turnout entry: one number an area, typed twice; what matches is sent, the rest stays to be corrected."""

from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.base import Finding, NotAllowed, Refusal, Severity, Told
from services.contracts.reporting import AreaDay, CommuneDay, DayOf
from services.contracts.results import ReportTurnout, TurnoutReceipt
from services.contracts.roles import Action
from services.contracts.vietnamese import percent
from services.gateway.console.numbers import typed
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here
from services.gateway.console.words import Words
from services.gateway.console.words import slot as short

router = APIRouter()

_CHIPS: Final = 6
_ADDRESS: Final = HERE + "/cu-tri-di-bau"


@dataclass(frozen=True)
class Row:
    """An area in the grid: what was typed, what became of it."""

    area: AreaDay
    before: int | None
    before_slot: str
    first: str = ""
    second: str = ""
    reason: str = ""
    errors: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()
    value: int | None = None

    @property
    def number(self) -> str:
        return str(int(self.area.area[6:]))


@dataclass
class Sent:
    """What became of a posted form, and how the page was asked for."""

    amend: bool = False
    wanted: str = ""
    receipt: TurnoutReceipt | None = None
    stored: dict[str, int] = field(default_factory=dict)
    refused: Told | None = None
    rows: dict[str, Row] = field(default_factory=dict)


@router.get(_ADDRESS)
@router.get(_ADDRESS + "/{moc}")
async def turnout(visit: Annotated[Visit, Depends(here)], moc: str = "", kv: str = "", sua: bool = False) -> Response:
    """The areas that have not reported this slot, late ones first."""
    _require(visit)
    day = await visit.ask(DayOf(election=visit.election, unit=visit.unit), CommuneDay)
    return _page(visit, day, _slot(day, moc), Sent(amend=sua, wanted=kv))


@router.post(_ADDRESS + "/{moc}")
async def send(visit: Annotated[Visit, Depends(here)], moc: str, sua: bool = False) -> Response:
    """Send what was typed the same twice; the rest comes back with its sentence."""
    _require(visit)
    form = await visit.form()
    day = await visit.ask(DayOf(election=visit.election, unit=visit.unit), CommuneDay)
    slot = _slot(day, moc)
    sent = Sent(amend=sua, rows={area.area: _read(area, form, slot, visit.words) for area in day.areas})
    await _report(visit, sent, slot, str(form.get("key", "")))
    return _page(visit, day, slot, sent)


def _require(visit: Visit) -> None:
    visit.require(Action.REPORT_TURNOUT)
    if visit.place.level != "commune":
        raise NotAllowed


def _slot(day: CommuneDay, asked: str) -> str:
    """A slot that is due: the one asked for as 1600, else the present one."""
    wanted = f"{asked[:2]}:{asked[2:]}" if asked else day.standing.slot
    if asked and wanted not in _due(day):
        raise NotAllowed
    return wanted


def _due(day: CommuneDay) -> list[str]:
    return [slot for slot in day.standing.slots if day.standing.slot and slot <= day.standing.slot]


def _before(area: AreaDay, slot: str) -> tuple[int | None, str]:
    """The last figure told before this slot."""
    earlier = [told for told in sorted(area.by_slot) if told < slot]
    return (area.by_slot[earlier[-1]], earlier[-1]) if earlier else (None, "")


def _read(area: AreaDay, form: FormData, slot: str, words: Words) -> Row:
    """A row as it was typed: the number when both agree, else the sentence that says what to do."""
    code = area.area
    first, second = (str(form.get(f"{name}-{code}", ""))[:40] for name in ("a", "b"))
    reason = str(form.get(f"r-{code}", ""))[:400]
    before, before_slot = _before(area, slot)
    value, errors = _agreed(first, second, words)
    return Row(area, before, before_slot, first, second, reason, errors, (), value)


def _agreed(first: str, second: str, words: Words) -> tuple[int | None, tuple[str, ...]]:
    try:
        one, two = typed(first), typed(second)
    except ValueError:
        return None, (words.text("Chỉ gõ chữ số, ví dụ 1286."),)
    if one is None and two is None:
        return None, ()
    if one is None or two is None:
        return None, (words.text("Gõ số này hai lần, mỗi ô một lần."),)
    if one != two:
        again = words.text(
            "Hai lần gõ là {first} và {second}. Hỏi lại Tổ bầu cử rồi gõ lại số đúng.", first=one, second=two
        )
        return None, (again,)
    return one, ()


async def _report(visit: Visit, sent: Sent, slot: str, key: str) -> None:
    """Hand over the rows that agree; note on each row what the service made of it."""
    matching = [row for row in sent.rows.values() if row.value is not None]
    if not matching:
        return
    try:
        report = ReportTurnout(
            election=visit.election,
            unit=visit.unit,
            key=key or str(uuid4()),
            slot=slot,
            rows=[{"area": row.area.area, "took_part": row.value, "reason": row.reason} for row in matching],
        )
        sent.receipt = await visit.ask(report, TurnoutReceipt)
    except ValidationError:
        sent.refused = NotAllowed().told()
        return
    except Refusal as refused:
        sent.refused = refused.told()
        return
    _note_outcomes(sent, visit.words)


def _note_outcomes(sent: Sent, words: Words) -> None:
    assert sent.receipt is not None
    for outcome in sent.receipt.outcomes:
        row = sent.rows[outcome.area]
        if outcome.stored and row.value is not None:
            sent.stored[outcome.area] = row.value
            continue
        errors = tuple(words.told(found) for found in outcome.findings if found.severity is Severity.BLOCK)
        warnings = tuple(found for found in outcome.findings if found.severity is not Severity.BLOCK)
        sent.rows[outcome.area] = Row(
            row.area, row.before, row.before_slot, row.first, row.second, row.reason, errors, warnings, row.value
        )


def _unsettled(sent: Sent) -> list[Row]:
    """Rows that were typed in and not stored."""
    return [row for code, row in sent.rows.items() if (row.errors or row.warnings) and code not in sent.stored]


def _page(visit: Visit, day: CommuneDay, slot: str, sent: Sent) -> Response:
    done = {area.area for area in day.areas if slot in area.by_slot} | set(sent.stored)
    rows = [
        sent.rows.get(area.area) or Row(area, *_before(area, slot))
        for area in sorted(day.areas, key=lambda area: (not area.late, area.area))
        if area.area not in done or sent.amend
    ]
    chips = _due(day)[-_CHIPS:]
    wrong = _unsettled(sent)
    return visit.page(
        "cu-tri-di-bau.html",
        422 if wrong or sent.refused else 200,
        day=day,
        slot=slot,
        moc=slot.replace(":", ""),
        chips=chips,
        rows=rows,
        amend=sent.amend,
        sent_areas=[_sent(area, slot, sent) for area in day.areas if area.area in done],
        outcome=sent,
        wrong=wrong,
        wanted=sent.wanted or (wrong[0].area.area if wrong else ""),
        short=short,
    )


@dataclass(frozen=True)
class SentArea:
    """An area that has reported this slot."""

    area: AreaDay
    took_part: int
    share: str

    @property
    def number(self) -> str:
        return str(int(self.area.area[6:]))


def _sent(area: AreaDay, slot: str, sent: Sent) -> SentArea:
    took_part = sent.stored.get(area.area, area.by_slot.get(slot, 0))
    return SentArea(area, took_part, percent(took_part, area.voters))
