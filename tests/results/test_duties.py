"""Separation of duties by machine: four hands of a record and two of a result sit at as many machines."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.contracts.base import SameMachine
from services.contracts.duties import DUTIES, DUTY_NAMES, Duty, apart_from, require_other_machine
from services.contracts.results import NothingToEnter
from services.contracts.roles import POLICY, Action, Role
from tests.results.world import NA, World, sound

AREA = "19777-001"
COUNTING = {
    Action.OPEN_POLLING, Action.REPORT_TURNOUT, Action.ENTER_RECORD, Action.COMPARE_RECORD, Action.APPROVE_RECORD,
    Action.REOPEN_RECORD, Action.PREPARE_RESULT, Action.DECLARE_RESULT, Action.PUBLISH_SNAPSHOT, Action.ISSUE_DOCUMENT,
    Action.IMPORT_VOTERS, Action.CHANGE_LIST, Action.POST_LIST, Action.CLOSE_LIST, Action.RECEIVE_DOSSIER,
    Action.CHECK_IDENTITY, Action.CONFIRM_IDENTITY, Action.PLACE_CANDIDATES, Action.PUBLISH_LIST,
    Action.STRIKE_CANDIDATE, Action.HOLD_KEY,
}  # fmt: skip
OVER_ACCOUNTS = {Action.CREATE_ACCOUNTS, Action.CHANGE_ACCOUNTS, Action.RECOVER_ACCOUNTS}


def at(person, other):
    """The person at the machine of somebody else."""
    return replace(person, machine=other.machine)


def test_the_second_entry_is_neither_taken_nor_handed_over_at_the_machine_of_the_first(world: World) -> None:
    world.enter(world.khoa, AREA, sound(1))

    with pytest.raises(SameMachine) as refused:
        world.claim(at(world.lan, world.khoa), AREA)
    assert refused.value.told().vi.startswith("Máy này đã dùng để nhập lần 1 biên bản này. Việc này phải làm trên máy")
    world.claim(world.lan, AREA)
    with pytest.raises(SameMachine):
        world.submit(at(world.lan, world.khoa), AREA, sound(1))
    assert world.submit(world.lan, AREA, sound(1)).state == "waiting"


def test_the_next_record_offered_is_never_one_whose_first_entry_was_typed_on_this_machine(world: World) -> None:
    for area in ("19777-001", "19777-002"):
        for contest in ("NA", "PC", "CC"):
            world.enter(world.khoa, area, sound(int(area[-3:])), contest)

    with pytest.raises(NothingToEnter):
        world.next(at(world.lan, world.khoa))
    assert world.next(world.lan).entry == 2


def test_who_compares_sits_at_no_machine_on_which_an_entry_was_typed(world: World) -> None:
    right, _ = world.differ(AREA)

    for typist in (world.khoa, world.lan):
        with pytest.raises(SameMachine):
            world.comparison(at(world.tuyet, typist), AREA)
        with pytest.raises(SameMachine):
            world.send_back(at(world.tuyet, typist), AREA)
    content = world.comparison(world.tuyet, AREA).content
    with pytest.raises(SameMachine):
        world.resolve(at(world.tuyet, world.khoa), AREA, right, content)
    assert world.resolve(world.tuyet, AREA, right, content).state == "waiting"


def test_who_approves_sits_at_a_machine_on_which_the_record_was_neither_typed_nor_compared(world: World) -> None:
    right, _ = world.differ(AREA)
    world.use(AREA)
    world.resolve(world.tuyet, AREA, right, world.comparison(world.tuyet, AREA).content)
    views = world.waiting().records

    for other in (world.khoa, world.lan, world.tuyet):
        with pytest.raises(SameMachine):
            world.approve(at(world.hung, other), views)
    assert world.approve(world.hung, views).records[0].state == "approved"


def test_the_head_signs_at_another_machine_than_the_secretary_drew_up_at(world: World) -> None:
    world.complete(areas=2)
    content = world.prepare(world.secretary, world.result(NA).content).content

    with pytest.raises(SameMachine):
        world.declare(at(world.head, world.secretary), content, approves=content)
    assert world.declare(world.head, content, approves=content).state == "declared"


def test_a_machine_nobody_knows_is_not_compared_with_another_unknown_one(world: World) -> None:
    nameless = [replace(person, machine="") for person in (world.khoa, world.lan, world.hung)]
    world.use(AREA)
    world.enter(nameless[0], AREA, sound(1))
    world.enter(nameless[1], AREA, sound(1))

    assert world.approve(nameless[2], world.waiting().records).records[0].state == "approved"


def test_a_record_sent_back_or_reopened_may_be_typed_anew_at_the_same_machines(world: World) -> None:
    world.use(AREA)
    world.enter_twice(AREA)
    world.send_back(world.tuyet, AREA)
    world.enter(world.lan, AREA, sound(1))
    world.enter(world.khoa, AREA, sound(1))
    world.approve(world.hung, world.waiting().records)
    world.reopen(world.city, AREA)

    assert world.enter_twice(AREA).state == "waiting"


def test_hands_are_told_with_the_figures_and_never_before(world: World, db, told) -> None:
    world.complete(areas=2)
    content = world.prepare(world.secretary, world.result(NA).content).content
    world.declare(world.head, content, approves=content)

    records = [letter.data for letter in told(db) if letter.topic == "results.record_advanced"]
    assert all(not data["hands"] for data in records if data["state"] != "approved")
    approved = next(data for data in records if data["state"] == "approved")
    assert [(hand["duty"], hand["person"], hand["machine"]) for hand in approved["hands"]] == [
        ("first_entry", str(world.khoa.id), world.khoa.machine),
        ("second_entry", str(world.lan.id), world.lan.machine),
        ("approve", str(world.hung.id), world.hung.machine),
    ]
    results = [letter.data for letter in told(db) if letter.topic == "results.result_advanced"]
    assert [hand["machine"] for hand in results[-1]["hands"]] == [world.secretary.machine, world.head.machine]


def test_the_database_itself_keeps_one_machine_from_two_hands(world: World, db) -> None:
    world.use(AREA)
    world.enter_twice(AREA)
    world.approve(world.hung, world.waiting().records)
    for hand, other in (("second", "first"), ("compared", "first"), ("approved", "second")):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(f"UPDATE records SET {hand}_machine = {other}_machine WHERE state = 'approved'"))


def test_the_table_names_every_pair_the_law_or_the_design_keeps_apart() -> None:
    pairs = {frozenset((pair.first, pair.second)) for pair in DUTIES}
    chain = [Duty.FIRST_ENTRY, Duty.SECOND_ENTRY, Duty.COMPARE, Duty.APPROVE, Duty.PUBLISH]

    assert pairs >= {frozenset((one, other)) for one in chain for other in chain if one != other}
    assert pairs >= {
        frozenset((Duty.PREPARE, Duty.DECLARE)),
        frozenset((Duty.CHECK_IDENTITY, Duty.CONFIRM_IDENTITY)),
        frozenset((Duty.RECEIVE_DOSSIER, Duty.CONFIRM_IDENTITY)),
        frozenset((Duty.IMPORT_LIST, Duty.POST_LIST)),
        frozenset((Duty.ASK_OPENING, Duty.JOIN_OPENING)),
    }
    assert len(pairs) == len(DUTIES)
    assert all(pair.source and pair.about for pair in DUTIES)
    assert set(DUTY_NAMES) == set(Duty)
    assert {duty for duty in Duty if apart_from(duty)} == set(Duty)


@pytest.mark.parametrize("pair", DUTIES, ids=lambda pair: f"{pair.first}-{pair.second}")
def test_every_pair_is_refused_in_both_orders_and_two_machines_are_let_through(pair) -> None:
    machine, other = uuid4().hex, uuid4().hex

    for done, due in ((pair.first, pair.second), (pair.second, pair.first)):
        with pytest.raises(SameMachine):
            require_other_machine(due, machine, {done: machine})
        require_other_machine(due, machine, {done: other})
        require_other_machine(due, "", {done: ""})


def test_who_administers_accounts_has_no_power_over_the_count() -> None:
    powers = {role: {Action(action) for action in POLICY.table[role]} for role in Role}
    over_accounts = {role for role, actions in powers.items() if actions & OVER_ACCOUNTS}

    assert over_accounts == {Role.SYSTEM_ADMIN, Role.ACCOUNT_ADMIN}
    assert {role: powers[role] & COUNTING for role in over_accounts} == {role: set() for role in over_accounts}
    assert all(not actions & OVER_ACCOUNTS for role, actions in powers.items() if actions & COUNTING)
