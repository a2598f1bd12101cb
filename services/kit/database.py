"""A service's database: one lazy transaction a door; the letters it tells are rows of the same transaction."""

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from uuid import uuid4

import psycopg
from pydantic_core import to_json
from sqlalchemy import CursorResult, Executable, ScalarResult, create_engine, text
from sqlalchemy.orm import Session

from services.contracts.base import Envelope, Event
from services.kit.actor import NOBODY, Actor
from services.kit.tables import PARTITIONS, service_metadata

__all__ = ["Actor", "Database", "Transaction", "service_metadata"]

Entity = TypeVar("Entity")
Params = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

_NEXT_VERSIONS = text("""
    INSERT INTO versions AS v (aggregate, version)
    SELECT a, n FROM unnest(CAST(:aggregates AS text[]), CAST(:counts AS bigint[])) AS t (a, n) ORDER BY a
    ON CONFLICT (aggregate) DO UPDATE SET version = v.version + excluded.version
    RETURNING aggregate, version
""")
_LETTERS = text("""
    INSERT INTO outbox (id, topic, aggregate, version, partition, data, headers, created_at)
    SELECT id, topic, aggregate, version, partition, CAST(data AS jsonb), CAST(:headers AS jsonb), :at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:topics AS text[]), CAST(:aggregates AS text[]), CAST(:versions AS bigint[]),
                CAST(:partitions AS smallint[]), CAST(:datas AS text[]))
         WITH ORDINALITY AS t (id, topic, aggregate, version, partition, data, place)
    ORDER BY place
""")
_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=60000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=120000"
)


def partition_of(aggregate: str) -> int:
    """The partition of the outbox an aggregate's letters are told from."""
    return zlib.crc32(aggregate.encode()) % PARTITIONS


def driver_url(url: str) -> str:
    """The URL with the driver this project uses."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


class Transaction:
    """The one transaction of a door. No connection is taken before its first use."""

    def __init__(self, database: "Database", *, read_only: bool = False, by: Actor | None = None) -> None:
        self._database = database
        self._read_only = read_only
        self._by = by
        self._session: Session | None = None
        self._events: list[Event] = []
        self.after_commit: list[Callable[[], None]] = []
        self.cause: str | None = None
        self.trace: str | None = None
        self.envelopes: list[Envelope] = []

    @property
    def used(self) -> bool:
        """Whether a connection was taken."""
        return self._session is not None

    @property
    def envelope(self) -> Envelope:
        """The envelope of the event being handled."""
        return self.envelopes[0]

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = Session(self._database.engine, expire_on_commit=False)
            if self._read_only:
                self._session.connection(execution_options={"postgresql_readonly": True})
        return self._session

    def execute(self, statement: Executable, params: Params = None) -> CursorResult[*tuple[Any, ...]]:
        return cast("CursorResult[*tuple[Any, ...]]", self.session.execute(statement, params))

    def scalars(self, statement: Executable, params: Params = None) -> ScalarResult[Any]:
        return self.session.scalars(statement, params)

    def scalar(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Any:
        return self.session.scalar(statement, params)

    def get(self, entity: type[Entity], key: Any, **options: Any) -> Entity | None:
        return self.session.get(entity, key, **options)

    def add(self, obj: object) -> None:
        self.session.add(obj)

    def flush(self) -> None:
        self.session.flush()

    @contextmanager
    def cursor(self) -> Iterator[psycopg.Cursor[Any]]:
        """A raw driver cursor inside this transaction, for COPY."""
        self.session.flush()
        driver = self.session.connection().connection.driver_connection
        with cast("psycopg.Connection[Any]", driver).cursor() as cursor:
            yield cursor

    def emit(self, event: Event) -> None:
        """The event is told after this transaction has committed, and only then."""
        self.emit_all((event,))

    def emit_all(self, events: Iterable[Event]) -> None:
        """As emit, for thousands at once; in this order."""
        if self._read_only:
            raise RuntimeError("a query tells nothing")
        self._events.extend(events)

    def commit(self) -> None:
        """The rows, the letters and their versions, or nothing."""
        if self._events:
            self._post()
        if self._session is not None:
            if self._read_only:
                self._session.rollback()
            else:
                self._session.commit()
        if self._events:
            self._database.on_told()
        for follow in self.after_commit:
            follow()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def _post(self) -> None:
        """Versions are taken last, in one order everywhere: rows stay locked shortly and never in a circle."""
        self.session.flush()
        counts = Counter(event.aggregate for event in self._events)
        taken = self.execute(_NEXT_VERSIONS, {"aggregates": list(counts), "counts": list(counts.values())})
        after: dict[str, int] = {row.aggregate: row.version for row in taken}
        upcoming = {aggregate: after[aggregate] - count for aggregate, count in counts.items()}
        versions = []
        for event in self._events:
            upcoming[event.aggregate] += 1
            versions.append(upcoming[event.aggregate])
        aggregates = [event.aggregate for event in self._events]
        self.execute(
            _LETTERS,
            {
                "ids": [uuid4() for _ in self._events],
                "topics": [event.topic for event in self._events],
                "aggregates": aggregates,
                "versions": versions,
                "partitions": [partition_of(aggregate) for aggregate in aggregates],
                "datas": [event.model_dump_json() for event in self._events],
                "headers": to_json(self._headers()).decode(),
                "at": self._by.at if self._by else datetime.now(UTC),
            },
        )

    def _headers(self) -> dict[str, str]:
        actor = str(self._by.person) if self._by and self._by.person != NOBODY else None
        headers = {"actor": actor, "causation": self.cause, "traceparent": self.trace}
        return {name: value for name, value in headers.items() if value is not None}


def _nothing() -> None:
    """Nobody waits for letters."""


class Database:
    """One service's database and its bounded pool of connections."""

    def __init__(self, url: str, *, pool: int = 10) -> None:
        self.url = driver_url(url)
        self.pool = pool
        self.engine = create_engine(
            self.url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=5,
            pool_recycle=1800,
            connect_args={"options": _OPTIONS, "connect_timeout": 5, "keepalives_idle": 20, "tcp_user_timeout": 10_000},
            json_serializer=lambda value: to_json(value).decode(),
        )
        self.on_told: Callable[[], None] = _nothing
        self.single = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def transaction(
        self, *, read_only: bool = False, by: Actor | None = None, cause: str | None = None, trace: str | None = None
    ) -> Iterator[Transaction]:
        """A transaction that commits when the block ends and leaves no trace when it raises."""
        tx = Transaction(self, read_only=read_only, by=by)
        tx.cause, tx.trace = cause, trace
        try:
            yield tx
            tx.commit()
        finally:
            tx.close()

    def in_use(self) -> int:
        """Connections taken now."""
        return cast("Any", self.engine.pool).checkedout()  # type: ignore[no-any-return]  # the pool's class is chosen at run time

    def close(self) -> None:
        self.engine.dispose()
