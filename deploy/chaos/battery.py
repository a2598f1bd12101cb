"""R1: load through the gateway of a whole stack, kill -9 all over it, then every promise counted."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable
from contextlib import closing
from dataclasses import dataclass, field
from random import Random

import httpx
from rich.console import Console

from deploy.chaos import checks, verdict
from deploy.chaos import windows as crash_windows
from deploy.chaos.client import PATIENCE, Load, work
from deploy.chaos.election import Election, is_prepared, prepare, prepared
from deploy.chaos.killer import Killer
from deploy.chaos.ledger import Ledger
from deploy.chaos.stack import Attacked, keep
from deploy.chaos.verdict import Verdict

SETTLED = 60.0  # seconds after the last kill within which all is quiet
STALLED = 180.0  # seconds without any acknowledgement after which the battery gives up
console = Console(highlight=False, soft_wrap=True)


@dataclass
class Plan:
    """What is asked of this run."""

    kills: int
    events: int
    windows: int
    seed: int
    servers: bool
    again: bool
    settled: dict[str, float | None] = field(default_factory=dict)


class Stalled(Exception):
    """Nothing was acknowledged for minutes."""


def kills(asked: verdict.Plan) -> Verdict:
    """The kill battery: nothing acknowledged is lost, nothing stands twice, all is quiet within a minute."""
    more = asked.more
    plan = Plan(
        kills=int(more.get("kills") or asked.either(40, 1000)),
        events=int(more.get("events") or asked.either(5_000, 100_000)),
        windows=int(more.get("windows") or 0),
        seed=asked.seed,
        servers=bool(more.get("servers", False)),
        again=bool(more.get("again", False)),
    )
    stack = Attacked(asked.folder)
    say(f"{plan.kills} kills over {plan.events} effects, each crash window {plan.windows} times; {stack.var}")
    try:
        told, report = asyncio.run(_story(stack, plan))
    finally:
        stack.command("down")
    keep(stack.var / "battery.json", {"seed": plan.seed, **report})
    return told


def say(text: str) -> None:
    """A line of progress."""
    console.print(f"{time.strftime('%H:%M:%S')} {text}", markup=False)


async def _story(stack: Attacked, plan: Plan) -> tuple[Verdict, dict[str, object]]:
    say("the stack comes up")
    stack.var.mkdir(parents=True, exist_ok=True)
    for file in stack.orders.glob("*"):
        file.unlink()
    if not plan.again:
        await asyncio.to_thread(stack.command, "down")
    await asyncio.to_thread(stack.command, *(("up",) if plan.again else ("up", "--fresh")))
    say("the election is prepared up to the evening of polling day")
    areas = 40 if plan.events <= 20_000 else 200
    known = plan.again and is_prepared(stack.var)
    election = await (prepared(stack) if known else prepare(stack, areas, plan.seed % 97 + 1, console))
    run = f"chaos {plan.seed} {time.time_ns()}"
    before = checks.quiet(stack)
    with closing(Ledger(stack.var / "ledger.jsonl")) as ledger:
        load = Load(ledger, run, plan.events)
        killer = Killer(stack, Random(f"{plan.seed} kills"), plan.kills, servers=plan.servers)
        began = time.monotonic()
        await _attack(stack, election, load, killer, plan)
        seconds = time.monotonic() - began
        told, report = _judged(stack, election, load, killer, plan)
        told.measured(attacked_for=round(seconds))
        return told, report | {"letters_before": before, "letters_after": checks.quiet(stack)}


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

        async def more(until: crash_windows.Until) -> None:
            load.until = until
            await work(load, election, http, plan.seed + 1, set())

        await _watched(crash_windows.hit_each(stack, plan.windows, more), stack, load, killer)
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


def _judged(
    stack: Attacked, election: Election, load: Load, killer: Killer, plan: Plan
) -> tuple[Verdict, dict[str, object]]:
    told = Verdict("kills")
    missed = {"windows_missed": crash_windows.missed(stack, plan.windows)}
    told.require_kept(checks.count(stack, election, load), checks.faults(stack, election, load) | missed)
    told.require("kills", killer.done, least=plan.kills)
    for name, took in plan.settled.items():
        told.require(f"settled_{name.replace(' ', '_')}", took, most=SETTLED)
    hits = stack.hits()
    told.measured(resent=load.resent, slowest=round(load.slowest, 1), window_hits=sum(hits.values()))
    return told, {
        "killed": dict(killer.counts),
        "windows": hits,
        "settled_after": plan.settled,
        "statuses": dict(Counter(load.statuses)),
        "refusals": load.ledger.refused[:20],
    }
