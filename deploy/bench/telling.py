"""Discipline: the outbox relay. Both relays find the same letters in their outbox and tell them to the same queue."""

import json
import os

from deploy.bench.figures import Measured, Verdict, percentile, ratio, thrift
from deploy.bench.load import Order
from deploy.bench.ours import OfficeBase
from deploy.bench.plan import Plan
from deploy.bench.stage import Contestant, Stage, until

OURS, PLAIN = "our relay", "one confirm at a time"
QUEUE = "office.kept--archive.on_kept"
PATIENCE = 120.0
PACE = 100  # letters a second while the lag is taken
FILL = """
    INSERT INTO outbox (id, topic, aggregate, version, partition, data)
    SELECT gen_random_uuid(), 'office.kept', station, %(version)s, n %% 8,
           jsonb_build_object('station', station, 'total', n)
    FROM generate_series(1, %(number)s) AS n, LATERAL (SELECT '46-' || lpad(n::text, 5, '0') AS station) AS named
"""
LAGS = "SELECT extract(epoch FROM told_at - created_at)::float8 FROM outbox WHERE topic = 'office.kept' AND version = 1"


def measure(stage: Stage, plan: Plan) -> None:
    """The lines of the relay."""
    relays = {OURS: (stage.ours("office"), "office", 30_000)}
    stage.await_readers("rpc-office", relays[OURS][0])
    if stage.peers is not None:
        relays[PLAIN] = (stage.peer("relay", "python", "pika_relay.py", database=OfficeBase.metadata), "relay", 6_000)
    rows = {label: Measured(label) for label in relays}
    for turn in range(plan.rounds + 1):  # the first is to warm up
        for label, (relay, database, number) in relays.items():
            much = plan.letters(number if turn else number // 5)
            with plan.watched():
                took, cpu = _told(stage, relay, database, much, turn + 10)
            if turn:
                rows[label].add(much, took, cpu)
    plan.report.sections.append(("Outbox relay", "letters/s", list(rows.values())))
    if PLAIN in rows:
        remark = f"{thrift(rows[OURS], rows[PLAIN]):.1f} × by processor time"
        plan.report.verdicts.append(Verdict("relay", PLAIN, ratio(rows[OURS], rows[PLAIN]), 5.0, remark=remark))
    plan.report.verdicts.append(Verdict("relay, letters a second", "a figure", rows[OURS].rate, 2000, "/s"))
    _lag(stage, plan)


def _told(stage: Stage, relay: Contestant, database: str, number: int, version: int) -> tuple[float, float]:
    """Seconds, and seconds of processor, until so many letters are marked as told."""
    with relay.asleep():
        cpu = relay.cpu()
        stage.rows(database, FILL, number=number, version=version)
    took = until(lambda: not stage.rows(database, "SELECT 1 FROM outbox WHERE told_at IS NULL LIMIT 1"), PATIENCE)
    used = relay.cpu() - cpu
    with stage.channel() as channel:
        arrived = channel.queue_purge(QUEUE).method.message_count
    if arrived != number:
        raise RuntimeError(f"{database}: {arrived} letters arrived of {number} told")
    return took, used


def _lag(stage: Stage, plan: Plan) -> None:
    """How old a letter is when the broker has confirmed it, while acts come in at an even pace."""
    body = json.dumps({"args": [{"key": "$KEY", "station": "lag-$KEY", "total": 7}], "kwargs": {}})
    order = Order(
        stage.broker_url, "nameko-rpc office.report", [body], '"total":', seconds=7 * plan.seconds, rate=PACE,
        headers={"nameko.passport": stage.passport},
    )  # fmt: skip
    with plan.watched():
        seen = stage.load(order)
    if seen.wrong:
        raise RuntimeError(f"{seen.wrong} of {seen.calls} acts were refused: {seen.example}")
    until(lambda: not stage.rows("office", "SELECT 1 FROM outbox WHERE told_at IS NULL LIMIT 1"), PATIENCE)
    lags = [row[0] for row in stage.rows("office", LAGS)]
    with stage.channel() as channel:
        channel.queue_purge(QUEUE)
    p50, p99 = percentile(lags, 0.5), percentile(lags, 0.99)
    remark = f"p50 {p50 * 1000:.0f} ms over {len(lags)} letters, load {os.getloadavg()[0]:.1f}"
    plan.report.verdicts.append(
        Verdict(f"relay, lag p99 at {PACE}/s", "a figure", p99, 1.0, "s", at_most=True, remark=remark)
    )
