"""`python -m deploy.chaos`: every scenario in turn, or one; a verdict line for each, not 0 in the end on a miss."""

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

SCENARIOS = {
    "windows": "crashes:windows",
    "deadlines": "deadlines:deadlines",
    "stopped_dependency": "deadlines:stopped",
    "overload": "overload:overload",
    "poison": "poison:poison",
    "malformed": "malformed:malformed",
    "broker_away": "away:broker_away",
    "database_killed": "away:database_killed",
    "standby_promoted": "away:standby_promoted",
    "nodes_killed": "partitions:nodes_killed",
    "network_cut": "partitions:network_cut",
    "broker_disk_full": "full:broker_full",
    "database_disk_full": "full:database_full",
    "kills": "battery:kills",
}
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True)


def scenario_called(name: str) -> Callable[[Plan], Verdict]:
    """The function that runs the scenario."""
    module, _, function = SCENARIOS[name].partition(":")
    found: Callable[[Plan], Verdict] = getattr(import_module(f"deploy.chaos.{module}"), function)
    return found


@app.command()
def chaos(  # noqa: PLR0913, PLR0917  one option each
    scenario: Annotated[str, typer.Option(help=f"one of {', '.join(SCENARIOS)}; all if none is named")] = "",
    kills: Annotated[int, typer.Option(help="kills: how many processes are killed")] = 0,
    events: Annotated[int, typer.Option(help="kills: how many effects are acknowledged meanwhile")] = 0,
    windows: Annotated[int, typer.Option(help="kills and windows: how often each crash window is hit")] = 0,
    messages: Annotated[int, typer.Option(help="malformed: how many messages")] = 0,
    seed: Annotated[int, typer.Option(help="the same seed throws the same dice")] = 0,
    var: Annotated[Path, typer.Option(help="where each scenario has its folder")] = ROOT / "var" / "chaos",
    *,
    short: Annotated[bool, typer.Option(help="the short forms")] = False,
    servers: Annotated[bool, typer.Option(help="kills: now and then PostgreSQL or RabbitMQ is killed too")] = False,
    again: Annotated[bool, typer.Option(help="kills: use the election an earlier run has left")] = False,
) -> None:
    """Nothing acknowledged is lost, nothing stands twice, all is quiet soon: shown, not promised."""
    if scenario and scenario not in SCENARIOS:
        raise typer.BadParameter(f"no scenario is called {scenario}; there are {', '.join(SCENARIOS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whatever was started is stopped on the way out
    seed = seed or time.time_ns() % 1_000_000
    more = {"kills": kills, "events": events, "windows": windows, "messages": messages}
    more |= {"servers": servers, "again": again}
    verdicts = []
    for name in [scenario] if scenario else list(SCENARIOS):
        console.print(f"{time.strftime('%H:%M:%S')} {name}, seed {seed}, {'short' if short else 'long'}", markup=False)
        verdicts.append(_verdict(name, Plan(var.absolute() / name, short=short, seed=seed, more=more)))
        console.print(verdicts[-1].line(), markup=False)
    missed = [verdict.scenario for verdict in verdicts if verdict.word == "miss"]
    skipped = [verdict.scenario for verdict in verdicts if verdict.word == "skipped"]
    console.print(
        f"chaos: {len(verdicts) - len(missed) - len(skipped)} ok, {len(missed)} missed {missed}, "
        f"{len(skipped)} skipped {skipped}", markup=False,
    )  # fmt: skip
    raise typer.Exit(1 if missed else 0)


def _verdict(name: str, plan: Plan) -> Verdict:
    """What the scenario says; one that broke off is a miss that names what broke it."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    try:
        verdict = ran(name, scenario_called(name), plan)
    except Exception as broken:  # noqa: BLE001  whatever broke off, the last line says so
        console.print_exception(max_frames=6, width=160)
        verdict = Verdict(name, misses=[f"broke off: {type(broken).__name__}: {str(broken)[:200]}"])
    told = json.loads(json.dumps(verdict.__dict__, default=vars))
    keep(plan.folder / "report.json", {"word": verdict.word, **told})
    return verdict


if __name__ == "__main__":
    app()
