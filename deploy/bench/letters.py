"""Discipline: events. Each handler finds its queue full and empties it: an inbox row and an upsert for each letter.

The reader sleeps while its queue is filled, wakes, and is timed until the last effect is committed. Every letter is of
a station of its own, so that "newest only" spares us nothing.
"""

import json
import uuid

import pika

from deploy.bench.figures import Measured, Verdict, ratio, thrift
from deploy.bench.ours import TallyBase
from deploy.bench.plan import Plan
from deploy.bench.stage import Contestant, Stage, until

OURS = {"ours, one by one": ("singles", 1500), "ours, by 50": ("dozens", 5000), "ours, by 500": ("hundreds", 10_000)}
STOCK = "stock event_handler"
QUEUES = {name: f"office.reported--{name}.on_reported" for name in ("singles", "dozens", "hundreds")}
STOCK_QUEUE = "evt-office-reported--stock_tally.on_reported"
PERSISTENT = pika.BasicProperties(delivery_mode=2, content_type="application/json", content_encoding="utf-8")
PATIENCE = 120.0


def letter(station: int, version: int) -> bytes:
    """The same body for everybody."""
    name = f"46-{station:05d}"
    head = {"id": str(uuid.uuid4()), "topic": "office.reported", "aggregate": name, "version": version}
    return json.dumps({**head, "at": "2026-03-15T12:00:00Z", "data": {"station": name, "total": version}}).encode()


def measure(stage: Stage, plan: Plan) -> None:
    """The lines of events."""
    readers = {label: (stage.ours(name), name, QUEUES[name], number) for label, (name, number) in OURS.items()}
    if stage.peers is not None:
        readers[STOCK] = (stock(stage), "stock_tally", STOCK_QUEUE, 1500)
    for reader, _, queue, _ in readers.values():
        stage.await_readers(queue, reader)
    rows = {label: Measured(label) for label in readers}
    for turn in range(plan.rounds + 1):  # the first is to warm up
        for label, (reader, database, queue, number) in readers.items():
            much = plan.letters(number if turn else number // 5)
            with plan.watched():
                took, cpu = emptied(stage, reader, (database, queue), much, turn + 1)
            if turn:
                rows[label].add(much, took, cpu)
    plan.report.sections.append(("Events with inbox and upsert", "events/s", list(rows.values())))
    if STOCK in rows:
        fast = rows["ours, by 500"]
        remark = f"{thrift(fast, rows[STOCK]):.0f} × by processor time"
        plan.report.verdicts.append(Verdict("events, by 500", STOCK, ratio(fast, rows[STOCK]), 10.0, remark=remark))


def stock(stage: Stage) -> Contestant:
    """A stock nameko service with a database, reading its queue."""
    words = ("nameko", "run", "--config", stage.nameko, "nameko_events")
    reader = stage.peer("stock_tally", *words, database=TallyBase.metadata)
    stage.await_readers(STOCK_QUEUE, reader)
    return reader


def emptied(stage: Stage, reader: Contestant, place: tuple[str, str], number: int, version: int) -> tuple[float, float]:
    """Seconds, and seconds of processor, until the last effect of so many letters is committed."""
    database, queue = place
    with reader.asleep():
        cpu = reader.cpu()
        with stage.channel() as channel:
            channel.confirm_delivery()  # what the queue has not taken yet is lost with the channel
            for station in range(number):
                channel.basic_publish("", queue, letter(station, version), PERSISTENT)
    took = until(lambda: _effects(stage, database, version) >= number, PATIENCE)
    used = reader.cpu() - cpu
    if (wrong := _effects(stage, database, version)) != number:
        raise RuntimeError(f"{database} shows {wrong} effects of {number} letters")
    return took, used


def _effects(stage: Stage, database: str, version: int) -> int:
    return int(stage.rows(database, "SELECT count(*) FROM tallies WHERE total = %(version)s", version=version)[0][0])
