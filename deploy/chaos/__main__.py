"""`python -m deploy.chaos`: every scenario in turn, or one; a verdict line for each, not 0 in the end on a miss."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.chaos.running import Battery, Form
from deploy.chaos.stack import ROOT

BATTERY = Battery("deploy.chaos", {
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
    "nodes_frozen": "partitions:nodes_frozen",
    "network_cut": "partitions:network_cut",
    "broker_disk_full": "full:broker_full",
    "database_disk_full": "full:database_full",
    "kills": "battery:kills",
})  # fmt: skip
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def chaos(  # noqa: PLR0913, PLR0917  one option each
    scenario: Annotated[str, typer.Option(help=f"some of {BATTERY.names}, comma between; all if none is named")] = "",
    kills: Annotated[int, typer.Option(help="kills: how many processes are killed")] = 0,
    events: Annotated[int, typer.Option(help="kills: how many effects are acknowledged meanwhile")] = 0,
    windows: Annotated[int, typer.Option(help="kills and windows: how often each crash window is hit")] = 0,
    messages: Annotated[int, typer.Option(help="malformed: how many messages")] = 0,
    seed: Annotated[int, typer.Option(help="the same seed throws the same dice")] = 0,
    var: Annotated[Path, typer.Option(help="where each scenario has its folder")] = ROOT / "var" / "chaos",
    *,
    short: Annotated[bool, typer.Option(help="the short forms")] = False,
    untimed: Annotated[bool, typer.Option(help="times are shown and not judged: the machine has other work")] = False,
    servers: Annotated[bool, typer.Option(help="kills: now and then PostgreSQL or RabbitMQ is killed too")] = False,
    again: Annotated[bool, typer.Option(help="kills: use the election an earlier run has left")] = False,
) -> None:
    """Nothing acknowledged is lost, nothing stands twice, all is quiet soon: shown, not promised."""
    more = {"kills": kills, "events": events, "windows": windows, "messages": messages}
    more |= {"servers": servers, "again": again}
    BATTERY.run(scenario, Form(var, short=short, seed=seed, timed=not untimed, more=more))


if __name__ == "__main__":
    app()
