"""Calls of slow doors with near deadlines: how far they overran, what was told, what was taken, what had no hope."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

from deploy.chaos.ground import Ground
from services.contracts.base import Refusal
from services.kit.callers import Caller
from tests.kit.shop import AddSlowly, Look, Slow, Total

AT_ONCE = 10  # calls side by side
FEW = 4  # calls of one caller: after five in a row that nobody answered it would refuse at once, and show nothing
SALVO = 500  # calls whose callers are open at the same time
DOORS = (("shop", "slow"), ("mirror", "impatient"), ("shop", "add_slowly"))


def awake(place: Ground, caller: Caller) -> None:
    """Both services answer it."""
    for service, door in (("shop", "look"), ("mirror", "echo")):
        caller.ask(service, door, Look(counter="a"), reply=Total, passport=place.token, timeout=30)


@dataclass
class Volleys:
    """What came of all calls so far."""

    place: Ground
    random: Random
    told: Counter[str] = field(default_factory=Counter)
    hopeless: set[str] = field(default_factory=set)
    """Keys of acts that take longer than their callers wait."""
    acknowledged: set[str] = field(default_factory=set)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def fired(self, number: int, harm: Callable[[], AbstractContextManager[None]] = nullcontext) -> float:
        """The worst overrun in seconds of so many calls; the harm is done once all their callers are connected."""
        worst = float("-inf")
        for first in range(0, number, SALVO):
            with ExitStack() as opened:
                count = min(SALVO, number - first)
                callers = [opened.enter_context(self.place.caller()) for _ in range(0, count, FEW)]
                for caller in callers:
                    awake(self.place, caller)
                with harm(), ThreadPoolExecutor(AT_ONCE) as pool:
                    worst = max(worst, *pool.map(self._few, callers))
        return round(worst, 3)

    def _few(self, caller: Caller) -> float:
        return max(
            self.ask(
                caller, self.random.choice(DOORS), self.random.choice((0.01, 0.5, 4.0)), self.random.uniform(0.2, 1.2)
            )
            for _ in range(FEW)
        )

    def ask(self, caller: Caller, asked: tuple[str, str], seconds: float, within: float) -> float:
        """Seconds by which a call that takes `seconds` overran what its caller grants it; below 0: it ended in time."""
        (service, door), key = asked, uuid4()
        act = AddSlowly(key=key, counter="slow", seconds=seconds) if door == "add_slowly" else Slow(seconds=seconds)
        if door == "add_slowly" and seconds > within:
            self.hopeless.add(str(key))
        began, outcome = time.monotonic(), "ok"
        try:
            caller.ask(service, door, act, reply=Total, passport=self.place.token, timeout=within)
            if door == "add_slowly":
                self.acknowledged.add(str(key))
        except Refusal as refusal:
            outcome = refusal.code
        with self._counting:
            self.told[outcome] += 1
        return time.monotonic() - began - within
