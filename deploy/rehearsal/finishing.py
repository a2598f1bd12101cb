"""After the count: Boards declare, forms are issued, the snapshot is published; everything is compared with what was planned."""

import asyncio
from datetime import time

from deploy.rehearsal.counting import Papers
from deploy.rehearsal.gate import Json
from deploy.rehearsal.stage import Stage, eventually, instant
from deploy.rehearsal.structure import Area, Plan, Seat
from deploy.rehearsal.votes import Contested, winners

Row = tuple[str, object, object]
MOST_RECORDS = 500
"""Records of Boards printed by a rehearsal; a nation's 18,246 would take longer than its count."""


async def declare(stage: Stage) -> None:
    """Each Board meets, draws up its record, and its head signs it."""
    await stage.clock(1, time(9))

    async def one(seat: Seat) -> None:
        secretary, head = stage.officer("board_secretary", seat.path), stage.officer("board_head", seat.path)
        scope = stage.scope(seat.path) | {"constituency": seat.code}
        result = await stage.gate.ask("results/result_of", secretary, **scope)
        assert result["state"] == "complete", f"{seat.code}: {result['state']} {result['findings']}"
        meeting = {
            "held_at": instant(1, 8),
            "place": "Trụ sở UBND",
            "annexes": ["Biên bản kết quả kiểm phiếu của các Tổ bầu cử"],
        }
        result = await stage.gate.act(
            "results/prepare_result", scope | {"meeting": meeting, "content": result["content"]}, secretary
        )
        content = result["content"]
        await stage.gate.act("results/declare_result", scope | {"content": content}, head, approve=content)

    await stage.each("Ban bầu cử xác định kết quả", list(stage.the_plan.in_play.values()), one)


async def documents(stage: Stage) -> None:
    """Forms 19 and 24 of the Boards; 18 and 23 of every Team of the first commune."""

    async def board(seat: Seat) -> None:
        form = "19" if seat.contest == "NA" else "24"
        body = stage.scope(seat.path) | {"form": form, "constituency": seat.code}
        await _issue(stage, body, seat)

    await eventually_declared(stage)
    await stage.each("Biên bản mẫu 19, 24", _boards_shown(stage.the_plan), board, at_once=4)
    commune = stage.the_plan.communes[0]
    areas = stage.the_plan.areas_in(commune)

    async def team(area: Area) -> None:
        by = stage.officer("secretary", commune.path)
        for contest in ("NA", "PC", "CC"):
            form = "18" if contest == "NA" else "23"
            body = stage.scope(commune.path) | {"form": form, "area": area.code, "contest": contest}
            await stage.gate.act("reporting/issue_document", body, by)
            stage.documents += 1

    await stage.each("Biên bản mẫu 18, 23", areas, team, at_once=4)


def _boards_shown(plan: Plan) -> list[Seat]:
    """Every Board's record; of thousands, those of the upper contests and of one commune in each province."""
    seats = list(plan.in_play.values())
    if len(seats) <= MOST_RECORDS:
        return seats
    first = {commune.path.rsplit("/", 1)[0]: commune.path for commune in reversed(plan.communes)}
    return [seat for path in (*first, *first.values()) for seat in plan.seats_in(path)]


async def _issue(stage: Stage, body: Json, seat: Seat) -> None:
    await stage.gate.act("reporting/issue_document", body, stage.officer("board_head", seat.path))
    stage.documents += 1


async def eventually_declared(stage: Stage) -> None:
    """Reporting has heard every declaration."""
    by = stage.officer("nation_officer", "vn")
    wanted = len(stage.the_plan.in_play)

    async def heard() -> bool:
        seen = await stage.gate.ask("reporting/board_of", by, **stage.scope("vn"))
        return sum(seen["declared"].values()) == wanted

    await eventually(heard, f"reporting shows {wanted} declared constituencies", 180)


async def publish(stage: Stage) -> Json:
    """The signed public snapshot: ordered, then watched until it is out."""
    await stage.clock(5, time(9))
    by = stage.officer("publisher", "vn")
    job = await stage.gate.act("reporting/publish_snapshot", stage.scope("vn"), by)
    bar = stage.progress.add_task("Công bố kết quả đã ký", total=None)
    began = asyncio.get_running_loop().time()
    while job["ended_at"] is None:
        await asyncio.sleep(0.5)
        job = await stage.gate.ask("reporting/publication_of", by, **stage.scope("vn"), job=job["id"])
        stage.progress.update(bar, completed=job["done"], total=job["total"] or None)
    stage.told("Công bố kết quả đã ký", job["done"], asyncio.get_running_loop().time() - began)
    if job["state"] != "published":
        raise RuntimeError(f"the publication ended as {job['state']}: {job['findings']}")
    snapshots = await stage.gate.ask("reporting/snapshots_of", by, **stage.scope("vn"))
    newest: Json = snapshots["snapshots"][0]
    return newest


async def compare(stage: Stage, papers: Papers) -> list[Row]:
    """Expected against found, a row a figure: what was planned on paper, what the gateway answers."""
    by = stage.officer("nation_officer", "vn")
    found: dict[str, Json] = {}
    for province in stage.the_plan.provinces:
        seen = await stage.gate.ask("reporting/results_seen", by, **stage.scope(province.path))
        found |= {result["constituency"]: result for result in seen["results"]}
    rows: list[Row] = []
    for code, contested in sorted(stage.contested.items()):
        rows += _constituency(code, contested, found.get(code))
    for contest in ("NA", "PC", "CC"):
        answer = await stage.gate.ask("reporting/totals_of", by, **stage.scope("vn"), contest=contest)
        rows += _totals(contest, papers, answer["whole"]["totals"])
        seats = sum(len(winners(c)) for c in stage.contested.values() if c.contest == contest)
        rows.append((f"{contest} đại biểu trúng cử", seats, answer["whole"]["elected"]))
    return rows


def _constituency(code: str, contested: Contested, result: Json | None) -> list[Row]:
    if result is None:
        return [(f"{code} kết quả", "có", "không có")]
    elected = [line["candidate"]["dossier"] for line in result["candidates"] if line["elected"]]
    votes = {line["candidate"]["dossier"]: line["votes"] for line in result["candidates"]}
    planned = {
        standing.dossier: sum(paper.votes[place] for paper in contested.papers)
        for place, standing in enumerate(contested.candidates)
    }
    missing = contested.seats - len(winners(contested))
    short = missing > 0 and (contested.contest == "NA" or 3 * len(winners(contested)) < 2 * contested.seats)
    return [
        (f"{code} trúng cử", sorted(winners(contested)), sorted(elected)),
        (f"{code} số phiếu", planned, votes),
        (f"{code} còn thiếu", missing, result["missing"]),
        (f"{code} bầu cử thêm", short, result["additional_election"]),
        (f"{code} trạng thái", "declared", result["state"]),
    ]


def _totals(contest: str, papers: Papers, totals: Json) -> list[Row]:
    mine = [paper for (_, of), paper in papers.items() if of == contest]
    names = {
        "voters": "cử tri", "took_part": "đi bầu", "issued": "phát ra", "collected": "thu vào", "valid": "hợp lệ",
        "invalid": "không hợp lệ",
    }  # fmt: skip
    rows: list[Row] = [(f"{contest} biên bản", len(mine), totals["areas"])]
    rows += [(f"{contest} {words}", sum(getattr(p, name) for p in mine), totals[name]) for name, words in names.items()]
    return rows
