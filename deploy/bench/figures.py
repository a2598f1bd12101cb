"""What was measured, reduced: rounds to medians and spreads, pairs to ratios, ratios to verdicts."""

from dataclasses import dataclass, field
from statistics import median


@dataclass
class Measured:
    """One contestant's rounds in one discipline: how much a second, and the processor time each cost."""

    name: str
    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)  # microseconds of its processor for each

    def add(self, number: int, seconds: float, cpu: float) -> None:
        """One more round."""
        self.rates.append(number / seconds)
        self.costs.append(cpu / number * 1e6)

    @property
    def rate(self) -> float:
        """The median of the rounds."""
        return median(self.rates)

    @property
    def cost(self) -> float:
        """The median of the rounds."""
        return median(self.costs)

    @property
    def spread(self) -> str:
        """The slowest and the fastest round."""
        return f"{min(self.rates):,.0f}–{max(self.rates):,.0f}"


@dataclass(frozen=True)
class Verdict:
    """One line of the table: what was reached, what was asked; nothing asked is shown and not judged."""

    line: str
    against: str
    reached: float
    asked: float | None
    unit: str = "×"
    at_most: bool = False  # the asked figure is a ceiling
    remark: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is enough."""
        if self.asked is None:
            return True
        return self.reached <= self.asked if self.at_most else self.reached >= self.asked

    @property
    def words(self) -> tuple[str, str, str, str, str]:
        """The row as text."""
        reached = _figure(self.reached, self.unit)
        if self.asked is None:
            return self.line, self.against, reached, "", "shown"
        sign = "≤" if self.at_most else "≥"
        return self.line, self.against, reached, f"{sign} {_figure(self.asked, self.unit)}", "ok" if self.ok else "MISS"


def _figure(value: float, unit: str) -> str:
    return f"{value:,.0f}{unit}" if value >= 100 else f"{value:.2f} {unit}".strip()


def ratio(ours: Measured, theirs: Measured) -> float:
    """How many times as fast: the median over the rounds, each round against its own neighbour."""
    return median(mine / other for mine, other in zip(ours.rates, theirs.rates, strict=True))


def thrift(ours: Measured, theirs: Measured) -> float:
    """How many times less processor time for each: what is left to say when the machine is busy with other things."""
    pairs = zip(ours.costs, theirs.costs, strict=True)
    return median(other / mine for mine, other in pairs if mine) if any(ours.costs) else 0.0


def percentile(values: list[float], part: float) -> float:
    """The value below which that part of them lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]
