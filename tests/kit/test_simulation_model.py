"""The letterboxes as the simulation models them do what PostgreSQL does with the kit's own statements, step by step.

Three sessions at once take random steps on both; every answer, every wait for another's row, what is found after the wait
and all that is committed must be the same.
"""

import random
import threading
import time
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from deploy.simulation.tables import Blocked, Session, Tables
from services.kit import database, hearing, parking, relay
from services.kit.database import partition_of
from tests.kit.shop import MirrorBase

SLOTS, STEPS, SEEDS = 3, 250, (1, 2, 3)
STATEMENTS = {
    "post": database._POST, "claim": hearing._CLAIM, "advance": hearing._NEWEST, "lock": relay._LOCKS, "untold": relay._UNTOLD,
    "mark": relay._MARK, "park": parking._PARK,
}  # fmt: skip
NOW = datetime(2026, 3, 15, tzinfo=UTC)
_COMMITTED = {
    "outbox": "SELECT id, aggregate, version, told_at IS NOT NULL FROM outbox ORDER BY seq",
    "versions": "SELECT aggregate, version FROM versions",
    "inbox": "SELECT handler, id FROM inbox",
    "heard": "SELECT handler, aggregate, version FROM heard",
    "parked": "SELECT handler, body, tries FROM parked",
}


class Server:
    """The real thing: as many connections as there are sessions."""

    def __init__(self, url):
        self.engine = create_engine(url, connect_args={"options": "-c lock_timeout=60 -c timezone=UTC"})
        self.lines = [self.engine.connect() for _ in range(SLOTS)]
        self.pids = [line.exec_driver_sql("SELECT pg_backend_pid()").scalar() for line in self.lines]
        for line in self.lines:
            line.rollback()

    def do(self, slot, name, params):
        statement = STATEMENTS[name]
        if not self.lines[slot].in_transaction():
            self.lines[slot].begin()
        if isinstance(statement, str):
            return database.drive(self.lines[slot].connection.driver_connection, statement, params)
        answer = self.lines[slot].execute(statement, params)
        return [tuple(row) for row in answer] if answer.returns_rows else []

    def waits(self, slot):
        """Whether the session waits for a row of another."""
        asked = text("SELECT cardinality(pg_blocking_pids(:pid)) > 0")
        with self.engine.connect() as aside:
            end = time.monotonic() + 5
            while time.monotonic() < end:
                if aside.scalar(asked, {"pid": self.pids[slot]}):
                    return True
                time.sleep(0.005)
        return False

    def committed(self):
        with self.engine.connect() as aside:
            return {name: [tuple(row) for row in aside.execute(text(select))] for name, select in _COMMITTED.items()}

    def seqs(self, names):
        with self.engine.connect() as aside:
            return list(aside.scalars(text("SELECT seq FROM outbox WHERE id = ANY(:names)"), {"names": names}))

    def close(self):
        for line in self.lines:
            line.close()
        self.engine.dispose()


class Model:
    """The other thing: sessions that, when they must wait, may let the others end first."""

    def __init__(self, dice):
        self.dice, self.tables = dice, Tables()
        self.sessions = [self.fresh(slot) for slot in range(SLOTS)]
        self.ended_meanwhile = []

    def fresh(self, slot):
        return Session(self.tables, None, lambda _at, ready: ready is None or ready() or self.wait(slot, ready))

    def wait(self, slot, ready):
        if self.dice.random() < 0.4:
            raise Blocked
        for other in self.dice.sample([one for one in range(SLOTS) if one != slot], SLOTS - 1):
            if not ready():
                how = self.dice.choice(["commit", "rollback"])
                self.ended_meanwhile.append((other, how))
                self.end(other, how)

    def end(self, slot, how):
        session = self.sessions[slot]
        session.apply() if how == "commit" else session.roll_back()
        self.sessions[slot] = self.fresh(slot)

    def do(self, slot, name, params):
        session = self.sessions[slot]
        act = {"lock": session.lock_partitions}.get(name) or getattr(session, name)
        return act(params)

    def committed(self):
        tables = self.tables
        rows = sorted(tables.outbox.values(), key=lambda row: row.seq)
        return {
            "outbox": [(row.id, row.aggregate, row.version, row.told) for row in rows],
            "versions": list(tables.versions.items()),
            "inbox": list(tables.inbox),
            "heard": [(*key, version) for key, version in tables.heard.items()],
            "parked": [(row["handler"], row["body"], row["tries"]) for row in tables.parked.values()],
        }


def asked(dice, name, names):
    """Parameters of a statement as the kit would give them, from few enough values to meet often."""
    handler = dice.choice(["one", "two"])
    aggregates = dice.choices("abc", k=dice.randint(1, 3))
    if name == "post":
        ids = [UUID(int=next(names)) for _ in aggregates]
        return {
            "ids": ids, "topics": ["t.x"] * len(ids), "aggregates": aggregates, "at": NOW, "headers": "{}",
            "partitions": [partition_of(aggregate) for aggregate in aggregates], "datas": ["{}"] * len(ids),
        }  # fmt: skip
    if name == "claim":
        return {"handler": handler, "ids": dice.sample([UUID(int=10_000 + n) for n in range(12)], dice.randint(1, 3))}
    if name == "advance":
        different = sorted(set(aggregates))
        return {"handler": handler, "aggregates": different, "versions": [dice.randint(1, 20) for _ in different]}
    if name == "lock":
        return {"mine": sorted(dice.sample(range(8), dice.choice([2, 4, 8])))}
    if name == "untold":
        return {"partitions": dice.sample(range(8), 6), "stopped": dice.choices("abc", k=dice.randint(0, 1)), "window": 5}
    return {"handler": handler, "queue": "q", "body": dice.choice([b"x", b"y"]), "headers": "{}", "reason": "r", "tries": dice.randint(1, 9)}


def answers(name, rows):
    """What matters of an answer: the order of the outbox, else the set."""
    if name == "untold":
        return [row.id if hasattr(row, "id") else row[1] for row in rows]
    if name == "park":
        return [row if isinstance(row, bool) else row[0] for row in rows]
    return sorted(row if isinstance(row, tuple) else (row,) for row in rows)


def step(dice, server, model, names):
    """One statement on both sides, with whatever waiting it takes. What happened."""
    slot, name = dice.randrange(SLOTS), dice.choice([*STATEMENTS, "post", "claim", "advance"])
    if name == "mark":
        untold = [row.id for row in model.tables.outbox.values() if not row.told]
        chosen = dice.sample(untold, min(len(untold), 2))
        params = {"seqs": [row.seq for row in model.tables.outbox.values() if row.id in chosen]}
        real_params = {"seqs": server.seqs(chosen)}
    else:
        params = real_params = asked(dice, name, names)
    model.ended_meanwhile.clear()
    try:
        expected = model.do(slot, name, params)
    except Blocked:
        for other, how in model.ended_meanwhile:
            getattr(server.lines[other], how)()
        with pytest.raises(OperationalError) as refused:
            server.do(slot, name, real_params)
        assert refused.value.orig.sqlstate == "55P03"
        server.lines[slot].rollback()
        model.end(slot, "rollback")
        return f"{name} timed out"
    if not model.ended_meanwhile:
        assert answers(name, server.do(slot, name, real_params)) == answers(name, expected), name
        return name
    assert answers(name, waited(server, slot, name, real_params, model.ended_meanwhile)) == answers(name, expected), name
    return f"{name} waited"


def waited(server, slot, name, params, endings):
    """The answer of a statement that has to wait until other sessions have ended."""
    server.lines[slot].exec_driver_sql("SET LOCAL lock_timeout = 0")
    found = []
    thread = threading.Thread(target=lambda: found.append(server.do(slot, name, params)))
    thread.start()
    for other, how in endings:
        assert server.waits(slot), f"PostgreSQL did not wait in {name}"
        getattr(server.lines[other], how)()
    thread.join(10)
    server.lines[slot].exec_driver_sql("SET LOCAL lock_timeout = 60")
    return found[0]


def walk(seed, url, happened):
    """Random steps on both sides; AssertionError at the first difference."""
    dice = random.Random(seed)
    server, model = Server(url), Model(dice)
    names = iter(range(1, 10_000))
    try:
        for _ in range(STEPS):
            if dice.random() < 0.2:
                slot, how = dice.randrange(SLOTS), dice.choice(["commit", "commit", "rollback"])
                model.end(slot, how)
                getattr(server.lines[slot], how)()
            else:
                happened.add(step(dice, server, model, names))
            expected, found = model.committed(), server.committed()
            assert found["outbox"] == expected["outbox"]
            for name in ("versions", "inbox", "heard", "parked"):
                assert sorted(found[name]) == sorted(expected[name]), name
    finally:
        server.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_model_and_the_server_agree_on_every_statement_wait_and_row(seed, own_database):
    happened = set()

    walk(seed, own_database("mirror", MirrorBase.metadata).url, happened)

    assert {"post waited", "advance waited"} <= happened
    assert len({what for what in happened if " " in what}) >= 5


def _no_locks(*_):
    """A model in which nobody waits for anybody."""


def _older_wins(session, params):
    return [(aggregate,) for aggregate in params["aggregates"]]


@pytest.mark.parametrize(("method", "wrong"), [("_hold", _no_locks), ("advance", _older_wins)])
def test_a_wrong_model_does_not_pass(method, wrong, own_database, monkeypatch):
    monkeypatch.setattr(Session, method, wrong)

    with pytest.raises((AssertionError, OperationalError)):
        walk(1, own_database("mirror", MirrorBase.metadata).url, set())
