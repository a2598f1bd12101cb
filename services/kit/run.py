"""One service as a process: waits for its needs, serves, stops when told; broker and database may come and go."""

import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import eventlet
import eventlet.wsgi
from eventlet.hubs import get_hub
from nameko.constants import DEFAULT_TRANSPORT_OPTIONS
from nameko.containers import ServiceContainer
from nameko.extensions import DependencyProvider
from sqlalchemy import text

from services.kit import metrics, overdue, revisions
from services.kit.admission import Admission
from services.kit.broker import ERRORS, Patience, Post, connect, dead_queue, ear_queue, rpc_queue
from services.kit.callers import Caller
from services.kit.cork import corked
from services.kit.crew import Crew
from services.kit.database import Database
from services.kit.direct import Direct
from services.kit.direct_doors import DirectDoors
from services.kit.ears import Batch, Single, Undertaker
from services.kit.entrypoints import Ear, Invariant, Signal, Timer, doors_of, marks_of
from services.kit.health import Checks, pages
from services.kit.lines import Line
from services.kit.logs import Log, configure, log_of
from services.kit.passports import Verifier
from services.kit.pipeline import what_failed
from services.kit.relay import relays
from services.kit.revoked import standing_of
from services.kit.service import Service, service_class
from services.kit.settings import Settings
from services.kit.settling import settle
from services.kit.timing import measure
from services.kit.wire import CROWDED, DOOR, Door, Ticking, served

_LOOKS = 10.0  # seconds the broker has to show the queues of a service
_WARM = 60.0  # seconds after which statements are compiled and caches filled
_BACKLOG = text("""
    SELECT count(*) AS number, COALESCE(extract(epoch FROM clock_timestamp() - min(created_at)), 0) AS seconds
    FROM (SELECT created_at FROM outbox WHERE told_at IS NULL ORDER BY seq LIMIT 100000) AS untold
""")
_PARKED = text("SELECT count(*) FROM parked WHERE redriven_at IS NULL")


class Runtime(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """What runs beside the doors: the relay, the gauges, the health pages."""

    def start(self) -> None:
        kind = self.container.service_cls
        for relay in kind.relays:
            self.container.spawn_managed_thread(relay.run, identifier="relay")
        self.container.spawn_managed_thread(lambda: _watch(kind()), identifier="gauges")
        self.container.spawn_managed_thread(lambda: overdue.watch(kind.aside, kind.log), identifier="overdue")
        if kind.standing is not None:
            self.container.spawn_managed_thread(kind.standing.watch, identifier="standing")
        for mark in [*marks_of(kind, Signal), *marks_of(kind, Invariant)]:
            self.container.spawn_managed_thread(lambda mark=mark: _measure(kind(), mark), identifier=mark.name)

    def get_dependency(self, _worker: Any) -> None:
        """Doors use the service's own attributes."""


def _watch(service: Any) -> None:
    """The gauges every service has, every five seconds."""
    name = service.name
    while True:
        metrics.POOL.labels(name).set(service.db.in_use())
        metrics.POOL_SIZE.labels(name).set(service.db.pool)
        metrics.STOPPED.labels(name).set(sum(relay.stopped for relay in service.relays))
        try:
            with service.aside.transaction(read_only=True) as tx:
                backlog = tx.execute(_BACKLOG).one()
                parked = tx.scalar(_PARKED)
        except Exception as error:  # noqa: BLE001  readiness says it, the log too
            service.log.warning("gauges not read", error=type(error).__name__)
        else:
            metrics.UNTOLD.labels(name).set(backlog.number)
            metrics.OLDEST.labels(name).set(float(backlog.seconds))
            metrics.PARKED.labels(name).set(parked)
        time.sleep(5)


def _measure(service: Service, mark: Signal | Invariant) -> None:
    while True:
        try:
            measure(service, mark)
        except Exception as error:  # noqa: BLE001  measured again next time
            service.log.error("not measured", mark=mark.name, **what_failed(error))  # noqa: TRY400  the trace is in what_failed
        time.sleep(mark.seconds)


def hosted(kind: type[Service], settings: Settings) -> type[Any]:
    """The service class as nameko runs it: every door with its entrypoint, and what the process shares."""
    log = log_of(kind.name)
    aside = Database(settings.database_url, pool=4)  # the relays' and the probes': a busy service does not starve them
    direct = Direct(settings.direct_lines, settings.direct_secret)
    share, beat = max(settings.workers // 2, 1), settings.heartbeat
    caller = Caller(settings.broker_url, name=kind.name, in_flight=share, direct=direct, heartbeat=beat)
    standing = standing_of(direct, settings.revocations, log)
    shared: dict[str, Any] = {
        "settings": settings,
        "log": log,
        "db": Database(settings.database_url, pool=settings.pool),
        "aside": aside,
        "standing": standing,
        "admission": Admission(kind.name, Crew(), settings.workers, settings.waiting),
        "verifier": Verifier(settings.passport_keys, standing),
        "post": Post(settings.broker_url, f"{kind.name} replies out", beat),
        "caller": caller,
        "relays": relays(kind.name, aside, settings, log),
        "ear_gate": threading.BoundedSemaphore(max(settings.pool // 2, 1)),
        "line": staticmethod(lambda remote: Line(remote, caller, settings.call_timeout)),
        "start": staticmethod(lambda work: eventlet.spawn_n(_guarded, log, work)),
        "runtime": Runtime(),
    }
    shared["db"].on_told = lambda partitions: [relay.notice(partitions) for relay in shared["relays"]]
    doors = {f"{DOOR}{name}": _with(Door(), served(door)) for name, door in doors_of(kind).items()}
    return type(f"Hosted{kind.__name__}", (kind,), {**shared, **doors, **_background(kind)})


def _background(kind: type[Service]) -> dict[str, Any]:
    """Handlers and timers hang on marker methods: the container only needs to know they are there."""
    ears = marks_of(kind, Ear)
    marks: dict[str, Any] = {
        f"_hears_{ear.key}": _with(Batch(ear) if ear.batch else Single(ear), _marker()) for ear in ears
    }
    if ears:
        marks["_buries"] = _with(Undertaker(ears[0]), _marker())
    return marks | {f"_ticks_{timer.name}": _with(Ticking(timer), _marker()) for timer in marks_of(kind, Timer)}


def _marker() -> Callable[..., None]:
    def marker(_self: Any) -> None:
        """Never called: the entrypoint does the work."""

    return marker


def _with(entrypoint: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    function.nameko_entrypoints = {entrypoint}  # type: ignore[attr-defined]  # where the container looks
    return function


def _guarded(log: Log, work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001  background work has no caller to tell
        log.error("background work failed", **what_failed(error))  # noqa: TRY400  the trace is in what_failed


def _await(log: Log, what: str, met: Callable[[], bool]) -> None:
    pause = 0.2
    while True:
        try:
            if met():
                return
            log.warning("waiting", need=what)
        except Exception as error:  # noqa: BLE001  waited for, whatever it is
            log.warning("waiting", need=what, error=str(error)[:200])
        time.sleep(pause)
        pause = min(pause * 2, 5)


def _queues_exist(kind: type[Service], settings: Settings) -> bool:
    """Whether the topology command has declared this service's queues."""
    connection = connect(settings.broker_url, f"{kind.name} looks around")
    try:
        ears = [ear_queue(kind.name, ear.key) for ear in marks_of(kind, Ear)]
        with Patience(connection.connection, _LOOKS):
            channel = connection.channel()
            for queue in (rpc_queue(kind.name), *ears, *([dead_queue(kind.name)] if ears else [])):
                channel.queue_declare(queue, passive=True)
    except ERRORS as error:
        raise LookupError(f"{str(error)[:150]} (python -m services topology declares queues)") from error
    finally:
        connection.collect()
    return True


def _checks(name: str, service: Any) -> Checks:
    state = {"current": ":" in name}  # a class named by hand has no migrations

    def database() -> bool:
        with service.aside.transaction(read_only=True) as tx:
            return bool(tx.scalar(text("SELECT true")))

    def migrations() -> bool:
        state["current"] = state["current"] or revisions.is_current(service.settings.database_url, name)
        return state["current"]

    def broker() -> bool:
        return all(relay.connected for relay in service.relays)

    return {"database": database, "migrations": migrations, "broker": broker}


def serve(name: str) -> int:
    """Serve until SIGTERM or SIGINT. The exit code."""
    kind = service_class(name)
    settings = kind.settings_type()
    configure(kind.name, settings.log_level)
    log = log_of(kind.name)
    get_hub().span = settings.awake
    service = hosted(kind, settings)
    checks = _checks(name, service)
    if settings.health_port:
        listener = eventlet.listen((settings.health_host, settings.health_port))
        application = pages(checks, DirectDoors(service, served, CROWDED))
        eventlet.spawn(eventlet.wsgi.server, listener, application, log_output=False)
    _await(log, "database", checks["database"])
    _await(log, "queues", lambda: _queues_exist(kind, settings))
    service.caller.start()
    options = {"client_properties": {"connection_name": f"{kind.name} doors and ears"}, "frame_writer": corked}
    container = ServiceContainer(
        service,
        {
            "AMQP_URI": settings.broker_url,
            "max_workers": settings.workers,
            "HEARTBEAT": settings.heartbeat,
            "TRANSPORT_OPTIONS": {**DEFAULT_TRANSPORT_OPTIONS, **options},
        },
    )
    container._worker_pool = service.admission.pool  # noqa: SLF001  a stop waits for who is in work
    _stop_on_signals(container)
    container.start()
    settle()
    eventlet.spawn_after(_WARM, settle)
    log.warning("serving", doors=len(doors_of(kind)), handlers=len(marks_of(kind, Ear)))
    container.wait()
    return 0


def _stop_on_signals(container: ServiceContainer) -> None:
    def stop(*_: Any) -> None:
        eventlet.spawn_n(container.stop)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
