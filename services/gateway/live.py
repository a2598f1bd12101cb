"""The live stream: events of the services as small notes of what changed where, never a figure."""

import asyncio
import itertools
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

import pika
from pika.channel import Channel
from pika.spec import Basic
from pydantic import ValidationError

from services.contracts.base import EVERYWHERE, Envelope, Event, Grant
from services.contracts.candidates import DossierAdvanced, ElectionCalled, ListPublished
from services.contracts.identity import AccountChanged, BreachChanged, ReviewAdvanced, SessionEnded, SharingFound
from services.contracts.reporting import DocumentIssued, SnapshotPublished
from services.contracts.results import (
    BallotUseRecorded,
    IncidentReported,
    PollingAdvanced,
    RecordAdvanced,
    ResultAdvanced,
    TurnoutReported,
)
from services.contracts.units import UnitDefined
from services.contracts.voters import ImportAdvanced, PollingAreaFixed, VoterListAdvanced
from services.gateway.channels import Callback, Keeper, replied
from services.gateway.notes import Note, note_of
from services.kit.logs import log_of

log = log_of("gateway")

HEARD: Final[tuple[type[Event], ...]] = (
    SessionEnded, UnitDefined, AccountChanged, ElectionCalled, ListPublished, DossierAdvanced, PollingAreaFixed,
    VoterListAdvanced, ImportAdvanced, PollingAdvanced, TurnoutReported, IncidentReported, BallotUseRecorded,
    RecordAdvanced, ResultAdvanced, DocumentIssued, SnapshotPublished, ReviewAdvanced,
    SharingFound, BreachChanged,
)  # fmt: skip
_KINDS: Final = {kind.topic: kind for kind in HEARD}
_REMEMBERED: Final = 2000
_BUFFER: Final = 400

RELOAD: Final = "live.reload"
"""The note that says: more happened than fits here, look again."""


def _bind(channel: Channel, queue: str, exchange: str, topic: str, heard: Callback) -> None:
    channel.queue_bind(queue, exchange, routing_key=topic, callback=heard)


class Subscription:
    """One open stream: what its person may see, within the unit asked for; newest note a topic and unit."""

    def __init__(self, election: str, unit: str, grants: tuple[Grant, ...], session: UUID | None) -> None:
        self.scope = f"{election}/{unit}"
        self.session = session
        self._grants = grants
        self._waiting: OrderedDict[tuple[str, str, str], tuple[int, Note]] = OrderedDict()
        self.woken = asyncio.Event()
        self.closed = False

    def offer(self, number: int, note: Note) -> None:
        """Keep a note this stream is about, in place of an older one of the same topic and place."""
        if not self.wants(note):
            return
        place = note.key
        self._waiting.pop(place, None)
        if len(self._waiting) >= _BUFFER:
            self._waiting.clear()
            note = note.model_copy(update={"topic": RELOAD})
        self._waiting[place] = (number, note)
        self.woken.set()

    def wants(self, note: Note) -> bool:
        """Whether the note is at, below or above the unit asked for, and at or below a unit of the person's roles."""
        return _touches(note.scope, self.scope) and any(_reaches(grant.scope, note.scope) for grant in self._grants)

    def take(self) -> list[tuple[int, Note]]:
        notes = list(self._waiting.values())
        self._waiting.clear()
        self.woken.clear()
        return notes

    def close(self) -> None:
        self.closed = True
        self.woken.set()


def _touches(scope: str, asked: str) -> bool:
    return scope == asked or scope.startswith(f"{asked}/") or asked.startswith(f"{scope}/")


def _reaches(granted: str, scope: str) -> bool:
    """A person hears of their own unit and below, and of what is told of the units above it."""
    return granted == EVERYWHERE or _touches(scope, granted)


class Hub:
    """Hears the services' events on a queue of its own and hands notes to the open streams."""

    def __init__(self, url: str, most: int) -> None:
        self._keeper = Keeper(url, self._settle, self._lost)
        self._open: set[Subscription] = set()
        self._recent: deque[tuple[int, Note]] = deque(maxlen=_REMEMBERED)
        self._numbers = itertools.count(1)
        self._most = most
        self._listeners: dict[type[Event], list[Callable[[Any], None]]] = {}
        self.up = False

    def start(self) -> None:
        self._keeper.start()

    async def stop(self) -> None:
        await self._keeper.stop()
        self.end()

    def end(self) -> None:
        """Every stream ends; browsers come back by themselves."""
        for subscription in list(self._open):
            subscription.close()

    def when(self, kind: type[Event], do: Callable[[Any], None]) -> None:
        """Also call a part of the gateway itself."""
        self._listeners.setdefault(kind, []).append(do)

    def __len__(self) -> int:
        return len(self._open)

    @property
    def full(self) -> bool:
        return len(self._open) >= self._most

    def join(self, subscription: Subscription, after: int | None) -> None:
        """Open a stream; with the number of the last note seen, what is still remembered since is told again."""
        self._open.add(subscription)
        if after is None:
            return
        for number, note in self._recent:
            if number > after:
                subscription.offer(number, note)

    def leave(self, subscription: Subscription) -> None:
        self._open.discard(subscription)

    def end_session(self, session: UUID) -> None:
        for subscription in self._open:
            if subscription.session == session:
                subscription.close()

    def hear(self, body: bytes) -> None:
        """An event, as the services told it."""
        try:
            envelope = Envelope.model_validate_json(body)
            kind = _KINDS.get(envelope.topic)
            event = kind.model_validate(envelope.data) if kind else None
        except ValidationError as unreadable:
            log.warning("unreadable event", faults=unreadable.error_count())
            return
        if kind is None or event is None:
            return
        for do in self._listeners.get(kind, ()):
            do(event)
        note = note_of(event, envelope.at)
        if note is not None:
            self.tell(note)

    def tell(self, note: Note) -> None:
        number = next(self._numbers)
        self._recent.append((number, note))
        for subscription in self._open:
            subscription.offer(number, note)

    async def _settle(self, channel: Channel) -> None:
        name = f"gateway.live-{uuid4().hex}"  # a name its broker user may declare (kit.topology.permissions)
        await replied(lambda heard: channel.queue_declare(name, exclusive=True, auto_delete=True, callback=heard))
        for topic in _KINDS:
            exchange = f"{topic.split('.', 1)[0]}.events"
            await replied(partial(_bind, channel, name, exchange, topic))
        await replied(lambda heard: channel.basic_consume(name, self._on_event, auto_ack=True, callback=heard))
        self.up = True
        log.info("live up", topics=len(_KINDS))

    def _lost(self) -> None:
        """What was told meanwhile is not known: every stream is told to look again when the line is back."""
        self.up = False

    def _on_event(
        self, _channel: Channel, _method: Basic.Deliver, _properties: pika.BasicProperties, body: bytes
    ) -> None:
        self.hear(body)
