"""The battery's checks on two small databases: silent when every promise was kept, loud at each way of breaking one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.chaos import checks
from deploy.chaos.client import STATES, Load
from deploy.chaos.election import Commune, Election
from deploy.chaos.ledger import Ledger
from deploy.chaos.stack import Attacked, Rows
from services.reporting.models import Base as Reporting
from services.results.models import Base as Results
from tests.servers import Databases

ELECTION, AREA, RECORD = "dien-tap-1", "19777-001", "19777-001/NA"
FIGURES = {"voters": 900, "votes": [500, 400]}
SLOTS = {"07:00": [10, 20], "08:00": [30]}  # the figures told one after the other
AT = "2026-03-15 01:00:00+00"

REPORT = """
    INSERT INTO turnout_reports
        (election, unit, area, slot, version, current, took_part, voters, late, reason, reported_by, reported_name, at)
    VALUES (%s, 'vn/46/19777', %s, %s, %s, %s, %s, 900, false, %s, gen_random_uuid(), 'Lê Văn An', %s)
"""
LETTER = """
    INSERT INTO outbox (id, topic, aggregate, version, partition, data, told_at)
    VALUES (gen_random_uuid(), %s, %s, %s, 1, %s, now())
"""
RECORD_ROW = """
    INSERT INTO records (election, area, contest, constituency, unit, state, content, first_figures, second_figures)
    VALUES (%s, %s, 'NA', 'NA-46-01', 'vn/46/19777', 'waiting', repeat('0', 64), %s, %s)
"""
COPY = """
    INSERT INTO records (election, area, contest, commune, constituency, state, version, at)
    VALUES (%s, %s, 'NA', '19777', 'NA-46-01', 'waiting', 5, %s)
"""
DAY = """
    INSERT INTO commune_days (election, commune, province, areas, voters, took_part, slots, last, incidents)
    VALUES (%s, '19777', '46', 1, 900, 30, '{"07:00": [1, 20, 900], "08:00": [1, 30, 900]}', '{}', 0)
"""


@dataclass(frozen=True)
class Held(Attacked):
    """A stack that is only its databases, each on one connection, so that a harm can be undone."""

    held: dict[str, psycopg.Connection[Any]]

    def rows(self, service: str, query: str, **params: object) -> Rows:
        return self.held.get(service, self.held["reporting"]).execute(query, params or None).fetchall()


def run_on(connection: "Server", statement: str, *values: object) -> None:
    connection.execute(statement, values or None)


Server = psycopg.Connection[Any]


def told(results: Server, reporting: Server, topic: str, aggregate: str, states: list[dict[str, object]]) -> None:
    """The letters of one aggregate, and reporting has heard the newest."""
    for version, data in enumerate(states, start=1):
        run_on(results, LETTER, topic, aggregate, version, json.dumps(data))
    run_on(results, "INSERT INTO versions (aggregate, version) VALUES (%s, %s)", aggregate, len(states))
    handler = f"{topic}--on_it"
    run_on(
        reporting,
        "INSERT INTO heard (handler, aggregate, version) VALUES (%s, %s, %s)",
        handler,
        aggregate,
        len(states),
    )


def fill(results: Server, reporting: Server, load: Load) -> None:
    """Three reports and one record with two entries, everywhere as it should be, and in the ledger."""
    for slot, figures in SLOTS.items():
        for version, figure in enumerate(figures, start=1):
            name = load.next_name()
            run_on(results, REPORT, ELECTION, AREA, slot, version, figure == figures[-1], figure, name, AT)
            load.ledger.attempt(name, {name: f"{AREA} {slot}"})
            load.ledger.acknowledge(name, {name: f"{AREA} {slot}"})
        load.final[f"{AREA} {slot}"] = figures[-1]
        aggregate = f"turnout/{ELECTION}/{AREA}/{slot}"
        told(results, reporting, "results.turnout_reported", aggregate, [{"took_part": figure} for figure in figures])
        copy = "INSERT INTO turnout (election, area, slot, commune, took_part, voters, at) VALUES (%s, %s, %s, '19777', %s, 900, %s)"
        run_on(reporting, copy, ELECTION, AREA, slot, figures[-1], AT)
    states = [{"election": ELECTION, "area": AREA, "contest": "NA", "state": state} for state in ("awaited", *STATES)]
    told(results, reporting, "results.record_advanced", f"record/{ELECTION}/{RECORD}", states)
    for state in STATES:
        load.ledger.attempt(state, {f"{RECORD} {state}": RECORD})
        load.ledger.acknowledge(state, {f"{RECORD} {state}": RECORD})
    run_on(results, RECORD_ROW, ELECTION, AREA, json.dumps(FIGURES), json.dumps(FIGURES))
    run_on(reporting, COPY, ELECTION, AREA, AT)
    run_on(reporting, DAY, ELECTION)


class World:
    """Two databases in which everything is as it should be."""

    def __init__(self, folder: Path, results: Server, reporting: Server) -> None:
        (folder / "log").mkdir()
        self.held = {"results": results, "reporting": reporting}
        self.stack = Held(folder, self.held)
        self.load = Load(Ledger(folder / "ledger"), "chaos 1", 7)
        self.election = Election(ELECTION, [Commune("vn/46/19777", {AREA: 900})], {RECORD: FIGURES}, list(SLOTS))
        fill(results, reporting, self.load)
        for connection in self.held.values():
            connection.commit()

    def harm(self) -> dict[str, int]:
        """What the checks find wrong, by name."""
        counts = vars(checks.count(self.stack, self.election, self.load))
        wrong = {name: counts[name] for name in ("lost", "unexpected", "duplicated", "recovered")}
        found = wrong | checks.faults(self.stack, self.election, self.load)
        return {name: number for name, number in found.items() if number}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[World]:
    urls = [databases.fresh("results", Results.metadata), databases.fresh("reporting", Reporting.metadata)]
    servers = [psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) for url in urls]
    yield World(tmp_path_factory.mktemp("chaos"), *servers)
    for url, server in zip(urls, servers, strict=True):
        server.close()
        databases.drop(url)


@pytest.fixture
def world(filled: World) -> Iterator[World]:
    yield filled
    for connection in filled.held.values():
        connection.rollback()


def test_kept_promises_are_no_harm(world: World) -> None:
    assert world.harm() == {}
    assert checks.count(world.stack, world.election, world.load).ok == 7


HARMS = {
    "a report is gone": ("results", "DELETE FROM turnout_reports WHERE slot = '08:00'", {"lost", "letters_unlike_facts"}),
    "a report stands twice": (
        "results",
        """INSERT INTO turnout_reports (election, unit, area, slot, version, current, took_part, voters, late, reason,
        reported_by, reported_name, at) SELECT election, unit, area, slot, 9, false, took_part, voters, late, reason,
        reported_by, reported_name, at FROM turnout_reports WHERE slot = '08:00'""",
        {"duplicated", "letters_unlike_facts"},
    ),
    "somebody nobody asked for": (
        "results", "UPDATE turnout_reports SET reason = 'chaos 1 77' WHERE slot = '08:00'", {"lost", "unexpected"},
    ),
    "two reports changed places": (
        "results",
        """UPDATE turnout_reports SET reason = CASE reason WHEN 'chaos 1 1' THEN 'chaos 1 2' ELSE 'chaos 1 1' END
        WHERE slot = '07:00'""",
        {"disordered"},
    ),
    "a version is missing": ("results", "DELETE FROM outbox WHERE version = 1", {"gaps", "letters_unlike_facts"}),
    "a letter was never told": ("results", "UPDATE outbox SET told_at = NULL WHERE version = 2", {"untold"}),
    "a letter was not heard": ("reporting", "UPDATE heard SET version = 1 WHERE version = 2", {"unheard"}),
    "the copy says otherwise": ("reporting", "UPDATE turnout SET took_part = 21 WHERE took_part = 20", {"read_model_unlike"}),
    "a record's copy is behind": ("reporting", "UPDATE records SET state = 'awaited'", {"read_model_unlike"}),
    "an entry is another one": ("results", "UPDATE records SET second_figures = '{}'", {"entries_unlike"}),
    "a sum is wrong": ("reporting", "UPDATE commune_days SET slots = '{\"07:00\": [1, 20, 900]}'", {"sums_unlike"}),
    "a letter is parked": (
        "results", "INSERT INTO parked (handler, queue, body, reason, tries) VALUES ('h', 'q', '', 'why', 6)", {"parked"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARMS)
def test_every_way_of_breaking_a_promise_is_found(world: World, harm: str) -> None:
    service, statement, names = HARMS[harm]
    run_on(world.held[service], statement)
    assert names <= set(world.harm())


def test_a_letter_without_a_queue_and_an_incident_are_read_off_the_logs(world: World) -> None:
    lines = [
        {"event": "letter not told", "why": "no queue for it"},
        {"event": "letter not told", "why": "refused by a queue"},
        {"event": "incident", "incident": "G-1"},
    ]
    (world.stack.var / "log" / "results.log").write_text("\n".join(map(json.dumps, lines)))
    assert world.harm() == {"unroutable": 1, "incidents": 1}
    (world.stack.var / "log" / "results.log").unlink()
