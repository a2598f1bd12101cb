"""The commands of the services: run, migrate, revision, topology, parked, retell."""

import os
import sys
from typing import Annotated

if sys.argv[1:2] == ["run"]:  # a serving process is made green before anything else is imported
    named = sys.argv[2:]
    serves = len(named) == 1 and not named[0].startswith("-")
    if serves and sys.flags.optimize < 2:  # once more, without the docstrings of a thousand modules: 5 MB
        os.execv(sys.executable, [sys.executable, "-OO", *sys.orig_argv[1:]])  # noqa: S606  our own interpreter
    from services.kit.green import patch

    patch()
    if serves:  # what serves for weeks does without the command line's 2 MB
        from services.kit.run import serve

        sys.exit(serve(named[0]))

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
ServiceName = Annotated[str, typer.Argument(help="A service's folder, or module:Class.")]


@app.command()
def run(service: ServiceName) -> None:
    """Serve until told to stop."""
    from services.kit.run import serve

    raise typer.Exit(serve(service))


@app.command()
def migrate(service: ServiceName) -> None:
    """Bring the service's database (HP_DATABASE_URL) to the newest revision."""
    from services.kit import migrate as migrations
    from services.kit.settings import Settings

    typer.echo(f"{service}: at revision {migrations.migrate(service, Settings().database_url)}")


@app.command()
def revision(service: ServiceName, words: str) -> None:
    """Write the next migration of a service from the difference between its models and its database."""
    from services.kit import migrate as migrations
    from services.kit.settings import Settings

    typer.echo(str(migrations.revision(service, words, Settings().database_url)))


@app.command()
def topology(
    users: Annotated[bool, typer.Option(help="Also create each service's broker user (HP_BROKER_ADMIN_URL).")] = False,
    services: Annotated[str, typer.Option(help="Only these (folder or module:Class), comma between.")] = "",
) -> None:
    """Declare every exchange and queue of all services, before any of them starts."""
    from services.kit import topology as declarations

    names = [name for name in services.split(",") if name] or None
    try:
        for line in declarations.declare(names, users=users):
            typer.echo(line)
    except declarations.CannotDeclare as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(1) from reason


@app.command()
def parked(service: ServiceName, act: str, number: Annotated[int | None, typer.Argument()] = None) -> None:
    """List the letters a service could not take (`list`), or hand them to their handlers again (`redrive`)."""
    from services.kit import parking

    if act not in {"list", "redrive"}:
        raise typer.BadParameter("list or redrive")
    lines, clean = parking.listed(service) if act == "list" else parking.redriven(service, number)
    for line in lines:
        typer.echo(line)
    raise typer.Exit(0 if clean else 1)


@app.command()
def retell(service: ServiceName, topic: Annotated[str, typer.Argument(help="A topic, or % for all.")]) -> None:
    """Tell a service's kept letters once more, for a listener that started later; who heard them ignores them."""
    from services.kit import parking

    typer.echo(parking.retold(service, topic))


if __name__ == "__main__":
    app()
