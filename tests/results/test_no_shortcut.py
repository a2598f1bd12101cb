"""However the doors are tried, by however few people, no record reaches approved with fewer than three."""

from itertools import count
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from services.contracts.base import Grant, Passport, Refusal
from services.contracts.candidates import Contest
from services.contracts.results import (
    ApproveRecords,
    CheckChoice,
    ClaimRecord,
    ComparisonOf,
    RecordRef,
    ReopenRecord,
    ResolveRecord,
    ReturnRecord,
    SubmitEntry,
    WaitingApproval,
    batch_hash,
)
from services.contracts.roles import Role
from tests.results.papers import figures
from tests.results.world import ELECTION, PROVINCE, VY_DA, World, sound

ALL_ROLES = (Role.TYPIST, Role.CHECKER, Role.APPROVER, Role.SECRETARY)
SHEETS = {
    "slip": figures(votes=(1203, 973, 742, 558, 336)),
    "unbalanced": figures(invalid=25),
    "warned": figures(voters=1450),
}
people = st.integers(0, 2)


class Tries(RuleBasedStateMachine):
    """People who each hold every role of the commune and of the province try every door in any order."""

    world: World
    crowd = 3
    areas = count(1)

    @initialize()
    def begin(self) -> None:
        """Each run tries a new area of one world."""
        number = next(self.areas)
        self.area = f"19777-{number:03d}"
        self.world.results.hear([self.world.area(VY_DA, number)])
        self.world.use(self.area)
        self.ids = [uuid4() for _ in range(self.crowd)]
        self.sheets = {**SHEETS, "right": sound(number)}
        self.about = {"election": ELECTION, "unit": VY_DA, "area": self.area, "contest": Contest.NA}

    def _as(self, who: int, approves: str | None = None) -> Passport:
        grants = tuple(Grant(role=role, scope=f"{ELECTION}/{VY_DA}") for role in ALL_ROLES)
        above = Grant(role=Role.PROVINCE_OFFICER, scope=f"{ELECTION}/{PROVINCE}")
        person = self.ids[who % self.crowd]
        return Passport(person=person, name="Nhiều vai", session=uuid4(), grants=(*grants, above), approves=approves)

    def _try(self, door: str, request, who: int, approves: str | None = None):
        try:
            return getattr(self.world.results, door)(request, by=self._as(who, approves))
        except Refusal:
            return None

    @rule(who=people)
    def claims(self, who: int) -> None:
        self._try("claim_record", ClaimRecord(key=uuid4(), **self.about), who)

    @rule(who=people, sheet=st.sampled_from(["right", *SHEETS]), as_paper=st.booleans())
    def submits(self, who: int, sheet: str, as_paper: bool) -> None:
        asked = SubmitEntry(key=uuid4(), figures=self.sheets[sheet], as_paper=as_paper, **self.about)
        self._try("submit_entry", asked, who)

    @rule(who=people, sheet=st.sampled_from(["right", *SHEETS]), reason=st.sampled_from(["", "giấy ghi vậy"]))
    def resolves(self, who: int, sheet: str, reason: str) -> None:
        seen = self._try("comparison_of", ComparisonOf(**self.about), who)
        self._try("check_choice", CheckChoice(figures=self.sheets[sheet], **self.about), who)
        content = seen.content if seen else "0" * 64
        asked = ResolveRecord(key=uuid4(), figures=self.sheets[sheet], reason=reason, content=content, **self.about)
        self._try("resolve_record", asked, who)

    @rule(who=people)
    def sends_back(self, who: int) -> None:
        self._try("return_record", ReturnRecord(key=uuid4(), reason="lập lại", **self.about), who)

    @rule(who=people, stepped_up=st.booleans())
    def approves(self, who: int, stepped_up: bool) -> None:
        waiting = self._try("waiting_approval", WaitingApproval(election=ELECTION, unit=VY_DA), who)
        refs = tuple(RecordRef(area=row.area, contest=row.contest, content=row.content) for row in waiting.records)
        if refs:
            asked = ApproveRecords(key=uuid4(), election=ELECTION, unit=VY_DA, records=refs)
            content = batch_hash(tuple(ref.content for ref in refs)) if stepped_up else None
            self._try("approve_records", asked, who, content)

    @rule(who=people)
    def reopens(self, who: int) -> None:
        self._try("reopen_record", ReopenRecord(key=uuid4(), reason="sai", document="1/UBBC", **self.about), who)

    @invariant()
    def nothing_is_approved_by_too_few_or_out_of_balance(self) -> None:
        if not hasattr(self, "about"):
            return
        with self.world.results.db.engine.connect() as connection:
            query = text("SELECT * FROM records WHERE state = 'approved' AND area = :area")
            approved = connection.execute(query, {"area": self.area}).mappings().all()
        for record in approved:
            parts = [record["first_by"], record["second_by"], record["approved_by"]]
            assert None not in parts
            assert len(set(parts)) == 3
            assert record["compared_by"] not in parts
            assert record["valid"] + record["invalid"] == record["collected"]
        assert self.crowd > 2 or not approved
        assert set(self.world.results.invariants().values()) == {0}


@pytest.mark.parametrize("crowd", [1, 2, 3])
def test_no_path_through_the_doors_reaches_approved_with_too_few_people(world: World, crowd: int) -> None:
    machine = type(f"Tries{crowd}", (Tries,), {"world": world, "crowd": crowd, "areas": count(3)})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
