"""Approval: exactly what was read, all or none, by a person who did no other part, with a second factor for it."""

import pytest
from sqlalchemy import text

from services.contracts.base import HasFindings, NotAllowed, StaleVersion, StepNotAllowed, StepUpNeeded, Unknown
from services.contracts.candidates import Contest
from services.contracts.results import ComparisonIsYours, EntryIsYours, RecordOf, batch_hash
from services.contracts.roles import Role
from tests.results.world import ELECTION, KIM_LONG, PROVINCE, VY_DA, Person, World, sound

AREA, NEXT = "19777-001", "19777-002"


@pytest.fixture
def ready(world: World) -> World:
    for area in (AREA, NEXT):
        world.use(area)
        world.enter_twice(area)
    return world


def test_approved_records_are_told_with_their_figures_and_not_before(ready: World, told, db) -> None:
    assert all(letter.data["figures"] is None for letter in told(db) if letter.topic == "results.record_advanced")

    views = ready.approve_all()

    letters = [letter for letter in told(db) if letter.data.get("state") == "approved"]
    assert [letter.data["area"] for letter in letters] == [AREA, NEXT]
    assert letters[0].data["figures"] == sound(1).model_dump(mode="json")
    assert letters[0].data["content"] == views.records[0].content
    assert letters[0].data["entered_by"] == [ready.khoa.name, ready.lan.name]
    assert letters[0].data["approved_by"] == ready.hung.name


def test_without_a_second_factor_for_exactly_these_contents_nothing_is_approved(ready: World, told, db) -> None:
    views, letters = ready.waiting(), told(db)
    one = batch_hash((views.records[0].content,))

    for approves in (one, "0" * 64):
        with pytest.raises(StepUpNeeded):
            ready.approve(ready.hung, views.records, approves=approves)
    assert told(db) == letters
    assert views.content == batch_hash(tuple(view.content for view in views.records))


def test_a_record_that_changed_after_it_was_read_is_refused_and_none_is_approved(ready: World) -> None:
    views = ready.waiting()
    ready.send_back(ready.tuyet, NEXT)
    with pytest.raises(StepNotAllowed):
        ready.approve(ready.hung, views.records)
    ready.enter_twice(NEXT, sound(9))

    with pytest.raises(StaleVersion):
        ready.approve(ready.hung, views.records)
    assert len(ready.waiting().records) == 2


def test_a_figure_approved_under_another_version_has_another_hash(ready: World) -> None:
    before = ready.waiting().records[1]
    ready.send_back(ready.tuyet, NEXT)
    ready.enter_twice(NEXT)
    after = ready.waiting().records[1]

    assert before.figures == after.figures
    assert before.content != after.content


def test_enters_compares_and_approves_are_different_people(world: World) -> None:
    right, _ = world.differ(AREA)
    world.use(AREA)
    world.resolve(world.tuyet, AREA, right, world.comparison(world.tuyet, AREA).content)
    views = world.waiting().records

    for person, refusal in ((world.khoa, EntryIsYours), (world.lan, EntryIsYours), (world.tuyet, ComparisonIsYours)):
        with pytest.raises(refusal):
            world.approve(Person(person.name, Role.APPROVER, VY_DA, id=person.id), views)
    for person in (world.khoa, world.tuyet, world.chau, world.city):
        with pytest.raises(NotAllowed):
            world.approve(person, views)


def test_no_record_is_approved_before_form_32(world: World) -> None:
    world.enter_twice(AREA)
    view = world.waiting().records[0]

    assert [finding.code for finding in view.findings] == ["F1"]
    with pytest.raises(HasFindings) as refused:
        world.approve_all()
    assert AREA in refused.value.findings[0].vi
    world.use(AREA)
    assert world.approve_all().records[0].state == "approved"


def test_form_32_recorded_after_the_entries_must_agree_with_them(world: World) -> None:
    world.enter_twice(AREA)
    world.use(AREA, issued=1430)

    with pytest.raises(HasFindings) as refused:
        world.approve_all()
    assert [(finding.code, finding.places) for finding in refused.value.findings] == [
        ("F1", ("19777-001/NA", "issued"))
    ]


def test_an_approved_record_is_not_contradicted_by_a_later_form_32(ready: World) -> None:
    ready.approve_all()

    with pytest.raises(HasFindings):
        ready.use(AREA, issued=1400)
    ready.use(AREA, received=1600)


def test_one_record_at_fault_keeps_the_whole_batch_back(ready: World, db) -> None:
    ready.enter_twice(AREA, contest=Contest.PC)
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM ballot_uses WHERE contest = 'PC'"))

    with pytest.raises(HasFindings):
        ready.approve_all()
    assert len(ready.waiting().records) == 3


def test_a_batch_of_another_commune_is_not_found(ready: World) -> None:
    views = ready.waiting().records
    stranger = Person("Người Phường Khác", Role.APPROVER, KIM_LONG)

    with pytest.raises(NotAllowed):
        ready.approve(stranger, views)
    with pytest.raises(Unknown):
        ready.approve(stranger, views, unit=KIM_LONG)


def test_figures_are_shown_once_they_are_agreed_and_not_before(world: World) -> None:
    asked = RecordOf(election=ELECTION, unit=VY_DA, area=AREA, contest=Contest.NA)
    world.enter(world.khoa, AREA, sound(1))
    with pytest.raises(StepNotAllowed):
        world.results.record_of(asked, by=world.chau.holds())
    world.enter(world.lan, AREA, sound(1))

    assert world.results.record_of(asked, by=world.chau.holds()).figures == sound(1)
    with pytest.raises(NotAllowed):
        world.results.record_of(asked, by=world.khoa.holds())


def test_a_unit_above_reopens_and_the_old_version_is_kept(ready: World, told, db) -> None:
    ready.approve_all()

    view = ready.reopen(ready.city, AREA)

    assert (view.state, view.version, view.figures) == ("reopened", 1, sound(1))
    letter = next(letter for letter in reversed(told(db)) if letter.topic == "results.record_advanced")
    assert (letter.data["state"], letter.data["figures"], letter.data["reason"]) == ("reopened", None, "Sai số liệu")
    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT stood, document FROM record_versions")).one()
    assert (kept.stood["valid"], kept.stood["state"], kept.document) == (1411, "approved", "12/UBBC")
    assert ready.claim(ready.lan, AREA).entry == 1


def test_nobody_of_the_commune_reopens(ready: World) -> None:
    ready.approve_all()

    for person in (ready.hung, ready.tuyet, ready.khoa, ready.chau):
        with pytest.raises(NotAllowed):
            ready.reopen(person, AREA)
    with pytest.raises(NotAllowed):
        ready.reopen(Person("Cán bộ tỉnh khác", Role.PROVINCE_OFFICER, "vn/48"), AREA)
    with pytest.raises(EntryIsYours):
        ready.reopen(Person("Hai vai", Role.PROVINCE_OFFICER, PROVINCE, id=ready.khoa.id), AREA)


def test_the_database_itself_refuses_a_record_approved_by_its_typist(ready: World, db) -> None:
    for column in ("first_by", "second_by"):
        with pytest.raises(Exception, match="ck_records_approved"), db.engine.begin() as connection:
            connection.execute(
                text(f"UPDATE records SET state = 'approved', approved_by = {column} WHERE state = 'waiting'")
            )
