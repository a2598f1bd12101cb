"""Contenders of RPC in turns: round by round, with 1 and with 100 callers, into a section and its verdicts.

Two starts of the same program differ by up to 15 % here, so every round starts everybody anew: a verdict is the median
of as many starts, not the luck of one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from deploy.bench.figures import Measured, Verdict, ratio, thrift
from deploy.bench.plan import Plan
from deploy.bench.stage import Stage

OURS = "ours"
CROWDS = (1, 100)


class Contender(Protocol):
    """Whoever can be asked by so many callers for so long."""

    @property
    def cpu(self) -> float:
        """Seconds of processor it has used."""
        ...

    def drive(self, stage: Stage, callers: int, seconds: float) -> tuple[int, float]:
        """How many calls were answered in how many seconds; an error if one was answered wrongly."""
        ...


@dataclass(frozen=True)
class Manner:
    """How they are asked, as the report words it, and what is asked of us against whom."""

    section: str
    line: str
    remark: str
    asked: Sequence[tuple[str, float | None]]


def in_turns(stage: Stage, plan: Plan, manner: Manner, begin: Callable[[Stage], Mapping[str, Contender]]) -> None:
    """In each round everybody begins, warms up, and is asked by one caller and by a hundred; then all are dismissed."""
    rows: dict[int, dict[str, Measured]] = {callers: {} for callers in CROWDS}
    for _ in range(plan.rounds):
        found = begin(stage)
        for contender in found.values():
            contender.drive(stage, 20, plan.warming)
        for callers in CROWDS:
            for name, contender in found.items():
                before = contender.cpu
                with plan.watched():
                    calls, seconds = contender.drive(stage, callers, plan.seconds)
                rows[callers].setdefault(name, Measured(name)).add(calls, seconds, contender.cpu - before)
        stage.dismiss()
    for callers in CROWDS:
        _judge(plan, manner, callers, rows[callers])


def _judge(plan: Plan, manner: Manner, callers: int, rows: Mapping[str, Measured]) -> None:
    title = f"RPC, {callers} caller{'s' * (callers > 1)}"
    plan.report.sections.append((f"{title}, {manner.section}", "calls/s", list(rows.values())))
    plan.report.verdicts += [
        Verdict(
            title + manner.line, name, ratio(rows[OURS], rows[name]), asked,
            remark=f"{manner.remark}; {thrift(rows[OURS], rows[name]):.2f} × by processor time",
        )
        for name, asked in manner.asked if name in rows
    ]  # fmt: skip
