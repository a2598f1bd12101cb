"""What a scenario says in the end: the seven numbers, its own figures, and every miss with what was measured."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from deploy.bench.machine import Ticks, ticks
from deploy.chaos.checks import Counts, as_words


@dataclass(frozen=True)
class Plan:
    """How a scenario is to be run."""

    folder: Path
    short: bool
    seed: int
    timed: bool = True  # beside other work times mean little: they are shown then and not judged
    more: dict[str, Any] = field(default_factory=dict)  # what one scenario alone understands

    @property
    def random(self) -> Random:
        """The same dice for the same seed."""
        return Random(self.seed)

    def either(self, short: Any, long: Any) -> Any:
        """The figure of the short form or of the long one."""
        return short if self.short else long


@dataclass
class Verdict:
    """One scenario's outcome; it is a miss as soon as one thing required was not so."""

    scenario: str
    counts: Counts | None = None
    figures: dict[str, object] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)
    skipped: str = ""
    timed: bool = True

    @property
    def word(self) -> str:
        if self.skipped:
            return "skipped"
        return "miss" if self.misses else "ok"

    def measured(self, **figures: object) -> None:
        """Figures for the line, required to be nothing in particular."""
        self.figures |= figures

    def require(
        self, name: str, measured: float | None, *, least: float | None = None, most: float | None = None
    ) -> None:
        """A figure with its bound; what was never measured is a miss too."""
        self.figures[name] = measured
        if measured is None:
            self.misses.append(f"{name}: nothing was measured")
        elif least is not None and measured < least:
            self.misses.append(f"{name}={measured} is below {least}")
        elif most is not None and measured > most:
            self.misses.append(f"{name}={measured} is above {most}")

    def require_time(
        self, name: str, measured: float | None, *, least: float | None = None, most: float | None = None
    ) -> None:
        """A figure of the clock, judged where times are."""
        if self.timed:
            self.require(name, measured, least=least, most=most)
        else:
            self.measured(**{name: measured})

    def require_kept(self, counts: Counts, faults: dict[str, int]) -> None:
        """Everything acknowledged stands once, nothing stands that nobody asked for, and every fault is 0."""
        self.counts = counts
        wrong = {name: getattr(counts, name) for name in ("lost", "unexpected", "duplicated")} | faults
        self.figures |= faults
        self.misses += [f"{name}={number} is above 0" for name, number in wrong.items() if number]
        if counts.ok != counts.acknowledged:
            self.misses.append(f"ok={counts.ok} is not acknowledged={counts.acknowledged}")

    def line(self) -> str:
        """The verdict in one line."""
        if self.skipped:
            return f"verdict: skipped scenario={self.scenario}: {self.skipped}"
        counts = asdict(self.counts) if self.counts else {}
        words = f"verdict: {self.word} scenario={self.scenario} {as_words({**counts, **self.figures})}"
        return f"{words} MISSED: {'; '.join(self.misses)}" if self.misses else words


Scenario = Callable[[Plan], Verdict]


class Skipped(Exception):
    """The machine does not allow the scenario; the sentence says why."""


def ran(name: str, scenario: Scenario, plan: Plan) -> Verdict:
    """The scenario's verdict; one that broke off is a miss, one the machine does not allow says so."""
    began, before = time.monotonic(), ticks()
    try:
        verdict = scenario(plan)
    except Skipped as why:
        verdict = Verdict(name, skipped=str(why))
    verdict.measured(seconds=round(time.monotonic() - began, 1), seed=plan.seed)
    verdict.measured(stolen=stolen_since(before))
    return verdict


def stolen_since(before: Ticks) -> float:
    """The part of the processors' time that others had: with more than a few hundredths, times mean little."""
    now = ticks()
    return round((now.stolen - before.stolen) / max(1, now.every - before.every), 3)
