"""A private RabbitMQ node: its own folder, ports, name, cookie and port mapper; never somebody else's broker."""

import base64
import hashlib
import json
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.local import programs
from deploy.local.programs import Account, CannotStart, Program

ADMIN = "hom-phieu"
HASHING = "rabbit_password_hashing_sha256"
PLUGINS = "[rabbitmq_prometheus]."
# What each channel did with each exchange is counted at every message, and nobody here looks at it.
UNCOUNTED = "{rabbitmq_management_agent, [{rates_mode, none}, {disable_metrics_collector, true}]}"
# Quorum queues without fsync, for tests only: a crash of the machine may lose messages, and nobody minds.
CARELESS = "{ra, [{wal_sync_method, none}]}"


@dataclass(frozen=True)
class BrokerPorts:
    """Every port a node listens on."""

    amqp: int
    distribution: int
    mapper: int  # epmd
    metrics: int


@dataclass(frozen=True)
class BrokerUser:
    """A user and what it may configure, write and read (regular expressions over names of queues and exchanges)."""

    name: str
    password: str
    configure: str = ""
    write: str = ""
    read: str = ""
    tags: str = ""


@dataclass(frozen=True)
class Node:
    """A prepared node: it exists on disk and can be started any number of times, its port mapper first."""

    program: Program
    mapper: Program
    seat: Path
    ports: BrokerPorts
    password: str

    def url(self, user: str = ADMIN, password: str = "", vhost: str = "/") -> str:
        """Where a client finds the broker."""
        secret = quote(password or self.password, safe="")
        return f"amqp://{user}:{secret}@127.0.0.1:{self.ports.amqp}/{quote(vhost, safe='')}"

    def answers(self) -> bool:
        """Whether the administrator can open a connection: the broker has booted and knows its users."""
        import pika
        from pika.exceptions import AMQPError

        if programs.is_free(self.ports.amqp):
            return False
        parameters = pika.URLParameters(self.url() + "?connection_attempts=1&socket_timeout=3&stack_timeout=5")
        with suppress(AMQPError, OSError):
            pika.BlockingConnection(parameters).close()
            return True
        return False

    def mapper_answers(self) -> bool:
        """Whether the port mapper listens."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.ports.mapper), 1):
            return True
        return False

    def ctl(self, *arguments: str) -> str:
        """The answer of rabbitmqctl about this node."""
        tool = str(programs.find("rabbitmqctl", "rabbitmq"))
        command = [tool, "-q", "-n", self.program.environment["RABBITMQ_NODENAME"], *arguments]
        return programs.run(command, self.program.account, self.seat, self.program.environment)


@dataclass
class Rabbitmq:
    """A running private node with its port mapper."""

    node: Node
    process: "subprocess.Popen[bytes]"
    mapper: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """The administrator's way in, vhost `/`."""
        return self.node.url()

    def url_for(self, user: str = ADMIN, password: str = "", vhost: str = "/") -> str:
        """Another user's way in, or another vhost."""
        return self.node.url(user, password, vhost)

    def add_vhost(self, name: str) -> str:
        """An empty vhost for which the administrator may do everything; the way into it."""
        return self.add_vhosts([name])[0]

    def add_vhosts(self, names: Sequence[str]) -> list[str]:
        """Several, made by one command: each command takes half a second."""
        file = self.node.seat / "vhosts.json"
        rights = {"user": ADMIN, "configure": ".*", "write": ".*", "read": ".*"}
        wanted = {
            "vhosts": [{"name": name, "metadata": {"default_queue_type": "classic"}} for name in names],
            "permissions": [{"vhost": name, **rights} for name in names],
        }
        _write(file, json.dumps(wanted), self.node.program.account)
        self.node.ctl("import_definitions", str(file))
        return [self.node.url(vhost=name) for name in names]

    def ctl(self, *arguments: str) -> str:
        """The answer of rabbitmqctl about this node."""
        return self.node.ctl(*arguments)

    def stop(self) -> None:
        """The node has stopped cleanly, then its port mapper."""
        programs.stop(self.process, self.node.program)
        programs.stop(self.mapper, self.node.mapper)

    def kill(self) -> None:
        """The node and its port mapper die at once."""
        for process in (self.process, self.mapper):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def start_rabbitmq(
    folder: Path, port: int, *, durable: bool = True, users: Sequence[BrokerUser] = (), log: Path | None = None
) -> Rabbitmq:
    """A node of our own, answering on the port; its other ports are free ones."""
    distribution, mapper, metrics = (programs.free_port(0, {port}) for _ in range(3))
    ports = BrokerPorts(port, distribution, mapper, metrics)
    node = prepare_rabbitmq(folder, ports, durable=durable, users=users, log=log)
    mapper_process = programs.start(node.mapper)
    try:
        programs.await_ready(node.mapper_answers, mapper_process, node.mapper, 15)
        running = Rabbitmq(node, programs.start(node.program), mapper_process)
    except BaseException:
        programs.stop(mapper_process, node.mapper)
        raise
    try:
        programs.await_ready(node.answers, running.process, node.program, 120)
    except BaseException:
        running.stop()
        raise
    return running


def prepare_rabbitmq(
    folder: Path,
    ports: BrokerPorts,
    *,
    durable: bool = True,
    users: Sequence[BrokerUser] = (),
    log: Path | None = None,
) -> Node:
    """The node on disk with configuration and users for these ports, ready to be started."""
    for port in (ports.amqp, ports.distribution, ports.metrics):
        if not programs.is_free(port):
            raise CannotStart(f"RabbitMQ cannot listen on port {port}: another program does.")
    account = programs.account_for("rabbitmq")
    place = programs.seat(folder, account)
    password = _secret(place / "admin", account)
    _secret(place / ".erlang.cookie", account, 0o400)
    admin = BrokerUser(ADMIN, password, ".*", ".*", ".*", "administrator")
    _write(place / "rabbitmq.conf", _configuration(ports, place), account)
    _write(place / "advanced.config", _advanced(durable=durable), account)
    _write(place / "enabled_plugins", PLUGINS + "\n", account)
    _write(place / "definitions.json", json.dumps(definitions([admin, *users]), indent=1), account)
    environment = _environment(place, ports)
    log = log or folder / "rabbitmq.log"
    node = Program(
        name="rabbitmq", command=(str(programs.find("rabbitmq-server", "rabbitmq")),), log=log, folder=place,
        environment=environment, account=account, patience=40 if durable else 1,
    )  # fmt: skip
    mapper = Program(
        name="epmd", command=(str(programs.find("epmd")), "-port", str(ports.mapper), "-address", "127.0.0.1"),
        log=log, folder=place, environment=environment, account=account,
    )  # fmt: skip
    return Node(node, mapper, place, ports, password)


def _configuration(ports: BrokerPorts, place: Path) -> str:
    lines = {
        "listeners.tcp.1": f"127.0.0.1:{ports.amqp}",
        "prometheus.tcp.ip": "127.0.0.1",
        "prometheus.tcp.port": str(ports.metrics),
        "load_definitions": str(place / "definitions.json"),
        "heartbeat": "15",
        "vm_memory_high_watermark.relative": "0.4",
        "disk_free_limit.absolute": "500MB",
        "cluster_partition_handling": "pause_minority",
        "log.console": "true",
        "log.console.level": "info",
        "log.connection.level": "warning",
        "log.file": "false",
    }
    return "".join(f"{name} = {value}\n" for name, value in lines.items())


def _advanced(*, durable: bool) -> str:
    """What the other file has no words for."""
    return f"[{', '.join([UNCOUNTED] if durable else [UNCOUNTED, CARELESS])}]."


def _environment(place: Path, ports: BrokerPorts) -> dict[str, str]:
    """Everything the node would else take from the system's broker."""
    return {
        "HOME": str(place),
        "RABBITMQ_HOME": "",
        "RABBITMQ_NODENAME": "hom-phieu@localhost",
        "RABBITMQ_CONF_ENV_FILE": str(place / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(place / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(place / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(place / "data"),
        "RABBITMQ_LOG_BASE": str(place / "log"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(place / "config"),
        "RABBITMQ_PID_FILE": str(place / "pid"),
        "RABBITMQ_DIST_PORT": str(ports.distribution),
        # Its own rule ties each scheduler to a processor: nodes and services that share few would all sit on the first.
        "RABBITMQ_SCHEDULER_BIND_TYPE": "u",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "ERL_EPMD_PORT": str(ports.mapper),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        # The start script then becomes the broker instead of waiting beside it: signals reach the right process.
        "RUNNING_UNDER_SYSTEMD": "true",
    }


def definitions(users: Sequence[BrokerUser]) -> dict[str, object]:
    """The broker's users and their permissions as it reads them at every boot."""
    return {
        "vhosts": [{"name": "/"}],
        "users": [
            {"name": u.name, "password_hash": _hash(u), "hashing_algorithm": HASHING, "tags": u.tags} for u in users
        ],
        "permissions": [
            {"user": u.name, "vhost": "/", "configure": u.configure, "write": u.write, "read": u.read} for u in users
        ],
    }


def _hash(user: BrokerUser) -> str:
    """RabbitMQ's salted form; the salt follows from the password, so the file is the same at every start."""
    salt = hashlib.sha256(f"salt of {user.name}: {user.password}".encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + user.password.encode()).digest()).decode()


def _secret(file: Path, account: Account | None, mode: int = 0o600) -> str:
    if not file.exists() or not file.read_text().strip():
        file.write_text(secrets.token_urlsafe(24))
    programs.give(file, account)
    file.chmod(mode)
    return file.read_text().strip()


def _write(file: Path, text: str, account: Account | None) -> None:
    """Written beside and moved over, so that a kill leaves the old file or the new one."""
    draft = file.with_name(file.name + ".new")
    draft.write_text(text)
    programs.give(draft, account)
    draft.replace(file)
