"""A service's doors on the bus: nameko's container and entrypoints, with the promises nameko does not make.

Every queue was declared by the topology command, so a service needs no permission to declare. Messages are taken raw:
what cannot be read is answered or parked, and never stops a consumer.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from kombu import entity, messaging
from nameko.extensions import Entrypoint, ProviderCollector
from nameko.messaging import QueueConsumer, QueueConsumerStopped
from nameko.rpc import Rpc, RpcConsumer
from pydantic_core import from_json, to_json

from services.contracts.base import Refusal, Unavailable
from services.kit import metrics
from services.kit.admission import Admission
from services.kit.attention import Attention
from services.kit.broker import ERRORS, Patience, Post, bytes_of, has_more, rpc_queue
from services.kit.entrypoints import RpcDoor, Timer
from services.kit.faults import Unexpected, found, refusal_of
from services.kit.lines import RESULT_AFTER, RESULT_BEFORE
from services.kit.pipeline import Call, Later, answer, at_once, what_failed
from services.kit.timing import tick
from services.kit.work import next_span

_Consumer: Any = messaging.Consumer
_Queue: Any = entity.Queue
_READY = 10.0  # seconds a fresh connection has until it consumes
_LEAVES = 2.0  # seconds a broker has to answer who leaves it
_LOOK_EVERY = 2  # seconds: whole ones, for between them is looked for who was told to stop
DOOR = "door_"
"""What nameko calls a door's method; the door itself keeps its name for its neighbours."""


class _ToldToStop(Exception):
    """Leaves the wait for a broker that is away."""


class Intake(QueueConsumer):  # type: ignore[misc]  # nameko has no types
    """Consumers on one connection, each with its own channel, prefetch and raw messages.

    nameko takes a consumer away only between two messages of a living connection. While the broker is away it would
    wait for it instead of stopping, so here the wait for the broker looks for who was told to stop.
    """

    line: Any = None  # amqp's own connection, the one of now
    _patience: Patience | None = None  # for its beginning
    should_stop: bool
    _consumers: dict[Any, Any]
    _pending_remove_providers: dict[Any, Any]

    def run(self) -> None:
        with suppress(_ToldToStop):
            super().run()
        if not self._consumers_ready.ready():
            self._consumers_ready.send_exception(QueueConsumerStopped())

    def unregister_provider(self, provider: Any) -> None:
        """Also before the first connection, where nameko would say twice that the last one is gone."""
        if self._consumers_ready.ready():
            super().unregister_provider(provider)
            return
        ProviderCollector.unregister_provider(self, provider)
        self.should_stop = not self._providers

    def stop(self) -> None:
        self.wait_for_providers()
        if self._gt is not None:
            self._gt.wait()

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        connection = self.create_connection()
        # kombu would come to wait half a minute between two looks: a broker that is back is not to be waited for.
        looks = {"interval_start": 1, "interval_step": 1, "interval_max": _LOOK_EVERY}
        connection.connect_timeout /= max(len(connection.alt), 1)  # each node has its share of the time
        try:
            connection.ensure_connection(self.on_connection_error, callback=self._leave_if_told, **looks)
            self.line = line = connection.connection
            # kombu's own would go on with a new line, on which nobody consumes, once an acknowledgement had failed.
            connection.drain_events, connection.heartbeat_check = line.drain_events, line.heartbeat_tick
            self._patience = Patience(self.line, _READY)
            yield connection
            with Patience(self.line, _LEAVES):
                connection.release()
        finally:
            self._begun()
            connection.collect()  # of one that broke: a farewell would wait for the answer of a broker that has none

    def on_consume_ready(self, *made: Any, **given: Any) -> None:
        """Everybody consumes."""
        self._begun()
        super().on_consume_ready(*made, **given)

    def _begun(self) -> None:
        """The beginning of a connection is over."""
        if self._patience is not None:
            self._patience.end()

    def _leave_if_told(self) -> None:
        """Every second without a broker: the consumers ended with their connection, so nobody waits for their end."""
        self._consumers = {}
        if self._pending_remove_providers:
            self._cancel_consumers_if_requested()
        if self.should_stop or not self._providers:
            self.should_stop = True
            raise _ToldToStop

    def _cancel_consumers_if_requested(self) -> None:
        asked: dict[Any, Any] = self._pending_remove_providers
        self._pending_remove_providers = {}
        for provider, gone in asked.items():
            consumer = self._consumers.pop(provider, None)
            with suppress(*ERRORS):  # the broker went away just now: the consumer went with it
                if consumer is not None:
                    with Patience(self.line, _LEAVES):
                        consumer.cancel()
            gone.send()

    def get_consumers(self, _consumer_cls: Any, channel: Any) -> list[Any]:
        self._consumers = {}
        for provider in self._providers:
            own = channel.connection.channel()
            queue = _Queue(provider.queue_name, no_declare=True)
            consumer = _Consumer(own, queues=[queue], on_message=provider.receive, auto_declare=False)
            consumer.qos(prefetch_count=provider.prefetch)
            self._consumers[provider] = consumer
        return list(self._consumers.values())


class DoorIntake(Intake):
    """The connection requests come in on."""


class EarIntake(Intake):
    """The connection events come in on: a flood of them does not hold up requests."""

    _watched = False

    def start(self) -> None:
        if not self._watched:
            self._watched = True
            kind = self.container.service_cls
            attention = Attention(kind.name, kind.settings.broker_url, lambda: self.line)
            look = partial(attention.watch, lambda: list(self._consumers))
            self.container.spawn_managed_thread(look, identifier="look")
        super().start()


def acknowledge(message: Any) -> None:
    """Acknowledged, unless its connection is gone: then it comes again, and is known."""
    try:
        message.ack()
    except ERRORS:
        return


class Doors(RpcConsumer):  # type: ignore[misc]  # nameko has no types
    """The request queue of a service. A reply that cannot be sent is lost, not fatal: the caller has a deadline."""

    queue_consumer = DoorIntake()
    queue: str | None
    _names: frozenset[str] = frozenset()

    def setup(self) -> None:
        if self.queue is None:
            self.queue = self.queue_name = rpc_queue(self.container.service_name)
            kind = self.container.service_cls
            self.admission: Admission = kind.admission
            self.prefetch = self.admission.prefetch
            self.post: Post = kind.post
            self.queue_consumer.register_provider(self)

    def receive(self, message: Any) -> None:
        """In the consumer's own greenlet, which nothing in a message may end."""
        try:
            self._hand_over(message)
        except Exception as error:  # noqa: BLE001  a fault of the kit: the next message is served
            self.container.service_cls.log.error("incident", **what_failed(error))  # noqa: TRY400
            self.settle(message, payload=error_of(Unexpected(incident="kit")))
        if not has_more(message.channel.connection):
            time.sleep(0)  # the worker begins now, and not after a look at an empty line

    def _hand_over(self, message: Any) -> None:
        """Find the door; a worker serves it when there is room, else the caller is told at once."""
        name = message.delivery_info["routing_key"].rpartition(".")[2]
        if name not in self._doors():
            self.settle(message, payload=_no_such_method(name))
            return
        try:
            deadline = deadline_of(message)
            if self.admission.refuses(name, deadline):
                self.settle(message, payload=CROWDED)
                return
            call = call_of(message, deadline)
        except Refusal as refusal:
            self.settle(message, payload=error_of(refusal))
            return
        self.admission.enter(name, partial(self._serve, DOOR + name, call, message))

    def _doors(self) -> frozenset[str]:
        """The names of the doors that are open: an identity has eighty, and each call looks for one."""
        if len(self._names) != len(self._providers):
            self._names = frozenset(one.method_name.removeprefix(DOOR) for one in self._providers)
        return self._names

    def _serve(self, method: str, call: Call, message: Any) -> None:
        notes: list[Callable[[], None]] = []
        try:
            self.settle(message, payload=getattr(self.container.service_cls(), method)(call, notes.append))
        finally:
            for note in notes:
                note()

    def settle(self, message: Any, payload: bytes) -> None:
        """The reply is sent, then the request is acknowledged."""
        reply_to = message.properties.get("reply_to")
        if reply_to:
            try:
                self.post.send(reply_to, payload, correlation_id=message.properties.get("correlation_id"))
            except ERRORS:
                metrics.LOST_REPLIES.labels(self.container.service_name).inc()
        acknowledge(message)


class Door(Rpc):  # type: ignore[misc]  # nameko has no types
    """One door on the request queue."""

    rpc_consumer = Doors()


class Ticking(Entrypoint):  # type: ignore[misc]  # nameko has no types
    """A timer door; a turn that fails is logged and the next one comes."""

    def __init__(self, timer: Timer, **given: Any) -> None:
        self.timer = timer
        super().__init__(**given)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run)

    def _run(self) -> None:
        service = self.container.service_cls()
        while True:
            began = time.monotonic()
            outcome = "ok"
            try:
                tick(service, self.timer)
            except Exception as error:  # noqa: BLE001  the next turn may go well
                outcome = type(error).__name__
                service.log.error("timer failed", timer=self.timer.name, **what_failed(error))  # noqa: TRY400
            took = time.monotonic() - began
            metrics.DOOR.labels(service.name, self.timer.name, outcome).observe(took)
            time.sleep(max(self.timer.seconds - took, 0.05))


def call_of(message: Any, deadline: float | None) -> Call:
    """The request in a message: `{"args": [request], "kwargs": {}}`, or the request under kwargs."""
    try:
        body = from_json(bytes_of(message))
        given = [*body["args"], *body["kwargs"].values()]
    except (ValueError, KeyError, TypeError, AttributeError) as unreadable:
        raise refusal_of([found("K009")]) from unreadable
    if len(given) != 1:
        raise refusal_of([found("K001", "request")])
    headers = message.headers or {}
    trace, token = (headers.get(f"nameko.{name}") for name in ("traceparent", "passport"))
    return Call(
        body=given[0].encode() if isinstance(given[0], str) else to_json(given[0]),
        token=str(token) if token else None,
        deadline=deadline,
        trace=next_span(str(trace)) if trace else None,
    )


def deadline_of(message: Any) -> float | None:
    """The deadline in a message's headers, in unix seconds; a Refusal of one that is no number."""
    deadline = (message.headers or {}).get("nameko.deadline")
    if deadline is None:
        return None
    try:
        return int(str(deadline)) / 1000
    except (ValueError, OverflowError) as wrong:
        raise refusal_of([found("K003", "deadline")]) from wrong


def served(door: RpcDoor) -> Callable[..., bytes]:
    """The method nameko calls: the whole pipeline, whose outcome is always a reply."""

    def serve(service: Any, call: Call, later: Later = at_once) -> bytes:
        try:
            return RESULT_BEFORE + answer(service, door, call, later) + RESULT_AFTER
        except Refusal as refusal:
            return error_of(refusal)
        except Exception as error:  # noqa: BLE001  a fault of the kit: the caller gets an answer, the process lives
            service.log.error("incident", **what_failed(error))  # noqa: TRY400
            return error_of(Unexpected(incident="kit"))

    serve.__name__ = door.name
    return serve


def error_of(refusal: Refusal) -> bytes:
    """A refusal as nameko's error object, which the stock client raises as RemoteError."""
    kind = type(refusal)
    return to_json(
        {
            "result": None,
            "error": {
                "exc_type": kind.__name__,
                "exc_path": f"{kind.__module__}.{kind.__name__}",
                "exc_args": [refusal.told().model_dump_json()],
                "value": str(refusal),
            },
        }
    )


def _no_such_method(name: str) -> bytes:
    kind, name = "MethodNotFound", name.encode(errors="replace").decode()
    error = {"exc_type": kind, "exc_path": f"nameko.exceptions.{kind}", "exc_args": [name], "value": name}
    return to_json({"result": None, "error": error})


CROWDED = error_of(Unavailable(seconds=2))
