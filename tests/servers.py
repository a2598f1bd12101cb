"""A private PostgreSQL cluster and RabbitMQ node for one test session, in memory where there is room.

Sessions that run at the same time take different seats. HP_TEST_DATABASE_URL (a superuser's) and HP_TEST_BROKER_URL
name servers of somebody else instead.
"""

import fcntl
import os
import re
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import MetaData, create_engine

from deploy.local.programs import CannotStart, free_port
from deploy.local.rabbitmq import Rabbitmq
from services.kit.database import Database, Transaction

Filling = Callable[[Transaction], None]
ROOT = Path(__file__).resolve().parent.parent
SEATS = ROOT / "var" / "test"
MEMORY, ROOM = Path("/dev/shm"), 6 * 2**30  # a folder of one's own is made in it


@contextmanager
def seat(kind: str) -> Iterator[Path]:
    """The first folder of the kind that no other session sits in."""
    for number in range(64):
        folder = SEATS / f"{kind}-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        lock: IO[str] = (SEATS / f"{kind}-{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        with lock, _in_memory(folder) as place:
            yield place
        return
    raise RuntimeError("64 test sessions at once")


@contextmanager
def _in_memory(folder: Path) -> Iterator[Path]:
    """A folder of the seat in memory where there is room for it: thousands of databases are made and dropped."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield folder
        return
    place = MEMORY / f"hom-phieu-{sha256(bytes(folder)).hexdigest()[:12]}"
    shutil.rmtree(place, ignore_errors=True)  # of a session that was killed
    place.mkdir(mode=0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """The superuser's URL of a cluster."""
    if given := os.environ.get("HP_TEST_DATABASE_URL"):
        yield given
        return
    from deploy.local.postgres import start_postgres

    with seat("postgres") as folder:
        try:
            running = start_postgres(folder, free_port(0), durable=False)
        except CannotStart as reason:
            pytest.exit(f"No PostgreSQL for the tests: {reason}", 3)
        try:
            _drop_left_over(running.url)
            yield running.url
        finally:
            running.stop()


@contextmanager
def rabbitmq() -> Iterator[Rabbitmq | None]:
    """A running node, or None when HP_TEST_BROKER_URL names one."""
    if os.environ.get("HP_TEST_BROKER_URL"):
        yield None
        return
    from deploy.local.rabbitmq import start_rabbitmq

    with seat("rabbitmq") as folder:
        shutil.rmtree(folder / "data", ignore_errors=True)  # hundreds of old vhosts would take minutes to recover
        try:
            running = start_rabbitmq(folder, free_port(0), durable=False)
        except CannotStart as reason:
            pytest.exit(f"No RabbitMQ for the tests: {reason}", 3)
        try:
            yield running
        finally:
            running.stop()


_SPARE: dict[str, list[str]] = defaultdict(list)  # by the way into the node
_AT_ONCE = 8


def fresh_vhost(broker: Rabbitmq) -> str:
    """The URL of an empty vhost. On a crowded machine the node is now and then lost to its port mapper for a moment."""
    spare = _SPARE[broker.url]
    end = time.monotonic() + 90
    while not spare:
        try:
            spare += broker.add_vhosts([f"test-{uuid4().hex[:10]}" for _ in range(_AT_ONCE)])
        except CannotStart:
            if time.monotonic() > end:
                raise
            time.sleep(3)
    return spare.pop()


def _drop_left_over(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'").fetchall()
        for (name,) in rows:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Databases:
    """Empty databases, each a copy of a template made once for its metadata."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._templates: dict[tuple[MetaData, Filling | None], str] = {}
        self._admin: psycopg.Connection | None = None

    def fresh(self, name: str, metadata: MetaData, filled: Filling | None = None) -> str:
        """The URL of a new database that holds the metadata's tables, and what the filling puts into them."""
        template = self._templates.get((metadata, filled)) or self._template(name, metadata, filled)
        return self.copy(name, template)

    def copy(self, name: str, template: str) -> str:
        """The URL of a copy of a database to which nobody is connected."""
        database = f"test_{name}_{uuid4().hex[:10]}"
        # Since 15 the default writes every page to the log, ten times slower where nothing need survive a crash.
        strategy = "STRATEGY FILE_COPY" if self._connection().info.server_version >= 150000 else ""
        self._do(f'CREATE DATABASE "{database}" TEMPLATE "{template}" {strategy}')
        return self.at(database)

    def empty(self, name: str) -> str:
        """The URL of a new database with nothing in it."""
        database = f"test_{name}_{uuid4().hex[:10]}"
        self._do(f'CREATE DATABASE "{database}"')
        return self.at(database)

    def drop(self, url: str) -> None:
        self._do(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')

    def at(self, database: str) -> str:
        return re.sub(r"/[^/]*$", f"/{database}", self.url)

    def _template(self, name: str, metadata: MetaData, filled: Filling | None) -> str:
        template = f"test_template_{name}_{uuid4().hex[:10]}"
        self._do(f'CREATE DATABASE "{template}"')
        engine = create_engine(self.at(template).replace("postgresql://", "postgresql+psycopg://", 1))
        metadata.create_all(engine)
        engine.dispose()
        if filled:
            database = Database(self.at(template))
            with database.transaction() as tx:
                filled(tx)
            database.close()
        self._templates[metadata, filled] = template
        return template

    def _do(self, statement: str) -> None:
        self._connection().execute(statement)

    def _connection(self) -> psycopg.Connection:
        """The superuser's, kept: a new one takes as long as a copy."""
        if self._admin is None or self._admin.closed:
            self._admin = psycopg.connect(self.url, autocommit=True)
        return self._admin
