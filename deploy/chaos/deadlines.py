"""R9: no call outlives its deadline, nothing is done after it, a stopped dependency takes only its own doors."""

import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from deploy.chaos.ground import Ground, ground, until
from deploy.chaos.pump import part, steadily
from deploy.chaos.verdict import Plan, Verdict
from services.contracts.base import Refusal
from services.kit.callers import Caller
from tests.kit.running import MIRROR, SHOP
from tests.kit.shop import AddSlowly, Look, Slow, Total

GRACE = 0.5  # seconds a call may take beyond its deadline
NOISE = 0.05  # seconds a short run on a busy machine may show at the 99th percentile without meaning anything
_ACTIVE = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
    AND pid <> pg_backend_pid()
"""
_DONE = "SELECT headers ->> 'causation' FROM outbox WHERE headers ->> 'causation' LIKE 'add_slowly:%'"


def deadlines(plan: Plan) -> Verdict:
    """On servers of its own, so that the broker may be stopped too."""
    with ground(plan.folder) as place:
        return kept(plan, place)


def kept(plan: Plan, place: Ground) -> Verdict:
    """Slow doors with near deadlines, first in peace, then with the shop stopped, then with the broker stopped."""
    verdict, stage, random = Verdict("deadlines"), place.stage, plan.random
    shop = stage.start(SHOP)
    stage.start(MIRROR)
    with place.caller() as caller:
        awake(place, caller)
        over, told, asked = _volley(place, caller, random, plan.either(40, 2000))
        verdict.require("over_deadline_in_peace", over, most=GRACE)
        time.sleep(GRACE)
        running = stage.one(SHOP, _ACTIVE)
        verdict.require("statements_after_deadline", running, most=0)
        over, more, _ = _while_stopped(shop.pid, lambda: _volley(place, caller, random, plan.either(20, 500)))
        verdict.require("over_deadline_shop_stopped", over, most=GRACE)
        told += more
        if place.broker is not None:
            node = place.broker.process.pid
            over, more, _ = _while_stopped(node, lambda: _volley(place, caller, random, plan.either(20, 500)))
            verdict.require("over_deadline_broker_stopped", over, most=GRACE)
            told += more
        verdict.require("back", until(lambda: _answers(place, caller), 30), most=30)
    done = {str(row[0]).removeprefix("add_slowly:") for row in stage.rows(SHOP, _DONE)}
    verdict.require("done_after_deadline", len(done & asked["hopeless"]), most=0)
    verdict.require("acknowledged_not_done", len(asked["acknowledged"] - done), most=0)
    verdict.measured(told=dict(told), calls=told.total(), hopeless=len(asked["hopeless"]))
    return verdict


def awake(place: Ground, caller: Caller) -> None:
    """Both services answer."""
    for service, door in (("shop", "look"), ("mirror", "echo")):
        caller.ask(service, door, Look(counter="a"), reply=Total, passport=place.token, timeout=30)


def _answers(place: Ground, caller: Caller) -> bool:
    try:
        caller.ask("mirror", "peek", Look(counter="a"), reply=Total, passport=place.token, timeout=2)
    except Refusal:
        return False
    return True


def _while_stopped(pid: int, act: Any) -> Any:
    """The outcome of what is done while a process group stands still."""
    group = os.getpgid(pid)
    stop = (lambda what: os.killpg(group, what)) if group == pid else (lambda what: os.kill(pid, what))
    stop(signal.SIGSTOP)
    try:
        return act()
    finally:
        stop(signal.SIGCONT)


def _volley(place: Ground, caller: Caller, random: Any, number: int) -> tuple[float, Counter[str], dict[str, set[str]]]:
    """So many calls, ten at once; the worst overrun, what was told, and the keys that had no hope or were taken."""
    asked: dict[str, set[str]] = {"hopeless": set(), "acknowledged": set()}

    def one(number: int) -> tuple[float, str]:
        within, seconds = random.uniform(0.2, 1.2), random.choice((0.01, 0.5, 4.0))
        doors = (("shop", "slow"), ("mirror", "impatient"), ("shop", "add_slowly"))
        service, door = doors[number % len(doors)]
        key = uuid4()
        act = AddSlowly(key=key, counter="slow", seconds=seconds) if door == "add_slowly" else Slow(seconds=seconds)
        if door == "add_slowly" and seconds > within:
            asked["hopeless"].add(str(key))
        began, outcome = time.monotonic(), "ok"
        try:
            caller.ask(service, door, act, reply=Total, passport=place.token, timeout=within)
            if door == "add_slowly":
                asked["acknowledged"].add(str(key))
        except Refusal as refusal:
            outcome = refusal.code
        return time.monotonic() - began - within, outcome

    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(one, range(number)))
    return round(max(over for over, _ in results), 3), Counter(outcome for _, outcome in results), asked


def stopped(plan: Plan) -> Verdict:
    """On servers of its own."""
    with ground(plan.folder) as place:
        return stalled(plan, place)


def stalled(plan: Plan, place: Ground) -> Verdict:
    """The mirror's own door beside its door that asks the shop: the shop well, then stopped, then well again."""
    verdict, stage = Verdict("stopped_dependency"), place.stage
    shop = stage.start(SHOP)
    stage.start(MIRROR)
    with Caller(stage.broker_url, name="chaos", in_flight=1000) as caller:
        awake(place, caller)
        _side_by_side(place, caller, 2)  # warm
        normal, _, _ = _side_by_side(place, caller, plan.either(6, 60))
        during, refused, told = _while_stopped(
            shop.pid, lambda: _side_by_side(place, caller, plan.either(9, 600))
        )
        back = until(lambda: _answers(place, caller), 30)
    bound = max(2 * normal["p99"], NOISE) if plan.short else 2 * normal["p99"]
    verdict.require("p99_unrelated_stopped", during["p99"], most=round(bound, 4))
    verdict.require("unrelated_failed", during["failed"], most=0)
    verdict.require("back", back, most=30)
    verdict.measured(
        p99_unrelated_normal=normal["p99"], p50_normal=normal["p50"], p50_stopped=during["p50"],
        related_refused_in_median=refused, told=dict(told),
    )  # fmt: skip
    return verdict


def _side_by_side(place: Ground, caller: Caller, seconds: float) -> tuple[dict[str, float], float, Counter[str]]:
    """Both doors asked at a steady rate: the unrelated one's times, and how the related one was refused."""
    took: dict[str, list[float]] = {"echo": [], "peek": []}
    told: Counter[str] = Counter()

    def one(door: str) -> None:
        began, outcome = time.monotonic(), "ok"
        try:
            caller.ask("mirror", door, Look(counter="a"), reply=Total, passport=place.token, timeout=5)
        except Refusal as refusal:
            outcome = refusal.code
        took[door].append(time.monotonic() - began)
        told[f"{door} {outcome}"] += 1

    end = time.monotonic() + seconds
    with ThreadPoolExecutor(200) as pool:
        for number in steadily(80, lambda: time.monotonic() < end):
            pool.submit(one, "peek" if number % 4 == 0 else "echo")
    failed = sum(number for what, number in told.items() if what.startswith("echo") and what != "echo ok")
    times = {"p50": part(took["echo"], 0.5), "p99": part(took["echo"], 0.99), "failed": failed}
    return times, part(took["peek"], 0.5), told
