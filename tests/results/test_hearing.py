"""What results hears may come in any order, twice, and late; what it knows in the end is the same."""

from itertools import permutations

import pytest
from sqlalchemy import text

from services.contracts.base import ScopedQuery
from services.contracts.candidates import Contest
from services.contracts.results import RecordsOf
from services.contracts.voters import PollingAreaFixed
from services.kit.database import Database
from services.results.service import ResultsService
from tests.results.world import ELECTION, NA, VY_DA, World, at, constituency_told, list_told, sound, voters_told

GROUPS = ("clock", "constituencies", "lists", "areas", "voters")


def hear(world: World, group: str) -> None:
    if group == "clock":
        world.set_clock(at(21))
        return
    events = {
        "constituencies": [constituency_told(code, 3) for code in ("NA-46-01", "PC-46-01", "CC-19777-01")],
        "lists": [list_told(code, 3) for code in ("NA-46-01", "PC-46-01", "CC-19777-01")],
        "areas": [world.area(VY_DA, number) for number in (1, 2)],
        "voters": [voters_told(VY_DA, number) for number in (1, 2)],
    }
    world.results.hear(events[group])


def known(world: World) -> tuple:
    board: ScopedQuery = RecordsOf(election=ELECTION, unit=VY_DA)
    records = world.results.records_of(board, by=world.khoa.holds())
    result = world.result()
    return records, result.model_dump(exclude={"content"}), world.claim(world.khoa, "19777-001").candidates


@pytest.mark.parametrize("order", [*list(permutations(GROUPS))[::17]], ids="-".join)
def test_the_order_in_which_services_tell_changes_nothing(hands, own_database, order) -> None:
    other = World(hands(ResultsService, own_database("results")))
    for group in order:
        hear(other, group)

    mine, theirs = known(other), known(_reference(hands, own_database))
    assert mine == theirs
    assert other.enter(other.khoa, "19777-001", sound(1)).state == "entered_first"


def _reference(hands, own_database) -> World:
    reference = World(hands(ResultsService, own_database("results")))
    for group in GROUPS:
        hear(reference, group)
    return reference


def test_a_letter_heard_twice_or_late_changes_nothing(world: World, told, db: Database) -> None:
    letters = world.results.hear([world.area(VY_DA, 1)])
    before = told(db)

    world.results.hear(letters)
    older = letters[0].model_copy(update={"version": 1, "data": {**letters[0].data, "unit": "vn/46/19780"}})
    world.results.hear(older)

    assert told(db) == before


def test_an_area_moved_before_anything_was_entered_counts_in_its_newconstituency_told(world: World) -> None:
    moved = world.area(VY_DA, 2)
    area = moved.area.model_copy(update={"na": "NA-46-02"})
    world.results.hear(PollingAreaFixed(election=ELECTION, unit=VY_DA, area=area))

    assert world.result().areas == 1
    world.use("19777-001")
    world.enter_twice("19777-001")
    world.approve_all()
    assert (world.result().state, world.result().approved) == ("complete", 1)


def test_an_area_with_an_entry_stays_where_it_was_entered(world: World, db: Database) -> None:
    world.enter(world.khoa, "19777-002", sound(2))
    area = world.area(VY_DA, 2).area.model_copy(update={"na": "NA-46-02"})
    world.results.hear(PollingAreaFixed(election=ELECTION, unit=VY_DA, area=area))

    with db.engine.connect() as connection:
        rows = dict(
            tuple(row)
            for row in connection.execute(text("SELECT area, constituency FROM records WHERE contest = 'NA'"))
        )
    assert rows == {"19777-001": NA, "19777-002": NA}
    assert world.results.records_of(
        RecordsOf(election=ELECTION, unit=VY_DA, contest=Contest.NA), by=world.khoa.holds()
    ).by_state == {"awaited": 1, "entered_first": 1}
