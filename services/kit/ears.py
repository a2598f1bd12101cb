"""Handlers on the bus: acknowledged after the commit, tried again slowly, parked with the reason in the end."""

import threading
import time
from collections import deque
from functools import partial
from typing import Any

from nameko.extensions import Entrypoint
from pydantic import ValidationError

from services.contracts.base import Envelope
from services.kit import metrics
from services.kit.broker import ERRORS, bytes_of, dead_queue, ear_queue
from services.kit.entrypoints import Ear
from services.kit.failpoints import failpoint
from services.kit.hearing import hear
from services.kit.parking import Parcel, park, reason_of
from services.kit.pipeline import is_away, what_failed
from services.kit.wire import EarIntake, acknowledge

_AWAY_PAUSE = 2.0


class Handling(Entrypoint):  # type: ignore[misc]  # nameko has no types
    """What single and batch handlers share: a queue, a service object, trying again, parking."""

    queue_consumer = EarIntake()

    def __init__(self, ear: Ear, **given: Any) -> None:
        self.ear = ear
        super().__init__(**given)

    def setup(self) -> None:
        self.came = self.busy = 0
        self.service = self.container.service_cls()
        self.settings = self.service.settings
        self.queue_name = ear_queue(self.service.name, self.ear.key)
        self.gate: threading.Semaphore = self.container.service_cls.ear_gate
        self.place = threading.Semaphore(self.settings.hearers)
        self.prefetch = self.settings.hearers + self.settings.patients
        self.queue_consumer.register_provider(self)

    def stop(self) -> None:
        self.queue_consumer.unregister_provider(self)

    def in_hand(self) -> int:
        """Letters that came and are not settled yet."""
        return self.busy

    def read(self, message: Any) -> Envelope | None:
        """The letter in a message; one that cannot be read is parked at once."""
        try:
            return Envelope.model_validate_json(bytes_of(message))
        except ValidationError as unreadable:
            self.put_aside(message, f"unreadable: {unreadable.error_count()} faults", 0)
            return None

    def take(self, letters: list[Envelope]) -> None:
        """Applied and committed; while the database is away this waits, for that is nobody's fault."""
        while True:
            began, outcome = time.perf_counter(), "ok"
            try:
                with self.place, self.gate:
                    hear(self.service, self.ear, letters)
                failpoint("after commit before ack")
                return
            except Exception as error:
                outcome = type(error).__name__
                if not is_away(error):
                    raise
                self.service.log.warning("database away", handler=self.ear.key, error=outcome)
                time.sleep(_AWAY_PAUSE)
            finally:
                took = time.perf_counter() - began
                metrics.DOOR.labels(self.service.name, self.ear.key, outcome).observe(took)

    def persist(self, message: Any, letter: Envelope, error: Exception) -> None:
        """One letter that failed once: tried again after each delay, then parked; acknowledged in both cases."""
        for number, delay in enumerate(self.settings.retry_delays, start=1):
            metrics.RETRIES.labels(self.service.name, self.ear.key).inc()
            self.service.log.warning(
                "letter not taken", handler=self.ear.key, id=str(letter.id), tries=number, error=type(error).__name__
            )
            time.sleep(delay)
            try:
                self.take([letter])
            except Exception as again:  # noqa: BLE001  it is parked with its reason in the end
                error = again
            else:
                acknowledge(message)
                return
        self.put_aside(message, reason_of(error), len(self.settings.retry_delays) + 1)

    def put_aside(self, message: Any, reason: str, tries: int) -> None:
        """In the service's own table, with its reason; then acknowledged."""
        self.shelve(message, Parcel(self.ear.key, self.queue_name, reason, tries))

    def shelve(self, message: Any, parcel: Parcel) -> None:
        """As put_aside, for a parcel; while the database is away the letter stays with the broker."""
        while True:
            try:
                park(self.service, parcel, bytes_of(message), message.headers or {})
                break
            except Exception as error:  # noqa: BLE001  a fault of the kit must not end the process
                if not is_away(error):  # it stays with the broker, which gives it up in the end
                    self.service.log.error("letter not parked", handler=parcel.handler, **what_failed(error))  # noqa: TRY400
                    return
                time.sleep(_AWAY_PAUSE)
        acknowledge(message)


class Single(Handling):
    """Letters one by one, several at a time; a slow or poisonous one holds up nobody else."""

    def receive(self, message: Any) -> None:
        self.came += 1
        self.busy += 1
        self.container.spawn_managed_thread(partial(self._handle, message), identifier=self.ear.key)

    def _handle(self, message: Any) -> None:
        try:
            letter = self.read(message)
            if letter is not None:
                self._try(message, letter)
        finally:
            self.busy -= 1

    def _try(self, message: Any, letter: Envelope) -> None:
        try:
            self.take([letter])
        except Exception as error:  # noqa: BLE001  tried again, then parked with its reason
            self.persist(message, letter, error)
        else:
            acknowledge(message)


class Batch(Handling):
    """Hundreds of letters in one transaction; a batch that fails is split until the poison is alone."""

    def setup(self) -> None:
        super().setup()
        self.size = self.ear.batch or 1
        self.prefetch = min(self.size * 2, 2000)
        self.waiting: deque[Any] = deque()
        self.arrived = threading.Event()
        self.apart = 0  # letters being tried alone: the multiple acknowledgement must not cover them

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier=self.ear.key)

    def in_hand(self) -> int:
        return len(self.waiting) + self.apart + self.busy

    def receive(self, message: Any) -> None:
        self.came += 1
        self.waiting.append(message)
        self.arrived.set()

    def _run(self) -> None:
        while True:
            self.arrived.wait()
            end = time.monotonic() + self.settings.batch_wait
            while len(self.waiting) < self.size and time.monotonic() < end:
                time.sleep(self.settings.batch_wait / 10)
            self.busy = 1
            messages = [self.waiting.popleft() for _ in range(min(self.size, len(self.waiting)))]
            if not self.waiting:
                self.arrived.clear()
            try:
                self._handle(messages)
            except Exception as error:  # noqa: BLE001  a fault of the kit: the letters stay with the broker
                self.service.log.error("incident", handler=self.ear.key, **what_failed(error))  # noqa: TRY400
            self.busy = 0

    def _handle(self, messages: list[Any]) -> None:
        read = [(message, self.read(message)) for message in messages]
        pairs = [(message, letter) for message, letter in read if letter is not None]
        taken = self._apply(pairs)
        if self.apart or len(taken) < len(pairs) or len({message.channel for message in taken}) != 1:
            for message in taken:
                acknowledge(message)
            return
        try:
            taken[-1].channel.basic_ack(taken[-1].delivery_tag, multiple=True)
        except ERRORS:
            return  # the connection is gone: all of them come again, and are known

    def _apply(self, pairs: list[tuple[Any, Envelope]]) -> list[Any]:
        """All of them, or each half, down to the one that fails alone. The messages that were taken."""
        if not pairs:
            return []
        try:
            self.take([letter for _, letter in pairs])
        except Exception as error:  # noqa: BLE001  the poison is found by halving, tried again, then parked
            if len(pairs) == 1:
                self.apart += 1
                self.container.spawn_managed_thread(partial(self._alone, *pairs[0], error), identifier=self.ear.key)
                return []
            middle = len(pairs) // 2
            return [*self._apply(pairs[:middle]), *self._apply(pairs[middle:])]
        return [message for message, _ in pairs]

    def _alone(self, message: Any, letter: Envelope, error: Exception) -> None:
        try:
            self.persist(message, letter, error)
        finally:
            self.apart -= 1


class Undertaker(Handling):
    """The service's dead queue: letters the broker gave up on are parked like the others."""

    def setup(self) -> None:
        super().setup()
        self.queue_name = dead_queue(self.service.name)

    def receive(self, message: Any) -> None:
        self.came += 1
        self.busy += 1
        self.container.spawn_managed_thread(partial(self._bury, message), identifier="dead")

    def _bury(self, message: Any) -> None:
        told = (message.headers or {}).get("x-death")
        death = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}
        reason = f"given up by the broker: {death.get('reason', 'unknown')}"
        queue = str(death.get("queue", self.queue_name))
        topic, _, rest = queue.partition("--")
        key = f"{topic}--{rest.partition('.')[2]}"
        try:
            self.shelve(message, Parcel(key, queue, reason, self.settings.delivery_limit))
        finally:
            self.busy -= 1
