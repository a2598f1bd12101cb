"""The kit alone on servers of its own: two tiny services, shop and mirror, that a scenario may harm as it likes."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from joserfc.jwk import OKPKey

from deploy.local import programs
from deploy.local.postgres import Postgres, start_postgres
from deploy.local.programs import Program
from deploy.local.rabbitmq import Rabbitmq, start_rabbitmq
from services.contracts.base import Passport
from services.kit.callers import Caller
from services.kit.database import Database
from services.kit.direct import Direct
from services.kit.passports import new_key, save_public, sign
from tests.kit.running import MIRROR, SHOP, Stage
from tests.kit.shop import CLERK, MirrorBase, ShopBase

_SESSIONS_END = 30.0  # seconds


def until(true: Callable[[], Any], seconds: float, every: float = 0.1) -> float | None:
    """Seconds until it was so; None if it never was. A server that is on its way back is asked again."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if answered(true):
            return round(time.monotonic() - began, 2)
        time.sleep(every)
    return None


def answered(ask: Callable[[], Any]) -> Any:
    """What the question answers, None while a server is away."""
    try:
        return ask()
    except OSError:
        return None
    except Exception as error:
        if type(error).__module__.partition(".")[0] in {"psycopg", "sqlalchemy"}:
            return None
        raise


@dataclass
class Ground:
    """Servers, databases, a declared broker and a passport; nothing of the kit runs yet."""

    folder: Path
    stage: Stage
    token: str
    postgres: Postgres | None = None
    broker: Rabbitmq | None = None
    lent: Rabbitmq | None = None  # a broker that somebody else keeps
    durable: bool = False
    postgres_folder: Path = Path()
    broker_folder: Path = Path()
    others: list[tuple["subprocess.Popen[bytes]", Program]] = field(default_factory=list)  # servers beside the two
    at_end: list[Callable[[], None]] = field(default_factory=list)  # what must not outlive a scenario that breaks off
    _lines: dict[str, Any] = field(default_factory=dict)

    def direct_lines(self) -> dict[str, dict[str, Any]]:
        """The settings by which each service opens a direct line and knows the other's."""
        if not self._lines:
            taken = {"shop": programs.free_port(0), "mirror": programs.free_port(0)}
            addresses = {name: f"http://127.0.0.1:{port}" for name, port in taken.items()}
            shared = {"direct_secret": "chaos", "direct_lines": json.dumps(addresses)}
            ports = ((SHOP, "shop"), (MIRROR, "mirror"))
            self._lines = {name: {"health_port": taken[short], **shared} for name, short in ports}
        return self._lines

    def direct_caller(self) -> dict[str, Any]:
        """What a caller is given to reach the services without the broker."""
        told = self.direct_lines()[SHOP]
        return {"direct": Direct(json.loads(told["direct_lines"]), told["direct_secret"])}

    @contextmanager
    def caller(self, **given: Any) -> Iterator[Caller]:
        """Asks the services as another process would."""
        with Caller(self.stage.broker_url, name="chaos", **given) as caller:
            yield caller

    def kill_postgres(self) -> None:
        """The whole cluster dies at once."""
        assert self.postgres is not None
        os.killpg(self.postgres.process.pid, signal.SIGKILL)
        self.postgres.process.wait()

    def start_postgres(self) -> None:
        """The cluster on its old port with its old data, once the sessions of the killed one have seen its end."""
        assert self.postgres is not None
        port, log, end = self.postgres.cluster.port, self.folder / "postgresql.log", time.monotonic() + _SESSIONS_END
        while True:
            try:
                self.postgres = start_postgres(self.postgres_folder, port, durable=self.durable, log=log)
            except programs.CannotStart as refused:
                if "shared memory block" not in str(refused) or time.monotonic() > end:
                    raise
                time.sleep(0.2)
            else:
                return

    def kill_broker(self) -> None:
        """The node and its port mapper die at once."""
        assert self.broker is not None
        self.broker.kill()

    def start_broker(self) -> None:
        """The node on its old port with its old data."""
        assert self.broker is not None
        port, log = self.broker.node.ports.amqp, self.folder / "rabbitmq.log"
        self.broker = start_rabbitmq(self.broker_folder, port, durable=self.durable, log=log)

    def alarms(self) -> str:
        """What the broker says of its own state."""
        assert self.broker is not None
        return self.broker.ctl("eval", "rabbit_alarm:get_alarms().")

    def untold(self) -> int:
        """Letters that wait in the shop."""
        return int(self.stage.one(SHOP, "SELECT count(*) FROM outbox WHERE told_at IS NULL"))

    def close(self) -> None:
        """Nothing we started runs."""
        for end in self.at_end:
            end()
        self.stage.stop()
        for database in self.stage.dbs.values():
            database.close()
        for process, program in self.others:
            programs.stop(process, program)
        if self.postgres is not None:
            self.postgres.stop()
        if self.broker is not None:
            self.broker.stop()


@contextmanager
def ground(
    folder: Path,
    *,
    durable: bool = False,
    broker: bool = True,
    postgres_folder: Path | None = None,
    broker_folder: Path | None = None,
    delivery_limit: int = 20,
) -> Iterator[Ground]:
    """Servers in the folder, used again by the next run; databases and vhost are this run's own."""
    folder.mkdir(parents=True, exist_ok=True)
    postgres_folder = postgres_folder or folder / "postgresql"
    broker_folder = broker_folder or folder / "rabbitmq"
    postgres = start_postgres(postgres_folder, programs.free_port(0), durable=durable, log=folder / "postgresql.log")
    try:
        rabbitmq = (
            start_rabbitmq(broker_folder, programs.free_port(0), durable=durable, log=folder / "rabbitmq.log")
            if broker
            else None
        )
    except BaseException:
        postgres.stop()
        raise
    url = rabbitmq.add_vhost(f"chaos-{uuid4().hex[:8]}") if rabbitmq else ""
    made = on_servers(folder, postgres.url, url)
    made.postgres, made.broker, made.durable = postgres, rabbitmq, durable
    made.postgres_folder, made.broker_folder = postgres_folder, broker_folder
    try:
        if rabbitmq:
            made.stage.topology(delivery_limit=delivery_limit)
        yield made
    finally:
        made.close()


def on_servers(folder: Path, postgres_url: str, broker_url: str) -> Ground:
    """On servers somebody else keeps: databases, keys and a passport."""
    folder.mkdir(parents=True, exist_ok=True)
    key = new_key()
    save_public([key], folder / "passports.json")
    databases = {SHOP: database(postgres_url, ShopBase.metadata), MIRROR: database(postgres_url, MirrorBase.metadata)}
    stage = Stage(broker_url, folder / "passports.json", databases[SHOP], databases[MIRROR])
    return Ground(folder, stage, token(key))


def database(server: str, metadata: Any) -> Database:
    """A new database with the tables."""
    name = f"chaos_{metadata.info['service']}_{uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]  # our own name
    made = Database(server.rpartition("/")[0] + f"/{name}", pool=5)
    metadata.create_all(made.engine)
    return made


def token(key: OKPKey) -> str:
    """The passport of a clerk who may do everything."""
    person = Passport(person=uuid4(), name="Người Thử", session=uuid4(), grants=(CLERK,), approves=None)
    return sign(person, key, timedelta(hours=12))
