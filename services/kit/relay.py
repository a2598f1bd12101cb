"""Outbox to broker: in order for each aggregate, confirmed, marked told after the confirm and never before.

Every event has a queue: the topology binds topics that nobody hears to the owner's small `unheard` queue. So a letter
the broker returns (mandatory) means that a listener's queue is missing. Its aggregate waits and an alert is raised; the
rest goes on. Of one aggregate there is never more than one letter under way: while the first is refused by a queue that
is full or changes its leader, the second could be taken, and would come before it.
"""

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from pydantic_core import to_json
from sqlalchemy import text

from services.kit import metrics
from services.kit.broker import HEARTBEAT, Patience, connect, exchange_of
from services.kit.database import Database
from services.kit.failpoints import failpoint
from services.kit.logs import Log
from services.kit.parcel import JSON
from services.kit.settings import Settings
from services.kit.tables import PARTITIONS

_LOCKS = text("SELECT p FROM unnest(CAST(:mine AS int[])) AS p WHERE pg_try_advisory_xact_lock(1, p)")
_UNTOLD = text("""
    SELECT seq, id, topic, aggregate, version, created_at, data::text AS data, headers FROM outbox
    WHERE told_at IS NULL AND partition = ANY(CAST(:partitions AS smallint[]))
      AND NOT (aggregate = ANY(CAST(:stopped AS text[])))
    ORDER BY seq LIMIT :window
""")
_MARK = text("UPDATE outbox SET told_at = clock_timestamp() WHERE seq = ANY(CAST(:seqs AS bigint[]))")
_HANDFUL = 50
_SIDE_BY_SIDE = 2
_PAUSE = 5.0  # seconds an aggregate waits whose letter could not be routed
_GLANCE = 1.0  # seconds between two looks whether the broker has confirmed anything
_FIRST = 5.0  # seconds a connection has for its first confirm: its channel may hang on a leader that was cut off
_RENEWED = 1.0  # seconds a connection is used before a refusal is a reason for another


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the outbox, ready to be sent."""

    seq: int
    id: str
    topic: str
    aggregate: str
    body: bytes
    trace: str | None


def letter_of(row: Any) -> Letter:
    """The row as an Envelope in JSON; the data is passed on as the database wrote it."""
    head = {
        "id": row.id,
        "topic": row.topic,
        "aggregate": row.aggregate,
        "version": row.version,
        "at": row.created_at,
        "actor": row.headers.get("actor"),
        "causation": row.headers.get("causation"),
    }
    body = to_json(head)[:-1] + b',"data":' + row.data.encode() + b"}"
    return Letter(row.seq, str(row.id), row.topic, row.aggregate, body, row.headers.get("traceparent"))


class Press:
    """A channel in confirm mode: sends a window of letters and says which ones the broker has taken."""

    def __init__(self, url: str, name: str, timeout: float, heartbeat: int = HEARTBEAT) -> None:
        self._timeout = timeout
        self._line = connect(url, name, heartbeat=heartbeat).connection  # amqp's own
        with Patience(self._line, min(timeout, _FIRST)):
            self._channel = self._line.channel()
            self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)
        self._tag = 0
        self._flying: dict[int, Letter] = {}
        self._behind: dict[str, deque[Letter]] = {}  # of each aggregate, what waits for its letter that is under way
        self._taken: set[int] = set()
        self.returned: set[int] = set()
        self._refused, self._since = False, time.monotonic()

    def send(self, letters: list[Letter]) -> set[int]:
        """The `seq` of every letter that was routed and confirmed; none of an aggregate after one that was not."""
        self._taken, self.returned, self._refused = set(), set(), False
        self._behind.clear()
        for number, letter in enumerate(letters, 1):
            if letter.aggregate in self._behind:
                self._behind[letter.aggregate].append(letter)
                continue
            self._behind[letter.aggregate] = deque()
            self._publish(letter)
            if number % _HANDFUL == 0:
                time.sleep(0)  # what is written so far leaves: the broker works while the rest is written
        self._await_confirms()
        return self._taken

    def _await_confirms(self) -> None:
        """All that is under way was taken or refused; TimeoutError if for too long the broker did neither.

        One frame is read at a time: with each heartbeat the library would begin its wait anew.
        """
        settled, since = self._done, time.monotonic()
        while self._flying:
            try:
                self._line.blocking_read(min(self._patience, _GLANCE))
            except TimeoutError:
                self._line.heartbeat_tick()
            if self._done > settled:
                settled, since = self._done, time.monotonic()
            elif time.monotonic() - since >= self._patience:
                raise TimeoutError(f"no confirm for {self._patience:g} s")

    def tend(self) -> None:
        """Heartbeats flow while there is nothing to send; a broken connection raises."""
        self._line.heartbeat_tick()
        try:
            self._line.drain_events(timeout=0.001)
        except TimeoutError:
            return

    def close(self) -> None:
        self._line.collect()

    @property
    def _patience(self) -> float:
        """Seconds without any confirm after which the connection is given up."""
        return self._timeout if self._done else min(self._timeout, _FIRST)

    @property
    def worn_out(self) -> bool:
        """Whether a queue refused a letter of the last window, and this connection is not quite new."""
        return self._refused and time.monotonic() - self._since > _RENEWED

    @property
    def _done(self) -> int:
        """How many letters this channel ever sent that are not under way any more."""
        return self._tag - len(self._flying)

    def _publish(self, letter: Letter) -> None:
        self._tag += 1
        self._flying[self._tag] = letter
        headers = {"nameko.traceparent": letter.trace} if letter.trace else {}
        properties = {"message_id": letter.id, "delivery_mode": 2, "type": letter.topic}
        message = self._channel.prepare_message(letter.body, headers=headers, properties=properties, **JSON)
        exchange = exchange_of(letter.topic.partition(".")[0])
        self._channel.basic_publish(message, exchange=exchange, routing_key=letter.topic, mandatory=True)

    def _settled(self, tag: int, multiple: bool) -> list[Letter]:
        """Tags rise and are kept in their order, so the first that is newer ends the search."""
        upto = takewhile(lambda flying: flying <= tag, self._flying) if multiple else [tag]
        return [self._flying.pop(one) for one in list(upto) if one in self._flying]

    def _on_ack(self, tag: int, multiple: bool) -> None:
        for letter in self._settled(tag, multiple):
            if letter.seq in self.returned:
                continue
            self._taken.add(letter.seq)
            behind = self._behind[letter.aggregate]
            if behind:
                self._publish(behind.popleft())

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._refused = True
        self._settled(tag, multiple)

    def _on_return(self, _reason: Any, _exchange: str, _key: str, message: Any) -> None:
        name = message.properties.get("message_id")
        self.returned.update(letter.seq for letter in self._flying.values() if letter.id == name)


def relays(service: str, db: Database, settings: Settings, log: Log) -> list["Relay"]:
    """Those of a process, each with its partitions: while one waits for confirms another reads and sends."""
    return [Relay(service, db, settings, log, range(half, PARTITIONS, _SIDE_BY_SIDE)) for half in range(_SIDE_BY_SIDE)]


class Relay:
    """Tells what a service's outbox holds in its partitions, as long as the process lives."""

    def __init__(
        self, service: str, db: Database, settings: Settings, log: Log, partitions: Iterable[int] = range(PARTITIONS)
    ) -> None:
        self._service, self._db, self._settings, self._log = service, db, settings, log
        self._mine = frozenset(partitions)
        self._press: Press | None = None
        self._stopped: dict[str, float] = {}
        self.wake = threading.Event()
        self.connected = False

    @property
    def stopped(self) -> int:
        """How many aggregates wait because the broker did not take one of their letters."""
        return len(self._stopped)

    def notice(self, partitions: set[int]) -> None:
        """There are new letters in these partitions: whoever tells them need not wait for its next look."""
        if not self._mine.isdisjoint(partitions):
            self.wake.set()

    def run(self) -> None:
        """Turn for ever; a broker or a database that is away is tried again, slower and slower."""
        pause = self._settings.relay_poll
        while True:
            try:
                while self.turn() >= self._settings.relay_window:
                    pass
                pause = self._settings.relay_poll
            except Exception as error:  # noqa: BLE001  whatever it was, the letters are still in the outbox
                self._lose(error)
                pause = min(pause * 2, 5.0)
                time.sleep(pause)
            self.wake.wait(self._settings.relay_poll)
            self.wake.clear()

    def turn(self) -> int:
        """Tell one window of letters. The number looked at."""
        press = self._pressed()
        now = time.monotonic()
        self._stopped = {aggregate: until for aggregate, until in self._stopped.items() if until > now}
        with self._db.transaction() as tx:
            partitions = list(tx.scalars(_LOCKS, {"mine": list(self._mine)}))
            limits = {"partitions": partitions, "stopped": list(self._stopped), "window": self._settings.relay_window}
            letters = [letter_of(row) for row in tx.execute(_UNTOLD, limits)] if partitions else []
            if letters:
                failpoint("after commit before publish")
                told = self._told(letters, press.send(letters), press.returned)
                failpoint("after publish before mark")
                tx.execute(_MARK, {"seqs": told})
                metrics.TOLD.labels(self._service).inc(len(told))
        if not letters:
            press.tend()
        elif press.worn_out:
            self._leave()
        return len(letters)

    def _told(self, letters: list[Letter], taken: set[int], returned: set[int]) -> list[int]:
        """What may be marked; the aggregate of a letter that was not taken waits a while."""
        waiting: set[str] = set()
        for letter in letters:
            if letter.seq in taken or letter.aggregate in waiting:
                continue
            waiting.add(letter.aggregate)
            pause = _PAUSE if letter.seq in returned else self._settings.relay_poll
            self._stopped[letter.aggregate] = time.monotonic() + pause
            why = "no queue for it" if letter.seq in returned else "refused by a queue"
            self._log.error("letter not told", topic=letter.topic, why=why)
        return [letter.seq for letter in letters if letter.seq in taken]

    def _pressed(self) -> Press:
        if self._press is None:
            told = self._settings
            self._press = Press(told.broker_url, f"{self._service} relay", told.confirm_timeout, told.heartbeat)
            self.connected = True
        return self._press

    def _lose(self, error: Exception) -> None:
        self.connected = False
        self._log.warning("relay interrupted", error=type(error).__name__, detail=str(error)[:200])
        self._leave()

    def _leave(self) -> None:
        """The next turn connects anew.

        A channel keeps to the leader each queue had when it was first used: opened while that node had just died, it
        refuses every letter until the node is back, however long another has been the leader (RabbitMQ 3.10).
        """
        press, self._press = self._press, None
        if press is not None:
            press.close()
