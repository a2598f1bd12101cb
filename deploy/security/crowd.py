"""S14: everybody signs in within a quarter of an hour, both factors, and whoever is in already notices nothing."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from deploy.chaos.verdict import Plan, Verdict
from deploy.security.ground import PASSWORD, Who
from deploy.security.revocation import Town, town
from services.contracts.base import Refusal
from services.contracts.identity import Challenge, OpenPassport, Papers, SecondFactor, Session, SignIn
from services.kit.settling import settle
from tests import servers
from tests.kit.running import eventually
from tests.kit.shop import Look, Total

A_SECOND = 19
QUARTER = 900  # seconds
P95_WITHIN = 1.0  # seconds of both factors together
TIMES_SLOWER = 2.0
_PROBES_A_SECOND = 20
_RENEWED_AFTER = 120  # seconds
_NARROW = threading.Semaphore(6)  # as the gateway lets people in


@dataclass
class Load:
    """What is asked at fixed instants, whether what was asked before has been answered or not."""

    pool: ThreadPoolExecutor
    asked: list["Future[float | None]"] = field(default_factory=list)

    def run(self, work: Callable[[int], None], rate: float, seconds: float) -> None:
        """So many a second; an answer's time counts from the instant it was due."""
        began = time.monotonic()
        for number in range(int(rate * seconds)):
            due = began + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            self.asked.append(self.pool.submit(_timed, work, number, due))

    def took(self) -> list[float]:
        """Seconds of each that was answered, shortest first."""
        return _answered(self.asked)

    def by_minute(self, rate: int) -> list[float | None]:
        """The 95th part of each minute's answers: whether it was slow always, or once."""
        minutes = (self.asked[start : start + rate * 60] for start in range(0, len(self.asked), rate * 60))
        return [share(_answered(minute), 0.95) for minute in minutes]

    @property
    def refused(self) -> int:
        """How many were refused."""
        return sum(each.result() is None for each in self.asked)


def _answered(asked: Sequence["Future[float | None]"]) -> list[float]:
    return sorted(seconds for each in asked if (seconds := each.result()) is not None)


def _timed(work: Callable[[int], None], number: int, due: float) -> float | None:
    try:
        work(number)
    except Refusal:
        return None
    return time.monotonic() - due


@dataclass
class Held:
    """The passport of somebody at work, opened anew before its five minutes are over, as a gateway does."""

    place: Town
    token: str
    passport: str = ""
    good_until: float = 0.0

    def now(self) -> str:
        """A passport that is worth something."""
        if time.monotonic() > self.good_until:
            self.passport, self.good_until = self.place.opened(self.token), time.monotonic() + _RENEWED_AFTER
        return self.passport


def share(took: list[float], part: float) -> float | None:
    """The time within which such a part of the answers came, in seconds."""
    return round(took[min(int(len(took) * part), len(took) - 1)], 3) if took else None


def crowd(plan: Plan) -> Verdict:
    """`make security SCENARIO=crowd`: 17,100 people in 15 minutes; the short form is one minute of it."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    with servers.postgres() as url, servers.rabbitmq() as broker:
        return signing_in(plan.folder, servers.Databases(url), servers.fresh_vhost(broker), plan.either(60, QUARTER))


def signing_in(folder: Path, databases: servers.Databases, broker_url: str, seconds: int) -> Verdict:
    """Others work before and during; their times are compared. Identity runs as two processes, as it is installed."""
    told = Verdict("crowd")
    with town(folder, databases, broker_url) as place:
        place.second_identity()
        people = place.ground.people(A_SECOND * seconds)
        inside = place.ground.people(1, prefix="da-vao")[0]
        token, held = place.ground.session(inside), Held(place, place.clerk())
        served = eventually(lambda: _answers(place, token, held), 60)
        told.require("serves", int(served), least=1)
        print(f"{len(people)} people, {seconds} s", flush=True)
        probes = _probes(place, token, held)
        settle()  # who measures must not stop for a tenth of a second to look through thousands of people
        quiet = _others(probes, min(seconds, 60), None)
        entering = Load(ThreadPoolExecutor(64))

        def arrive() -> None:
            entering.run(lambda number: _enter(place, people[number]), A_SECOND, seconds)

        busy = _others(probes, seconds, arrive)
        took = entering.took()
        told.require("signed_in", len(took), least=len(people))
        told.measured(refused=entering.refused, p50=share(took, 0.5), p99=share(took, 0.99))
        told.require("p95", share(took, 0.95), most=P95_WITHIN)
        told.measured(p95_by_minute=entering.by_minute(A_SECOND))
        for name, before in quiet.items():
            _compared(told, name, before, busy[name])
        _one_session_each(told, place, people)
    return told


def _one_session_each(told: Verdict, place: Town, people: list[Who]) -> None:
    live = "SELECT count(*) FROM sessions WHERE state = 'live' AND person = ANY(:people)"
    begun = place.ground.number(live, people=[who.id for who in people])
    told.require("sessions", begun, least=len(people), most=len(people))


def _compared(told: Verdict, name: str, before: Load, during: Load) -> None:
    quiet, busy = share(before.took(), 0.99), share(during.took(), 0.99)
    told.measured(**{f"{name}_p99_before": quiet, f"{name}_p99_during": busy})
    told.require(f"{name}_refused", before.refused + during.refused, most=0)
    times = round(busy / quiet, 2) if quiet and busy is not None else None
    told.require(f"{name}_times_slower", times, most=TIMES_SLOWER)


def _probes(place: Town, token: str, held: Held) -> dict[str, Callable[[int], None]]:
    """A passport is asked of the very service people sign in to, a figure of another one."""
    return {"passport": lambda _: _passport(place, token), "figure": lambda _: _figure(place, held.now())}


def _others(
    probes: dict[str, Callable[[int], None]], seconds: float, meanwhile: Callable[[], None] | None
) -> dict[str, Load]:
    """Each at its fixed rate, and beside them what happens meanwhile."""
    loads = {name: Load(ThreadPoolExecutor(16)) for name in probes}
    threads = [
        threading.Thread(target=loads[name].run, args=(probe, _PROBES_A_SECOND, seconds))
        for name, probe in probes.items()
    ]
    threads += [threading.Thread(target=meanwhile)] if meanwhile else []
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return loads


def _answers(place: Town, token: str, held: Held) -> bool:
    """Whether both services answer."""
    try:
        _passport(place, token)
        _figure(place, held.now())
    except Refusal:
        return False
    return True


def _passport(place: Town, token: str) -> None:
    place.caller.ask("identity", "open_passport", OpenPassport(token=token, renew=False), reply=Papers, timeout=10.0)


def _figure(place: Town, passport: str) -> None:
    place.caller.ask("shop", "look", Look(counter="a"), reply=Total, passport=passport, timeout=10.0)


def _enter(place: Town, who: Who) -> None:
    """Both factors, as the gateway asks them."""
    ask: Any = place.caller.ask
    where = {"address": "10.0.0.9", "device": "máy thử", "machine": who.id.hex}
    first = SignIn(key=uuid4(), login=who.login, password=PASSWORD, **where)
    with _NARROW:
        challenge = ask("identity", "sign_in", first, reply=Challenge, timeout=20.0).challenge
    second = SecondFactor(key=uuid4(), challenge=challenge, totp=who.code())
    ask("identity", "second_factor", second, reply=Session, timeout=20.0)
