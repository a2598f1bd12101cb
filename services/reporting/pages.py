"""The replies of the pages, put together from counters and facts; shares come from integers."""

from collections.abc import Sequence
from datetime import datetime

from services.contracts.candidates import Contest, Election
from services.contracts.reporting import (
    AreaDay,
    CommuneDay,
    Dashboard,
    RecordStates,
    SlotPoint,
    Standing,
    Summary,
    TotalsLine,
    UnitLine,
)
from services.contracts.results import RecordState, Totals
from services.contracts.vietnamese import percent
from services.kit.database import Transaction
from services.reporting.domain.clock import Moment, expected, moment
from services.reporting.store import day, places, sums

CONTESTS_AN_AREA = 3
LATE_SHOWN = 10
_NOBODY = ("", "")


def moment_of(election: Election, now: datetime, grace_minutes: int) -> Moment:
    """Where the election stands on its own clock."""
    return moment(election.day, election.slots, election.clock.at(now), grace_minutes)


def standing(election: Election, at: Moment) -> Standing:
    return Standing(
        election=election.election,
        title=election.title,
        day=election.day,
        rehearsal=election.rehearsal,
        clock=election.clock,
        shown_at=at.shown_at,
        slots=election.slots,
        slot=at.slot,
        next_slot=at.next_slot,
    )


def commune_day(tx: Transaction, election: Election, path: str, at: Moment) -> CommuneDay:
    """The commune home."""
    code = path.rsplit("/", 1)[-1]
    title = places.title_of(tx, path)
    facts = day.areas_of(tx, election.election, code)
    areas = tuple(_area_day(area, at) for area in facts)
    voters, took_part = sum(area.voters for area in areas), sum(area.took_part for area in areas)
    states: dict[str, int] = {}
    for area in facts:
        for state in area.records.values():
            states[state] = states.get(state, 0) + 1
    return CommuneDay(
        standing=standing(election, at),
        unit=path,
        title=title,
        voters=voters,
        took_part=took_part,
        share=percent(took_part, voters),
        areas_reported=sum(1 for area in facts if area.last is not None and area.last >= at.slot),
        areas=areas,
        curve=_curve(election, day.slots_of(tx, election.election, commune=code)),
        incidents=day.incidents_within(tx, election.election, path, settled=True),
        records=_record_states(len(areas), states),
    )


def dashboard(tx: Transaction, election: Election, path: str, at: Moment) -> Dashboard:
    """The nation or a province at a glance: its units one level down, who is late first."""
    province = "" if path == places.NATION else path.rsplit("/", 1)[-1]
    facts = day.units_of(tx, election.election, province, at.due)
    states = day.states_of(tx, election.election, province)
    below = places.titles_below(tx, path)
    heads = places.heads_of(tx, election.election, list(below))
    units = tuple(
        _unit_line(
            (code, unit, title), facts.get(code, day.UnitFacts()), states.get(code, {}), heads.get(unit, _NOBODY)
        )
        for unit, (code, title) in below.items()
    )
    slots = day.slots_of(tx, election.election, province)
    known, declared = day.constituencies_of(tx, election.election, path)
    whole = _whole(list(facts.values()))
    return Dashboard(
        standing=standing(election, at),
        unit=path,
        title=places.title_of(tx, path),
        areas=whole.areas,
        areas_reported=slots[at.slot].areas if at.slot in slots else 0,
        voters=whole.voters,
        took_part=whole.took_part,
        share=percent(whole.took_part, whole.voters),
        units=units,
        late=tuple(sorted((unit for unit in units if unit.late), key=lambda unit: -unit.late)[:LATE_SHOWN]),
        curve=_curve(election, slots),
        incidents=day.incidents_within(tx, election.election, path),
        records=_record_states(whole.areas, _added(list(states.values()))),
        constituencies=known,
        declared=declared,
    )


def summary(tx: Transaction, election: str, path: str, contest: Contest) -> Summary:
    """The sums of approved records at a unit, then one level below."""
    depth = path.count("/")
    code = path.rsplit("/", 1)[-1]
    if depth == 0:
        lines = sums.provinces(tx, election, contest)
    elif depth == 1:
        lines = sums.communes(tx, election, contest, code)
    else:
        lines = sums.areas(tx, election, contest, code)
    titles = _part_titles(tx, path, lines)
    seats = sums.seats(tx, election, contest, path)
    parts = tuple(
        _totals_line(unit, titles[unit], lines.get(unit.rsplit("/", 1)[-1]), seats.get(unit.rsplit("/", 1)[-1], (0, 0)))
        for unit in titles
    )
    every = [line.totals for line in lines.values()]
    whole = sums.Line(
        areas=sum(line.areas for line in lines.values()),
        totals=Totals(**{name: sum(getattr(totals, name) for totals in every) for name in Totals.model_fields}),
    )
    standing_seats = (sum(pair[0] for pair in seats.values()), sum(pair[1] for pair in seats.values()))
    title = places.title_of(tx, path)
    return Summary(contest=contest, whole=_totals_line(path, title, whole, standing_seats), parts=parts)


def _part_titles(tx: Transaction, path: str, lines: dict[str, sums.Line]) -> dict[str, str]:
    if path.count("/") < 2:
        return {unit: title for unit, (_, title) in places.titles_below(tx, path).items()}
    return {f"{path}/{area}": f"Khu vực bỏ phiếu số {int(area[-3:])}" for area in lines}


def _totals_line(unit: str, title: str, line: sums.Line | None, seats: tuple[int, int]) -> TotalsLine:
    held = line or sums.Line(areas=0, totals=Totals())
    return TotalsLine(
        unit=unit,
        title=title,
        areas=held.areas,
        totals=held.totals,
        turnout=percent(held.totals.took_part, held.totals.voters),
        seats=seats[0],
        elected=seats[1],
    )


def _area_day(area: day.AreaFacts, at: Moment) -> AreaDay:
    late = at.is_late(area.last)
    voters = area.voters or (area.slots[area.last][1] if area.last else 0)
    return AreaDay(
        area=area.area,
        place=area.place,
        contact=area.contact,
        phone=area.phone,
        opened_at=area.opened_at,
        closed_at=area.closed_at,
        voters=voters,
        took_part=area.took_part,
        share=percent(area.took_part, voters),
        reported=tuple(sorted(area.slots)),
        late=late,
        late_minutes=at.minutes_late if late else 0,
        by_slot={slot: row[0] for slot, row in sorted(area.slots.items())},
        records=area.records,
        incidents=area.incidents,
    )


def _unit_line(
    named: tuple[str, str, str], facts: day.UnitFacts, states: dict[str, int], head: tuple[str, str]
) -> UnitLine:
    code, path, title = named
    return UnitLine(
        code=code,
        path=path,
        title=title,
        areas=facts.areas,
        voters=facts.voters,
        took_part=facts.took_part,
        share=percent(facts.took_part, facts.voters),
        late=facts.late,
        records=_record_states(facts.areas, states),
        incidents=facts.incidents,
        contact=head[0],
        phone=head[1],
    )


def _curve(election: Election, slots: dict[str, day.SlotSum]) -> tuple[SlotPoint, ...]:
    points = []
    for slot in sorted({*election.slots, *slots}):
        told = slots.get(slot, day.SlotSum(0, 0, 0))
        points.append(
            SlotPoint(
                slot=slot,
                took_part=told.took_part,
                voters=told.voters,
                share=percent(told.took_part, told.voters),
                areas=told.areas,
                expected=expected(slot),
            )
        )
    return tuple(points)


def _record_states(areas: int, states: dict[str, int]) -> RecordStates:
    """Records nobody has told of yet are awaited: three for each area."""
    told = sum(states.values())
    total = max(told, CONTESTS_AN_AREA * areas)
    by_state = dict(states)
    if total > told:
        by_state[RecordState.AWAITED] = by_state.get(RecordState.AWAITED, 0) + total - told
    return RecordStates(total=total, by_state=by_state)


def _whole(units: Sequence[day.UnitFacts]) -> day.UnitFacts:
    return day.UnitFacts(
        areas=sum(unit.areas for unit in units),
        voters=sum(unit.voters for unit in units),
        took_part=sum(unit.took_part for unit in units),
        late=sum(unit.late for unit in units),
        incidents=sum(unit.incidents for unit in units),
    )


def _added(states: Sequence[dict[str, int]]) -> dict[str, int]:
    names = sorted({name for each in states for name in each})
    return {name: sum(each.get(name, 0) for each in states) for name in names}
