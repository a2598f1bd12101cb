"""S5: nobody learns by an answer or by its time whether an account exists, and few guesses are looked at."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from uuid import uuid4

from deploy.chaos.verdict import Plan, Verdict
from deploy.security.codes import no_waiting
from deploy.security.ground import PASSWORD, Ground, Who, own_ground
from services.contracts.identity import SecondFactor, SignIn, SignInFailed
from services.identity.domain import sessions
from services.identity.store import entering

MOST_APART = 0.002  # seconds between the medians
LEAST_P = 0.01
EVALUATED = 100
BACK_WITHIN = 60
RESTLESS = 20  # accounts guessed at without reading the rules; at the others a guesser loses no second


def guessing(plan: Plan) -> Verdict:
    """`make security SCENARIO=guessing`: 2,000 of each kind, then floods on 1,000 accounts, on 20 of 10,000 tries."""
    with own_ground(plan.folder) as ground:
        told = Verdict("guessing")
        timed(ground, told, plan.either(200, 2000), plan.random)
        flooded(ground, told, plan.either(10, 1000), 10_000, plan.either(2, RESTLESS))
        return told


def timed(ground: Ground, told: Verdict, wanted: int, dice: Random) -> None:
    """Wrong passwords under logins somebody has and nobody has, in random turns."""
    known = [who.login for who in ground.people(10, prefix="quen")]
    unknown = [f"la.{place}" for place in range(10)]
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    differing = 0
    with no_waiting():
        for login in [*known, *unknown]:
            _refused(ground, login)
        for place in range(wanted):
            turn = [("known", known[place % 10]), ("unknown", unknown[place % 10])]
            dice.shuffle(turn)
            answers = {_timed(ground, login, took[kind]) for kind, login in turn}
            differing += len(answers) - 1
            if (place + 1) % 500 == 0:
                print(f"{place + 1} of each kind", flush=True)
    apart = abs(median(took["known"]) - median(took["unknown"]))
    told.measured(median_ms=round(median(took["known"]) * 1000, 2))
    told.require("medians_apart_ms", round(apart * 1000, 3), most=MOST_APART * 1000)
    told.require("rank_test_p", round(rank_test(took["known"], took["unknown"]), 4), least=LEAST_P)
    told.require("differing_answers", differing, most=0)


def flooded(ground: Ground, told: Verdict, accounts: int, tries: int, restless: int = RESTLESS) -> None:
    """Guessers who never rest: how many guesses are looked at, and when the owner is let in again."""
    people = ground.people(accounts, prefix="bi-do")
    steady = [_flood(ground, who, _restless(tries)) for who in people[:restless]]
    cunning = [_flood(ground, who, _knowing()) for who in people[restless:]]
    floods = steady + cunning
    told.measured(accounts=accounts, tries=sum(flood.tries for flood in floods))
    told.require("evaluated_of_one", max(flood.evaluated for flood in floods), most=EVALUATED)
    told.require("evaluated_of_who_knows", min(flood.evaluated for flood in cunning), least=EVALUATED)
    told.require("owner_waits_seconds", max(flood.waited for flood in floods), most=BACK_WITHIN)
    told.require("back_with_both_factors", int(_back(ground, people[0])), least=1)


@dataclass(frozen=True)
class Flood:
    """What one account was met with: tries, those looked at, and the longest wait of its owner."""

    tries: int
    evaluated: int
    waited: int


def _restless(tries: int) -> Iterator[int]:
    """Seconds of three tries in two seconds, whatever is answered."""
    return (done * 2 // 3 for done in range(tries))


def _knowing() -> Iterator[int]:
    """The seconds of one who has read the rules: at once again, a second too early, and when it is time; then on."""
    at = 0
    for wait in sessions.WAITS:
        yield at
        yield from (at, at + wait - 1) if wait else ()
        at += wait
    yield from range(at, at + 2 * BACK_WITHIN)


def _flood(ground: Ground, who: Who, moments: Iterator[int]) -> Flood:
    """Tries under one login, each at its second."""
    began, tries, evaluated = datetime(2026, 3, 15, tzinfo=UTC), 0, 0
    with ground.db.transaction() as tx:
        for moment in moments:
            failures = entering.count_try(tx, who.login, began + timedelta(seconds=moment), sessions.WAITS)
            tries, evaluated = tries + 1, evaluated + (failures is not None)
    return Flood(tries, evaluated, max(map(sessions.seconds_to_wait, range(1, evaluated + 1))))


def _back(ground: Ground, who: Who) -> bool:
    """The rightful owner after a minute of peace, below the hard lock."""
    ground.change("UPDATE guesses SET failures = 99, not_before = now() - interval '1 s'")
    challenge = ground.identity.sign_in(SignIn(key=uuid4(), login=who.login, password=PASSWORD)).challenge
    ground.identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=who.code()))
    return bool(ground.number("SELECT count(*) FROM sessions WHERE person = :p AND state = 'live'", p=who.id) == 1)


def _timed(ground: Ground, login: str, took: list[float]) -> str:
    """The answer after the same number of failures, its seconds written down."""
    seconds, answer = _refused(ground, login)
    took.append(seconds)
    return answer


def _refused(ground: Ground, login: str) -> tuple[float, str]:
    """Seconds and bytes of one refusal."""
    asked = SignIn(key=uuid4(), login=login, password="sai rồi, thử lại xem nào")  # noqa: S106  wrong on purpose
    began = time.perf_counter()
    try:
        ground.identity.sign_in(asked)
    except SignInFailed as refusal:
        return time.perf_counter() - began, refusal.told().model_dump_json()
    raise AssertionError("a wrong password was right")


def rank_test(one: list[float], other: list[float]) -> float:
    """The two-sided p-value of Mann and Whitney's test, by the normal approximation (samples are large, ties rare).

    >>> rank_test([1, 2, 3, 4, 5, 6], [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]) > 0.5
    True
    >>> rank_test(list(range(50)), list(range(100, 150))) < 0.0001
    True
    """
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(place for place, (_, whose) in enumerate(ranked, 1) if whose == 0)
    first, second = len(one), len(other)
    u = ranks - first * (first + 1) / 2
    middle, spread = first * second / 2, math.sqrt(first * second * (first + second + 1) / 12)
    return math.erfc(abs(u - middle) / spread / math.sqrt(2))
