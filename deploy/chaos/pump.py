"""Clients that send commands at a steady rate whatever becomes of the system, and write down what they were told."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from deploy.chaos.ground import Ground
from deploy.chaos.ledger import Ledger
from services.contracts.base import Refusal
from tests.kit.shop import Add, Total

COUNTERS = "abcdefgh"
PAUSE = 0.5  # seconds before a refused command is sent again


def steadily(rate: float, going: Callable[[], bool]) -> Any:
    """The numbers 0, 1, 2 … at so many a second; late ones follow at once: the world does not wait for us."""
    began, number = time.monotonic(), 0
    while going():
        wait = began + number / rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        yield number
        number += 1


def part(values: list[float], share: float) -> float:
    """The value below which so large a share lies; 0 of none."""
    return round(sorted(values)[min(int(len(values) * share), len(values) - 1)], 4) if values else 0.0


@dataclass
class Told:
    """What the client was told, by kind, and how long each took."""

    outcomes: Counter[str] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest_past_deadline: float = -60.0

    def note(self, outcome: str, status: int, seconds: float) -> None:
        self.outcomes[outcome] += 1
        self.statuses[status] += 1
        self.took.setdefault(outcome, []).append(seconds)


class Pump:
    """Commands to the shop at a rate, each sent with one key until it is acknowledged."""

    def __init__(self, place: Ground, ask: Callable[..., Any], rate: float, *, timeout: float = 5.0) -> None:
        self.place, self._ask, self._rate, self._timeout = place, ask, rate, timeout
        self.ledger = Ledger(place.folder / f"ledger-{uuid4().hex[:6]}.jsonl")
        self.told = Told()
        self.first_told: list[tuple[float, str]] = []  # when a command was first sent, and what it was told then
        self._lock = threading.Lock()
        self._sending, self._insisting = True, True
        self._pool = ThreadPoolExecutor(128)
        self._thread = threading.Thread(target=self._pump, daemon=True)
        self._thread.start()
        place.at_end.append(self.end)

    def _pump(self) -> None:
        for number in steadily(self._rate, lambda: self._sending):
            if self._sending:
                self._pool.submit(self._insist, uuid4(), COUNTERS[number % len(COUNTERS)])

    def _insist(self, key: UUID, counter: str) -> None:
        act, effect = Add(key=key, counter=counter, amount=1), {f"add:{key}": counter}
        with self._lock:
            self.ledger.attempt(str(key), effect)
        first = True
        while self._insisting:
            sent, outcome = time.time(), self._once(act)
            if first:
                self.first_told.append((sent, outcome))
                first = False
            if outcome == "ok":
                with self._lock:
                    self.ledger.acknowledge(str(key), effect)
                return
            time.sleep(PAUSE)

    def _once(self, act: Add) -> str:
        began, outcome, status = time.monotonic(), "ok", 200
        try:
            self._ask("shop", "add", act, reply=Total, passport=self.place.token, timeout=self._timeout)
        except Refusal as refusal:
            outcome, status = refusal.code, refusal.status
        took = time.monotonic() - began
        with self._lock:
            self.told.note(outcome, status, took)
            self.told.slowest_past_deadline = max(self.told.slowest_past_deadline, took - self._timeout)
        return outcome

    def first_refused(self, since: float, to: float) -> list[float]:
        """When commands were first sent between two moments that were not accepted at once: seconds since the first."""
        return [round(sent - since, 1) for sent, outcome in self.first_told if since <= sent <= to and outcome != "ok"]

    @property
    def attempted(self) -> set[str]:
        with self._lock:
            return {effect.removeprefix("add:") for effect in self.ledger.attempted}

    @property
    def acknowledged(self) -> set[str]:
        with self._lock:
            return {effect.removeprefix("add:") for effect in self.ledger.acknowledged}

    @property
    def open(self) -> int:
        """Commands sent and not acknowledged yet."""
        with self._lock:
            return len(self.ledger.attempted) - len(self.ledger.acknowledged)

    def pause(self) -> None:
        """No new commands; those that were refused are still sent again."""
        self._sending = False
        self._thread.join()

    def end(self) -> None:
        self.pause()
        self._insisting = False
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.ledger.close()
