"""The commands behind `make run`, `make up`, `make down` and `make status`."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy.local import programs
from deploy.local.layout import PROCESSES, Layout, layout, read_json, write_json
from deploy.local.programs import CannotStart
from deploy.local.stack import Stack
from deploy.local.supervisor import Supervisor, await_leftovers, lives

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True)
Folder = Annotated[Path | None, typer.Option("--var", help="The stack's folder instead of HP_VAR or var/.")]
Only = Annotated[str, typer.Option(help="Only these processes, comma between.", envvar="HP_ONLY")]
SMALL_REHEARSAL = ("--province", "46", "--areas", "100", "--seed", "1")
SHOWN_ROLES = ("nation_officer", "province_officer", "secretary", "typist", "checker", "approver", "operations")
START_LIMIT = 300  # seconds until `up` gives up waiting


class AlreadyRunning(Exception):
    """Another supervisor holds this folder."""


@app.command()
def run(var: Folder = None, only: Only = "", *, fresh: bool = False, rehearse: bool | None = None) -> None:
    """Start everything, rehearse a small election the first time, serve until Ctrl-C."""
    place = layout(var)
    if fresh:
        wipe(place)
    with _refusals(), _held(place), _supervised(place, only) as stack:
        done = place.run / "rehearsed.json"
        if (not done.exists()) if rehearse is None else rehearse:
            _rehearse(stack, done)
        _greet(stack)
        _serve(stack.supervisor)


@app.command(hidden=True)
def serve(var: Folder = None, only: Only = "") -> None:
    """Start everything and serve until told to stop: what `up` leaves in the background."""
    place = layout(var)
    with _refusals(), _held(place), _supervised(place, only) as stack:
        _serve(stack.supervisor)


@app.command()
def up(var: Folder = None, only: Only = "", *, fresh: bool = False) -> None:
    """Start everything in the background; return when all services are ready."""
    place = layout(var)
    if fresh:
        wipe(place)
    state = read_json(place.state)
    if is_held(place) and state.get("ready"):
        console.print(f"already running: {state.get('gateway')}")
        return
    with _refusals():
        background = None if is_held(place) else _in_background(place, only)
        _await_ready(place, background)
    console.print(f"ready: {read_json(place.state).get('gateway')}  (stop with `make down`)")


@app.command()
def down(var: Folder = None) -> None:
    """Stop everything cleanly; the data stays."""
    place = layout(var)
    supervisor = read_json(place.state).get("supervisor")
    if is_held(place) and lives(supervisor):
        os.kill(supervisor[0], signal.SIGTERM)
        with console.status("stopping"):
            _until(lambda: not is_held(place), 90)
        if is_held(place):
            os.kill(supervisor[0], signal.SIGKILL)
    left = await_leftovers(place.state)
    console.print("stopped" + (f" (left over from a killed start: {', '.join(left)})" if left else ""))


@app.command()
def status(var: Folder = None) -> None:
    """What runs, since when it was restarted how often, and where its log is."""
    place = layout(var)
    state = read_json(place.state)
    if not is_held(place):
        console.print("not running")
        raise typer.Exit(1)
    table = Table("process", "pid", "state", "restarts", "last exit", "log")
    for name, row in state.get("programs", {}).items():
        alive = lives(row["process"])
        cells = ["running" if alive else "down", row["restarts"], "" if row["last_exit"] is None else row["last_exit"]]
        table.add_row(name, str(row["process"][0]) if alive else "", *map(str, cells), os.path.relpath(row["log"]))
    console.print(table)
    console.print(f"{state.get('phase')}: {state.get('gateway') or state.get('step', '')}")
    raise typer.Exit(0 if state.get("ready") else 1)


@app.command(name="exec", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def execute(
    context: typer.Context,
    service: Annotated[str, typer.Option(help="Stand in this service's shoes: its database as HP_DATABASE_URL.")] = "",
) -> None:
    """Run a tool with the addresses of the running stack in its environment (HP_…_DATABASE_URL, HP_GATEWAY_URL …)."""
    place = layout()
    told = read_json(place.secrets / "tools.json")
    if not is_held(place) or not told:
        console.print("not running: `make up` first")
        raise typer.Exit(1)
    if service:
        told["HP_DATABASE_URL"] = told[f"HP_{service.upper()}_DATABASE_URL"]
    command = [sys.executable if part == "python" else part for part in context.args]
    os.execvpe(command[0], command, {**os.environ, **told})  # noqa: S606  (the engineer's own command)


def wipe(place: Layout) -> None:
    """The data of a stack that does not run is gone: databases, queues, files, keys and secrets."""
    if is_held(place):
        console.print("it is running: `make down` first")
        raise typer.Exit(1)
    await_leftovers(place.state)
    for name in ("postgresql", "rabbitmq", "prometheus"):
        programs.forget(place.var / name)
    for name in ("files", "public", "rehearsal", "keys", "secrets", "log", "run"):
        shutil.rmtree(place.var / name, ignore_errors=True)
    (place.var / "ports.json").unlink(missing_ok=True)


def is_held(place: Layout) -> bool:
    """Whether a supervisor lives: it holds the lock for as long as it does, however it ends."""
    try:
        with (place.run / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def _held(place: Layout) -> Iterator[IO[str]]:
    place.make()
    with (place.run / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise AlreadyRunning(str(read_json(place.state).get("gateway", ""))) from held
        yield file


@contextmanager
def _supervised(place: Layout, only: str) -> Iterator[Stack]:
    """The whole system while the block runs; everything has ended after it, also when it never came up."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, _interrupt)
    left = await_leftovers(place.state)
    if left:
        console.print(f"ended what an earlier, killed start left behind: {', '.join(left)}")
    supervisor = Supervisor(place.state, _say)
    try:
        yield _brought_up(place, supervisor, only)
    finally:
        with console.status("stopping"):
            _stop(supervisor)
        console.print("stopped; the data is kept")


def _say(text: str) -> None:
    console.print(f"{time.strftime('%H:%M:%S')} {text}", markup=False)


def _brought_up(place: Layout, supervisor: Supervisor, only: str) -> Stack:
    begun = time.monotonic()
    with console.status("starting") as spinner:

        def step(text: str) -> None:
            spinner.update(text)
            console.print(f"[dim]{time.monotonic() - begun:6.1f} s[/]  {text}")
            supervisor.tell(step=text)

        chosen = tuple(name for name in PROCESSES if name in only.split(",")) or PROCESSES
        stack = Stack(place, supervisor, step, chosen)
        stack.bring_up()
        step("all ready")
    return stack


@contextmanager
def _refusals() -> Iterator[None]:
    """What stands in the way is said in words; a Ctrl-C is no failure."""
    try:
        yield
    except CannotStart as reason:
        console.print(f"cannot start: {reason}", markup=False, style="red")
        raise typer.Exit(1) from reason
    except AlreadyRunning as where:
        console.print(f"already running {where}: use it, or `make down` first")
        raise typer.Exit(1) from where
    except KeyboardInterrupt as stop:
        raise typer.Exit(0) from stop


def _interrupt(number: int, _frame: Any) -> None:
    raise KeyboardInterrupt(number)


def _stop(supervisor: Supervisor) -> None:
    """A second Ctrl-C is patience lost: the processes are killed, the servers still stop in their own way."""

    def hurry(_number: int, _frame: Any) -> None:
        for charge in supervisor.charges.values():
            if charge.process is not None and charge.program.name not in ("postgresql", "rabbitmq", "epmd"):
                with suppress(ProcessLookupError):
                    charge.process.kill()

    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, hurry)
    supervisor.stop()


def _serve(supervisor: Supervisor) -> None:
    while True:
        supervisor.tick()
        time.sleep(0.25)


def _rehearse(stack: Stack, done: Path) -> None:
    """A small election through the gateway; the system stays supervised meanwhile."""
    command = [sys.executable, "-m", "deploy.rehearsal", "--gateway", stack.gateway_url, *SMALL_REHEARSAL]
    environment = {**os.environ, **stack.tools_environment()}
    with subprocess.Popen(command, cwd=stack.layout.root, env=environment) as rehearsal:
        while rehearsal.poll() is None:
            stack.supervisor.tick()
            time.sleep(0.25)
    if rehearsal.returncode == 0:
        write_json(done, {"command": command[1:]})
    else:
        console.print(f"[red]the rehearsal ended with {rehearsal.returncode}[/]; `make rehearsal` tries again")


def _greet(stack: Stack) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row("console", stack.console_url)
    table.add_row("API", f"{stack.gateway_url}/api/v1")
    table.add_row("Prometheus", f"http://127.0.0.1:{stack.ports['prometheus']}/alerts")
    table.add_row("logs", str(stack.layout.log))
    for role, login in _sign_ins(stack.layout.var / "rehearsal"):
        table.add_row(role, f"make code LOGIN={login}")
    console.print(table)
    console.print("`make code` shows the password and the present second factor; Ctrl-C stops everything")


def _sign_ins(folder: Path) -> list[tuple[str, str]]:
    """The first officer of each shown role in the newest rehearsal."""
    rehearsed = sorted(folder.glob("*/officers.json"), key=lambda file: file.stat().st_mtime)
    if not rehearsed:
        return []
    first: dict[str, str] = {}
    for row in json.loads(rehearsed[-1].read_text(encoding="utf-8")):
        first.setdefault(row["role"], row["login"])
    return [(role.replace("_", " "), first[role]) for role in SHOWN_ROLES if role in first]


def _in_background(place: Layout, only: str) -> "subprocess.Popen[bytes]":
    place.make()
    # What the state says is of an earlier start; its list of processes is still wanted, for leftovers.
    write_json(place.state, {**read_json(place.state), "ready": False, "step": "starting"})
    log = place.log / "supervisor.log"
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "serve", "--var", str(place.var), "--only", only],
            cwd=place.root, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def _await_ready(place: Layout, background: "subprocess.Popen[bytes] | None") -> None:
    """Returns when the background supervisor says ready; its own words when it ends instead."""
    with console.status("starting") as spinner:

        def settled() -> bool:
            state = read_json(place.state)
            spinner.update(str(state.get("step", "starting")))
            ended = background.poll() is not None if background else not is_held(place)
            return ended or bool(state.get("ready"))

        _until(settled, START_LIMIT)
    if not (is_held(place) and read_json(place.state).get("ready")):
        raise CannotStart(f"the start did not succeed.\n{programs.tail(place.log / 'supervisor.log', 40)}")


def _until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.2)


if __name__ == "__main__":
    app()
