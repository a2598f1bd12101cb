"""`python -m deploy.bench`: every discipline in turn, then the report and the verdict."""

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from deploy.bench import asking, calls, installing, letters, saving, telling
from deploy.bench.plan import Plan, console, say
from deploy.bench.report import Report
from deploy.bench.stage import ROOT, Stage
from deploy.local.postgres import start_postgres
from deploy.local.programs import find, free_port
from deploy.local.rabbitmq import start_rabbitmq

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
DISCIPLINES = {"asking": asking, "calls": calls, "letters": letters, "telling": telling}
LINES = ",".join([*DISCIPLINES, "saving"])


@app.command()
def bench(
    rounds: Annotated[int, typer.Option(help="how often each contestant has its turn")] = 5,
    lines: Annotated[str, typer.Option(help="only these, comma between")] = LINES,
    var: Annotated[Path, typer.Option(help="the folder of the run")] = ROOT / "var" / "bench",
    *,
    short: Annotated[bool, typer.Option(help="every line of the bus once, for a moment")] = False,
) -> None:
    """Our bus beside its peers: figures, ratios, verdicts, and an exit code that is not zero on a miss."""
    var = var.absolute()
    say("the peers are installed")
    peers = installing.installed(var / "peers")
    report = Report(short=short, servers=_servers(), peers=installing.versions(peers))
    plan = Plan.short(report) if short else Plan(report, rounds=rounds)
    wanted = [line for line in lines.split(",") if not (short and line == "saving")]
    idle = _on_the_bus(var, peers, plan, wanted)
    if "saving" in wanted:
        say("the whole stack: memory, then one figure saved through the gateway and without it")
        with report.kept("saving"):
            saving.measure(var / "stack", plan, idle)
    (var / "report.md").write_text(report.text(), encoding="utf-8")
    console.print(report.text(), markup=False)
    raise typer.Exit(0 if report.ok else 1)


def _on_the_bus(var: Path, peers: Path, plan: Plan, wanted: list[str]) -> int:
    """The disciplines between us and the peers alone, on servers of their own; what an idle stock service holds."""
    say("a PostgreSQL and a RabbitMQ of their own start")
    postgres = start_postgres(var / "postgresql", free_port(0))
    broker = start_rabbitmq(var / "rabbitmq", free_port(0))
    stage = Stage(var, broker.url, postgres.url, peers)
    try:
        stage.topology()
        for name, discipline in DISCIPLINES.items():
            if name in wanted:
                say((discipline.__doc__ or "").split("\n", 1)[0].removeprefix("Discipline: "))
                with plan.report.kept(name):
                    discipline.measure(stage, plan)
                stage.dismiss()
        return saving.idle(stage) if "saving" in wanted else 0
    finally:
        stage.dismiss()
        broker.stop()
        postgres.stop()


def _servers() -> str:
    """What both sides use."""
    postgres = subprocess.run([find("postgres", "postgresql"), "--version"], check=True, capture_output=True, text=True)
    return f"{postgres.stdout.strip()}; RabbitMQ as installed; both durable"


if __name__ == "__main__":
    app()
