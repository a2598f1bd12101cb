"""`python -m deploy.security`: every figure in turn, or one; a verdict line for each, not 0 in the end on a miss."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.chaos.running import Battery, Form
from deploy.chaos.stack import ROOT
from services.kit.logs import configure

BATTERY = Battery("deploy.security", {
    "permissions": "permissions:permissions",
    "guessing": "guessing:guessing",
    "codes": "codes:codes",
    "renewal": "renewal:renewal",
    "revocation": "revocation:revocation",
    "crowd": "crowd:crowd",
    "sharing": "sharing:sharing",
    "duties": "duties:duties",
    "ledger": "ledger:ledger",
})  # fmt: skip
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def security(
    scenario: Annotated[str, typer.Option(help=f"some of {BATTERY.names}, comma between; all if none is named")] = "",
    seed: Annotated[int, typer.Option(help="the same seed throws the same dice")] = 0,
    var: Annotated[Path, typer.Option(help="where each scenario has its folder")] = ROOT / "var" / "security",
    *,
    short: Annotated[bool, typer.Option(help="the short forms")] = False,
) -> None:
    """Accounts cannot be guessed, shared or used beyond their roles: shown, not promised."""
    configure("security", "ERROR")
    BATTERY.run(scenario, Form(var, short=short, seed=seed))


if __name__ == "__main__":
    app()
