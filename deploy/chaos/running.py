"""Scenarios in turn: a line and a report for each, and in the end how many missed."""

import json
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from deploy.chaos.stack import keep
from deploy.chaos.verdict import Plan, Verdict, ran

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Form:
    """How the scenarios of one run are to be run."""

    var: Path  # where each scenario has its folder
    short: bool
    seed: int  # 0: dice nobody has thrown yet
    timed: bool = True
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Battery:
    """Scenarios by name, each with the module and the function that runs it: `crashes:windows`."""

    package: str
    scenarios: dict[str, str]

    @property
    def names(self) -> str:
        """What may be asked for."""
        return ", ".join(self.scenarios)

    def called(self, name: str) -> Callable[[Plan], Verdict]:
        """The function that runs the scenario."""
        module, _, function = self.scenarios[name].partition(":")
        found: Callable[[Plan], Verdict] = getattr(import_module(f"{self.package}.{module}"), function)
        return found

    def run(self, scenario: str, form: Form) -> None:
        """The scenarios, a comma between, or all if none is named; exits with 1 on a miss."""
        wanted = scenario.split(",") if scenario else list(self.scenarios)
        if unknown := [name for name in wanted if name not in self.scenarios]:
            raise typer.BadParameter(f"no scenario is called {', '.join(unknown)}; there are {self.names}")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whatever was started is stopped on the way out
        seed = form.seed or time.time_ns() % 1_000_000
        verdicts = []
        for name in wanted:
            long = "short" if form.short else "long"
            console.print(f"{time.strftime('%H:%M:%S')} {name}, seed {seed}, {long}", markup=False)
            plan = Plan(form.var.absolute() / name, short=form.short, seed=seed, timed=form.timed, more=form.more)
            verdicts.append(self._verdict(name, plan))
            console.print(verdicts[-1].line(), markup=False)
        raise typer.Exit(_told(self.package.rpartition(".")[2], verdicts))

    def _verdict(self, name: str, plan: Plan) -> Verdict:
        """What the scenario says; one that broke off is a miss that names what broke it."""
        plan.folder.mkdir(parents=True, exist_ok=True)
        try:
            verdict = ran(name, self.called(name), plan)
        except Exception as broken:  # noqa: BLE001  whatever broke off, the last line says so
            console.print_exception(max_frames=6, width=160)
            verdict = Verdict(name, misses=[f"broke off: {type(broken).__name__}: {str(broken)[:200]}"])
        told = json.loads(json.dumps(verdict.__dict__, default=vars))
        keep(plan.folder / "report.json", {"word": verdict.word, **told})
        return verdict


def _told(name: str, verdicts: list[Verdict]) -> int:
    """The last line, and the exit code."""
    missed = [verdict.scenario for verdict in verdicts if verdict.word == "miss"]
    skipped = [verdict.scenario for verdict in verdicts if verdict.word == "skipped"]
    console.print(
        f"{name}: {len(verdicts) - len(missed) - len(skipped)} ok, {len(missed)} missed {missed}, "
        f"{len(skipped)} skipped {skipped}", markup=False,
    )  # fmt: skip
    return 1 if missed else 0
