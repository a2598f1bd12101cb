"""The shop and the mirror one version on: a field more in what is told and answered, and a handler with another name."""

from typing import ClassVar

from services.contracts.base import Count, Event, Name, Reply
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import on, rpc
from tests.kit.shop import _LINE, _SEE, Add, Look, MirrorService, ShopService


class CounterChanged(Event):
    topic: ClassVar[str] = "shop.counter_changed"

    counter: Name
    total: Count
    colour: str = "none"

    @property
    def aggregate(self) -> str:
        return self.counter


class Total(Reply):
    counter: str
    total: Count
    colour: str = "none"


class NextShopService(ShopService):
    @rpc(may="add")
    def add(self, request: Add, by: Actor, tx: Transaction) -> Total:
        tx.emit(CounterChanged(counter=request.counter, total=request.amount, colour="red"))
        return Total(counter=request.counter, total=request.amount, colour="red")

    @rpc(may="look")
    def look(self, request: Look, by: Actor, tx: Transaction) -> Total:
        return Total(counter=request.counter, total=7, colour="red")


class NextMirrorService(MirrorService):
    on_many_changed = None

    @on(CounterChanged)
    def on_counter_changed(self, event: CounterChanged, tx: Transaction) -> None:
        tx.execute(_SEE, {"c": f"{event.counter} {event.colour}", "t": event.total})

    @on(CounterChanged, batch=100)
    def on_many_moved(self, events: list[CounterChanged], tx: Transaction) -> None:
        tx.execute(_LINE, [{"h": "moved", "a": one.aggregate, "v": one.version} for one in tx.envelopes])
