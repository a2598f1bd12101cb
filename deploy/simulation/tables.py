"""The letterboxes of one database as PostgreSQL keeps them at READ COMMITTED: rows, row locks, sessions that may die.

Only the kit's own statements are known. What a statement does to a committed state, to a session's own uncommitted rows
and to rows another session holds is what `tests/kit/test_simulation_model.py` compares with a real server.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from pydantic_core import from_json
from sqlalchemy.exc import OperationalError

from services.kit import database, hearing, parking, relay

EFFECT = "INSERT INTO effects (handler, aggregate, version, total) VALUES (…)"

Key = tuple[Hashable, ...]
Wait = Callable[[str, Callable[[], bool] | None], None]


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A letter of the outbox."""

    seq: int
    id: Any
    topic: str
    aggregate: str
    version: int
    partition: int
    created_at: Any
    data: str
    headers: dict[str, Any]
    told: bool = False


class Tables:
    """What is committed, who holds what, and the sessions that are open."""

    def __init__(self) -> None:
        self.outbox: dict[int, OutboxRow] = {}
        self.versions: dict[str, int] = {}
        self.inbox: set[tuple[str, Any]] = set()
        self.heard: dict[tuple[str, str], int] = {}
        self.parked: dict[tuple[str, bytes], dict[str, Any]] = {}
        self.effects: list[dict[str, Any]] = []
        self.held: dict[Key, Session] = {}
        self.sessions: list[Session] = []
        self.last_seq = 0
        self.down = False
        self.on_commit: Callable[[Session], None] = lambda _: None


class Blocked(Exception):
    """Another session holds the row (told only where nobody can wait)."""


def _cannot_wait(_at: str, ready: Callable[[], bool] | None) -> None:
    if ready is not None and not ready():
        raise Blocked


class Session:
    """One connection in one transaction: what SQLAlchemy's Session is to the kit."""

    def __init__(self, tables: Tables, process: Any = None, wait: Wait = _cannot_wait) -> None:
        self.tables, self.process, self._wait = tables, process, wait
        self.dead = False
        self.open = True
        self.answer_lost = False
        self._clear()
        tables.sessions.append(self)

    def _clear(self) -> None:
        self.posted: list[OutboxRow] = []
        self.versions: dict[str, int] = {}
        self.claimed: set[tuple[str, Any]] = set()
        self.newest: dict[tuple[str, str], int] = {}
        self.told: list[int] = []
        self.parked: dict[tuple[str, bytes], dict[str, Any]] = {}
        self.effects: list[dict[str, Any]] = []
        self._keys: list[Key] = []

    # what the kit calls

    def connection(self) -> "Line":
        return Line(self)

    @property
    def closed(self) -> bool:
        return self.dead

    def flush(self) -> None:
        """No objects wait here."""

    def execute(self, statement: Any, params: Mapping[str, Any]) -> "Answer":
        if isinstance(statement, str):  # on the driver
            return Answer(self._driven(statement, params))
        try:
            return Answer(_KNOWN[id(statement)](self, params))
        except psycopg.Error as error:
            raise OperationalError("", None, error, connection_invalidated=self.dead) from error

    def scalars(self, statement: Any, params: Mapping[str, Any]) -> "Answer":
        return self.execute(statement, params)

    def commit(self) -> None:
        self._wait("commits", None)
        try:
            self._require_alive()
        except psycopg.Error as error:
            raise OperationalError("COMMIT", None, error, connection_invalidated=True) from error
        self.apply()
        if self.answer_lost:
            self.dead = True
            gone = psycopg.OperationalError("the connection broke after COMMIT was sent")
            raise OperationalError("COMMIT", None, gone, connection_invalidated=True)

    def close(self) -> None:
        """Rolled back, unless the server cannot know yet that nobody is at the other end."""
        if self.open and not self.dead and not (self.process is not None and self.process.dead):
            self.roll_back()

    # what the server does

    def apply(self) -> None:
        """Everything of this session becomes visible, then its locks go."""
        tables = self.tables
        for row in self.posted:
            tables.outbox[row.seq] = row
        tables.versions.update(self.versions)
        tables.inbox |= self.claimed
        tables.heard.update(self.newest)
        for seq in self.told:
            tables.outbox[seq] = replace(tables.outbox[seq], told=True)
        tables.parked.update(self.parked)
        tables.effects += self.effects
        tables.on_commit(self)
        self.roll_back()

    def roll_back(self) -> None:
        """Nothing of this session stays, its locks least of all."""
        for key in self._keys:
            self.tables.held.pop(key, None)
        self._clear()
        if self.open:
            self.open = False
            self.tables.sessions.remove(self)

    def _require_alive(self) -> None:
        if self.dead or self.tables.down:
            self.dead = True
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    def _hold(self, *key: Hashable) -> None:
        """The row lock, after whoever has it."""
        held = self.tables.held
        if held.get(key, self) is not self:
            self._wait("waits for a row", lambda: self.dead or held.get(key, self) is self)
            self._require_alive()
            if held.get(key, self) is not self:
                raise psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
        if key not in held:
            held[key] = self
            self._keys.append(key)

    def _driven(self, statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return _DRIVEN[statement](self, params)

    def _begin(self, what: str) -> None:
        self._wait(what, None)
        self._require_alive()

    def post(self, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """database._POST"""
        self._begin("posts letters")
        aggregates = params["aggregates"]
        number = {aggregate: aggregates.count(aggregate) for aggregate in aggregates}
        following = {}
        for aggregate in sorted(number):
            self._hold("versions", aggregate)
            before = self.versions.get(aggregate, self.tables.versions.get(aggregate, 0))
            self.versions[aggregate] = before + number[aggregate]
            following[aggregate] = before
        headers = from_json(params["headers"])
        for place, aggregate in enumerate(aggregates):
            following[aggregate] += 1
            self.tables.last_seq += 1
            self.posted.append(
                OutboxRow(
                    seq=self.tables.last_seq,
                    id=params["ids"][place],
                    topic=params["topics"][place],
                    aggregate=aggregate,
                    version=following[aggregate],
                    partition=params["partitions"][place],
                    created_at=params["at"],
                    data=params["datas"][place],
                    headers=headers,
                )
            )
        return []

    def claim(self, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """hearing._CLAIM"""
        self._begin("claims")
        handler, mine = params["handler"], []
        for name in sorted(params["ids"]):
            row = (handler, name)
            if row in self.tables.inbox or row in self.claimed:
                continue
            self._hold("inbox", *row)
            if row not in self.tables.inbox:
                self.claimed.add(row)
                mine.append((name,))
        return mine

    def advance(self, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """hearing._NEWEST"""
        self._begin("compares versions")
        handler, ahead = params["handler"], []
        for aggregate, version in sorted(zip(params["aggregates"], params["versions"], strict=True)):
            row = (handler, aggregate)
            self._hold("heard", *row)
            before = self.newest.get(row, self.tables.heard.get(row))
            if before is None or before < version:
                self.newest[row] = version
                ahead.append((aggregate,))
        return ahead

    def effect(self, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        self._begin("works")
        self.effects.append(dict(params))
        return []

    def lock_partitions(self, params: Mapping[str, Any]) -> list[int]:
        """relay._LOCKS"""
        self._begin("locks partitions")
        held, got = self.tables.held, []
        for partition in params["mine"]:
            if held.get(("partition", partition), self) is self:
                self._hold("partition", partition)
                got.append(partition)
        return got

    def untold(self, params: Mapping[str, Any]) -> list[OutboxRow]:
        """relay._UNTOLD"""
        self._begin("reads the outbox")
        partitions, stopped = set(params["partitions"]), set(params["stopped"])
        found = [
            row
            for row in (*self.tables.outbox.values(), *self.posted)
            if not row.told
            and row.seq not in self.told
            and row.partition in partitions
            and row.aggregate not in stopped
        ]
        return sorted(found, key=lambda row: row.seq)[: params["window"]]

    def mark(self, params: Mapping[str, Any]) -> list[Any]:
        """relay._MARK"""
        self._begin("marks")
        for seq in sorted(params["seqs"]):
            if seq in self.tables.outbox:
                self._hold("outbox", seq)
                self.told.append(seq)
        return []

    def park(self, params: Mapping[str, Any]) -> list[Any]:
        """parking._PARK"""
        self._begin("parks")
        name = (params["handler"], params["body"])
        self._hold("parked", *name)
        before = self.parked.get(name, self.tables.parked.get(name))
        tries = max(before["tries"] if before else 0, params["tries"])
        self.parked[name] = {**params, "tries": tries}
        return [before is None]

    def done(self, _params: Mapping[str, Any]) -> list[Any]:
        """parking._DONE, parking._AGAIN: what became of a parked letter is judged by its effect."""
        self._begin("writes down what became of it")
        return []


_DRIVEN: dict[str, Callable[[Session, Mapping[str, Any]], list[tuple[Any, ...]]]] = {
    database._POST: Session.post,
    hearing._CLAIM: Session.claim,
    hearing._NEWEST: Session.advance,
    EFFECT: Session.effect,
}
_KNOWN: dict[int, Callable[[Session, Mapping[str, Any]], list[Any]]] = {
    id(relay._LOCKS): Session.lock_partitions,
    id(relay._UNTOLD): Session.untold,
    id(relay._MARK): Session.mark,
    id(parking._PARK): Session.park,
    id(parking._DONE): Session.done,
    id(parking._AGAIN): Session.done,
}


class Line:
    """The way from SQLAlchemy's connection to the driver's."""

    def __init__(self, session: Session) -> None:
        self.connection, self.driver_connection = self, session


class Answer:
    """What a statement brings back."""

    description = ("rows",)

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def fetchall(self) -> list[Any]:
        return self._rows

    def scalar_one(self) -> Any:
        return self._rows[0]
