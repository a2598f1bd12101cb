"""How long a run takes, and what it has found so far."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

from deploy.bench import machine
from deploy.bench.report import Report

console = Console(highlight=False, soft_wrap=True)


@dataclass
class Plan:
    """One run."""

    report: Report
    rounds: int = 5
    seconds: float = 3.0  # of load in a round
    warming: float = 1.0
    scale: float = 1.0  # of the numbers of letters

    @classmethod
    def short(cls, report: Report) -> "Plan":
        """Every line runs and prints; the figures say little."""
        return cls(report, rounds=1, seconds=0.4, warming=0.1, scale=0.05)

    def letters(self, number: int) -> int:
        """So many, at this run's scale."""
        return max(int(number * self.scale), 50)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """How busy the machine is meanwhile goes into the report."""
        with machine.watched() as watch:
            yield
        self.report.loads.append(os.getloadavg()[0])
        self.report.strangers.append(watch.strangers)


def say(text: str) -> None:
    """A line of progress."""
    console.print(f"{time.strftime('%H:%M:%S')} {text}", markup=False)
