"""Lists: posted by another than who made them, changed with reason, closed to additions; who the register holds."""

import hashlib
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from services.contracts.base import HasFindings, KeyReused, NotAllowed, SameMachine, SamePerson, StepNotAllowed, Unknown
from services.contracts.voters import (
    AddVoter,
    AreasOf,
    CloseLists,
    FindPersons,
    FixAreas,
    ImportVoters,
    ListIsClosed,
    PersonQuestion,
    PostLists,
    StrikeVoter,
)
from services.kit.concealed import Concealer
from tests.voters.conftest import ELECTION, KEY, UNIT, area, line, number, scope


def addition(**changes: Any) -> AddVoter:
    born = date(1980, 5, 1)
    given = {
        "area": "19777-001", "full_name": "Trần Văn Thêm", "birth_date": born, "sex": "male", "ethnicity": "Kinh",
        "personal_number": number(900, born), "address": "2 Lê Lợi", "reason": "Khôi phục quyền", "document": "QĐ 12",
    }  # fmt: skip
    return AddVoter(**scope(), **given | changes)


@pytest.fixture
def posted(world, people) -> Any:
    world.fix()
    world.bring(people(400))
    world.doors.post_lists(PostLists(**scope(), document="TB 05"), by=world.by("list_signer"))
    return world


def test_posting_tells_every_list(posted, told) -> None:
    letter = told(posted.db)[-1]

    assert (letter.topic, letter.data["state"]) == ("voters.voter_list_advanced", "posted")


def test_who_made_a_list_cannot_post_it(world, people, passport) -> None:
    world.fix()
    from uuid import uuid4

    person = uuid4()
    both = [{"role": role, "scope": f"{ELECTION}/{UNIT}"} for role in ("list_officer", "list_signer")]
    token = passport(person=person, grants=both)
    file = world.doors.service.files.put(people(3).encode())
    world.doors.import_voters(ImportVoters(**scope(), file=file, file_name="x"), by=token)

    with pytest.raises(SamePerson):
        world.doors.post_lists(PostLists(**scope(), document="TB"), by=token)


def test_a_list_is_posted_at_another_machine_than_it_was_imported_at(world, people, passport) -> None:
    world.fix()
    file = world.doors.service.files.put(people(3).encode())
    clerk = passport(role="list_officer", scope=f"{ELECTION}/{UNIT}", machine="a" * 32)
    world.doors.import_voters(ImportVoters(**scope(), file=file, file_name="x"), by=clerk)

    chair = {"role": "list_signer", "scope": f"{ELECTION}/{UNIT}"}
    with pytest.raises(SameMachine):
        world.doors.post_lists(PostLists(**scope(), document="TB"), by=passport(machine="a" * 32, **chair))
    assert (
        world.doors.post_lists(PostLists(**scope(), document="TB"), by=passport(machine="b" * 32, **chair)).areas == 1
    )


def test_a_commune_with_an_area_without_list_cannot_post(world) -> None:
    world.fix()

    with pytest.raises(HasFindings) as refused:
        world.doors.post_lists(PostLists(**scope(), document="TB"), by=world.by("list_signer"))

    assert [finding.code for finding in refused.value.findings] == ["VL41"]


def test_an_addition_continues_the_numbers_and_changes_the_totals(posted, told) -> None:
    voter = posted.doors.add_voter(addition(), by=posted.by("list_officer"))

    assert voter.serial == 401
    assert told(posted.db)[-1].data["rights"]["na"] == 401


def test_the_hash_an_addition_is_known_by_gives_no_number_away(posted) -> None:
    """All of the request but the twelve digits is in the database: an unkeyed hash would let them be tried out."""
    request = addition()
    posted.doors.add_voter(request, by=posted.by("list_officer"))

    body = request.model_dump_json().encode()
    with posted.db.engine.connect() as connection:
        kept = connection.scalar(text("SELECT request_hash FROM answered WHERE door = 'add_voter'"))
    assert kept not in {hashlib.sha256(body).hexdigest(), hashlib.blake2b(body, digest_size=32).hexdigest()}
    with pytest.raises(KeyReused):
        posted.doors.add_voter(request.model_copy(update={"reason": "khác"}), by=posted.by("list_officer"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"birth_date": date(2008, 3, 16), "personal_number": "046208000001"}, "VL1"),
        ({"sex": "female"}, "VL28"),
        ({"birth_date": date(1981, 5, 1)}, "VL29"),
        ({"temporary_since": date(2026, 3, 16)}, "VL32"),
        ({"personal_number": line(0).split(",")[6], "birth_date": date(1971, 9, 5)}, "VL33"),
    ],
)
def test_an_addition_that_breaks_a_rule_is_refused(posted, told, changes, code) -> None:
    before = len(told(posted.db))

    with pytest.raises(HasFindings) as refused:
        posted.doors.add_voter(addition(**changes), by=posted.by("list_officer"))

    assert [finding.code for finding in refused.value.findings] == [code]
    assert len(told(posted.db)) == before


def test_a_struck_line_stays_and_no_longer_counts(posted, told) -> None:
    strike = StrikeVoter(**scope(), area="19777-001", serial=1, reason="Chết", document="Giấy báo tử 3")

    voter = posted.doors.strike_voter(strike, by=posted.by("list_officer"))

    assert (voter.serial, voter.na) == (1, False)
    assert told(posted.db)[-1].data["rights"] == {"na": 399, "pc": 399, "cc": 399, "male": 199, "female": 200}
    with pytest.raises(Unknown):
        posted.doors.strike_voter(strike.model_copy(update=scope()), by=posted.by("list_officer"))


def test_a_person_struck_here_may_be_added_there(posted) -> None:
    strike = StrikeVoter(**scope(), area="19777-001", serial=1, reason="Chuyển đi", document="Giấy 3")
    posted.doors.strike_voter(strike, by=posted.by("list_officer"))
    moved = addition(personal_number=line(0).split(",")[6], birth_date=date(1971, 9, 5))

    assert posted.doors.add_voter(moved, by=posted.by("list_officer")).serial == 401


def test_a_closed_list_takes_nobody_and_still_loses_the_right(posted) -> None:
    posted.doors.close_lists(CloseLists(**scope(), document="BB"), by=posted.by("list_signer"))

    with pytest.raises(ListIsClosed):
        posted.doors.add_voter(addition(), by=posted.by("list_officer"))
    strike = StrikeVoter(**scope(), area="19777-001", serial=2, reason="Mất quyền", document="Bản án")
    assert posted.doors.strike_voter(strike, by=posted.by("list_officer")).na is False


def test_a_draft_cannot_be_closed(world, people) -> None:
    world.fix()
    world.bring(people(3))

    with pytest.raises(StepNotAllowed):
        world.doors.close_lists(CloseLists(**scope(), document="BB"), by=world.by("list_signer"))


def test_the_register_answers_by_concealed_number_in_order(posted) -> None:
    conceal = Concealer(KEY).conceal
    known, unknown = conceal(line(1).split(",")[6]).hex(), conceal("046099999999").hex()
    questions = tuple(PersonQuestion(concealed=block) for block in (unknown, known))
    request = FindPersons(election=ELECTION, unit=UNIT, persons=questions, purpose="Đối chiếu hồ sơ")

    answer = posted.doors.find_persons(request, by=posted.by("personnel"))

    assert [person.found for person in answer.persons] == [False, True]
    assert answer.persons[1].full_name == "Nguyễn Thị Số 1"


def test_a_typist_looks_up_nobody(posted) -> None:
    request = FindPersons(election=ELECTION, unit=UNIT, persons=(), purpose="tò mò")

    with pytest.raises(NotAllowed):
        posted.doors.find_persons(request, by=posted.by("typist"))


def test_areas_with_a_fault_are_refused_whole(world) -> None:
    wrong = (area(1), area(3))

    with pytest.raises(HasFindings):
        world.doors.fix_areas(FixAreas(**scope(), areas=wrong), by=world.by("list_officer"))

    assert world.doors.areas_of(AreasOf(election=ELECTION, unit=UNIT), by=world.by("list_officer")).areas == ()


def test_an_area_with_a_list_cannot_be_left_out(world, people) -> None:
    world.fix(2)
    world.bring(people(3))

    with pytest.raises(HasFindings) as refused:
        world.doors.fix_areas(FixAreas(**scope(), areas=(area(1),)), by=world.by("list_officer"))

    assert "KV7" in {finding.code for finding in refused.value.findings}
