"""Several people at the same moment: one of them gets the record, and sums of simultaneous approvals add up."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from services.contracts.base import Refusal
from services.contracts.candidates import Contest
from services.contracts.results import ApproveRecords, RecordRef, batch_hash
from services.contracts.roles import Role
from tests.results.world import ELECTION, NA, VY_DA, Person, World, sound


def test_of_several_typists_at_once_one_gets_the_record(world: World) -> None:
    crowd = [Person(f"Người {number}", Role.TYPIST, VY_DA) for number in range(4)]

    def take(person: Person) -> bool:
        try:
            world.claim(person, "19777-001")
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, crowd)) == [False, False, False, True]


def test_the_next_record_is_another_one_for_each_of_several_typists(world: World) -> None:
    crowd = [Person(f"Người {number}", Role.TYPIST, VY_DA) for number in range(4)]

    with ThreadPoolExecutor(4) as pool:
        sheets = list(pool.map(world.next, crowd))

    assert len({(sheet.area, sheet.contest) for sheet in sheets}) == 4


def test_approvals_at_once_in_one_constituency_complete_it_once_with_the_right_sum(world: World, told, db) -> None:
    for area in ("19777-001", "19777-002"):
        world.use(area)
        world.enter_twice(area, contest=Contest.NA)
    views = world.waiting().records

    def approve(view) -> None:
        asked = ApproveRecords(
            key=uuid4(), election=ELECTION, unit=VY_DA,
            records=(RecordRef(area=view.area, contest=view.contest, content=view.content),),
        )  # fmt: skip
        world.results.approve_records(asked, by=world.hung.holds(batch_hash((view.content,))))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(approve, views))

    assert [line.votes for line in world.result().candidates] == [
        one + other for one, other in zip(sound(1).votes, sound(2).votes, strict=True)
    ]
    complete = [letter for letter in told(db) if letter.topic == "results.result_advanced"]
    assert [(letter.data["result"]["constituency"], letter.data["result"]["state"]) for letter in complete] == [
        (NA, "complete")
    ]
    assert set(world.results.invariants().values()) == {0}
