"""Where the comparison runs: a PostgreSQL and a RabbitMQ of its own, and the processes that are compared."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pika
import psycopg
from sqlalchemy import MetaData, create_engine

from deploy.bench.load import EXCHANGE, Order, Seen
from deploy.bench.machine import TICK
from deploy.bench.ours import CLERK, SERVICES
from deploy.local import programs
from deploy.local.programs import Program, free_port
from services.contracts.base import Passport
from services.kit.database import driver_url
from services.kit.passports import new_key, save_public, sign

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).parent / "peers"


@dataclass
class Contestant:
    """A process that is compared."""

    program: Program
    process: "subprocess.Popen[bytes]"

    def cpu(self) -> float:
        """Seconds of processor it has used so far."""
        return processor(self.process.pid)

    def memory(self) -> int:
        """Bytes of memory it holds: its resident set."""
        return resident(self.process.pid)

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Stopped meanwhile: what is put before it waits."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


def processor(pid: int) -> float:
    """Seconds of processor a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident(pid: int) -> int:
    """The resident set of a process in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))


@dataclass
class Stage:
    """Servers that stand, databases that are made on demand, processes that are stopped at the end."""

    var: Path
    broker_url: str
    postgres_url: str  # a superuser's
    peers: Path | None  # the peers' Python, None if only we are on stage
    running: list[Contestant] = field(default_factory=list)
    databases: dict[str, str] = field(default_factory=dict)
    lines: dict[str, psycopg.Connection[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        key = new_key()
        save_public([key], self.keys)
        person = Passport(person=uuid.uuid4(), name="Nguyễn Thị Đo", session=uuid.uuid4(), grants=(CLERK,))
        self.passport = sign(person, key, timedelta(hours=1))

    @property
    def keys(self) -> Path:
        """What our services know passports by."""
        return self.var / "passports.json"

    def database(self, name: str, metadata: MetaData) -> str:
        """The URL of a new database with these tables."""
        made = f"bench_{name}_{uuid.uuid4().hex[:8]}"
        with psycopg.connect(self.postgres_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{made}"')
        url = f"{self.postgres_url.rpartition('/')[0]}/{made}"
        engine = create_engine(driver_url(url))
        metadata.create_all(engine)
        engine.dispose()
        self.databases[name] = url
        return url

    def topology(self) -> None:
        """Every exchange and queue of our services is declared."""
        names = ",".join(f"{kind.__module__}:{kind.__name__}" for kind, _ in SERVICES.values())
        done = subprocess.run(
            [sys.executable, "-m", "services", "topology", "--services", names],
            cwd=ROOT, env={**os.environ, "HP_BROKER_URL": self.broker_url}, check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)

    def ours(self, name: str, **settings: str) -> Contestant:
        """One of our services with the settings it has in production but for these; the one that runs if one does."""
        for contestant in self.running:
            if contestant.program.name == f"ours-{name}":
                return contestant
        kind, metadata = SERVICES[name]
        port = free_port(0)
        told = {
            "HP_DATABASE_URL": self.database(name, metadata),
            "HP_BROKER_URL": self.broker_url,
            "HP_PASSPORT_KEYS": str(self.keys),
            "HP_HEALTH_HOST": "127.0.0.1",
            "HP_HEALTH_PORT": str(port),
            "HP_WAITING": "200",  # a hundred callers are a crowd to one process: here all of them are to be served
            **settings,
        }
        command = (sys.executable, "-m", "services", "run", f"{kind.__module__}:{kind.__name__}")
        return self._start(Program(f"ours-{name}", command, self.var / f"ours-{name}.log", ROOT, told))

    def peer(self, name: str, *command: str, database: MetaData | None = None) -> Contestant:
        """A peer's process, of its own environment; the first word is a program of it."""
        assert self.peers is not None
        told = {"BROKER_URL": self.broker_url, "HOME": str(self.var)}
        if database is not None:
            told["DATABASE_URL"] = self.database(name, database)
        Path(self.nameko).write_text(self._settings(told.get("DATABASE_URL", "")))
        words = (str(self.peers / command[0]), *command[1:])
        return self._start(Program(name, words, self.var / f"{name}.log", PEERS, told))

    @property
    def nameko(self) -> str:
        """Where stock nameko reads its settings."""
        return str(self.var / "nameko.yaml")

    def _settings(self, database: str) -> str:
        settings = {"AMQP_URI": self.broker_url, "DB_URIS": {"stock_tally:Base": driver_url(database)}}
        return json.dumps(settings)  # which is YAML

    def _start(self, program: Program) -> Contestant:
        contestant = Contestant(program, programs.start(program))
        self.running.append(contestant)
        return contestant

    def await_readers(self, queue: str, contestant: Contestant) -> None:
        """Somebody reads the queue."""
        programs.await_ready(lambda: self._readers(queue) > 0, contestant.process, contestant.program, 60)

    def _readers(self, queue: str) -> int:
        with suppress(pika.exceptions.ChannelClosedByBroker), self.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).method.consumer_count)
        return 0

    @contextmanager
    def channel(self) -> Iterator[Any]:
        """A channel of the bench's own."""
        connection = pika.BlockingConnection(pika.URLParameters(self.broker_url))
        try:
            yield connection.channel()
        finally:
            if connection.is_open:
                connection.close()

    def answer(self, target: str, body: str, headers: dict[str, str], within: float) -> Any:
        """What one call brings, of "exchange key", as JSON."""
        exchange, _, key = target.partition(" ")
        with self.channel() as channel:
            queue = channel.queue_declare("", exclusive=True).method.queue
            channel.queue_bind(queue, EXCHANGE, queue)
            kept = pika.BasicProperties(
                content_type="application/json", content_encoding="utf-8", headers=headers, reply_to=queue,
                correlation_id="the only one",
            )  # fmt: skip
            channel.basic_publish(exchange, key, body.encode(), kept)
            _, _, answer = next(channel.consume(queue, auto_ack=True, inactivity_timeout=within))
        if answer is None:
            raise TimeoutError(f"{target} did not answer in {within} s")
        return json.loads(answer)

    def rows(self, name: str, statement: str, **params: Any) -> list[tuple[Any, ...]]:
        """What a contestant's database says, on a line that stays open: to open one costs more than to ask."""
        if name not in self.lines:
            self.lines[name] = psycopg.connect(self.databases[name], autocommit=True)
        cursor = self.lines[name].execute(statement, params or None)
        return cursor.fetchall() if cursor.description else []

    @staticmethod
    def load(order: Order) -> Seen:
        """What a load of callers saw."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy.bench.load"], cwd=ROOT, input=json.dumps(asdict(order)), text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"the load on {order.target} broke off:\n{done.stderr[-3000:]}")
        return Seen(**json.loads(done.stdout))

    def dismiss(self) -> None:
        """Every process is stopped and its database dropped."""
        for contestant in self.running:
            programs.stop(contestant.process, contestant.program)
        self.running.clear()
        for line in self.lines.values():
            line.close()
        self.lines.clear()
        with psycopg.connect(self.postgres_url, autocommit=True) as connection:
            for url in self.databases.values():
                connection.execute(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')
        self.databases.clear()


def until(met: Callable[[], bool], seconds: float, pause: float = 0.02) -> float:
    """Seconds until it was so; an error if it never was."""
    began = time.perf_counter()
    while not met():
        if time.perf_counter() - began > seconds:
            raise TimeoutError(f"not so after {seconds} s")
        time.sleep(pause)
    return time.perf_counter() - began
