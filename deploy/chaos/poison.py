"""R10: letters that cannot be taken are tried six times with growing pauses, parked alone, recovered."""

import time
from itertools import pairwise
from pathlib import Path

from deploy.chaos import judging
from deploy.chaos.ground import Ground, ground, until
from deploy.chaos.verdict import Plan, Verdict
from tests.kit.running import MIRROR, SHOP
from tests.kit.shop import CounterChanged

DELAYS = (1, 2, 4, 8, 16)
TRIES = 6
LATE = 1.0  # seconds a try may come later than stated; none comes earlier
LATE_SHORT, SHARE_SHORT = 3.0, 0.8  # the short form shares a small machine with other tests
PATIENCE = 30.0  # where times are not judged
SHARE = 0.95
HANDLERS = ("on_counter_changed", "on_many_changed")
_PARKED = "SELECT handler, tries, reason FROM parked WHERE redriven_at IS NULL"
_MANY = "SELECT count(*) FROM lines WHERE handler = 'one'"
_HEAL = "UPDATE parked SET body = convert_to(replace(convert_from(body, 'UTF8'), 'poison', 'cured'), 'UTF8')"


def poison(plan: Plan) -> Verdict:
    """On servers of its own."""
    with ground(plan.folder) as place:
        return poisoned(plan, place)


def poisoned(plan: Plan, place: Ground) -> Verdict:
    """The same flow without and with one poison in a thousand."""
    verdict, stage = Verdict("poison", timed=plan.timed), place.stage
    rate, number = plan.either((60, 750), (150, 100_000))
    log = place.folder / "tries.jsonl"
    log.unlink(missing_ok=True)
    stage.start(SHOP)
    stage.start(MIRROR, retry_delays="[1, 2, 4, 8, 16]", tries_log=log)
    until(lambda: stage.rows(MIRROR, "SELECT 1 FROM seen") or not _tell(place, "warm", 1), 60, 0.5)
    clean = _flow(place, "clean", number // 3, rate, 0)
    sick = _flow(place, "sick", number, rate, number // plan.either(3, 100))
    poisons = 3 if plan.short else 100
    _judge(verdict, place, (clean, sick), poisons)
    share, late = plan.either((SHARE_SHORT, LATE_SHORT), (SHARE, LATE))
    late = late if plan.timed else PATIENCE
    verdict.require_time("healthy_rate_share", round(sick / clean, 3), least=share)
    tries = _tries(log)
    verdict.require("letters_tried", len(tries), least=poisons * len(HANDLERS), most=poisons * len(HANDLERS))
    verdict.require("delays_wrong", sum(not _as_stated(times, late) for times in tries.values()), most=0)
    return verdict


def _judge(verdict: Verdict, place: Ground, rates: tuple[float, float], poisons: int) -> None:
    stage, wanted = place.stage, poisons * len(HANDLERS)
    parked = until(lambda: len(stage.rows(MIRROR, _PARKED)) >= wanted, sum(DELAYS) + 30)
    rows = stage.rows(MIRROR, _PARKED)
    verdict.require("parked_of_wanted", len(rows) - wanted, least=0, most=0)
    verdict.require("tries_not_six", sum(tries != TRIES for _, tries, _ in rows), most=0)
    verdict.measured(healthy_rate=round(rates[1], 1), clean_rate=round(rates[0], 1), parked_after=parked)
    with stage.dbs[MIRROR].engine.begin() as connection:
        connection.exec_driver_sql(_HEAL)
    again = stage.command("parked", MIRROR, "redrive", service=MIRROR).stdout.strip().splitlines()[-1]
    verdict.require("still_parked_after_redrive", int(again.rpartition(" ")[2]), most=0)
    cured = stage.one(MIRROR, "SELECT count(*) FROM seen WHERE counter LIKE 'cured%'")
    verdict.require("cured", cured, least=poisons, most=poisons)
    settled = judging.settled(place, but="poison")
    verdict.require("settled", settled, most=60.0)
    counts, faults = judging.letters(place), judging.faults(place)
    faults["read_model_unlike"] -= poisons  # they were taken under the name they were healed to
    verdict.require_kept(counts, faults)


def _flow(place: Ground, name: str, number: int, rate: int, every: int) -> float:
    """So many healthy letters at a rate, a poison after every so many; healthy ones taken a second."""
    before, began, sent, poisons = place.stage.one(MIRROR, _MANY), time.monotonic(), 0, 0
    while sent < number:
        due = min(int((time.monotonic() - began) * rate) + 1, number)
        events = [CounterChanged(counter=f"{name} {n % 97} {n}", total=1) for n in range(sent, due)]
        if every and due // every > poisons:
            poisons += 1
            events.append(CounterChanged(counter=f"poison {poisons}", total=1))
        with place.stage.dbs[SHOP].transaction() as tx:
            tx.emit_all(events)
        sent = due
        time.sleep(0.05)
    until(lambda: place.stage.one(MIRROR, _MANY) >= before + number, 60, 0.02)
    return number / (time.monotonic() - began)


def _tell(place: Ground, counter: str, total: int) -> bool:
    with place.stage.dbs[SHOP].transaction() as tx:
        tx.emit(CounterChanged(counter=counter, total=total))
    return True


def _tries(log: Path) -> dict[tuple[str, str], list[float]]:
    """When each handler was given each poison alone."""
    tries: dict[tuple[str, str], list[float]] = {}
    for line in log.read_text().splitlines() if log.exists() else []:
        handler, letter, at = line.split("\t")
        tries.setdefault((handler, letter), []).append(float(at))
    return tries


def _as_stated(times: list[float], late: float) -> bool:
    """Six tries, each after the stated pause and little more."""
    pauses = [later - earlier for earlier, later in pairwise(times)]
    return len(pauses) == len(DELAYS) and all(
        delay <= pause <= delay * 1.1 + late for pause, delay in zip(pauses, DELAYS, strict=True)
    )
