"""Two tiny services to prove the kit with: a counter that others add to, and a mirror that hears of it."""

import os
import time
from pathlib import Path
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import Field
from sqlalchemy import BigInteger, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.contracts.base import (
    EVERYWHERE,
    Command,
    Count,
    Envelope,
    Event,
    Finding,
    Grant,
    Name,
    Policy,
    Query,
    Reach,
    Refusal,
    Reply,
)
from services.kit.database import Actor, Transaction, service_metadata
from services.kit.entrypoints import every, invariant, on, remote, rpc, signal
from services.kit.service import Service

POLICY = Policy(table={"clerk": {"add": Reach.BELOW, "look": Reach.BELOW}, "guest": {"look": Reach.OWN}})
CLERK = Grant(role="clerk", scope=EVERYWHERE)


class Add(Command):
    counter: Name
    amount: Count


class Look(Query):
    counter: Annotated[str, Field(max_length=2000)]
    big: int = 0


class Slow(Query):
    seconds: float = 1.0


class AddSlowly(Command):
    counter: Name
    seconds: float = 1.0


class Sign(Command):
    counter: Name


class Total(Reply):
    counter: str
    total: Count
    by: UUID | None = None


class Full(Refusal):
    status = 409
    vi = "{counter} đã đầy."
    en = "{counter} is full."


class CounterChanged(Event):
    topic: ClassVar[str] = "shop.counter_changed"

    counter: Name
    total: Count

    @property
    def aggregate(self) -> str:
        return self.counter


class NobodyListens(Event):
    topic: ClassVar[str] = "shop.nobody_listens"

    counter: Name

    @property
    def aggregate(self) -> str:
        return self.counter


class ShopApi(Protocol):
    def add(self, request: Add) -> Total: ...
    def look(self, request: Look) -> Total: ...
    def slow(self, request: Slow) -> Total: ...
    def crash(self, request: Look) -> Total: ...


class ShopBase(DeclarativeBase):
    metadata = service_metadata("shop")


class Counter(ShopBase):
    __tablename__ = "counters"
    counter: Mapped[str] = mapped_column(Text, primary_key=True)
    total: Mapped[int] = mapped_column(BigInteger)


class ShopService(Service):
    name = "shop"
    policy = POLICY

    @rpc(may="add")
    def add(self, request: Add, by: Actor, tx: Transaction) -> Total:
        total = tx.scalar(
            text(
                "INSERT INTO counters AS c VALUES (:c, :a)"
                " ON CONFLICT (counter) DO UPDATE SET total = c.total + excluded.total RETURNING total"
            ),
            {"c": request.counter, "a": request.amount},
        )
        if total > 1_000_000:
            raise Full(counter=request.counter, findings=(Finding(code="X1", severity="block", vi="đầy", en="full"),))
        tx.emit(CounterChanged(counter=request.counter, total=total))
        return Total(counter=request.counter, total=total, by=by.person)

    @rpc(may="look")
    def look(self, request: Look, by: Actor, tx: Transaction) -> Total:
        found = tx.scalar(text("SELECT total FROM counters WHERE counter = :c"), {"c": request.counter})
        return Total(counter=request.counter, total=found or 0)

    @rpc(may="add")
    def add_slowly(self, request: AddSlowly, by: Actor, tx: Transaction) -> Total:
        tx.execute(text("SELECT pg_sleep(:s)"), {"s": request.seconds})
        tx.emit(CounterChanged(counter=request.counter, total=1))
        return Total(counter=request.counter, total=1)

    @rpc(may="look")
    def slow(self, request: Slow, by: Actor, tx: Transaction) -> Total:
        tx.execute(text("SELECT pg_sleep(:s)"), {"s": request.seconds})
        return Total(counter="slow", total=0)

    @rpc(may="look")
    def crash(self, request: Look, by: Actor, tx: Transaction) -> Total:
        if request.counter == "type":
            tx.execute(text("SELECT CAST(:x AS text)"), {"x": "a\0b"})
        raise ZeroDivisionError(request.counter)

    @rpc(public=True)
    def hello(self, request: Look, by: Actor, tx: Transaction) -> Total:
        return Total(counter=request.counter, total=0, by=by.person)

    @rpc(may="add", judges=True)
    def careless(self, request: Look, by: Actor, tx: Transaction) -> Total:
        return Total(counter=request.counter, total=0)

    @rpc(may="add")
    def shout(self, request: Sign, by: Actor, tx: Transaction) -> Total:
        tx.emit(NobodyListens(counter=request.counter))
        return Total(counter=request.counter, total=0)

    @every(3600)
    def tidy(self, tx: Transaction) -> None:
        tx.execute(text("DELETE FROM counters WHERE total = 0"))

    @invariant("no counter is negative")
    def negative(self, tx: Transaction) -> int:
        return int(tx.scalar(text("SELECT count(*) FROM counters WHERE total < 0")))

    @signal("hp_shop_total", labels=("counter",), seconds=1)
    def totals(self, tx: Transaction) -> list[tuple[str, int]]:
        return [tuple(row) for row in tx.execute(text("SELECT counter, total FROM counters"))]


class MirrorBase(DeclarativeBase):
    metadata = service_metadata("mirror")


class Seen(MirrorBase):
    __tablename__ = "seen"
    counter: Mapped[str] = mapped_column(Text, primary_key=True)
    total: Mapped[int] = mapped_column(BigInteger)
    times: Mapped[int] = mapped_column(BigInteger)


class Line(MirrorBase):
    __tablename__ = "lines"
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    handler: Mapped[str] = mapped_column(Text)
    aggregate: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(BigInteger)


_SEE = text(
    "INSERT INTO seen AS s VALUES (:c, :t, 1) ON CONFLICT (counter) DO UPDATE SET total = :t, times = s.times + 1"
)
_LINE = text("INSERT INTO lines (handler, aggregate, version) VALUES (:h, :a, :v)")


def _note(handler: str, counter: str) -> None:
    """When a poisonous letter was tried, where HP_TRIES_LOG asks for it."""
    if log := os.environ.get("HP_TRIES_LOG"):
        with Path(log).open("a") as file:
            file.write(f"{handler}\t{counter}\t{time.time()}\n")


class MirrorService(Service):
    name = "mirror"
    policy = POLICY
    shop = remote(ShopApi)

    @on(CounterChanged)
    def on_counter_changed(self, event: CounterChanged, tx: Transaction) -> None:
        if event.counter.startswith("poison"):
            _note("on_counter_changed", event.counter)
            raise ValueError("this letter cannot be taken")
        tx.execute(_SEE, {"c": event.counter, "t": event.total})
        self._line(tx, "one", tx.envelope)

    @on(CounterChanged, batch=100)
    def on_many_changed(self, events: list[CounterChanged], tx: Transaction) -> None:
        if any(event.counter.startswith("poison") for event in events):
            if len(events) == 1:
                _note("on_many_changed", events[0].counter)
            raise ValueError("a letter of this batch cannot be taken")
        tx.execute(_LINE, [{"h": "many", "a": e.aggregate, "v": e.version} for e in tx.envelopes])

    @on(Event, every=True, batch=100)
    def on_everything(self, letters: list[Envelope], tx: Transaction) -> None:
        tx.execute(_LINE, [{"h": "every", "a": e.aggregate, "v": e.version} for e in letters])

    @rpc(may="look")
    def peek(self, request: Look, by: Actor, tx: Transaction) -> Total:
        return self.shop.look(request)

    @rpc(may="add")
    def pass_on(self, request: Add, by: Actor, tx: Transaction) -> Total:
        return self.shop.add(request)

    @rpc(may="look")
    def impatient(self, request: Slow, by: Actor, tx: Transaction) -> Total:
        return self.shop.slow(request)

    @rpc(may="look")
    def improper(self, request: Look, by: Actor, tx: Transaction) -> Total:
        tx.execute(text("SELECT 1"))
        return self.shop.look(request)

    @rpc(may="look")
    def echo(self, request: Look, by: Actor, tx: Transaction) -> Total:
        return Total(counter=request.counter, total=0)

    @rpc(may="look")
    def busy(self, request: Slow, by: Actor, tx: Transaction) -> Total:
        time.sleep(request.seconds)
        return Total(counter="busy", total=0)

    def _line(self, tx: Transaction, handler: str, letter: Envelope) -> None:
        tx.execute(_LINE, {"h": handler, "a": letter.aggregate, "v": letter.version})
