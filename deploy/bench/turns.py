"""Contenders of RPC in turns: round by round, with 1 and with 100 callers, into a section and its verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from deploy.bench.figures import Measured, Verdict, ratio, thrift
from deploy.bench.plan import Plan
from deploy.bench.stage import Stage

OURS = "ours"


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


def in_turns(stage: Stage, plan: Plan, manner: Manner, found: Mapping[str, Contender]) -> None:
    """Everybody once to warm up, then each in each round."""
    for contender in found.values():
        contender.drive(stage, 20, plan.warming)
    for callers in (1, 100):
        rows = {name: Measured(name) for name in found}
        for _ in range(plan.rounds):
            for name, contender in found.items():
                before = contender.cpu
                with plan.watched():
                    calls, seconds = contender.drive(stage, callers, plan.seconds)
                rows[name].add(calls, seconds, contender.cpu - before)
        title = f"RPC, {callers} caller{'s' * (callers > 1)}"
        plan.report.sections.append((f"{title}, {manner.section}", "calls/s", list(rows.values())))
        plan.report.verdicts += [
            Verdict(
                title + manner.line, name, ratio(rows[OURS], rows[name]), asked,
                remark=f"{manner.remark}; {thrift(rows[OURS], rows[name]):.2f} × by processor time",
            )
            for name, asked in manner.asked if name in rows
        ]  # fmt: skip
