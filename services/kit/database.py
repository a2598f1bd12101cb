"""A service's database: one lazy transaction a door; the letters it tells are rows of the same transaction."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from uuid import uuid4

import psycopg
from pydantic_core import to_json
from sqlalchemy import Connection, CursorResult, Engine, Executable, ScalarResult, create_engine
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from services.contracts.base import Envelope, Event
from services.kit.actor import NOBODY, Actor
from services.kit.tables import PARTITIONS, service_metadata
from services.kit.work import current

__all__ = ["Actor", "Database", "Transaction", "service_metadata"]

Entity = TypeVar("Entity")
Params = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

_POST = """
    WITH letters AS (
        SELECT *, row_number() OVER (PARTITION BY aggregate ORDER BY place) AS nth,
               count(*) OVER (PARTITION BY aggregate) AS number
        FROM unnest(%(ids)s::uuid[], %(topics)s::text[], %(aggregates)s::text[], %(partitions)s::smallint[],
                    %(datas)s::text[])
             WITH ORDINALITY AS t (id, topic, aggregate, partition, data, place)
    ), taken AS (
        INSERT INTO versions AS v (aggregate, version)
        SELECT aggregate, max(number) FROM letters GROUP BY aggregate ORDER BY aggregate
        ON CONFLICT (aggregate) DO UPDATE SET version = v.version + excluded.version
        RETURNING v.aggregate, v.version
    )
    INSERT INTO outbox (id, topic, aggregate, version, partition, data, headers, created_at)
    SELECT id, topic, aggregate, version - number + nth, partition, data::jsonb, %(headers)s::jsonb, %(at)s
    FROM letters JOIN taken USING (aggregate) ORDER BY place
"""
_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=60000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=120000"
)


def partition_of(aggregate: str) -> int:
    """The partition of the outbox an aggregate's letters are told from."""
    return zlib.crc32(aggregate.encode()) % PARTITIONS


def drive(driver: psycopg.Connection[Any], statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement run on the driver; its errors are SQLAlchemy's, as everywhere else."""
    try:
        cursor = driver.execute(statement, params)
        return cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        raise DBAPIError.instance(
            statement, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=driver.closed
        ) from error


def _driver_of(connection: Connection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


def _lent(driver: psycopg.Connection[Any], *_: object) -> None:
    """The piece of work that takes a connection is known to keep that database process busy."""
    work = current.get()
    if work is not None:
        work.backend = driver.info.backend_pid


def _returned(*_: object) -> None:
    work = current.get()
    if work is not None:
        work.backend = None


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
            engine = self._database.reader if self._read_only else self._database.engine
            self._session = Session(engine, expire_on_commit=False)
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
        with self._driver().cursor() as cursor:
            yield cursor

    def drive(self, statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement asked very often, on the driver: far sooner than through SQLAlchemy."""
        self.session.flush()
        return drive(self._driver(), statement, params)

    def _driver(self) -> psycopg.Connection[Any]:
        return _driver_of(self.session.connection())

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
        partitions = self._post() if self._events else set()
        if self._session is not None:
            self._session.commit()
        if partitions:
            self._database.on_told(partitions)
        for follow in self.after_commit:
            follow()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def _post(self) -> set[int]:
        """Versions are taken last, in one order everywhere: rows stay locked shortly and never in a circle.

        The partitions that have new letters.
        """
        aggregates = [event.aggregate for event in self._events]
        partitions = [partition_of(aggregate) for aggregate in aggregates]
        self.drive(
            _POST,
            {
                "ids": [uuid4() for _ in self._events],
                "topics": [event.topic for event in self._events],
                "aggregates": aggregates,
                "partitions": partitions,
                "datas": [event.model_dump_json() for event in self._events],
                "headers": to_json(self._headers()).decode(),
                "at": self._by.at if self._by else datetime.now(UTC),
            },
        )
        return set(partitions)

    def _headers(self) -> dict[str, str]:
        actor = str(self._by.person) if self._by and self._by.person != NOBODY else None
        headers = {"actor": actor, "causation": self.cause, "traceparent": self.trace}
        return {name: value for name, value in headers.items() if value is not None}


def _nothing(_partitions: set[int]) -> None:
    """Nobody waits for letters."""


class Database:
    """One service's database and its bounded pool of connections."""

    def __init__(self, url: str, *, pool: int = 10) -> None:
        self.url = driver_url(url)
        self.pool = pool
        self.engine = self._engine(_OPTIONS, "READ COMMITTED")
        # A query's statements are read-only transactions of their own: at read committed they see the same, sooner.
        self.reader = self._engine(f"{_OPTIONS} -c default_transaction_read_only=on", "AUTOCOMMIT")
        self._at_once = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.on_told: Callable[[set[int]], object] = _nothing  # with the partitions that have new letters

    def _engine(self, options: str, isolation: IsolationLevel) -> Engine:
        engine = create_engine(
            self.url,
            isolation_level=isolation,
            pool_size=self.pool,
            max_overflow=0,
            pool_timeout=5,
            pool_recycle=1800,
            connect_args={"options": options, "connect_timeout": 5, "keepalives_idle": 20, "tcp_user_timeout": 10_000},
            json_serializer=lambda value: to_json(value).decode(),
        )
        listen(engine, "checkout", _lent)
        listen(engine, "checkin", _returned)
        return engine

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

    def drive(self, statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of one statement that is a transaction of its own: it is committed when this returns."""
        with self._at_once.connect() as connection:
            return drive(_driver_of(connection), statement, params)

    def glance(self, statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of one of the kit's own questions, in one trip and outside any transaction."""
        with self.reader.connect() as connection:
            return drive(_driver_of(connection), statement, params)

    def in_use(self) -> int:
        """Connections taken now, to write or to read."""
        return sum(int(cast("Any", engine.pool).checkedout()) for engine in (self.engine, self.reader))

    def close(self) -> None:
        self.engine.dispose()
        self.reader.dispose()
