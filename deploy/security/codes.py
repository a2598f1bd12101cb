"""S6: one code of an authenticator given again and again, also a hundred times at once: it opens one session."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

from deploy.chaos.verdict import Plan, Verdict
from deploy.security.ground import Ground, Who, own_ground
from services.contracts.base import Refusal
from services.contracts.identity import SecondFactor
from services.identity.domain import sessions

AT_ONCE = 100
_THREADS = 20


def codes(plan: Plan) -> Verdict:
    """`make security SCENARIO=codes`: 10,000 submissions."""
    with own_ground(plan.folder) as ground:
        return replayed(ground, plan.either(200, 10_000))


@contextmanager
def no_waiting() -> Iterator[None]:
    """The growing delay is not in the way: what is measured is what lies behind it."""
    kept = sessions.WAITS
    sessions.WAITS = (0,) * 1_000  # more than are tried under one login
    try:
        yield
    finally:
        sessions.WAITS = kept


def replayed(ground: Ground, wanted: int) -> Verdict:
    """Each person gives one code a hundred times at once, each time for a challenge of its own."""
    told, counted = Verdict("codes"), {"submissions": 0, "accepted": 0, "codes": 0, "wrong": 0}
    people, began = ground.people(-(-wanted // AT_ONCE)), time.monotonic()
    with no_waiting(), ThreadPoolExecutor(_THREADS) as pool:
        for who in people:
            accepted = sum(_given(ground, who, pool))
            counted["submissions"] += AT_ONCE
            counted["accepted"] += accepted
            counted["wrong"] += accepted != 1
            counted["codes"] += 1
            if counted["codes"] % 10 == 0:
                print(f"{counted['submissions']} submissions, {time.monotonic() - began:.0f} s", flush=True)
    told.require("submissions", counted["submissions"], least=wanted)
    told.require("codes", counted["codes"])
    told.require("accepted", counted["accepted"], least=counted["codes"], most=counted["codes"])
    told.require("codes_accepted_not_once", counted["wrong"], most=0)
    return told


def _given(ground: Ground, who: Who, pool: ThreadPoolExecutor) -> list[bool]:
    challenges, code = [ground.challenge(who) for _ in range(AT_ONCE)], who.code()

    def give(challenge: str) -> bool:
        try:
            ground.identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=code))
        except Refusal:
            return False
        return True

    return list(pool.map(give, challenges))
