"""S4: an account in more hands than one is found at once, an honest day is left in peace: a simulated month."""

import time
from collections import Counter
from datetime import timedelta
from random import Random

from deploy.chaos.verdict import Plan, Verdict
from deploy.security.ground import Ground, own_ground
from deploy.security.honest_days import month
from deploy.security.second_uses import STORIES
from deploy.security.working_day import FIRST_DAY, Clock, Town, simulated_time

SECOND_USES, HONEST_DAYS = (52, 1000), (100, 1000)
"""How many in the short form and in the long one (reliability 8.2, S4)."""
_ALERT = 5.0
_DAYS = 28


def sharing(plan: Plan) -> Verdict:
    """`make security SCENARIO=sharing`: 1,000 second uses and 1,000 honest session-days."""
    with own_ground(plan.folder) as ground:
        return watched(ground, plan.either(*SECOND_USES), plan.either(*HONEST_DAYS), plan.random)


def watched(ground: Ground, uses: int, days: int, dice: Random) -> Verdict:
    """Every second use, then every honest day, on one database."""
    told, clock = Verdict("sharing"), Clock()
    with simulated_time(clock):
        town = Town(ground, clock, dice)
        town.prepare()
        _second_uses(town, uses, told)
        _honest_days(town, days, told)
    return told


def _second_uses(town: Town, uses: int, told: Verdict) -> None:
    caught, early, slowest, began = 0, 0, 0.0, time.monotonic()
    missed, kinds = Counter[str](), Counter[str]()
    for place, owner in enumerate(town.newcomers(uses)):
        story = STORIES[place % len(STORIES)]
        known_at = story(town, owner, FIRST_DAY + timedelta(days=place % _DAYS))
        every = town.findings(owner)
        found = [one for one in every if one[1] > owner.calm_until]
        caught, early = caught + bool(found), early + len(every) - len(found)
        kinds.update(kind for kind, _ in found)
        if found:
            slowest = max(slowest, (found[0][1] - known_at).total_seconds())
        else:
            missed[story.__name__] += 1
        if (place + 1) % 100 == 0:
            print(f"{place + 1} second uses, {caught} caught, {time.monotonic() - began:.0f} s", flush=True)
    told.measured(patterns=len(STORIES), missed=dict(missed), kinds=dict(kinds))
    told.require("second_uses", uses, least=len(STORIES))
    told.require("caught", caught, least=uses, most=uses)
    told.require("found_before_it_was_odd", early, most=0)
    told.require("slowest_alert_seconds", round(slowest, 1), most=_ALERT)


def _honest_days(town: Town, days: int, told: Verdict) -> None:
    """One person after the other, up to four weeks each."""
    lived, alarms, began = 0, Counter[str](), time.monotonic()
    while lived < days:
        officer = town.newcomers(1)[0]
        lived += month(town, officer, FIRST_DAY, min(_DAYS, days - lived))
        alarms.update(kind for kind, _ in town.findings(officer))
        print(f"{lived} honest days, {alarms.total()} false alarms, {time.monotonic() - began:.0f} s", flush=True)
    told.measured(alarms=dict(alarms))
    told.require("honest_days", lived, least=days)
    told.require("false_alarms", alarms.total(), most=days // 1000)
