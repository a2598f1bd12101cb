"""Discipline: the whole way. One turnout figure saved through the gateway, and through the same door without HTTP.

And the memory of every process of the stack while nobody asks anything.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

from deploy.bench import letters
from deploy.bench.figures import Measured, Verdict, ratio
from deploy.bench.load import Order
from deploy.bench.plan import Plan, console
from deploy.bench.stage import ROOT, Stage, processor, resident
from deploy.chaos.election import Commune, Election, prepare
from deploy.chaos.stack import Attacked
from deploy.local.keys import PASSPORT
from deploy.local.layout import PROCESSES
from services.contracts.base import Grant, Passport
from services.kit.passports import load_key, sign

CALLERS = 50
AREAS = 40
SETTLING = 8.0  # seconds after which a process that was just started is idle
DOOR = "the same door without HTTP"


class Whole(Attacked):
    """A whole system in a folder of the bench's own, as `make up` starts it."""

    def command(self, *words: str) -> None:
        """A command of the local stack has succeeded."""
        patient = {"HP_GATEWAY_PATIENCE": "30", "HP_WAITING": "200"}  # a slow machine is measured, not refused
        told = {**os.environ, "HP_VAR": str(self.var), **patient}
        done = subprocess.run(
            [sys.executable, "-m", "deploy.local", *words],
            cwd=ROOT,
            env=told,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"deploy.local {' '.join(words)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

    @property
    def broker(self) -> str:
        """The administrator's way into its broker."""
        return str(self._told["HP_BROKER_URL"])

    def pid(self, name: str) -> int:
        """The process of that name."""
        found = self.process(name)
        if found is None:
            raise RuntimeError(f"{name} does not run")
        return found[0]


def measure(var: Path, plan: Plan, idle_peer: int) -> None:
    """The lines of the whole stack; `idle_peer` is what a stock nameko service holds."""
    stack = Whole(var)
    stack.var.mkdir(parents=True, exist_ok=True)
    stack.command("down")
    stack.command("up", "--fresh")
    try:
        time.sleep(SETTLING)
        _memory(stack, plan, idle_peer)
        election = asyncio.run(prepare(stack, AREAS, 1, console))
        _saving(stack, election, plan)
    finally:
        stack.command("down")


def idle(stage: Stage) -> int:
    """The resident set of a stock nameko service that owns a database and has done one thing: as each of ours has."""
    stock = letters.stock(stage)
    letters.emptied(stage, stock, ("stock_tally", letters.STOCK_QUEUE), 50, 1)
    time.sleep(SETTLING / 4)
    held = stock.memory()
    stage.dismiss()
    return held


def _memory(stack: Whole, plan: Plan, idle_peer: int) -> None:
    for process in PROCESSES:
        held = resident(stack.pid(process))
        remark = f"{held / 1e6:.0f} MB against {idle_peer / 1e6:.0f} MB"
        plan.report.verdicts.append(
            Verdict(
                f"memory, idle {process}", "stock nameko service", held / idle_peer, 1.3, at_most=True, remark=remark
            )
        )


def _saving(stack: Whole, election: Election, plan: Plan) -> None:
    places = [
        (commune, area, slot) for slot in election.slots for commune in election.communes for area in commune.areas
    ]
    chosen = places[:CALLERS]
    doors = {
        "through the gateway": _over_http(stack, election, chosen, plan),
        DOOR: _over_amqp(stack, election, chosen, plan),
    }
    rows = {name: Measured(name) for name in doors}
    for turn in range(plan.rounds + 1):  # the first is to warm up
        for name, order in doors.items():
            before = processor(stack.pid("results"))
            with plan.watched():
                seen = Stage.load(order)
            if seen.wrong:
                raise RuntimeError(f"{name}: {seen.wrong} of {seen.calls} figures were not saved: {seen.example}")
            if turn:
                rows[name].add(seen.calls, seen.seconds, processor(stack.pid("results")) - before)
    gateway, bare = rows.values()
    plan.report.sections.append(
        (f"One figure saved, {CALLERS} callers (processor of results)", "saved/s", [gateway, bare])
    )
    plan.report.verdicts.append(
        Verdict(f"gateway → service → database, {CALLERS} callers", DOOR, ratio(gateway, bare), 0.5)
    )


def _bodies(election: Election, places: list[tuple[Commune, str, str]]) -> list[str]:
    """One caller reports one area at one hour, each time another figure."""
    return [
        json.dumps(
            {
                "key": "$KEY", "election": election.election, "unit": commune.path, "slot": slot,
                "rows": [{"area": area, "took_part": 0, "reason": "đo tốc độ"}],
            }, ensure_ascii=False
        ).replace('"took_part": 0', '"took_part": $N')
        for commune, area, slot in places
    ]  # fmt: skip


def _over_http(stack: Whole, election: Election, places: list[tuple[Commune, str, str]], plan: Plan) -> Order:
    tokens = json.dumps([commune.tokens["secretary1"] for commune, _, _ in places])
    return Order(
        stack.gateway, "/api/v1/results/report_turnout", _bodies(election, places), '"stored":true', CALLERS,
        plan.seconds, headers={"tokens": tokens},
    )  # fmt: skip


def _over_amqp(stack: Whole, election: Election, places: list[tuple[Commune, str, str]], plan: Plan) -> Order:
    grants = tuple(Grant(role="secretary", scope=f"{election.election}/{one.path}") for one in election.communes)
    person = Passport(person=uuid4(), name="Nguyễn Thị Đo", session=uuid4(), grants=grants)
    token = sign(person, load_key(stack.var / "keys" / PASSPORT))
    bodies = [f'{{"args": [{body}], "kwargs": {{}}}}' for body in _bodies(election, places)]
    return Order(
        stack.broker, "nameko-rpc results.report_turnout", bodies, '"stored":true', CALLERS, plan.seconds,
        headers={"nameko.passport": token},
    )  # fmt: skip
