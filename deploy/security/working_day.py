"""People at work in a simulated month: they sign in, ask and act through the real doors; only the clock is ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from deploy.security.ground import ELECTION, PASSWORD, UNIT, Ground, Who
from services.contracts.base import Envelope, Grant, NotSignedIn, Passport
from services.contracts.identity import OpenPassport, SecondFactor, SignIn, SignOut
from services.contracts.sharing import AnnounceMachine, Network, SetNetworks
from services.identity.store import entry
from services.kit import pipeline

SIBLING, PROVINCE, FAR_PROVINCE = "vn/46/19815", "vn/46", "vn/48"
NETWORKS = {
    UNIT: ("203.0.113.0/24", "2001:db8:46:77::/64"),
    SIBLING: ("198.51.100.0/24",),
    PROVINCE: ("192.0.2.0/25",),
    FAR_PROVINCE: ("192.0.2.128/25",),
}
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
CHROME, EDGE = _WINDOWS + "Chrome/{v}.0.0.0 Safari/537.36", _WINDOWS + "Chrome/{v}.0.0.0 Safari/537.36 Edg/{v}.0.0.0"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0"
PHONE = "Mozilla/5.0 (Linux; Android 15; SM-A556E) AppleWebKit/537.36 Chrome/{v}.0.0.0 Mobile Safari/537.36"
DESKTOPS = (CHROME, EDGE, FIREFOX)
FIRST_DAY = datetime(2026, 2, 16, 0, 0, tzinfo=UTC)  # midnight of the simulation; Vietnam is seven hours ahead


class Clock:
    """The time the doors believe in."""

    def __init__(self) -> None:
        self.at = FIRST_DAY

    def now(self, _zone: object = None) -> datetime:
        return self.at


@contextmanager
def simulated_time(clock: Clock) -> Iterator[None]:
    """Doors stamp their requests with the clock, timers read it."""
    kept: tuple[Any, Any] = pipeline.datetime, entry.now
    pipeline.datetime = SimpleNamespace(now=clock.now)  # type: ignore[assignment,misc]
    entry.now = lambda _tx: clock.at
    try:
        yield
    finally:
        pipeline.datetime, entry.now = kept  # type: ignore[misc]


@dataclass(frozen=True)
class Seat:
    """A browser on a machine somewhere; a machine of "" names none."""

    machine: str
    address: str
    agent: str

    def told(self) -> dict[str, str]:
        return {"address": self.address, "device": self.agent, "machine": self.machine}

    def moved(self, address: str) -> "Seat":
        return replace(self, address=address)


@dataclass
class Town:
    """The doors, the clock and the dice; a town has a commune office with a network of its own."""

    ground: Ground
    clock: Clock
    dice: Random
    taken: int = 0

    def prepare(self) -> None:
        """The units have registered their networks."""
        for unit, cidrs in NETWORKS.items():
            asked = SetNetworks(
                key=uuid4(), election=ELECTION, unit=unit, networks=tuple(Network(cidr=cidr) for cidr in cidrs)
            )
            self.ground.identity.set_networks(asked, by=administrator("vn"))

    def newcomers(self, number: int, unit: str = UNIT) -> list["Officer"]:
        """People with an active account nobody has used."""
        self.taken += 1
        people = self.ground.people(number, prefix=f"can-bo.{self.taken}")
        if unit != UNIT:
            moved = "UPDATE grants SET unit = :unit, scope = :scope WHERE person = ANY(:people)"
            scope = f"{ELECTION}/{unit}"
            self.ground.change(moved, unit=unit, scope=scope, people=[who.id for who in people])
        return [Officer(self, who) for who in people]

    def machine(self) -> str:
        return f"{self.dice.getrandbits(128):032x}"

    def desk(self, agent: str | None = None) -> Seat:
        """A machine of the commune's office that nobody has used yet."""
        agent = agent or self.dice.choice(DESKTOPS)
        return Seat(self.machine(), self.office(), agent.format(v=self.dice.randint(130, 141)))

    def office(self) -> str:
        """An address in the commune's own network."""
        return f"203.0.113.{self.dice.randint(1, 254)}"

    def line(self) -> str:
        """An address some provider gave: in no unit's network, near no other."""
        first, rest = self.dice.choice((14, 27, 113, 171)), [self.dice.randint(1, 254) for _ in range(3)]
        return ".".join(map(str, (first, *rest)))

    def minutes(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=self.dice.uniform(least * 60, most * 60))

    def findings(self, who: "Officer") -> list[tuple[str, datetime]]:
        """What was found about a person, in order."""
        rows = "SELECT kind, found_at FROM sharing_findings WHERE person = %(person)s ORDER BY found_at"
        return [(kind, at) for kind, at in self.ground.db.glance(rows, {"person": who.who.id})]


@dataclass
class Officer:
    """Somebody with an account; `token` is their session's as they hold it."""

    town: Town
    who: Who
    token: str = ""
    seat: Seat | None = None
    done: int = 0
    last_step: datetime = field(default=FIRST_DAY - timedelta(days=9))
    calm_until: datetime = field(default=FIRST_DAY - timedelta(days=9))  # nothing odd has happened until then

    def sign_in(self, seat: Seat, at: datetime) -> str:
        """Both factors from a seat; a code is not given twice."""
        clock, doors = self.town.clock, self.town.ground.identity
        clock.at = max(at, self.last_step + timedelta(seconds=31))
        self.last_step = clock.at
        asked = SignIn(key=uuid4(), login=self.who.login, password=PASSWORD, **seat.told())
        challenge = doors.sign_in(asked).challenge
        clock.at += timedelta(seconds=self.town.dice.randint(4, 20))
        code = self.who.code(clock.at)
        self.token = doors.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=code)).token
        self.seat = seat
        return self.token

    def sign_out(self, at: datetime) -> None:
        self.town.clock.at = at
        self.town.ground.identity.sign_out(SignOut(key=uuid4(), token=self.token))

    def ask(self, at: datetime, seat: Seat | None = None, token: str = "") -> bool:
        """A page is asked for; False when the session has ended."""
        self.town.clock.at = at
        seat = seat or self.seat
        assert seat is not None
        try:
            self.town.ground.identity.open_passport(OpenPassport(token=token or self.token, **seat.told()))
        except NotSignedIn:
            return False
        return True

    def act(self, first_at: datetime, number: int, every: timedelta) -> None:
        """Acts in the services, as their letters reach the ledger; each tells of two things."""
        letters = []
        for n in range(number):
            self.done += 1
            cause = f"submit_entry:{self.who.id}:{self.done}"
            letters += [
                Envelope(
                    id=uuid4(), topic="results.entry_submitted", aggregate=f"{kind}/{cause}", version=1,
                    at=first_at + n * every, actor=str(self.who.id), causation=cause, data={"n": n},
                )
                for kind in ("record", "area")
            ]  # fmt: skip
        self.town.ground.identity.hear(letters)

    def act_watched(self, first_at: datetime, number: int, every: timedelta, ticks: int = 8) -> None:
        """The same with the timer that looks at rhythm going on beside it, at least after the last act."""
        step = max(1, number // ticks)
        for first in range(0, number, step):
            share = min(step, number - first)
            self.act(first_at + first * every, share, every)
            self.town.clock.at = first_at + (first + share - 1) * every + timedelta(seconds=2)
            self.town.ground.identity.watch_rhythm()

    def announce(self, at: datetime) -> None:
        """The administrator of the commune says that a new machine comes."""
        self.town.clock.at = at
        asked = AnnounceMachine(
            key=uuid4(), election=ELECTION, unit=UNIT, login=self.who.login, reason="máy cũ hỏng, nhận máy mới"
        )
        self.town.ground.identity.announce_machine(asked, by=administrator(UNIT))


def administrator(unit: str) -> Passport:
    """Somebody who looks after accounts."""
    grant = Grant(role="account_admin", scope=f"{ELECTION}/{unit}")
    return Passport(person=uuid4(), name="Quản trị tài khoản", session=uuid4(), grants=(grant,))
