"""Election day: opening, turnout by the hour, an incident, a late area, and the close."""

from collections.abc import Callable
from datetime import time

from deploy.rehearsal.gate import Json
from deploy.rehearsal.people import People
from deploy.rehearsal.stage import DAY, Stage, eventually, instant
from deploy.rehearsal.structure import Area, Unit
from deploy.rehearsal.votes import CURVE, Paper, blank_paper, cast, turnout

LATE_SLOT, LOW_SLOT = "14:00", "16:00"


def count_on_paper(stage: Stage) -> dict[tuple[str, str], Paper]:
    """What every Team will find in its boxes: decided before, known to nobody in the system."""
    papers: dict[tuple[str, str], Paper] = {}
    for area in stage.the_plan.areas:
        random = stage.random("paper " + area.code)
        rights = stage.files[area.commune.path].rights[area.code]
        took_part = turnout(random, rights.na)
        for contest, code in (("NA", area.na), ("PC", area.pc), ("CC", area.cc)):
            voters = rights.of(contest)
            came = took_part if contest != "CC" else max(0, voters - (rights.na - took_part))
            paper = blank_paper(random, stage.contested[code], area.code, voters, came)
            stage.contested[code].papers.append(paper)
            papers[area.code, contest] = paper
    for contested in stage.contested.values():
        cast(contested, stage.random("votes " + contested.code))
    return papers


async def open_areas(stage: Stage) -> None:
    """Every area opens at seven, before two voters who see the empty boxes."""
    await stage.clock(0, time(7, 5))
    people = People(f"witnesses {stage.seed}", stage.the_plan.provinces[0].code, DAY)

    def opening(area: Area) -> Json:
        witnesses = [people.name(female=False), people.name(female=True)]
        return {"area": area.code, "opened_at": instant(0, 7), "witnesses": witnesses}

    await _by_commune(stage, "Khai mạc", "results/open_polling", "openings", opening)


async def close_areas(stage: Stage) -> None:
    """Every area closes at seven in the evening."""
    await stage.clock(0, time(19, 5))
    people = People(f"count {stage.seed}", stage.the_plan.provinces[0].code, DAY)

    def closing(area: Area) -> Json:
        witnesses = [people.name(female=False), people.name(female=True)]
        return {"area": area.code, "closed_at": instant(0, 19), "witnesses": witnesses}

    await _by_commune(stage, "Kết thúc bỏ phiếu", "results/close_polling", "closings", closing)


async def _by_commune(stage: Stage, words: str, door: str, name: str, row: Callable[[Area], Json]) -> None:
    async def act(commune: Unit) -> None:
        rows = [row(area) for area in stage.the_plan.areas_in(commune)]
        by = stage.officer("secretary", commune.path)
        answer = await stage.gate.act(door, stage.scope(commune.path) | {name: rows}, by)
        refused = [outcome for outcome in answer["outcomes"] if not outcome["stored"]]
        assert not refused, f"{door} {commune.title}: {refused[:2]}"

    await stage.each(words, stage.the_plan.communes, act)


async def turnout_of_the_day(stage: Stage, papers: dict[tuple[str, str], Paper]) -> None:
    """Each hour every commune reports its areas; once an area is late, once a figure falls."""
    late = stage.the_plan.areas[1]
    low = stage.the_plan.areas[2]
    await _incident(stage, stage.the_plan.areas[3])
    for slot, share in CURVE.items():
        hour = int(slot[:2])
        await stage.clock(0, time(hour, 10))
        figures = {
            area.code: _so_far(papers[area.code, "NA"].took_part, share, area.code) for area in stage.the_plan.areas
        }
        if slot == LOW_SLOT:
            await _falling_figure(stage, low, slot, figures)

        async def report(commune: Unit, slot: str = slot, figures: dict[str, int] = figures) -> None:
            areas = stage.the_plan.areas_in(commune)
            told = [area for area in areas if not (slot == LATE_SLOT and area is late)]
            await _report(stage, commune, slot, {area.code: figures[area.code] for area in told})

        await stage.each(f"Cử tri đi bầu lúc {slot}", stage.the_plan.communes, report)
        if slot == LATE_SLOT:
            await _late_area(stage, late, figures[late.code])


def _so_far(final: int, share: int, code: str) -> int:
    shift = sum(code.encode()) % 5 - 2 if 0 < share < 98 else 0
    return final * (share + shift) // 100


async def _report(stage: Stage, commune: Unit, slot: str, figures: dict[str, int]) -> list[Json]:
    rows = [{"area": area, "took_part": count} for area, count in figures.items()]
    body = stage.scope(commune.path) | {"slot": slot, "rows": rows}
    answer = await stage.gate.act("results/report_turnout", body, stage.officer("secretary", commune.path))
    outcomes: list[Json] = answer["outcomes"]
    return outcomes


async def _falling_figure(stage: Stage, area: Area, slot: str, figures: dict[str, int]) -> None:
    outcomes = await _report(stage, area.commune, slot, {area.code: figures[area.code] // 2})
    stage.planted.make("số cử tri giảm so với mốc trước", caught=not outcomes[0]["stored"], what=str(outcomes))
    too_many = stage.files[area.commune.path].rights[area.code].na + 1
    outcomes = await _report(stage, area.commune, slot, {area.code: too_many})
    stage.planted.make("người đi bầu nhiều hơn danh sách", caught=not outcomes[0]["stored"], what=str(outcomes))


async def _late_area(stage: Stage, area: Area, figure: int) -> None:
    await stage.clock(0, time(14, 50))
    by = stage.officer("secretary", area.commune.path)

    async def named_late() -> bool:
        day = await stage.gate.ask("reporting/day_of", by, **stage.scope(area.commune.path))
        return [row["area"] for row in day["areas"] if row["late"]] == [area.code]

    await eventually(named_late, f"{area.code} is named late", 30)
    stage.planted.make("khu vực báo cáo chậm", caught=True)
    await _report(stage, area.commune, LATE_SLOT, {area.code: figure})

    async def nobody_late() -> bool:
        day = await stage.gate.ask("reporting/day_of", by, **stage.scope(area.commune.path))
        return not any(row["late"] for row in day["areas"])

    await eventually(nobody_late, f"{area.code} has reported and is late no more", 30)


async def _incident(stage: Stage, area: Area) -> None:
    body = stage.scope(area.commune.path) | {
        "area": area.code, "kind": "technical", "happened_at": instant(0, 7, 4), "what": "Mất điện tại phòng bỏ phiếu",
        "action": "Niêm phong hòm phiếu, dùng máy phát điện, bỏ phiếu tiếp lúc 7 giờ 20 phút",
    }  # fmt: skip
    by = stage.officer("secretary", area.commune.path)
    incident = await stage.gate.act("results/report_incident", body, by)
    settle = stage.scope(area.commune.path) | {"number": incident["number"], "how": "Có điện lại lúc 8 giờ 5 phút"}
    await stage.gate.act("results/settle_incident", settle, by)
