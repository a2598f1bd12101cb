"""S9, four eyes: whoever holds which roles in whatever order, no figure is approved, signed or published alone.

A Hypothesis state machine acts through the real doors of results and reporting: people who are given and relieved of
any role at any moment sit at any machine. Its own log of what was answered with success, and nothing of the services,
says who did what.
"""

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, seed, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from joserfc.jwk import OKPKey
from sqlalchemy import text

from deploy.chaos.verdict import Plan, Verdict
from deploy.security.parts import in_parts
from services.contracts.base import Grant, Passport, Refusal
from services.contracts.reporting import PublishSnapshot
from services.contracts.roles import Role
from services.kit.database import Database
from services.kit.logs import configure
from services.kit.passports import new_key, save_public
from services.reporting.models import Base as ReportingBase
from services.reporting.service import ReportingService
from services.reporting.settings import ReportingSettings
from services.results.models import Base as ResultsBase
from services.results.service import ResultsService
from tests import servers
from tests.hands import Hands, told
from tests.results.world import ELECTION, NA, PATHS, VY_DA, World, sound

AREA = "19777-001"
STEPS = 50
"""Acts of one story; then the count begins anew."""
ROLES = (
    Role.TYPIST,
    Role.CHECKER,
    Role.APPROVER,
    Role.PROVINCE_OFFICER,
    Role.BOARD_SECRETARY,
    Role.BOARD_HEAD,
    Role.PUBLISHER,
)
MOST_HANDS = 7
_TOLD_EVERY = 100  # stories
_COUNTED = ("results.record_advanced", "results.result_advanced")
_FRESH = {
    "results": "records, record_versions, drafts, commune_sums, results, result_versions, outbox, answered",
    "reporting": "records, results, publications, commune_counts, inbox, answered",
}


@dataclass
class Somebody:
    """A person of the story: what they are allowed now, and the machine they sit at now."""

    name: str
    role: Role
    unit: str
    id: UUID = field(default_factory=uuid4)
    machine: str = ""
    held: set[Role] = field(default_factory=lambda: set(ROLES))

    def holds(self, approves: str | None = None) -> Passport:
        """A passport with every role held at this moment."""
        grants = tuple(Grant(role=role, scope=f"{ELECTION}/{unit}") for role in self.held for unit in _places(role))
        return Passport(
            person=self.id, name=self.name, session=uuid4(), grants=grants, approves=approves, machine=self.machine
        )


def _places(role: Role) -> tuple[str, ...]:
    if role in (Role.BOARD_SECRETARY, Role.BOARD_HEAD):
        return (PATHS[NA],)
    return {Role.PUBLISHER: ("vn",), Role.PROVINCE_OFFICER: ("vn/46",)}.get(role, (VY_DA,))


@dataclass
class Ground:
    """Both services in hand, with everything they must have heard before the first record is typed."""

    world: World
    reporting: Hands
    results_db: Database
    reporting_db: Database
    told: int = 0

    def begin_anew(self) -> None:
        """No record typed, nothing published: the same map, lists and voters."""
        for db, name in ((self.results_db, "results"), (self.reporting_db, "reporting")):
            with db.engine.begin() as connection:
                connection.execute(text(f"TRUNCATE {_FRESH[name]}"))
        area = self.world.area(VY_DA, 1)
        with self.results_db.engine.begin() as connection:
            connection.execute(text("DELETE FROM areas"))
        self.world.results.hear([area])
        self.told = len(told(self.results_db))

    def pass_on(self) -> None:
        """Reporting hears what results has told of the count since."""
        letters = told(self.results_db)
        for letter in letters[self.told :]:
            if letter.topic in _COUNTED:
                self.reporting.hear([letter])
        self.told = len(letters)


@dataclass
class Log:
    """What was answered with success: the hands of the record as it stands, and of the result."""

    record: list[tuple[str, UUID, str]] = field(default_factory=list)
    result: list[tuple[str, UUID, str]] = field(default_factory=list)
    approved: bool = False
    declared: bool = False


@dataclass
class Tally:
    """What the stories came to."""

    steps: int = 0
    accepted: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    approved: int = 0
    declared: int = 0
    published: int = 0


PEOPLE = strategies.integers(0, MOST_HANDS - 1)
HANDS = strategies.tuples(PEOPLE, strategies.integers(0, MOST_HANDS - 1))
"""Who acts, and where they sit; in a story of fewer people or machines the numbers begin anew."""
Hand = tuple[int, int]


class Count(RuleBasedStateMachine):
    """One record of one area, typed, compared, approved, drawn up, signed and published by anybody anywhere."""

    ground: ClassVar[Ground]
    tally: ClassVar[Tally]
    people: ClassVar[int]
    machines: ClassVar[int]

    @initialize()
    def begin(self) -> None:
        self.ground.begin_anew()
        self.ground.world.khoa = Somebody("Người ghi phiếu", Role.TYPIST, VY_DA, machine="m" * 32)
        self.ground.world.use(AREA)
        self.crowd = [Somebody(f"Người {place}", Role.TYPIST, VY_DA) for place in range(self.people)]
        self.log = Log()

    def at(self, hand: Hand) -> Somebody:
        """The person, sitting at the machine."""
        actor = self.crowd[hand[0] % self.people]
        actor.machine = f"{hand[1] % self.machines:032x}"
        return actor

    def did(self, act: Callable[[], Any]) -> Any:
        """The answer, or None when it was refused."""
        tally = self.tally
        tally.steps += 1
        try:
            answer = act()
        except Refusal as refusal:
            tally.refused[refusal.code] = tally.refused.get(refusal.code, 0) + 1
            return None
        tally.accepted += 1
        self.ground.pass_on()
        return answer

    @rule(person=PEOPLE, role=strategies.sampled_from(ROLES), give=strategies.sampled_from((True, True, False)))
    def change_role(self, person: int, role: Role, give: bool) -> None:
        self.tally.steps += 1
        held = self.crowd[person % self.people].held
        if give:
            held.add(role)
        else:
            held.discard(role)

    @rule(hand=HANDS, slip=strategies.booleans())
    def enter(self, hand: Hand, slip: bool) -> None:
        actor, figures = self.at(hand), sound(2 if slip else 1)
        if self.did(lambda: self.ground.world.enter(actor, AREA, figures, as_paper=True)) is not None:
            self.log.record.append(("enter", actor.id, actor.machine))

    @rule(hand=HANDS)
    def compare(self, hand: Hand) -> None:
        actor, world = self.at(hand), self.ground.world

        def act() -> Any:
            content = world.comparison(actor, AREA).content
            return world.resolve(actor, AREA, sound(1), content, reason="theo biên bản giấy")

        if self.did(act) is not None:
            self.log.record.append(("compare", actor.id, actor.machine))

    @rule(hand=HANDS)
    def send_back(self, hand: Hand) -> None:
        actor = self.at(hand)
        if self.did(lambda: self.ground.world.send_back(actor, AREA)) is not None:
            self.log.record.clear()

    @rule(hand=HANDS)
    def approve(self, hand: Hand) -> None:
        actor, world = self.at(hand), self.ground.world
        waiting = world.waiting().records if len(self.log.record) > 1 else ()
        if waiting and self.did(lambda: world.approve(actor, waiting)) is not None:
            self.log.record.append(("approve", actor.id, actor.machine))
            self.log.approved, self.tally.approved = True, self.tally.approved + 1

    @rule(hand=HANDS)
    def reopen(self, hand: Hand) -> None:
        actor = self.at(hand)
        if self.did(lambda: self.ground.world.reopen(actor, AREA)) is not None:
            self.log = Log()

    @rule(hand=HANDS)
    def prepare(self, hand: Hand) -> None:
        actor, world = self.at(hand), self.ground.world
        if self.did(lambda: world.prepare(actor, world.result(NA).content)) is not None:
            self.log.result = [("prepare", actor.id, actor.machine)]

    @rule(hand=HANDS)
    def declare(self, hand: Hand) -> None:
        actor, world = self.at(hand), self.ground.world
        content = world.result(NA).content
        if self.did(lambda: world.declare(actor, content, approves=content)) is not None:
            self.log.result.append(("declare", actor.id, actor.machine))
            self.log.declared, self.tally.declared = True, self.tally.declared + 1

    @rule(hand=HANDS)
    def publish(self, hand: Hand) -> None:
        actor = self.at(hand)
        asked = PublishSnapshot(key=uuid4(), election=ELECTION, unit="vn")
        with self.ground.reporting_db.engine.begin() as connection:
            connection.execute(text("TRUNCATE publications"))  # the order before has been worked
        if self.did(lambda: self.ground.reporting.publish_snapshot(asked, by=actor.holds())) is not None:
            hands = [*(self.log.record if self.log.approved else ()), *self.log.result]
            assert actor.id not in {person for _, person, _ in hands}, f"a hand of the count published: {hands}"
            assert actor.machine not in {machine for _, _, machine in hands}, f"published where was counted: {hands}"
            self.tally.published += self.log.declared

    @rule(hand=HANDS)
    def go_on(self, hand: Hand) -> None:
        """What an office would do next, by whoever is there; so that stories get far."""
        self.next_act()(hand)

    @rule(hands=strategies.lists(HANDS, min_size=2, max_size=4))
    def go_on_for_a_while(self, hands: list[Hand]) -> None:
        """The same, several times."""
        for hand in hands:
            self.next_act()(hand)

    def next_act(self) -> Callable[[Hand], None]:
        """The act that is due."""
        log = self.log
        acts = [act for act, _, _ in log.record]
        if acts.count("enter") < 2:
            return lambda hand: self.enter(hand, slip=False)
        if not log.approved:
            return self.approve if self.ground.world.waiting().records else self.compare
        if not log.result:
            return self.prepare
        return self.publish if log.declared else self.declare

    @invariant()
    def many_hands_at_many_machines(self) -> None:
        log = getattr(self, "log", Log())
        for hands, least, done in ((log.record, 3, log.approved), (log.result, 2, log.declared)):
            assert len({person for _, person, _ in hands}) == len(hands), f"one person twice: {hands}"
            assert len({machine for _, _, machine in hands}) == len(hands), f"one machine twice: {hands}"
            assert not done or len(hands) >= least, f"too few hands: {hands}"
        assert not log.declared or log.approved, "declared without an approval"


def run(
    ground: Ground,
    stories: int,
    people: int = MOST_HANDS,
    machines: int = MOST_HANDS,
    *,
    dice: int = 1,
    shrink: bool = True,
) -> Tally:
    """So many stories; Hypothesis prints the first that breaks a promise, made short. The same dice tell the same."""
    tally = Tally()
    told = {"ground": ground, "tally": tally, "people": people, "machines": machines}
    run_state_machine_as_test(
        seed(dice)(type("Counted", (Count,), told)),
        settings=settings(
            max_examples=stories,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return tally


def _leave(_: Callable[[], None]) -> None:
    """Orders to publish wait: who may give them is the question here, not what is printed."""


def grounded(results_db: Database, reporting_db: Database, folder: Path, key: OKPKey, jwks: Path) -> Ground:
    """Both services on empty databases, with one area of one ward."""
    world = World(Hands(ResultsService, results_db, key, jwks)).hear_all(areas=1)
    given = ReportingSettings(
        database_url=reporting_db.url, files_url=str(folder / "files"), public_folder=folder / "public",
        snapshot_key=folder / "snapshot.pem",
    )  # fmt: skip
    reporting = Hands(ReportingService, reporting_db, key, jwks, settings=given)
    reporting.service.start = _leave
    reporting.hear(world.called())
    return Ground(world, reporting, results_db, reporting_db)


@dataclass
class Lived:
    """What came of the stories of one process."""

    alone: Tally = field(default_factory=Tally)  # of one person at many machines, and of many people at one
    many: Tally = field(default_factory=Tally)

    @property
    def steps(self) -> int:
        """All of them."""
        return self.alone.steps + self.many.steps


def duties(plan: Plan) -> Verdict:
    """`make security SCENARIO=duties`: 100,000 steps, and everything one person or one machine alone can try."""
    steps, parts = plan.either(2_000, 100_000), plan.either(1, os.cpu_count() or 1)
    each = math.ceil(steps / parts)
    with servers.postgres() as url:
        orders = [(url, plan.folder / str(number), each, plan.seed + number * 1_000_000) for number in range(parts)]
        return judge(Verdict("duties"), in_parts(part, orders), steps)


def part(url: str, folder: Path, steps: int, dice: int) -> Lived:
    """So many steps on databases of one's own; what one processor can do."""
    configure("security", "ERROR")
    folder.mkdir(parents=True, exist_ok=True)
    key, jwks = new_key(), folder / "passports.json"
    save_public([key], jwks)
    databases = servers.Databases(url)
    bases = (("results", ResultsBase), ("reporting", ReportingBase))
    opened = [Database(databases.fresh(name, base.metadata), pool=4) for name, base in bases]
    try:
        return lived(grounded(opened[0], opened[1], folder, key, jwks), steps, dice)
    finally:
        for db in opened:
            db.close()


def lived(ground: Ground, steps: int, dice: int = 1) -> Lived:
    """Most steps with many people at many machines; the rest with one person, and with everybody at one machine."""
    few = max(2, steps // 10 // STEPS)
    came = Lived()
    for people, machines in ((1, MOST_HANDS), (MOST_HANDS, 1)):
        _add(came.alone, run(ground, few, people, machines, dice=dice))
    stories, began = 0, time.monotonic()
    while came.steps < steps:
        each_story = came.many.steps // stories if stories else STEPS
        more = min(max(4, (steps - came.steps) // max(1, each_story) + 1), _TOLD_EVERY)
        _add(came.many, run(ground, more, dice=dice + stories))
        stories += more
        so_far = f"{came.steps} steps, {came.many.published} published"
        print(f"{so_far}, {time.monotonic() - began:.0f} s", flush=True)
    return came


def judge(verdict: Verdict, came: Sequence[Lived], steps: int) -> Verdict:
    """Enough was tried, the way of many hands leads to the end, and that of too few nowhere."""
    verdict.require("steps", sum(one.steps for one in came), least=steps)
    for name in ("approved", "declared", "published"):
        verdict.require(name, sum(getattr(one.many, name) for one in came), least=1)
    lonely = (one.alone for one in came)
    verdict.require("alone", sum(one.approved + one.declared + one.published for one in lonely), most=0)
    verdict.measured(accepted=sum(one.many.accepted for one in came))
    verdict.measured(refused=sum(sum(one.many.refused.values()) for one in came))
    return verdict


def _add(every: Tally, one: Tally) -> None:
    for name in ("steps", "accepted", "approved", "declared", "published"):
        setattr(every, name, getattr(every, name) + getattr(one, name))
    for code, times in one.refused.items():
        every.refused[code] = every.refused.get(code, 0) + times
