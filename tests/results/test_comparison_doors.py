"""A third person settles what two typed differently, bound to exactly what that person saw."""

import pytest
from sqlalchemy import text

from services.contracts.base import HasFindings, NotAllowed, StaleVersion, StepNotAllowed
from services.contracts.candidates import Contest
from services.contracts.results import CheckChoice, EntryIsYours
from services.contracts.roles import Role
from tests.results.papers import figures
from tests.results.world import ELECTION, VY_DA, Person, World, sound

AREA = "19777-001"


def test_a_checker_sees_only_the_boxes_that_differ_with_both_values(world: World) -> None:
    right, slip = world.differ(AREA)

    seen = world.comparison(world.tuyet, AREA)

    assert [(box.box, box.number, box.label_vi, box.first, box.second) for box in seen.boxes] == [
        ("votes.4", 10, "Ông Hồ Ngọc Quỳnh", 585, 558)
    ]
    assert (seen.first, seen.second) == (right, slip)
    assert [finding.code for finding in seen.findings] == ["C6"]
    assert world.khoa.name not in seen.model_dump_json()


def test_the_findings_of_a_choice_are_told_before_it_is_made(world: World) -> None:
    right, slip = world.differ(AREA)

    def check(chosen):
        asked = CheckChoice(election=ELECTION, unit=VY_DA, area=AREA, contest=Contest.NA, figures=chosen)
        return world.results.check_choice(asked, by=world.tuyet.holds())

    assert [finding.code for finding in check(slip).findings] == ["C6"]
    assert check(right).findings == ()
    assert "52 + 2×290 + 3×1.069 = 3.839 phiếu bầu" in [finding.vi for finding in check(right).holding]


def test_a_decision_makes_the_record_wait_under_the_checkers_name(world: World) -> None:
    right, _ = world.differ(AREA)
    seen = world.comparison(world.tuyet, AREA)

    outcome = world.resolve(world.tuyet, AREA, right, seen.content)

    assert (outcome.state, outcome.findings) == ("waiting", ())
    view = world.waiting().records[0]
    assert (view.figures, view.compared_by) == (right, world.tuyet.name)
    assert view.entered_by == (world.khoa.name, world.lan.name)


def test_a_choice_that_does_not_balance_or_touches_an_agreed_box_changes_nothing(world: World, told, db) -> None:
    right, slip = world.differ(AREA)
    seen = world.comparison(world.tuyet, AREA)
    letters = told(db)

    for chosen in (slip, right.model_copy(update={"voters": 1500})):
        with pytest.raises(HasFindings):
            world.resolve(world.tuyet, AREA, chosen, seen.content)
    assert told(db) == letters


def test_a_decision_on_a_comparison_that_has_changed_is_refused(world: World) -> None:
    world.differ(AREA)
    old = world.comparison(world.tuyet, AREA).content
    world.send_back(world.tuyet, AREA)
    right, _ = world.differ(AREA)

    with pytest.raises(StaleVersion):
        world.resolve(world.tuyet, AREA, right, old)


def test_who_typed_a_record_does_not_compare_it(world: World) -> None:
    right, _ = world.differ(AREA)
    content = world.comparison(world.tuyet, AREA).content
    for typist in (world.khoa, world.lan):
        both = Person(typist.name, Role.CHECKER, VY_DA, id=typist.id)
        with pytest.raises(EntryIsYours):
            world.comparison(both, AREA)
        with pytest.raises(EntryIsYours):
            world.resolve(both, AREA, right, content)
        with pytest.raises(EntryIsYours):
            world.send_back(both, AREA)


def test_a_typist_cannot_open_a_comparison_and_nobody_one_that_is_not_due(world: World) -> None:
    world.enter(world.khoa, AREA, sound(1))
    with pytest.raises(NotAllowed):
        world.comparison(world.lan, AREA)
    with pytest.raises(StepNotAllowed):
        world.comparison(world.tuyet, AREA)


def test_a_returned_record_is_typed_anew_and_both_entries_are_kept(world: World, db) -> None:
    right, slip = world.differ(AREA)

    outcome = world.send_back(world.tuyet, AREA)

    assert outcome.state == "returned"
    sheet = world.claim(world.lan, AREA)
    assert (sheet.entry, sheet.draft.votes) == (1, (None,) * 5)
    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT version, stood, reason FROM record_versions")).one()
    assert (kept.version, kept.reason) == (1, "Tổ lập lại")
    assert kept.stood["first_figures"]["votes"] == list(right.votes)
    assert kept.stood["second_figures"]["votes"] == list(slip.votes)


def test_equal_entries_at_fault_can_only_be_sent_back(world: World) -> None:
    wrong = figures(invalid=25)
    world.enter(world.khoa, AREA, wrong, as_paper=True)
    world.enter(world.lan, AREA, wrong, as_paper=True)
    seen = world.comparison(world.tuyet, AREA)

    assert seen.boxes == ()
    with pytest.raises(HasFindings):
        world.resolve(world.tuyet, AREA, wrong, seen.content)
    with pytest.raises(HasFindings):
        world.resolve(world.tuyet, AREA, figures(), seen.content, reason="giấy ghi 24")
    assert world.send_back(world.tuyet, AREA).state == "returned"


def test_a_record_at_fault_with_form_32_is_resolved_once_form_32_is_corrected(world: World) -> None:
    world.use(AREA, issued=1400)
    world.enter(world.khoa, AREA, sound(1), as_paper=True)
    world.enter(world.lan, AREA, sound(1), as_paper=True)
    world.use(AREA)
    seen = world.comparison(world.tuyet, AREA)

    assert seen.findings == ()
    assert world.resolve(world.tuyet, AREA, sound(1), seen.content).state == "waiting"
