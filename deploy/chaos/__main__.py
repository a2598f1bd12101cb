"""`python -m deploy.chaos`: load through the gateway, kill -9 all over the system, then every promise counted."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Annotated

import httpx
import typer
from rich.console import Console

from deploy.chaos import checks, windows
from deploy.chaos.client import PATIENCE, Load, work
from deploy.chaos.election import Election, is_prepared, prepare, prepared
from deploy.chaos.killer import Killer
from deploy.chaos.ledger import Ledger
from deploy.chaos.stack import ROOT, Attacked, keep

SETTLED = 60.0  # seconds after the last kill within which all is quiet
STALLED = 180.0  # seconds without any acknowledgement after which the battery gives up
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True)


@dataclass
class Plan:
    """What is asked of this run."""

    kills: int
    events: int
    windows: int
    seed: int
    servers: bool
    settled: dict[str, float | None] = field(default_factory=dict)


class Stalled(Exception):
    """Nothing was acknowledged for minutes."""


@app.command()
def battery(  # noqa: PLR0913  one option each
    kills: Annotated[int, typer.Option(help="how many processes are killed")] = 40,
    events: Annotated[int, typer.Option(help="how many effects are acknowledged meanwhile")] = 5_000,
    windows_each: Annotated[int, typer.Option("--windows", help="how often each of the four crash windows is hit")] = 0,
    seed: Annotated[int, typer.Option(help="the same seed posts the same figures and picks the same victims")] = 0,
    var: Annotated[Path, typer.Option(help="the folder of the stack")] = ROOT / "var" / "chaos",
    *,
    servers: Annotated[bool, typer.Option(help="now and then PostgreSQL or RabbitMQ is killed too")] = False,
    again: Annotated[bool, typer.Option(help="use the election an earlier run has left")] = False,
    keep_running: Annotated[bool, typer.Option(help="leave the stack running")] = False,
) -> None:
    """The kill battery: nothing acknowledged is lost, nothing stands twice, all is quiet within a minute."""
    plan = Plan(kills, events, windows_each, seed or time.time_ns() % 1_000_000, servers)
    stack = Attacked(var.absolute())
    say(f"seed {plan.seed}: {kills} kills over {events} effects, each crash window {windows_each} times; {stack.var}")
    try:
        report = asyncio.run(_story(stack, plan, again=again))
    except Exception as broken:  # noqa: BLE001  whatever broke off, the last line says so
        console.print_exception(max_frames=6, width=160)
        report = {"verdict": "miss", "broke_off": type(broken).__name__}
    finally:
        if not keep_running:
            stack.command("down")
    keep(stack.var / "report.json", {"seed": plan.seed, **report})
    verdict = report.pop("verdict")
    shown = {name: value for name, value in report.items() if isinstance(value, int | float | str)}
    console.print(f"verdict: {verdict} {checks.as_words({**shown, 'seed': plan.seed})}")
    raise typer.Exit(0 if verdict == "ok" else 1)


def say(text: str) -> None:
    """A line of progress."""
    console.print(f"{time.strftime('%H:%M:%S')} {text}", markup=False)


async def _story(stack: Attacked, plan: Plan, *, again: bool) -> dict[str, object]:
    say("the stack comes up")
    stack.var.mkdir(parents=True, exist_ok=True)
    for file in stack.orders.glob("*"):
        file.unlink()
    if not again:
        await asyncio.to_thread(stack.command, "down")
    await asyncio.to_thread(stack.command, *(("up",) if again else ("up", "--fresh")))
    say("the election is prepared up to the evening of polling day")
    areas = 40 if plan.events <= 20_000 else 200
    known = again and is_prepared(stack.var)
    election = await (prepared(stack) if known else prepare(stack, areas, plan.seed % 97 + 1, console))
    run = f"chaos {plan.seed} {time.time_ns()}"
    before = checks.quiet(stack)
    with closing(Ledger(stack.var / "ledger.jsonl")) as ledger:
        load = Load(ledger, run, plan.events)
        killer = Killer(stack, Random(f"{plan.seed} kills"), plan.kills, servers=plan.servers)
        began = time.monotonic()
        await _attack(stack, election, load, killer, plan)
        seconds = time.monotonic() - began
        return _judged(stack, election, load, killer, plan) | {
            "seconds": round(seconds),
            "letters_before": before,
            "letters_after": checks.quiet(stack),
        }


async def _attack(stack: Attacked, election: Election, load: Load, killer: Killer, plan: Plan) -> None:
    """The kills, then the crash windows, each under load and each followed by quiet."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    awaited = checks.awaited_records(stack, election)
    async with httpx.AsyncClient(base_url=stack.gateway, timeout=PATIENCE, limits=limits) as http:
        load.until = lambda: killer.done >= killer.wanted
        kills = asyncio.gather(work(load, election, http, plan.seed, awaited), killer.work(load))
        await _watched(kills, stack, load, killer)
        plan.settled["after the kills"] = await _quiet(stack, killer.last_at)
        if not plan.windows:
            return

        async def more(until: windows.Until) -> None:
            load.until = until
            await work(load, election, http, plan.seed + 1, set())

        await _watched(windows.hit_each(stack, plan.windows, more), stack, load, killer)
        plan.settled["after the windows"] = await _quiet(stack, time.monotonic())


async def _watched(attack: Awaitable[object], stack: Attacked, load: Load, killer: Killer) -> None:
    """A line every ten seconds; an attack under which nothing is acknowledged for minutes is broken off."""
    load.last_at = time.monotonic()
    task = asyncio.ensure_future(attack)
    while not (await asyncio.wait({task}, timeout=10))[0]:
        hits = sum(stack.hits().values())
        say(f"{load.done} effects acknowledged, {killer.done} kills, {hits} windows hit, {load.resent} sent again")
        if time.monotonic() - load.last_at > STALLED:
            task.cancel()
            raise Stalled(f"nothing was acknowledged for {STALLED:.0f} s: {dict(load.statuses)}")
    await task


async def _quiet(stack: Attacked, last_at: float) -> float | None:
    """Seconds from the last kill until all is settled."""
    say("waiting until all is quiet")
    waited = time.monotonic() - last_at
    settled = await checks.settle(stack, 3 * SETTLED)
    return None if settled is None else round(waited + settled, 1)


def _judged(stack: Attacked, election: Election, load: Load, killer: Killer, plan: Plan) -> dict[str, object]:
    counts = checks.count(stack, election, load)
    faults = checks.faults(stack, election, load) | {"windows_missed": windows.missed(stack, plan.windows)}
    late = [name for name, took in plan.settled.items() if took is None or took > SETTLED]
    wrong = counts.lost + counts.unexpected + counts.duplicated + sum(faults.values()) + len(late)
    hits = stack.hits()
    return {
        "verdict": "ok" if not wrong and counts.ok == counts.acknowledged else "miss",
        "kills": killer.done,
        **asdict(counts),
        **faults,
        "settled": max((took if took is not None else -1.0 for took in plan.settled.values()), default=0.0),
        "resent": load.resent,
        "slowest": round(load.slowest, 1),
        "window_hits": sum(hits.values()),
        "killed": dict(killer.counts),
        "windows": hits,
        "settled_after": plan.settled,
        "statuses": dict(Counter(load.statuses)),
        "refusals": load.ledger.refused[:20],
    }


if __name__ == "__main__":
    app()
