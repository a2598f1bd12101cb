"""What is told and heard in the simulation: counters that change, and a listener that writes down what it applied."""

from typing import ClassVar

from deploy.simulation.tables import EFFECT
from services.contracts.base import Envelope, Event, Policy
from services.kit.broker import dead_queue, ear_queue
from services.kit.database import Transaction
from services.kit.entrypoints import Ear, marks_of, on
from services.kit.service import Service

POISON = 1000
"""A letter that fails this often fails for ever."""


class CounterMoved(Event):
    """The new total of a counter; its handlers fail on it so many times before they can take it."""

    topic: ClassVar[str] = "simulation.counter_moved"

    counter: str
    total: int
    fails: int = 0

    @property
    def aggregate(self) -> str:
        return self.counter


class ListenerService(Service):
    """Three handlers of one event: one by one, in batches, and every version."""

    name = "listener"
    policy = Policy(table={})
    fails_on: ClassVar[object]

    @on(CounterMoved)
    def on_one(self, event: CounterMoved, tx: Transaction) -> None:
        self._apply("on_one", [event], tx)

    @on(CounterMoved, batch=4)
    def on_many(self, events: list[CounterMoved], tx: Transaction) -> None:
        self._apply("on_many", events, tx)

    @on(CounterMoved, batch=3, every=True)
    def on_each(self, events: list[CounterMoved], tx: Transaction) -> None:
        self._apply("on_each", events, tx)

    def _apply(self, handler: str, events: list[CounterMoved], tx: Transaction) -> None:
        for event, envelope in zip(events, tx.envelopes, strict=True):
            self.require_takeable(handler, event, envelope)
            row = {
                "handler": handler,
                "aggregate": envelope.aggregate,
                "version": envelope.version,
                "total": event.total,
            }
            tx.drive(EFFECT, row)

    def require_takeable(self, handler: str, event: CounterMoved, envelope: Envelope) -> None:
        """Set by the world: raises while the letter is to fail."""


EARS = marks_of(ListenerService, Ear)
QUEUES = {ear.key: ear_queue(ListenerService.name, ear.key) for ear in EARS}
DEAD_QUEUE = dead_queue(ListenerService.name)
EVERY = {ear.name for ear in EARS if ear.every}
