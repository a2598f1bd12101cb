"""R2: the four crash windows, each hit so many times in real processes that are born again in a moment."""

import threading
import time
from collections import Counter
from random import Random

from deploy.chaos import judging
from deploy.chaos.cradle import Child, cradle
from deploy.chaos.ground import Ground, ground
from deploy.chaos.verdict import Plan, Verdict
from services.kit.failpoints import WINDOWS
from tests.kit.running import MIRROR, SHOP
from tests.kit.shop import CounterChanged

PLACES = {SHOP: WINDOWS[:2], MIRROR: WINDOWS[2:]}
COUNTERS = "abcdefgh"
CROWD = 300  # letters that wait, to be told or to be taken, above which no more are written
DEATH = 86
PATIENT = 1_000_000  # deliveries: dozens of deaths within seconds are more than the twenty that park a letter
SLOWEST = 60.0  # seconds a process may live before it dies: longer means that nothing moves


class Dying:
    """A service that dies at one of its two windows, again and again, until each was hit often enough."""

    def __init__(self, ground: Ground, service: str, times: int, random: Random) -> None:
        self.service, self.windows, self._times, self._random = service, PLACES[service], times, random
        self.hits: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._environment = ground.stage.environment(service, relay_poll=0.02)
        self._born: Child | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def _work(self) -> None:
        while left := [window for window in self.windows if self.hits[window] < self._times]:
            window = self._random.choice(left)
            armed = {"HP_FAILPOINTS": f"{window}={self._random.choice((1, 1, 2, 3))}"}
            self._born = cradle(green=True).bear(["run", self.service], self._environment | armed)
            code = self._born.wait()
            if code != DEATH:
                self.wrong.append(f"{window}: ended with {code}")
                break
            self.hits[window] += 1

    def end(self) -> None:
        """Nobody is born any more, nobody lives."""
        self._times = 0
        if self._born is not None:
            self._born.kill()
        self._thread.join(10)


def windows(plan: Plan) -> Verdict:
    """On servers of its own."""
    with ground(plan.folder, delivery_limit=PATIENT) as place:
        return hit(plan, place, int(plan.more.get("windows") or plan.either(25, 1000)))


def hit(plan: Plan, place: Ground, times: int) -> Verdict:
    """Each window so many times, under a trickle of letters; then all letters are counted."""
    verdict = Verdict("windows")
    dying = [Dying(place, service, times, plan.random) for service in PLACES]
    written, last_hits, since = 0, 0, time.monotonic()
    alive: set[str] = set()
    try:
        while not all(one.done for one in dying):
            alive |= _revived(place, dying, alive)
            written += _write(place, written)
            hits = sum(one.hits.total() for one in dying)
            if hits != last_hits:
                last_hits, since = hits, time.monotonic()
            if time.monotonic() - since > SLOWEST:
                verdict.misses.append(f"no process died for {SLOWEST:.0f} s")
                break
            time.sleep(0.05)
    finally:
        for one in dying:
            one.end()
    _revived(place, dying, alive)
    settled = judging.settled(place)
    verdict.require_kept(judging.letters(place), judging.faults(place))
    verdict.require("settled", settled, most=60.0)
    verdict.misses += [why for one in dying for why in one.wrong]
    for one in dying:
        for window, number in ((window, one.hits[window]) for window in one.windows):
            verdict.require(window.replace(" ", "_"), number, least=times)
    return verdict


def _revived(place: Ground, dying: list[Dying], alive: set[str]) -> set[str]:
    """The services that have died often enough live on: the other one needs its neighbour."""
    fresh = {one.service for one in dying if one.done} - alive
    for service in fresh:
        place.stage.start(service)
    return fresh


def _write(place: Ground, written: int) -> int:
    """Some more letters, unless many wait already, to be told or to be taken: who dies at every turn is slow."""
    stage = place.stage
    untold = stage.one(SHOP, "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE told_at IS NULL LIMIT 1000) AS waiting")
    if max(untold, len(COUNTERS) * (written - judging.rounds_taken(place, len(COUNTERS)))) >= CROWD:
        return 0
    with stage.dbs[SHOP].transaction() as tx:
        tx.emit_all(CounterChanged(counter=counter, total=written + 1) for counter in COUNTERS)
    return 1
