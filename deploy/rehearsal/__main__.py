"""`python -m deploy.rehearsal`: a whole election through the gateway, then expected against found, then the recount."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import pyotp
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.rehearsal import counting, finishing, polling, preparing, probing, setting_up
from deploy.rehearsal.gate import Gate
from deploy.rehearsal.planted import Planted
from deploy.rehearsal.stage import Stage
from deploy.rehearsal.structure import Size, TooFewAreas

VAR = Path(os.environ.get("HP_VAR") or Path(__file__).resolve().parents[2] / "var")
NATION_AREAS, SOME_AREAS = 72_195, 100
app = typer.Typer(add_completion=False, invoke_without_command=True, pretty_exceptions_enable=False)
console = Console()


@app.callback()
def rehearse(  # noqa: PLR0913, PLR0917  the options of the command line
    context: typer.Context,
    gateway: Annotated[str, typer.Option(help="where the gateway listens")] = "http://127.0.0.1:8000",
    province: Annotated[str, typer.Option(help="code of the province, or several with commas")] = "46",
    areas: Annotated[str, typer.Option(help="how many polling areas, or `least`: one for each constituency")] = "",
    per_commune: Annotated[int, typer.Option(min=1, help="areas of a commune, as far as there are enough")] = 20,
    voters: Annotated[int, typer.Option(min=1, max=100, help="share of the voters, in per cent")] = 100,
    seed: Annotated[int, typer.Option(help="the same seed makes the same election")] = 1,
    scale: Annotated[str, typer.Option(help="`nation`: all 34 provinces, 72,195 polling areas unless said")] = "",
) -> None:
    """Rehearse the election of one province, of several, or of the nation."""
    if context.invoked_subcommand:
        return
    if scale not in ("", "nation"):
        raise typer.BadParameter("the only named scale is `nation`")
    provinces = [] if scale else [code.strip() for code in province.split(",")]
    size = _size(areas or str(NATION_AREAS if scale else SOME_AREAS), per_commune, voters)
    began = time.monotonic()
    stage, rows = _play(gateway, seed, provinces, size)
    differences = _show(stage, rows)
    recounted = _recount(stage.election)
    _verdict(stage, differences, recounted, time.monotonic() - began)


def _play(gateway: str, seed: int, provinces: list[str], size: Size) -> tuple[Stage, list[finishing.Row]]:
    began = time.monotonic()
    columns = (TextColumn("{task.description:<42}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        folder = VAR / "rehearsal"
        folder.mkdir(parents=True, exist_ok=True)
        stage = Stage(Gate(gateway), folder, seed, progress, Planted())
        try:
            return stage, asyncio.run(_story(stage, provinces, size))
        except TooFewAreas as sentence:
            progress.stop()
            console.print(f"{sentence}")
            raise typer.Exit(2) from None
        except Exception:  # noqa: BLE001  whatever broke off, the last line says so
            progress.stop()
            console.print_exception(max_frames=6, width=160)
            console.print(f"verdict: miss broke_off=1 election={stage.election} seconds={time.monotonic() - began:.0f}")
            raise typer.Exit(1) from None


@app.command()
def code(login: str) -> None:
    """The present code of a rehearsal officer's authenticator, for signing in on the console by hand."""
    for path in sorted((VAR / "rehearsal").glob("*/officers.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            if row["login"] == login:
                console.print(f"{row['name']} · {row['password']} · {pyotp.TOTP(row['secret']).now()}")
                return
    raise typer.BadParameter(f"no rehearsal officer signs in as {login}")


def _size(areas: str, per_commune: int, voters: int) -> Size:
    if areas == "least":
        return Size(0, per_commune, voters)
    if not areas.isdecimal() or int(areas) == 0:
        raise typer.BadParameter("AREAS is a number of polling areas, or `least`")
    return Size(int(areas), per_commune, voters)


async def _story(stage: Stage, provinces: list[str], size: Size) -> list[finishing.Row]:
    try:
        await until_polling_day(stage, provinces, size)
        papers = polling.count_on_paper(stage)
        await _polling_day(stage, papers)
        return await _after(stage, papers)
    finally:
        stage.keep_officers()
        await stage.gate.close()


async def until_polling_day(stage: Stage, provinces: list[str], size: Size) -> None:
    """Everything before the polling areas open: accounts, structure, areas, lists."""
    await setting_up.first_administrator(stage, stage.folder.parent / "secrets")
    await setting_up.units(stage)
    await setting_up.call(stage, provinces, size)
    chapters = (
        setting_up.officers,
        setting_up.structure,
        setting_up.polling_areas,
        preparing.voter_files,
        preparing.dossiers,
        setting_up.bodies,
        preparing.post_and_close,
        preparing.official_lists,
        preparing.close_lists,
    )
    for chapter in chapters:
        await chapter(stage)


async def _polling_day(stage: Stage, papers: counting.Papers) -> None:
    await polling.open_areas(stage)
    await polling.turnout_of_the_day(stage, papers)
    await probing.bad_bodies(stage)
    await probing.same_key_twice(stage)
    await polling.close_areas(stage)
    await counting.ballot_use(stage, papers)
    await counting.records(stage, papers)
    await counting.approvals(stage)


async def _after(stage: Stage, papers: counting.Papers) -> list[finishing.Row]:
    await finishing.declare(stage)
    await finishing.documents(stage)
    snapshot = await finishing.publish(stage)
    told = json.dumps(snapshot, ensure_ascii=False, indent=1)
    (stage.folder / "snapshot.json").write_text(told, encoding="utf-8")
    return await finishing.compare(stage, papers)


def _show(stage: Stage, rows: list[finishing.Row]) -> int:
    table = Table("Số liệu", "Trên giấy", "Hệ thống", title=f"DIỄN TẬP {stage.election}: dự kiến và tìm thấy")
    wrong = [row for row in rows if row[1] != row[2]]
    whole = [row for row in rows if row[0].startswith(("NA ", "PC ", "CC "))]
    for words, expected, found in [*whole, *(row for row in wrong if row not in whole)]:
        table.add_row(words, str(expected), str(found), style=None if expected == found else "bold red")
    console.print(table)
    console.print(f"{len(rows) - len(whole)} dòng theo đơn vị bầu cử, {len(wrong)} dòng khác nhau.")
    mistakes = Table("Sai sót cố ý", "Đã làm", "Bị phát hiện", title="Sai sót cố ý và hệ thống")
    for kind, made in stage.planted.made.items():
        caught = stage.planted.caught.get(kind, 0)
        mistakes.add_row(kind, str(made), str(caught), style=None if made == caught else "bold red")
    console.print(mistakes)
    for what in stage.planted.missed:
        console.print(f"[red]không phát hiện:[/] {what}")
    counts = stage.gate.counts
    console.print(
        f"{counts.requests} requests, {counts.retried} sent again, {counts.signed_in_again} signed in again, slowest {counts.slowest:.2f} s"
    )
    return len(wrong)


def _recount(election: str) -> int:
    """The independent recount, with the addresses of the running stack's databases in its environment."""
    recount = ["python", "-m", "deploy.recount", "--election", election, "--public", str(VAR / "public")]
    return subprocess.run([sys.executable, "-m", "deploy.local", "exec", "--", *recount], check=False).returncode


def _verdict(stage: Stage, differences: int, recounted: int, seconds: float) -> None:
    planted = stage.planted
    ok = differences == 0 and recounted == 0 and planted.total == planted.total_caught
    records = 3 * len(stage.the_plan.areas)
    console.print(
        f"verdict: {'ok' if ok else 'miss'} differences={differences} planted={planted.total} caught={planted.total_caught} "
        f"records={records} recount={'ok' if recounted == 0 else 'miss'} documents={stage.documents} "
        f"election={stage.election} seconds={seconds:.0f}",
        soft_wrap=True,
    )
    raise typer.Exit(0 if ok else 1)


if __name__ == "__main__":
    app()
