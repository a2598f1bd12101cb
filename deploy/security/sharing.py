"""S4: an account in more hands than one is found at once, an honest day is left in peace: a simulated month."""

import math
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from deploy.chaos.verdict import Plan, Verdict
from deploy.security.ground import Ground, own_ground
from deploy.security.honest_days import month
from deploy.security.parts import in_parts
from deploy.security.second_uses import STORIES
from deploy.security.working_day import FIRST_DAY, Clock, Town, simulated_time
from services.kit.logs import configure

SECOND_USES, HONEST_DAYS = (52, 1000), (100, 1000)
"""How many in the short form and in the long one (reliability 8.2, S4)."""
_ALERT = 5.0
_DAYS = 28


@dataclass
class Watched:
    """What was found in second uses and in honest days."""

    uses: int = 0
    caught: int = 0
    early: int = 0  # findings about what was honest still
    slowest: float = 0.0  # seconds
    missed: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    days: int = 0
    alarms: Counter[str] = field(default_factory=Counter)


def sharing(plan: Plan) -> Verdict:
    """`make security SCENARIO=sharing`: 1,000 second uses and 1,000 honest session-days."""
    uses, days, parts = plan.either(*SECOND_USES), plan.either(*HONEST_DAYS), plan.either(1, os.cpu_count() or 1)
    each = math.ceil(uses / parts), math.ceil(days / parts)
    orders = [(plan.folder / str(number), *each, plan.seed + number) for number in range(parts)]
    return judge(Verdict("sharing"), in_parts(part, orders))


def part(folder: Path, uses: int, days: int, seed: int) -> Watched:
    """What one processor can watch, on a database of its own."""
    configure("security", "ERROR")
    with own_ground(folder) as ground:
        return watched(ground, uses, days, Random(seed))  # noqa: S311  chance is seeded on purpose


def watched(ground: Ground, uses: int, days: int, dice: Random) -> Watched:
    """Every second use, then every honest day, on one database."""
    found, clock = Watched(), Clock()
    with simulated_time(clock):
        town = Town(ground, clock, dice)
        town.prepare()
        _second_uses(town, uses, found)
        _honest_days(town, days, found)
    return found


def judge(told: Verdict, parts: Sequence[Watched]) -> Verdict:
    """Every second use was found at once; of a thousand honest days one may have been thought odd."""
    uses, days = sum(one.uses for one in parts), sum(one.days for one in parts)
    if uses:
        told.measured(patterns=len(STORIES), missed=_added(one.missed for one in parts))
        told.measured(kinds=_added(one.kinds for one in parts))
        told.require("second_uses", uses, least=len(STORIES))
        told.require("caught", sum(one.caught for one in parts), least=uses, most=uses)
        told.require("found_before_it_was_odd", sum(one.early for one in parts), most=0)
        told.require("slowest_alert_seconds", round(max(one.slowest for one in parts), 1), most=_ALERT)
    if days:
        alarms = _added(one.alarms for one in parts)
        told.measured(honest_days=days, alarms=alarms)
        told.require("false_alarms", sum(alarms.values()), most=days // 1000)
    return told


def _added(counters: Iterable[Counter[str]]) -> dict[str, int]:
    return dict(sum(counters, Counter[str]()))


def _second_uses(town: Town, uses: int, told: Watched) -> None:
    began = time.monotonic()
    for place, owner in enumerate(town.newcomers(uses)):
        story = STORIES[place % len(STORIES)]
        known_at = story(town, owner, FIRST_DAY + timedelta(days=place % _DAYS))
        every = town.findings(owner)
        found = [one for one in every if one[1] > owner.calm_until]
        told.uses, told.caught = told.uses + 1, told.caught + bool(found)
        told.early += len(every) - len(found)
        told.kinds.update(kind for kind, _ in found)
        if found:
            told.slowest = max(told.slowest, (found[0][1] - known_at).total_seconds())
        else:
            told.missed[story.__name__] += 1
        if told.uses % 100 == 0:
            print(f"{told.uses} second uses, {told.caught} caught, {time.monotonic() - began:.0f} s", flush=True)


def _honest_days(town: Town, days: int, told: Watched) -> None:
    """One person after the other, up to four weeks each."""
    began = time.monotonic()
    while told.days < days:
        officer = town.newcomers(1)[0]
        told.days += month(town, officer, FIRST_DAY, min(_DAYS, days - told.days))
        told.alarms.update(kind for kind, _ in town.findings(officer))
        alarms = told.alarms.total()
        print(f"{told.days} honest days, {alarms} false alarms, {time.monotonic() - began:.0f} s", flush=True)
