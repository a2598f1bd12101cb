"""`python -m deploy.security`: every figure in turn, or one; a verdict line for each, not 0 in the end on a miss."""

import json
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.chaos.stack import ROOT, keep
from deploy.chaos.verdict import Plan, Verdict, ran
from services.kit.logs import configure

SCENARIOS = {
    "permissions": "permissions:permissions",
    "guessing": "guessing:guessing",
    "codes": "codes:codes",
    "renewal": "renewal:renewal",
    "revocation": "revocation:revocation",
    "crowd": "crowd:crowd",
    "sharing": "sharing:sharing",
    "duties": "duties:duties",
    "ledger": "ledger:ledger",
}
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True)


def scenario_called(name: str) -> Callable[[Plan], Verdict]:
    """The function that measures the figure."""
    module, _, function = SCENARIOS[name].partition(":")
    found: Callable[[Plan], Verdict] = getattr(import_module(f"deploy.security.{module}"), function)
    return found


@app.command()
def security(
    scenario: Annotated[str, typer.Option(help=f"one of {', '.join(SCENARIOS)}; all if none is named")] = "",
    seed: Annotated[int, typer.Option(help="the same seed throws the same dice")] = 0,
    var: Annotated[Path, typer.Option(help="where each scenario has its folder")] = ROOT / "var" / "security",
    *,
    short: Annotated[bool, typer.Option(help="the short forms")] = False,
) -> None:
    """Accounts cannot be guessed, shared or used beyond their roles: shown, not promised."""
    if scenario and scenario not in SCENARIOS:
        raise typer.BadParameter(f"no scenario is called {scenario}; there are {', '.join(SCENARIOS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whatever was started is stopped on the way out
    configure("security", "ERROR")
    seed = seed or time.time_ns() % 1_000_000
    verdicts = []
    for name in [scenario] if scenario else list(SCENARIOS):
        console.print(f"{time.strftime('%H:%M:%S')} {name}, seed {seed}, {'short' if short else 'long'}", markup=False)
        verdicts.append(_verdict(name, Plan(var.absolute() / name, short=short, seed=seed)))
        console.print(verdicts[-1].line(), markup=False)
    missed = [verdict.scenario for verdict in verdicts if verdict.word == "miss"]
    console.print(f"security: {len(verdicts) - len(missed)} ok, {len(missed)} missed {missed}", markup=False)
    raise typer.Exit(1 if missed else 0)


def _verdict(name: str, plan: Plan) -> Verdict:
    """What the scenario says; one that broke off is a miss that names what broke it."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    try:
        verdict = ran(name, scenario_called(name), plan)
    except Exception as broken:  # noqa: BLE001  whatever broke off, the last line says so
        console.print_exception(max_frames=6, width=160)
        verdict = Verdict(name, misses=[f"broke off: {type(broken).__name__}: {str(broken)[:200]}"])
    keep(plan.folder / "report.json", {"word": verdict.word, **json.loads(json.dumps(verdict.__dict__, default=vars))})
    return verdict


if __name__ == "__main__":
    app()
