"""Brings the whole system up in order (servers, schemas, topology, services) and hands it to the supervisor."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from deploy.local import databases, keys, monitoring, programs
from deploy.local.layout import PROCESSES, SERVICES, Layout, read_json, write_json, write_private
from deploy.local.postgres import Cluster, prepare_postgres
from deploy.local.programs import CannotStart, Program
from deploy.local.rabbitmq import BrokerPorts, BrokerUser, Node, prepare_rabbitmq
from deploy.local.supervisor import Charge, Supervisor

SERVERS = ("postgresql", "rabbitmq")  # started before a process and stopped after it
READY_LIMIT = 60  # seconds from a process's start to its first "ready"
# A sign-in takes 19 MiB to hash a password: with eventlet's 20 threads and glibc's habit of keeping what was freed,
# identity held 500 MB for ever. Fewer threads, and large pieces go back to the system. The Dockerfile says the same.
THRIFT = {"EVENTLET_THREADPOOL_SIZE": "4", "MALLOC_MMAP_THRESHOLD_": "1048576"}


@dataclass
class Stack:
    """One running system: its servers, or somebody else's by URL, and its processes."""

    layout: Layout
    supervisor: Supervisor
    step: Callable[[str], None]  # told what is being done, for the screen
    processes: tuple[str, ...] = PROCESSES  # a part of the system runs without the rest
    ports: dict[str, int] = field(default_factory=dict)
    database_urls: dict[str, str] = field(default_factory=dict)
    broker_urls: dict[str, str] = field(default_factory=dict)
    broker_admin_url: str = ""

    def bring_up(self) -> None:
        """Everything is ready, or CannotStart says what was not and shows the end of its log."""
        self.layout.make()
        self.ports = self.layout.ports()
        self.supervisor.tell(phase="starting", ready=False, ports=self.ports)
        self.step("starting PostgreSQL, RabbitMQ and Prometheus")
        cluster, node = self._start_servers()
        keys.make(self.layout.keys)
        self.layout.secret("personal-number-key", 32)  # before threads ask for it
        self.layout.secret("direct-lines")  # as well: of two made at once some would hold the loser
        self._schemas(cluster)
        self._topology(node)
        self._first_admin()
        self._start_processes()
        write_private(self.layout.secrets / "tools.json", json.dumps(self.tools_environment(), indent=1))
        self.supervisor.tell(phase="running", ready=True, gateway=self.gateway_url)

    @property
    def services(self) -> list[str]:
        """Those of the processes that own a database."""
        return [process for process in self.processes if process in SERVICES]

    @property
    def gateway_url(self) -> str:
        """Where officers and browsers go."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def console_url(self) -> str:
        """The same for people: passkeys are made for a name, never for an IP address (WebAuthn)."""
        return f"http://localhost:{self.ports['gateway']}"

    def environment_of(self, process: str) -> dict[str, str]:
        """What the process is told; nobody is told another's password."""
        var, folder = self.layout.var, self.layout.keys
        told = {
            **_inherited(),
            "HOME": os.environ.get("HOME", "/"),
            "PYTHONUNBUFFERED": "1",
            **THRIFT,
            "HP_SERVICE": process,
            "HP_BROKER_URL": self.broker_urls[process],
            "HP_FILES_URL": os.environ.get("HP_FILES_URL", str(var / "files")),
            "HP_PASSPORT_KEYS": str(folder / keys.PUBLIC),
            "HP_HEALTH_HOST": "127.0.0.1",
            "HP_HEALTH_PORT": str(self.ports[f"{process}_health"]),
            "HP_DIRECT_SECRET": self.layout.secret("direct-lines"),
            "HP_DIRECT_LINES": json.dumps({name: self._health_of(name) for name in SERVICES}),
            "HP_REVOCATIONS": "identity.news_of_sessions",
        }
        if process in self.database_urls:
            told["HP_DATABASE_URL"] = self.database_urls[process]
        return told | self._own_secrets(process)

    def _health_of(self, service: str) -> str:
        """Where a service answers without the broker."""
        return f"http://127.0.0.1:{self.ports[f'{service}_health']}"

    def tools_environment(self) -> dict[str, str]:
        """What the tools of an engineer are told: every way in."""
        urls = {f"HP_{name.upper()}_DATABASE_URL": url for name, url in self.database_urls.items()}
        return {
            **urls,
            "HP_BROKER_URL": self.broker_admin_url,
            "HP_GATEWAY_URL": self.gateway_url,
            "HP_PROMETHEUS_URL": f"http://127.0.0.1:{self.ports['prometheus']}",
            "HP_PASSPORT_KEYS": str(self.layout.keys / keys.PUBLIC),
            "HP_FIRST_ADMIN": str(self.layout.first_admin),
            "HP_PERSONAL_NUMBER_KEY": self.layout.secret("personal-number-key", 32),
            "HP_PUBLIC_FOLDER": str(self.layout.var / "public"),
            "HP_FILES_URL": os.environ.get("HP_FILES_URL", str(self.layout.var / "files")),
            "HP_VAR": str(self.layout.var),
        }

    def _own_secrets(self, process: str) -> dict[str, str]:
        var, folder, secret = self.layout.var, self.layout.keys, self.layout.secret
        prometheus = f"http://127.0.0.1:{self.ports['prometheus']}"
        number_key = {"HP_PERSONAL_NUMBER_KEY": secret("personal-number-key", 32)}
        return {
            "identity": {
                "HP_PASSPORT_PRIVATE_KEY": str(folder / keys.PASSPORT),
                "HP_PASSKEY_DOMAIN": os.environ.get("HP_PASSKEY_DOMAIN", "localhost"),
                "HP_PASSKEY_ORIGINS": os.environ.get("HP_PASSKEY_ORIGINS", json.dumps([self.console_url])),
                "HP_PASSKEY_ROLES": os.environ.get("HP_PASSKEY_ROLES", "[]"),
            },
            "candidates": number_key,
            "voters": number_key,
            "reporting": {
                "HP_SNAPSHOT_KEY": str(folder / keys.SNAPSHOT),
                "HP_PUBLIC_FOLDER": str(var / "public"),
                "HP_PROMETHEUS_URL": prometheus,
            },
            "gateway": {
                "HP_GATEWAY_HOST": os.environ.get("HP_GATEWAY_HOST", "127.0.0.1"),
                "HP_GATEWAY_PORT": str(self.ports["gateway"]),
                "HP_PUBLIC_FOLDER": str(var / "public"),
                "HP_PROMETHEUS_URL": prometheus,
            },
        }.get(process, {})

    def _start_servers(self) -> tuple[Cluster | None, Node | None]:
        """The servers whose URLs were not given are starting; none has answered yet."""
        asked = {service: os.environ.get(f"HP_{service.upper()}_DATABASE_URL", "") for service in self.services}
        given = self.database_urls = {service: url for service, url in asked.items() if url}
        cluster = None
        if len(given) < len(self.services):
            log = self.layout.log / "postgresql.log"
            cluster = prepare_postgres(self.layout.var / "postgresql", self.ports["postgresql"], log=log)
            self.supervisor.start(cluster.program)
        node = None
        if os.environ.get("HP_BROKER_URL"):
            self.broker_admin_url = os.environ["HP_BROKER_URL"]  # its users are its owner's matter
            self.broker_urls = dict.fromkeys(PROCESSES, self.broker_admin_url)
        else:
            node = self._start_broker()
        prometheus = monitoring.prepare_prometheus(
            self.layout, self.ports, self.processes, broker_metrics=node is not None
        )
        self.supervisor.start(prometheus)
        return cluster, node

    def _start_broker(self) -> Node:
        ports = BrokerPorts(*(self.ports[f"rabbitmq{part}"] for part in ("", "_distribution", "_mapper", "_metrics")))
        users = [_broker_user(process, self.layout.secret(f"broker-{process}")) for process in PROCESSES]
        log = self.layout.log / "rabbitmq.log"
        node = prepare_rabbitmq(self.layout.var / "rabbitmq", ports, users=users, log=log)
        self._await(self.supervisor.start(node.mapper), node.mapper_answers, 15)
        self.supervisor.start(node.program, needs=("epmd",))
        self.broker_admin_url = node.url()
        self.broker_urls = {user.name: node.url(user.name, user.password) for user in users}
        return node

    def _schemas(self, cluster: Cluster | None) -> None:
        if cluster is not None:
            self._await(self.supervisor.charges["postgresql"], cluster.answers, 60)
            missing = [service for service in self.services if service not in self.database_urls]
            passwords = {service: self.layout.secret(f"database-{service}") for service in missing}
            self.database_urls |= databases.make_databases(cluster, passwords)
        stamp = cluster and cluster.seat / "migrated.json"  # where the schemas are, so that they go together
        if stamp and read_json(stamp) == self._code_mark():
            return
        self.step("migrating the databases")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda service: self._command(service, "-m", "services", "migrate", service), self.services))
        if stamp:
            write_json(stamp, self._code_mark())

    def _code_mark(self) -> dict[str, str]:
        """Changes with any line of the services' code: schemas, exchanges and queues follow from it."""
        mark = hashlib.sha256()
        for file in sorted((self.layout.root / "services").rglob("*.py")):
            mark.update(f"{file.relative_to(self.layout.root)} {file.stat().st_size}\n".encode() + file.read_bytes())
        return {"services": " ".join(self.services), "code": mark.hexdigest()}

    def _topology(self, node: Node | None) -> None:
        stamp = node and node.seat / "declared.json"
        self.step("waiting for RabbitMQ")
        if node is not None:
            self._await(self.supervisor.charges["rabbitmq"], node.answers, 120)
        if stamp and read_json(stamp) == self._code_mark():
            return
        self.step("declaring exchanges and queues")
        only = [] if self.processes == PROCESSES else ["--services", ",".join(self.services)]
        self._command("identity", "-m", "services", "topology", *only, extra={"HP_BROKER_URL": self.broker_admin_url})
        if stamp:
            write_json(stamp, self._code_mark())

    def _first_admin(self) -> None:
        """The nation's first account administrator exists; the activation code is where only the owner reads it."""
        if self.layout.first_admin.exists():
            return
        self.step("creating the first account administrator")
        extra = {"HP_FIRST_ADMIN": str(self.layout.first_admin), "HP_VAR": str(self.layout.var)}
        self._command("identity", "-m", "services.identity.bootstrap", extra=extra)

    def _start_processes(self) -> None:
        self.step("starting the processes")
        charges = [self.supervisor.start(self._program(process), SERVERS) for process in self.processes]
        for process, charge in zip(self.processes, charges, strict=True):
            self.step(f"waiting for {process}")
            port = self.ports[monitoring.metrics_port(process)]
            try:
                self._await(charge, lambda port=port: monitoring.answers(port, "/readyz"), READY_LIMIT)
            except CannotStart as reason:
                raise CannotStart(f"{reason}\n  /readyz: {monitoring.words(port, '/readyz')}") from reason

    def _program(self, process: str) -> Program:
        module = ["services.gateway"] if process == "gateway" else ["services", "run", process]
        return Program(
            name=process,
            command=(sys.executable, "-m", *module),
            log=self.layout.log / f"{process}.log",
            folder=self.layout.root,
            environment=self.environment_of(process),
            patience=10,  # a killed process undoes its transactions; its callers repeat
            pulse_port=self.ports[monitoring.metrics_port(process)],
        )

    def _command(self, process: str, *arguments: str, extra: dict[str, str] | None = None) -> None:
        """A command of the system has succeeded with this process's environment."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.layout.root, check=False, text=True, capture_output=True,
            env={**programs.base_environment(), **self.environment_of(process), **(extra or {})},
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        with (self.layout.log / "commands.log").open("a") as log:
            log.write(f"$ python {' '.join(arguments)}\n{done.stdout}{done.stderr}\n")
        if done.returncode != 0:
            text = (done.stdout + done.stderr).strip().splitlines()[-20:]
            raise CannotStart(f"python {' '.join(arguments)} failed:\n" + "\n".join(f"  {line}" for line in text))

    def _await(self, charge: Charge, ready: Callable[[], bool], seconds: float) -> None:
        """A program that dies or stays silent at its first start ends the whole start, with its last words."""
        assert charge.process is not None
        programs.await_ready(ready, charge.process, charge.program, seconds)


def _broker_user(process: str, password: str) -> BrokerUser:
    from services.kit import topology

    configure, write, read = topology.permissions(process)
    return BrokerUser(process, password, configure, write, read)


def _inherited() -> dict[str, str]:
    """Settings the engineer gave by hand reach every process; addresses and secrets do not."""
    private = ("_URL", "_KEY", "_KEYS", "_PORT", "HP_VAR")
    return {k: v for k, v in os.environ.items() if k.startswith("HP_") and not k.endswith(private)}
