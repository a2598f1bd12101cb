"""Our side of the comparison: small services on the kit with the duties their peers in `peers/` have."""

import threading
import time
from contextvars import copy_context
from typing import Annotated, ClassVar, Protocol

from pydantic import Field
from sqlalchemy import BigInteger, MetaData, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.contracts.base import EVERYWHERE, Command, Count, Event, Grant, Name, Policy, Query, Reach, Reply
from services.kit.database import Actor, Transaction, service_metadata
from services.kit.entrypoints import on, remote, rpc
from services.kit.service import Service

POLICY = Policy(table={"clerk": {"total": Reach.BELOW, "report": Reach.BELOW}})
CLERK = Grant(role="clerk", scope=EVERYWHERE)
Figures = Annotated[list[Count], Field(max_length=100)]


class TotalOf(Query):
    """What does a sheet add up to?"""

    station: Name
    figures: Figures


class Report(Command):
    """A station's total is this."""

    station: Name
    total: Count


class Total(Reply):
    """A station and its total."""

    station: str
    total: Count


class Drive(Query):
    """Let so many callers ask for the total of this sheet, each again as soon as it has its answer."""

    callers: Count
    seconds: float
    sheet: TotalOf


class Driven(Reply):
    """What they saw."""

    calls: int
    wrong: int
    seconds: float


class OfficeApi(Protocol):
    """The office as others ask it."""

    def total(self, request: TotalOf) -> Total:
        """The station's sum."""
        ...


class Reported(Event):
    """A station's total, as the handlers hear it."""

    topic: ClassVar[str] = "office.reported"

    station: Name
    total: Count

    @property
    def aggregate(self) -> str:
        """The station."""
        return self.station


class Kept(Reported):
    """A station's total, as the relay tells it: nobody reads its queue."""

    topic: ClassVar[str] = "office.kept"


class OfficeBase(DeclarativeBase):
    """The office's tables."""

    metadata = service_metadata("office")


class TallyBase(DeclarativeBase):
    """The tables of whoever keeps a tally."""

    metadata = service_metadata("tally")


class Tally(TallyBase):
    """The effect of an event."""

    __tablename__ = "tallies"
    station: Mapped[str] = mapped_column(Text, primary_key=True)
    total: Mapped[int] = mapped_column(BigInteger)


class OfficeService(Service):
    """Answers, and tells."""

    name = "office"
    policy = POLICY

    @rpc(may="total")
    def total(self, request: TotalOf, by: Actor, tx: Transaction) -> Total:  # noqa: ARG002  a door's signature is fixed
        """The station's sum."""
        return Total(station=request.station, total=sum(request.figures))

    @rpc(may="report")
    def report(self, request: Report, by: Actor, tx: Transaction) -> Total:  # noqa: ARG002
        """One letter for the relay."""
        tx.emit(Kept(station=request.station, total=request.total))
        return Total(station=request.station, total=request.total)


class AskerService(Service):
    """Asks the office, as one of our services asks another."""

    name = "asker"
    policy = POLICY
    office = remote(OfficeApi)

    @rpc(own=True)
    def drive(self, request: Drive, by: Actor, tx: Transaction) -> Driven:  # noqa: ARG002
        """Every caller is a greenlet of this process."""
        right, seen, began = sum(request.sheet.figures), [0, 0], time.perf_counter()

        def caller() -> None:
            while time.perf_counter() < began + request.seconds:
                seen[self.office.total(request.sheet).total != right] += 1

        callers = [threading.Thread(target=copy_context().run, args=(caller,)) for _ in range(request.callers)]
        for one in callers:
            one.start()
        for one in callers:
            one.join()
        return Driven(calls=sum(seen), wrong=seen[True], seconds=time.perf_counter() - began)


class ArchiveService(Service):
    """Never run: its queue is where the relays' letters go."""

    name = "archive"
    policy = POLICY

    @on(Kept)
    def on_kept(self, event: Kept, tx: Transaction) -> None:
        """Nobody is there to hear."""


_UPSERT = """
    INSERT INTO tallies (station, total) {}
    ON CONFLICT (station) DO UPDATE SET total = excluded.total
"""
_ONE = text(_UPSERT.format("VALUES (:station, :total)"))
_MANY = text(
    _UPSERT.format("SELECT * FROM unnest(CAST(:stations AS text[]), CAST(:totals AS bigint[])) AS t (station, total)")
)


class SinglesService(Service):
    """Hears one by one."""

    name = "singles"
    policy = POLICY

    @on(Reported)
    def on_reported(self, event: Reported, tx: Transaction) -> None:
        """The newest total stands."""
        tx.execute(_ONE, {"station": event.station, "total": event.total})


def _keep(events: list[Reported], tx: Transaction) -> None:
    tx.execute(_MANY, {"stations": [one.station for one in events], "totals": [one.total for one in events]})


class DozensService(Service):
    """Hears fifty at a time."""

    name = "dozens"
    policy = POLICY

    @on(Reported, batch=50)
    def on_reported(self, events: list[Reported], tx: Transaction) -> None:
        """The newest totals stand."""
        _keep(events, tx)


class HundredsService(Service):
    """Hears five hundred at a time."""

    name = "hundreds"
    policy = POLICY

    @on(Reported, batch=500)
    def on_reported(self, events: list[Reported], tx: Transaction) -> None:
        """The newest totals stand."""
        _keep(events, tx)


SERVICES: dict[str, tuple[type[Service], MetaData]] = {
    kind.name: (kind, base.metadata)
    for kind, base in (
        (OfficeService, OfficeBase),
        (AskerService, OfficeBase),
        (ArchiveService, TallyBase),
        (SinglesService, TallyBase),
        (DozensService, TallyBase),
        (HundredsService, TallyBase),
    )
}
