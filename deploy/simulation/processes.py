"""The processes of the simulation: the kit's own relay, handlers and transactions, standing on the models."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from deploy.simulation.broker import Line
from deploy.simulation.tables import Session, Tables
from deploy.simulation.tasks import Flag, Gate
from deploy.simulation.trade import EARS, ListenerService
from services.kit import database, ears, hearing, parking, relay
from services.kit.settings import Settings

SETTINGS = Settings(
    relay_window=5,
    relay_poll=0.1,
    confirm_timeout=1.0,
    retry_delays=(0.1, 0.2, 0.2),
    batch_wait=0.04,
    hearers=3,
    patients=2,
)
OWNERS, LISTENERS = ("owner-0", "owner-1"), ("listener-0", "listener-1")
_TRACE = "00-00000000000000000000000000000001-0000000000000001-01"


class Silent:
    """A log nobody reads, a gauge nobody looks at."""

    def __getattr__(self, _name: str) -> "Silent":
        return self

    def __call__(self, *_: Any, **__: Any) -> "Silent":
        return self


class Here:
    """Where the kit's modules look for what is simulated: the world that runs now."""

    world: Any


class Ground(database.Database):
    """A database as one process reaches it."""

    def __init__(self, tables: Tables, process: "Process") -> None:
        self.tables, self.process = tables, process
        self.engine = self.reader = self
        self.on_told = lambda _partitions: None

    def session(self) -> Session:
        return Session(self.tables, self.process, self.process.world.schedule.pause)


class Process:
    """One life of a process: when it is started again, that is another one."""

    def __init__(self, world: Any, name: str) -> None:
        self.world, self.name, self.dead = world, name, False
        if name in OWNERS:
            self._start_owner()
        else:
            self._start_listener()

    def _start_owner(self) -> None:
        self.ground = Ground(self.world.told_from, self)
        self.relays = relay.relays(self.name, self.ground, SETTINGS, Silent())
        self.ground.on_told = lambda partitions: [each.notice(partitions) for each in self.relays]
        for each in self.relays:
            each.wake = Flag(self.world.schedule)
            self.world.schedule.spawn(self, f"{self.name} relay", each.run)

    def _start_listener(self) -> None:
        ground = Ground(self.world.heard_in, self)
        kind = type("Hosted", (ListenerService,), {
            "db": ground, "settings": SETTINGS, "log": Silent(), "ear_gate": Gate(self.world.schedule, 2),
            "require_takeable": staticmethod(self.world.require_takeable),
        })  # fmt: skip
        self.service = kind()
        container = SimpleNamespace(service_cls=kind, spawn_managed_thread=self._spawn)
        self.hearers: dict[str, Any] = {}
        for entry in [*(ears.Batch(ear) if ear.batch else ears.Single(ear) for ear in EARS), ears.Undertaker(EARS[0])]:
            entry.container, entry.queue_consumer = container, SimpleNamespace(register_provider=lambda _: None)
            entry.setup()
            entry.start()
            self.hearers[entry.queue_name] = entry
        self.subscribe()

    def subscribe(self) -> None:
        """A connection with a channel for each handler."""
        self.line = Line(self.world.broker, self)
        self.channels = {queue: self.line.channel() for queue in self.hearers}

    def _spawn(self, work: Callable[[], None], identifier: str = "") -> None:
        self.world.schedule.spawn(self, f"{self.name} {identifier}", work)

    def has_room(self, queue: str) -> bool:
        return len(self.channels[queue].unacked) < self.hearers[queue].prefetch


class _Clock:
    """The module `time` of a world."""

    @staticmethod
    def monotonic() -> float:
        return Here.world.schedule.clock

    time = perf_counter = monotonic

    @staticmethod
    def sleep(seconds: float) -> None:
        Here.world.schedule.sleep(seconds)


def _fail(window: str) -> None:
    Here.world.schedule.pause(window)


def _connect(_url: str, name: str, **_: Any) -> SimpleNamespace:
    """As kombu's connection, of which only amqp's is used."""
    return SimpleNamespace(connection=Here.world.connect(name))


def _session(engine: Any, **_: Any) -> Session:
    return engine.session()


def _flag() -> Flag:
    return Flag(Here.world.schedule)


def _gate(places: int) -> Gate:
    return Gate(Here.world.schedule, places)


def _new_name() -> UUID:
    return Here.world.new_name()


@contextmanager
def simulated() -> Iterator[None]:
    """The kit stands on the models while this lasts."""
    clock: Any = _Clock()
    threads = SimpleNamespace(
        Event=lambda: Flag(Here.world.schedule), Semaphore=lambda places: Gate(Here.world.schedule, places)
    )
    with ExitStack() as replaced:
        for module, name, stand_in in (
            (relay, "time", clock), (relay, "failpoint", _fail), (relay, "_PAUSE", 0.3),
            (relay, "connect", _connect), (relay, "Patience", lambda *_: nullcontext()),
            (ears, "time", clock), (ears, "threading", threads), (ears, "failpoint", _fail), (ears, "_AWAY_PAUSE", 0.3),
            (hearing, "failpoint", _fail), (hearing, "new_trace", lambda: _TRACE),
            (relay, "metrics", Silent()), (ears, "metrics", Silent()), (hearing, "metrics", Silent()),
            (parking, "metrics", Silent()),
            (database, "Session", _session), (database, "uuid4", _new_name),
        ):  # fmt: skip
            replaced.enter_context(patch.object(module, name, stand_in))
        yield
