"""The whole nation as reporting would have heard it, put straight into its tables: for measuring what grows with it.

`python -m tests.reporting.nation [SHARE]` fills a database of its own and prints how long each page, the proofs of the
counters, their rebuilding and the publication take for 72,193 areas, 18,246 constituencies and 216,579 records, or for
a share of the areas in per cent.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from deploy.rehearsal.structure import Plan, Seat, Size, Unit, make_plan
from deploy.rehearsal.votes import CURVE
from services.contracts.base import Policy
from services.contracts.candidates import Background, ListedCandidate, Nominator, Sex
from services.kit.actor import NOBODY, Actor
from services.kit.database import Database, Transaction
from services.reporting import pages
from services.reporting.models import Base
from services.reporting.press_room import PressRoom
from services.reporting.settings import ReportingSettings
from services.reporting.store import counters, freshness, places, publications, sums
from tests import servers

E = "dien-tap-1"
AT = datetime(2026, 3, 17, 2, tzinfo=UTC)
HASH = "b2" * 32
_SURPLUS = {1: 1, 2: 1, 3: 2, 4: 3, 5: 3}
_NAMES = ("Nguyễn Văn Hùng", "Trần Thị Ngọc Lan", "Lê Quang Khánh", "Phạm Thu Hương", "Hoàng Minh Tuấn", "Võ Thị Mai")
Rows = Iterable[tuple[Any, ...]]


def real_units() -> list[Unit]:
    """The provinces and communes there are."""
    told = subprocess.run([sys.executable, "-m", "services.identity.units"], check=True, capture_output=True)
    rows = json.loads(told.stdout)["units"]
    return [Unit(row["code"], row["path"], row["kind"], row["name"], row["title"]) for row in rows]


def fill(db: Database, areas: int) -> Plan:
    """Every fact of an election whose count is over and declared, with the counters made from them."""
    units = real_units()
    plan = make_plan(units, [], Size(areas), 1)
    seats = plan.national + plan.councils
    seats = [seat for seat in seats if seat.code in plan.in_play]
    _copy(db, "units", "code, path, kind, name, title", ((u.code, u.path, u.kind, u.name, u.title) for u in units))
    _copy(db, "elections", "election, data", [(E, json.dumps(_election()))])
    _copy(db, "constituencies", "election, code, contest, path, seats, data", (_constituency(seat) for seat in seats))
    _copy(db, "official_lists", "election, constituency, data", (_list(seat) for seat in seats))
    _areas(db, plan)
    sums = _records(db, plan)
    _copy(
        db,
        "results",
        "election, constituency, contest, path, state, seats, elected, version, content, data",
        (_result(seat, sums[seat.code]) for seat in seats),
    )
    with db.transaction() as tx:
        counters.rebuild(tx)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    return plan


def _copy(db: Database, table: str, columns: str, rows: Rows) -> None:
    with db.transaction() as tx, tx.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _election() -> dict[str, Any]:
    clock = {"real_at": "2020-01-01T00:00:00Z", "shown_at": AT.isoformat(), "speed": 0}
    return {
        "election": E, "title": "Diễn tập cả nước", "day": "2026-03-15", "rehearsal": True, "clock": clock,
        "milestones": [], "slots": list(CURVE),
    }  # fmt: skip


def _constituency(seat: Seat) -> tuple[Any, ...]:
    told = {
        "code": seat.code, "contest": seat.contest, "path": seat.path, "ordinal": seat.ordinal, "title": seat.title,
        "seats": seat.seats, "communes": seat.communes, "extent": seat.extent, "resolution": "85/NQ-HĐBCQG",
    }  # fmt: skip
    return E, seat.code, seat.contest, seat.path, seat.seats, json.dumps(told)


def _candidates(seat: Seat) -> list[dict[str, Any]]:
    number = seat.seats + (2 if seat.contest == "NA" else _SURPLUS[seat.seats])
    return [
        ListedCandidate(
            order=place + 1, dossier=UUID(int=place + 1), full_name=_NAMES[place % 6], other_name="",
            birth_date=date(1970 + place, 5, 20), sex=Sex.FEMALE if place % 2 else Sex.MALE, ethnicity="Kinh",
            religion="Không", home_town=seat.title[-20:], residence=seat.title[-20:],
            background=Background(occupation="Kỹ sư", workplace="Cơ quan diễn tập"), nominator=Nominator.LOCAL,
        ).model_dump(mode="json")
        for place in range(number)
    ]  # fmt: skip


def _list(seat: Seat) -> tuple[Any, ...]:
    told = {
        "election": E, "constituency": seat.code, "contest": seat.contest, "seats": seat.seats,
        "candidates": _candidates(seat), "document": "Nghị quyết số 102/NQ-HĐBCQG", "published_at": AT.isoformat(),
    }  # fmt: skip
    return E, seat.code, json.dumps(told)


def _areas(db: Database, plan: Plan) -> None:
    def province(path: str) -> str:
        return path.split("/")[1]

    _copy(
        db,
        "areas",
        "election, area, commune, province, place, contact, phone, na, pc, cc",
        (
            (E, a.code, a.commune.code, province(a.commune.path), a.place, "Võ Văn An", "0912000107", a.na, a.pc, a.cc)
            for a in plan.areas
        ),
    )
    _copy(
        db,
        "area_rights",
        "election, area, state, na, pc, cc",
        ((E, a.code, "closed", a.voters, a.voters, a.voters) for a in plan.areas),
    )
    _copy(
        db,
        "turnout",
        "election, area, slot, commune, took_part, voters, at",
        (
            (E, a.code, slot, a.commune.code, a.voters * share // 100, a.voters, AT)
            for a in plan.areas
            for slot, share in CURVE.items()
        ),
    )


def _records(db: Database, plan: Plan) -> dict[str, dict[str, Any]]:
    """Approved records; what each constituency adds up to."""
    random = Random(1)
    sums: dict[str, dict[str, Any]] = {}

    def rows() -> Rows:
        for area in plan.areas:
            for contest, code in (("NA", area.na), ("PC", area.pc), ("CC", area.cc)):
                figures = _figures(plan.in_play[code], area.voters, random)
                kept = sums.setdefault(code, {"areas": 0, "communes": {}, **dict.fromkeys(_SUMMED, 0)})
                kept["areas"] += 1
                for name in _SUMMED:
                    kept[name] += figures[name]
                own = kept["communes"].setdefault(area.commune.path, [0] * len(figures["votes"]))
                own[:] = [a + b for a, b in zip(own, figures["votes"], strict=True)]
                yield (
                    E, area.code, contest, area.commune.code, code, "approved", 5, json.dumps(figures), HASH, AT,
                )  # fmt: skip

    columns = "election, area, contest, commune, constituency, state, version, figures, content, at"
    _copy(db, "records", columns, rows())
    return sums


_SUMMED = ("voters", "took_part", "issued", "collected", "valid", "invalid")


def _figures(seat: Seat, voters: int, random: Random) -> dict[str, Any]:
    number = seat.seats + (2 if seat.contest == "NA" else _SURPLUS[seat.seats])
    valid = voters - random.randrange(4, 20)
    won = [valid * 80 // 100 - place for place in range(seat.seats)]
    lost = [valid * 10 // 100] * (number - seat.seats)
    return {
        "voters": voters, "took_part": voters - 2, "issued": voters - 2, "collected": voters - 2, "valid": valid,
        "invalid": voters - 2 - valid, "votes": won + lost, "kinds": [0] * (seat.seats - 1) + [valid],
    }  # fmt: skip


def _result(seat: Seat, kept: dict[str, Any]) -> tuple[Any, ...]:
    votes = [sum(each) for each in zip(*kept["communes"].values(), strict=True)]
    lines = [
        {
            "candidate": candidate, "votes": count, "share": "80,00" if place < seat.seats else "10,00",
            "elected": place < seat.seats, "short_by": 0, "outcome": "elected" if place < seat.seats else "short",
        }
        for place, (candidate, count) in enumerate(zip(_candidates(seat), votes, strict=True))
    ]  # fmt: skip
    told = {
        "election": E, "constituency": seat.code, "contest": seat.contest, "path": seat.path, "title": seat.title,
        "state": "declared", "version": 4, "seats": seat.seats, "areas": kept["areas"], "approved": kept["areas"],
        "totals": {"areas": kept["areas"]} | {name: kept[name] for name in _SUMMED}, "candidates": lines,
        "by_commune": [
            {"unit": path, "title": path, "areas": 1, "votes": votes} for path, votes in kept["communes"].items()
        ],
        "valid_turnout": True, "elected": seat.seats, "missing": 0, "additional_election": False, "rerun": False,
        "needs_decision": False, "majority": kept["valid"] // 2 + 1, "findings": [], "content": HASH,
        "declared_by": "Trưởng Ban bầu cử", "declared_at": AT.isoformat(),
        "meeting": {"held_at": AT.isoformat(), "place": "Trụ sở UBND"},
    }  # fmt: skip
    return E, seat.code, seat.contest, seat.path, "declared", seat.seats, seat.seats, 4, HASH, json.dumps(told)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measure(db: Database) -> None:
    """How long each takes: the best of three where it only reads."""

    def read(words: str, question: Callable[[Transaction], Any], times: int = 3) -> None:
        took = []
        for _ in range(times):
            began = time.perf_counter()
            with db.transaction(read_only=True) as tx:
                question(tx)
            took.append(time.perf_counter() - began)
        _say(f"{words:44} {min(took) * 1000:9.0f} ms")

    with db.transaction(read_only=True) as tx:
        election = places.election_held(tx, E)
    at = pages.moment_of(election, datetime.now(UTC), 30)
    for unit in ("vn", "vn/01"):
        read(f"dashboard {unit}", lambda tx, unit=unit: pages.dashboard(tx, election, unit, at))
        for contest in ("NA", "PC", "CC"):
            read(f"summary {contest} {unit}", lambda tx, unit=unit, of=contest: pages.summary(tx, E, unit, of))
    read("commune home", lambda tx: pages.commune_day(tx, election, "vn/46/19777", at))
    read("results of a province", lambda tx: places.results_within(tx, E, "vn/38"))
    read("counts of the operations page", freshness.counts)
    read("proof: the summary is the sum of records", lambda tx: sums.drifting(tx, E), 1)
    read("proof: every counter says what its facts say", counters.differing, 1)
    began = time.perf_counter()
    with db.transaction() as tx:
        counters.rebuild(tx)
    _say(f"{'every counter made again':44} {(time.perf_counter() - began) * 1000:9.0f} ms")


def publish(db: Database, folder: Path) -> None:
    """The whole snapshot, in this process."""
    began, cpu = time.perf_counter(), time.process_time()
    settings = ReportingSettings(database_url=db.url, public_folder=folder, snapshot_key=folder / "key" / "key.pem")
    with db.transaction() as tx:
        publications.order(tx, uuid4(), E, Actor(NOBODY, "measuring", NOBODY, (), datetime.now(UTC), Policy(table={})))
    PressRoom(db, settings).work()
    files = sum(1 for place in (folder / E / "1").rglob("*") if place.is_file())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    took, used = time.perf_counter() - began, time.process_time() - cpu
    _say(f"publication: {files} files in {took:.0f} s, {used:.0f} s of processor, {memory} MB at most")


def main() -> None:
    """Fill, measure, publish."""
    areas = 72_195 * int(sys.argv[1] if len(sys.argv) > 1 else 100) // 100
    with servers.postgres() as url, tempfile.TemporaryDirectory() as folder:
        made = servers.Databases(url)
        db = Database(made.fresh("reporting", Base.metadata), pool=3)
        began = time.perf_counter()
        plan = fill(db, areas)
        with db.transaction(read_only=True) as tx:
            size = tx.scalar(text("SELECT pg_size_pretty(pg_database_size(current_database()))"))
        _say(
            f"{len(plan.areas)} areas, {len(plan.in_play)} constituencies, {3 * len(plan.areas)} records: {size}, "
            f"filled in {time.perf_counter() - began:.0f} s",
        )
        measure(db)
        publish(db, Path(folder))
        db.close()
        made.drop(db.url)


if __name__ == "__main__":
    main()
