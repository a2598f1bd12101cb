"""Typing a record twice, blind; nothing typed is lost, and nobody learns what the other typed."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import HasFindings, NotAllowed, StepNotAllowed, Unknown
from services.contracts.candidates import Contest
from services.contracts.results import (
    Draft,
    FirstEntryIsYours,
    ListNotPublished,
    NothingToEnter,
    RecordsOf,
    RecordTaken,
    SubmitEntry,
)
from services.contracts.roles import Role
from services.contracts.voters import Area, PollingAreaFixed
from tests.results.papers import figures
from tests.results.world import ELECTION, KIM_LONG, PATHS, VY_DA, Person, World, sound

AREA = "19777-001"


def test_every_area_has_three_records_from_the_moment_it_stands(world: World, told, db) -> None:
    found = world.results.records_of(RecordsOf(election=ELECTION, unit=VY_DA), by=world.khoa.holds())

    assert found.by_state == {"awaited": 6}
    assert {(row.area, row.contest, row.constituency) for row in found.records if row.area == AREA} == {
        (AREA, Contest.NA, "NA-46-01"), (AREA, Contest.PC, "PC-46-01"), (AREA, Contest.CC, "CC-19777-01"),
    }  # fmt: skip
    assert [letter.data["state"] for letter in told(db)] == ["awaited"] * 6


def test_a_sheet_shows_the_paper_and_empty_boxes(world: World) -> None:
    sheet = world.claim(world.khoa, AREA)

    assert (sheet.entry, sheet.state, sheet.form, sheet.seats) == (1, "entering_first", "18/HĐBC-QH", 3)
    assert [listed.order for listed in sheet.candidates] == [1, 2, 3, 4, 5]
    assert sheet.draft == Draft(votes=(None,) * 5, kinds=(None,) * 3)
    assert sheet.claimed_at.isoformat().startswith("2026-03-15T")


def test_two_equal_entries_wait_for_approval(world: World, told, db) -> None:
    outcome = world.enter_twice(AREA)

    assert (outcome.state, outcome.findings, outcome.differing) == ("waiting", (), ())
    assert outcome.receipt.startswith("46-19777-")
    states = [letter.data["state"] for letter in told(db)[6:]]
    assert states == ["entering_first", "entered_first", "entering_second", "waiting"]


def test_an_entry_with_findings_is_kept_back_all_at_once_and_stays_as_a_draft(world: World, told, db) -> None:
    world.claim(world.khoa, AREA)
    letters = len(told(db))
    wrong = figures(invalid=25, votes=(1412, 765, 742, 585, 335))

    with pytest.raises(HasFindings) as refused:
        world.submit(world.khoa, AREA, wrong)

    assert [finding.code for finding in refused.value.findings] == ["C1", "C5"]
    assert len(told(db)) == letters
    again = world.claim(world.khoa, AREA)
    assert again.state == "entering_first"
    assert (again.draft.invalid, again.draft.votes[0]) == (25, 1412)
    assert again.draft_at is not None


def test_what_the_paper_says_is_taken_and_goes_to_the_checker_as_faulty(world: World) -> None:
    wrong = figures(invalid=25)

    first = world.enter(world.khoa, AREA, wrong, as_paper=True)
    second = world.enter(world.lan, AREA, wrong, as_paper=True)

    assert first.state == "entered_first"
    assert (second.state, [finding.code for finding in second.findings]) == ("faulty", ["C1"])


def test_a_warning_that_the_paper_confirms_does_not_make_a_record_faulty(world: World) -> None:
    warned = figures(voters=1450)

    world.enter(world.khoa, AREA, warned, as_paper=True)

    assert world.enter(world.lan, AREA, warned, as_paper=True).state == "waiting"


def test_boxes_too_many_are_never_as_the_paper_says(world: World) -> None:
    world.claim(world.khoa, AREA)

    with pytest.raises(HasFindings):
        world.submit(world.khoa, AREA, figures(votes=(1, 2)), as_paper=True)


def test_the_second_typist_is_told_which_boxes_differ_and_never_what_was_typed(world: World) -> None:
    """Search every word the second typist is sent for the first typist's figures."""
    first = sound(1)
    second = figures(votes=(1203, 973, 742, 559, 335), kinds=(78, 290, 1043))
    world.enter(world.khoa, AREA, first)
    replies = [world.claim(world.lan, AREA).model_dump_json()]

    with pytest.raises(HasFindings) as refused:
        world.submit(world.lan, AREA, second)
    replies.append(refused.value.told().model_dump_json())
    replies.append(world.claim(world.lan, AREA).model_dump_json())
    outcome = world.submit(world.lan, AREA, second, as_paper=True)
    replies.append(outcome.model_dump_json())
    board = world.results.records_of(RecordsOf(election=ELECTION, unit=VY_DA), by=world.lan.holds())
    replies.append(board.model_dump_json())

    difference = next(finding for finding in refused.value.findings if finding.code == "D1")
    assert difference.places == ("votes.4", "votes.5", "kinds.1", "kinds.3")
    assert difference.vi == "Ô 10, 11, 12, 14 khác lần nhập 1. Số của lần 1 không hiện ở đây."
    assert (outcome.state, outcome.differing) == ("differs", ("votes.4", "votes.5", "kinds.1", "kinds.3"))
    for hidden in ("585", "336", "1069", "1.069"):
        whole = re.compile(rf"(?<![\w.-]){re.escape(hidden)}(?![\w-])")  # ids and times hold any digits by chance
        assert not any(whole.search(reply) for reply in replies), hidden
    assert world.khoa.name not in "".join(replies)


def test_a_typist_who_sees_the_own_slip_corrects_it_and_the_record_waits(world: World) -> None:
    world.enter(world.khoa, AREA, sound(1))
    world.claim(world.lan, AREA)
    with pytest.raises(HasFindings):
        world.submit(world.lan, AREA, sound(2))

    assert world.submit(world.lan, AREA, sound(1)).state == "waiting"


def test_guessing_at_the_first_entry_ends_after_two_tellings(world: World) -> None:
    world.enter(world.khoa, AREA, sound(1))
    world.claim(world.lan, AREA)
    for guess in (5, 6):
        with pytest.raises(HasFindings):
            world.submit(world.lan, AREA, sound(guess))

    assert world.submit(world.lan, AREA, sound(7)).state == "differs"


def test_nobody_makes_both_entries(world: World) -> None:
    world.enter(world.khoa, AREA, sound())

    with pytest.raises(FirstEntryIsYours) as refused:
        world.claim(world.khoa, AREA)
    assert refused.value.told().vi == "Ông/bà đã nhập lần 1 biên bản này nên không nhập lần 2. Chọn biên bản khác."


def test_a_record_somebody_is_entering_is_refused_until_it_lies_idle_for_ten_minutes(world: World, db) -> None:
    world.claim(world.khoa, AREA)
    world.save(world.khoa, AREA, Draft(voters=1448))
    with pytest.raises(RecordTaken):
        world.claim(world.lan, AREA)

    with db.engine.begin() as connection:
        connection.execute(text("UPDATE records SET claimed_at = claimed_at - interval '10 minutes 1 second'"))

    assert world.claim(world.lan, AREA).draft.voters is None
    with pytest.raises(RecordTaken):
        world.submit(world.khoa, AREA, sound())
    world.submit(world.lan, AREA, sound())
    assert world.claim(world.khoa, AREA).draft.voters == 1448


def test_a_draft_belongs_to_one_person_and_is_gone_once_handed_over(world: World) -> None:
    world.claim(world.khoa, AREA)
    saved = world.save(world.khoa, AREA, Draft(voters=1448, votes=(1, None, None, None, None)))
    assert (saved.draft.voters, saved.draft.votes[0]) == (1448, 1)
    world.submit(world.khoa, AREA, sound())

    assert world.claim(world.lan, AREA).draft.voters is None


def test_an_act_out_of_turn_is_refused_without_trace(world: World, told, db) -> None:
    world.enter_twice(AREA)
    letters = told(db)

    with pytest.raises(StepNotAllowed):
        world.submit(world.lan, AREA, sound())
    with pytest.raises(StepNotAllowed):
        world.claim(Person("Người Khác", Role.TYPIST, VY_DA), AREA)
    assert told(db) == letters


def test_a_repeated_submission_is_answered_once_and_changes_nothing(world: World, told, db) -> None:
    world.claim(world.khoa, AREA)
    asked = SubmitEntry(key=uuid4(), election=ELECTION, unit=VY_DA, area=AREA, contest=Contest.NA, figures=sound())

    first = world.results.submit_entry(asked, by=world.khoa.holds())
    letters = told(db)

    assert world.results.submit_entry(asked, by=world.khoa.holds()) == first
    assert told(db) == letters


def test_a_commune_touches_its_own_records_only(world: World) -> None:
    stranger = Person("Người Phường Khác", Role.TYPIST, KIM_LONG)

    with pytest.raises(NotAllowed):
        world.claim(stranger, AREA)
    with pytest.raises(Unknown):
        world.claim(stranger, AREA, unit=KIM_LONG)


def test_only_typists_type(world: World) -> None:
    for person in (world.tuyet, world.hung, world.chau, world.city, world.head):
        with pytest.raises(NotAllowed):
            world.claim(person, AREA)


def test_the_next_record_is_ones_own_then_second_entries_then_the_awaited(world: World) -> None:
    first = world.next(world.khoa)
    assert world.next(world.khoa).area == first.area
    assert (world.next(world.lan).area, world.next(world.lan).contest) != (first.area, first.contest)
    world.submit(world.khoa, first.area, sound(), first.contest)
    mine = world.next(world.lan)
    world.submit(world.lan, mine.area, sound(3), mine.contest)

    taken = world.next(world.lan)

    assert (taken.area, taken.contest, taken.entry) == (first.area, first.contest, 2)
    assert world.next(world.khoa).entry == 2


def test_there_is_nothing_to_enter_where_everything_was_entered(world: World) -> None:
    for area in (AREA, "19777-002"):
        for contest in Contest:
            world.enter(world.khoa, area, sound(int(area[-1])), contest)

    with pytest.raises(NothingToEnter):
        world.next(world.khoa)
    assert world.next(world.lan).entry == 2


def test_a_record_without_an_official_list_cannot_be_entered(world: World) -> None:
    area = Area(code="19777-009", place="Nơi mới", na="NA-46-02", pc="PC-46-01", cc="CC-19777-01")
    world.results.hear(PollingAreaFixed(election=ELECTION, unit=VY_DA, area=area))

    with pytest.raises(ListNotPublished):
        world.claim(world.khoa, "19777-009")


def test_the_same_votes_in_another_area_are_asked_about(world: World) -> None:
    world.enter(world.khoa, AREA, sound(1))
    world.claim(world.khoa, "19777-002")

    with pytest.raises(HasFindings) as refused:
        world.submit(world.khoa, "19777-002", sound(1))
    assert [(finding.code, finding.severity) for finding in refused.value.findings] == [("P3", "warn")]


def test_form_32_and_the_other_contests_are_held_against_an_entry(world: World) -> None:
    world.use(AREA, issued=1430)
    world.claim(world.khoa, AREA)
    with pytest.raises(HasFindings) as refused:
        world.submit(world.khoa, AREA, sound())
    assert [finding.code for finding in refused.value.findings] == ["F1"]

    world.use(AREA)
    world.submit(world.khoa, AREA, sound())
    world.enter(world.lan, AREA, sound())
    world.claim(world.khoa, AREA, Contest.PC)
    fewer = figures(took_part=1434, issued=1435, collected=1434, invalid=23)
    with pytest.raises(HasFindings) as refused:
        world.submit(world.khoa, AREA, fewer, Contest.PC)
    assert {finding.code for finding in refused.value.findings} == {"C2", "C8"}


def test_a_board_sees_the_records_of_its_constituency(world: World) -> None:
    world.results.hear([world.area(KIM_LONG, 1)])

    found = world.results.records_of(RecordsOf(election=ELECTION, unit=PATHS["NA-46-01"]), by=world.head.holds())

    assert {row.area for row in found.records} == {AREA, "19777-002", "19780-001"}
    assert {row.contest for row in found.records} == {Contest.NA}
    with pytest.raises(NotAllowed):
        world.results.records_of(RecordsOf(election=ELECTION, unit=PATHS["PC-46-01"]), by=world.head.holds())


def test_a_path_of_ones_own_commune_does_not_reach_into_another(world: World) -> None:
    world.results.hear([world.area(KIM_LONG, 1)])
    inside = [f"{VY_DA}/19777-001", PATHS["CC-19777-01"]]
    outside = [f"{VY_DA}/19780-001", f"{VY_DA}/CC-19780-01", f"{VY_DA}/CC-19777-09"]

    assert [
        len(world.results.records_of(RecordsOf(election=ELECTION, unit=path), by=world.khoa.holds()).records)
        for path in inside
    ] == [3, 2]
    for path in outside:
        try:
            found = world.results.records_of(RecordsOf(election=ELECTION, unit=path), by=world.khoa.holds())
        except Unknown:
            continue
        assert (found.records, found.by_state) == ((), {})


def test_what_needs_a_person_comes_first(world: World) -> None:
    world.differ("19777-002")
    world.enter(world.khoa, AREA, sound(5), Contest.CC)

    found = world.results.records_of(RecordsOf(election=ELECTION, unit=VY_DA), by=world.khoa.holds())

    assert [row.state for row in found.records] == ["differs", "entered_first", *["awaited"] * 4]
    assert [row.mine for row in found.records] == [True, True, *[False] * 4]
    assert found.by_state == {"awaited": 4, "differs": 1, "entered_first": 1}
