"""Kills processes at random while the officers work: so many kills, spread evenly over the effects."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from deploy.chaos.client import Load
from deploy.chaos.stack import Attacked

WEIGHTS = {"results": 4, "reporting": 4, "gateway": 3, "voters": 1, "identity": 1, "candidates": 1}
SERVERS = ("postgresql", "rabbitmq")
EVERY = 8  # with servers: one kill in so many takes a server


@dataclass
class Killer:
    """Which processes died when, by our hand."""

    stack: Attacked
    random: Random
    wanted: int
    servers: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    last_at: float = 0.0

    @property
    def done(self) -> int:
        """Kills so far."""
        return self.counts.total()

    async def work(self, load: Load) -> None:
        """The kill number k comes when k parts of the effects are acknowledged, a moment earlier or later."""
        while self.done < self.wanted:
            due = (self.done + self.random.random()) * load.wanted / (self.wanted + 1)
            while load.done < due:
                await asyncio.sleep(0.05)
            await asyncio.sleep(self.random.random() * 0.3)
            self._kill_one()

    def _kill_one(self) -> None:
        name = self._victim()
        if self.stack.kill(name) is not None:
            self.counts[name] += 1
            self.last_at = time.monotonic()

    def _victim(self) -> str:
        if self.servers and self.done % EVERY == EVERY - 1:
            return self.random.choice(SERVERS)
        return self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
