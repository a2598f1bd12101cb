"""R9: no call outlives its deadline, nothing is done after it, a stopped dependency takes only its own doors."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from deploy.chaos.ground import Ground, ground, until
from deploy.chaos.pump import part, steadily
from deploy.chaos.verdict import Plan, Verdict
from deploy.chaos.volley import Volleys, awake
from services.contracts.base import Refusal
from services.kit.callers import Caller
from tests.kit.running import MIRROR, SHOP
from tests.kit.shop import Look, Total

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
    verdict, stage = Verdict("deadlines"), place.stage
    shop = stage.start(SHOP)
    stage.start(MIRROR)
    volleys = Volleys(place, plan.random)
    with place.caller() as caller:  # one act that has time and one that has none, whatever the dice give
        awake(place, caller)
        volleys.ask(caller, ("shop", "add_slowly"), 0.01, within=30)
        volleys.ask(caller, ("shop", "add_slowly"), 4.0, within=0.2)
    verdict.require("over_deadline_in_peace", volleys.fired(plan.either(40, 2000)), most=GRACE)
    time.sleep(GRACE)
    verdict.require("statements_after_deadline", stage.one(SHOP, _ACTIVE), most=0)
    over = volleys.fired(plan.either(12, 500), partial(_standing_still, shop.pid))
    verdict.require("over_deadline_shop_stopped", over, most=GRACE)
    if place.broker is not None:
        over = volleys.fired(plan.either(12, 500), partial(_standing_still, place.broker.process.pid))
        verdict.require("over_deadline_broker_stopped", over, most=GRACE)
    with place.caller() as caller:
        verdict.require("back", until(lambda: _answers(place, caller), 30), most=30)
    done = {str(row[0]).removeprefix("add_slowly:") for row in stage.rows(SHOP, _DONE)}
    verdict.require("hopeless", len(volleys.hopeless), least=1)
    verdict.require("done_after_deadline", len(done & volleys.hopeless), most=0)
    verdict.require("acknowledged", len(volleys.acknowledged), least=1)
    verdict.require("acknowledged_not_done", len(volleys.acknowledged - done), most=0)
    verdict.measured(told=dict(volleys.told), calls=volleys.told.total())
    return verdict


def _answers(place: Ground, caller: Caller) -> bool:
    try:
        caller.ask("mirror", "peek", Look(counter="a"), reply=Total, passport=place.token, timeout=2)
    except Refusal:
        return False
    return True


@contextmanager
def _standing_still(pid: int) -> Iterator[None]:
    """A process group is stopped meanwhile."""
    group = os.getpgid(pid)
    send = (lambda what: os.killpg(group, what)) if group == pid else (lambda what: os.kill(pid, what))
    send(signal.SIGSTOP)
    try:
        yield
    finally:
        send(signal.SIGCONT)


def stopped(plan: Plan) -> Verdict:
    """On servers of its own."""
    with ground(plan.folder) as place:
        return stalled(plan, place)


def stalled(plan: Plan, place: Ground) -> Verdict:
    """The mirror's own door beside its door that asks the shop: the shop well, then stopped, then well again."""
    verdict, stage = Verdict("stopped_dependency", timed=plan.timed), place.stage
    shop = stage.start(SHOP)
    stage.start(MIRROR)
    with Caller(stage.broker_url, name="chaos", in_flight=1000) as caller:
        awake(place, caller)
        _side_by_side(place, caller, 2)  # warm
        normal, _, _ = _side_by_side(place, caller, plan.either(6 if plan.timed else 2, 60))
        with _standing_still(shop.pid):
            during, refused, told = _side_by_side(place, caller, plan.either(9 if plan.timed else 4, 600))
        back = until(lambda: _answers(place, caller), 30)
    bound = max(2 * normal["p99"], NOISE) if plan.short else 2 * normal["p99"]
    verdict.require_time("p99_unrelated_stopped", during["p99"], most=round(bound, 4))
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
