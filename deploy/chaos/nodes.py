"""Three broker nodes as one: on loopback, or each in a network namespace of its own whose cable can be pulled."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from deploy.chaos.verdict import Skipped
from deploy.local import programs
from deploy.local.programs import Program
from deploy.local.rabbitmq import ADMIN, BrokerPorts, Node, prepare_rabbitmq

NUMBER = 3
_NET = "10.77.31"
_COOKIE = "hom-phieu-chaos"
_BRIDGE = "hpchaos"
_SPACE = "hp-chaos-"  # then the process whose it is, and a number
_NETWORK = 0x40000000  # CLONE_NEWNET of Linux: of the namespaces only the network


def _ip(*words: str, check: bool = True) -> None:
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise Skipped(f"this machine allows no network namespaces (ip {' '.join(words)}: {done.stderr.strip()[:100]})")


@dataclass
class Member:
    """One node of the cluster."""

    node: Node
    name: str  # as the cluster knows it
    space: str  # its network namespace, empty on loopback
    address: str
    process: "subprocess.Popen[bytes] | None" = None
    mapper: "subprocess.Popen[bytes] | None" = None

    def ctl(self, *words: str) -> str:
        """The answer of rabbitmqctl, asked where the node lives."""
        tool = str(programs.find("rabbitmqctl", "rabbitmq"))
        long = ["--longnames"] if self.space else []
        command = [*_inside(self.space), tool, "-q", *long, "-n", self.name, *words]
        account = None if self.space else self.node.program.account
        return programs.run(command, account, self.node.seat, self.node.program.environment)

    def start(self) -> None:
        """The node runs, alone or in its cluster; it need not answer yet."""
        if self.mapper is None or self.mapper.poll() is not None:
            self.mapper = programs.start(self.node.mapper)
        self.process = programs.start(self.node.program)

    def await_ready(self) -> None:
        assert self.process is not None
        programs.await_ready(self.answers, self.process, self.node.program, 120)

    def answers(self) -> bool:
        """Whether the administrator can open a connection."""
        import pika
        from pika.exceptions import AMQPError

        with suppress(AMQPError, OSError):
            pika.BlockingConnection(pika.URLParameters(self.url() + "?connection_attempts=1&socket_timeout=3")).close()
            return True
        return False

    def url(self, vhost: str = "%2F") -> str:
        return f"amqp://{ADMIN}:{self.node.password}@{self.address}:{self.node.ports.amqp}/{vhost}"

    def kill(self) -> None:
        """The node dies at once; its port mapper stays, as on a machine of its own."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        """As who watches it does with one that does not answer."""
        self.kill()
        self.start()

    def freeze(self) -> None:
        """The node stands still: its connections stay and nobody is answered on them."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGSTOP)

    def stop(self) -> None:
        for process, program in ((self.process, self.node.program), (self.mapper, self.node.mapper)):
            if process is not None:
                programs.stop(process, program)


@dataclass
class Cluster:
    """Three members and the URL of them all."""

    members: list[Member] = field(default_factory=list)

    def url(self, vhost: str) -> str:
        """Every node, one after the other: the client takes the first that answers."""
        return ";".join(member.url(vhost) for member in self.members)

    def add_vhost(self, name: str) -> str:
        first = self.members[0]
        first.ctl("add_vhost", name, "--default-queue-type", "classic")
        first.ctl("set_permissions", "-p", name, ADMIN, ".*", ".*", ".*")
        return self.url(name)

    def cut(self, number: int) -> None:
        """The cable of one node is pulled."""
        _ip("link", "set", f"{_BRIDGE}{number}", "down")

    def mend(self, number: int) -> None:
        _ip("link", "set", f"{_BRIDGE}{number}", "up")

    def running(self) -> int:
        """How many nodes the cluster counts as running, as the best informed member sees it."""
        best = 0
        for member in self.members:
            with suppress(programs.CannotStart):
                told = member.ctl("eval", "length(rabbit_nodes:all_running()).").strip()
                best = max(best, int(told) if told.isdigit() else 0)
        return best

    def whole(self) -> bool:
        """Whether all are counted as running and let people in: a node is counted as soon as it begins to start."""
        return self.running() == NUMBER and all(member.answers() for member in self.members)


def _inside(space: str) -> list[str]:
    return ["ip", "netns", "exec", space] if space else []


@contextmanager
def _apart() -> Iterator[None]:
    """A network of its own for this thread and for all it starts.

    Browsers break off what they load when an interface of their machine comes or goes; so none of the machine's does.
    """
    kernel = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open("rb") as machine:
        if kernel.unshare(_NETWORK) != 0:
            raise Skipped(f"this machine allows no network of our own ({os.strerror(ctypes.get_errno())})")
        try:
            _ip("link", "set", "lo", "up")
            yield
        finally:
            if kernel.setns(machine.fileno(), _NETWORK) != 0:
                raise OSError(ctypes.get_errno(), "the way back to the machine's network")


@contextmanager
def spaces() -> Iterator[list[str]]:
    """Namespaces joined by a bridge; this thread is at the bridge and reaches them all, the machine is elsewhere."""
    if os.geteuid() != 0:
        raise Skipped("only root may make network namespaces, and this is not root")
    names = [f"{_SPACE}{os.getpid()}-{number}" for number in range(NUMBER)]
    _tear_down(_left_behind())
    with _apart(), _joined(names):
        yield names


@contextmanager
def _joined(names: list[str]) -> Iterator[None]:
    """A bridge, and a cable from it into each namespace."""
    try:
        _ip("link", "add", _BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{_NET}.254/24", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")
        for number, name in enumerate(names):
            port = f"{_BRIDGE}{number}"
            _ip("netns", "add", name)
            _ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", port, "master", _BRIDGE, "up")
            _ip("-n", name, "addr", "add", f"{_NET}.{number + 1}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        _tear_down(names)


def _left_behind() -> list[str]:
    """The namespaces of processes that were killed; those of others who are at it now are theirs."""
    known = [place.name for place in Path("/run/netns").glob(f"{_SPACE}*")]
    return [name for name in known if not Path("/proc", name.removeprefix(_SPACE).partition("-")[0]).exists()]


def _tear_down(names: list[str]) -> None:
    for name in names:
        _ip("netns", "del", name, check=False)
    _ip("link", "del", _BRIDGE, check=False)


@contextmanager
def cluster(folder: Path, names: list[str] | None = None) -> Iterator[Cluster]:
    """Three nodes that have found each other, new each time; in the namespaces if there are any."""
    made = Cluster()
    mapper = programs.free_port(0)
    try:
        for number, space in enumerate(names or [""] * NUMBER):
            programs.forget(folder / f"node-{number}")
            made.members.append(_member(folder / f"node-{number}", number, space, mapper))
            made.members[-1].start()
        for member in made.members:
            member.await_ready()
        for member in made.members[1:]:
            for words in (["stop_app"], ["reset"], ["join_cluster", made.members[0].name], ["start_app"]):
                member.ctl(*words)
        for member in made.members:
            member.await_ready()
        yield made
    finally:
        for member in made.members:
            member.stop()


def _member(folder: Path, number: int, space: str, mapper: int) -> Member:
    amqp, distribution, metrics = (programs.free_port(0) for _ in range(3))
    seat = programs.seat(folder, programs.account_for("rabbitmq"))
    (seat / "admin").write_text(_COOKIE)  # one password for all: the first node's users are the cluster's
    node = prepare_rabbitmq(folder, BrokerPorts(amqp, distribution, mapper, metrics), durable=False)
    address = f"{_NET}.{number + 1}" if space else "127.0.0.1"
    name = f"hp{number}@{address}" if space else f"hp{number}@localhost"
    _write(node.seat / ".erlang.cookie", _COOKIE, node)
    conf = node.seat / "rabbitmq.conf"
    text = conf.read_text().replace("127.0.0.1", address) + "net_ticktime = 15\ncluster_keepalive_interval = 2000\n"
    _write(conf, text.replace("disk_free_limit.absolute = 500MB", "disk_free_limit.absolute = 50MB"), node)
    (node.seat / ".erlang.cookie").chmod(0o400)
    environment = dict(node.program.environment) | {
        "RABBITMQ_NODENAME": name,
        "ERL_EPMD_ADDRESS": address,
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel inet_dist_use_interface {{{address.replace('.', ',')}}}",
    }
    if space:
        environment |= {"RABBITMQ_USE_LONGNAME": "true"}
    epmd = str(programs.find("epmd"))
    command = (epmd, "-port", str(mapper), "-address", address)
    node = replace(
        node,
        program=_placed(replace(node.program, environment=environment, patience=2), space),
        mapper=_placed(replace(node.mapper, environment=environment, command=command), space),
    )
    return Member(node, name, space, address)


def _placed(program: Program, space: str) -> Program:
    """The program in its namespace: entered as root, then run as its own user."""
    if not space or program.account is None:
        return program
    as_user = ["setpriv", f"--reuid={program.account.uid}", f"--regid={program.account.gid}", "--clear-groups"]
    return replace(program, command=(*_inside(space), *as_user, *program.command), account=None)


def _write(file: Path, text: str, node: Node) -> None:
    file.unlink(missing_ok=True)
    file.write_text(text)
    programs.give(file, node.program.account)
