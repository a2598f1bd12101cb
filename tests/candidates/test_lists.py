"""Placement and lists: who may stand where, how many must, in what order."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.candidates.domain import lists
from services.candidates.domain.confirming import Reading, confirm_findings, paired
from services.candidates.domain.identity_check import compare
from services.candidates.domain.ordering import order_key
from services.contracts.candidates import (
    Background,
    Constituency,
    Contest,
    ListedCandidate,
    Nominator,
    Placement,
    Sex,
)
from services.contracts.vietnamese import name_key
from services.contracts.voters import FoundPerson
from tests.candidates.factories import DAY, identity, noon
from tests.candidates.test_identity_check import person

NA, PC, CC = Contest.NA, Contest.PC, Contest.CC


@pytest.mark.parametrize(
    ("contest", "seats", "least"),
    [
        (NA, 1, 3), (NA, 2, 4), (NA, 3, 5),
        (PC, 1, 2), (PC, 2, 3), (PC, 3, 5), (PC, 4, 7), (PC, 5, 8),
        (CC, 1, 2), (CC, 2, 3), (CC, 3, 5), (CC, 4, 7), (CC, 5, 8),
    ],
)  # fmt: skip
def test_candidates_are_at_least_seats_and_surplus(contest, seats, least):
    assert lists.least_candidates(contest, seats) == least


def candidate(name, born=date(1980, 1, 1), dossier=None, **changes):
    fields = {
        "order": 1,
        "dossier": dossier or uuid4(),
        "full_name": name,
        "other_name": "",
        "birth_date": born,
        "sex": Sex.MALE,
        "ethnicity": "Kinh",
        "religion": "Không",
        "home_town": "Huế",
        "residence": "Huế",
        "background": Background(),
        "nominator": Nominator.LOCAL,
    }
    return ListedCandidate(**{**fields, **changes})


def names_in_order(*names):
    return [one.full_name for one in lists.ballot_order(candidate(name) for name in names)]


@pytest.mark.parametrize(
    "names",
    [
        ["Trần Tiến Đạt", "Lê Anh Dũng"][::-1],
        ["Lê Anh Dũng", "Lê Thị Dương", "Trần Tiến Đạt", "Trần Văn Được"],
        ["Phạm Văn An", "Lê Thị Ân"],
        ["Lê Văn An", "Phạm Văn An", "Trần Văn An"],
        ["Lê Anh Tuấn", "Lê Văn Tuấn"],
        ["Nguyễn Thị Ha", "Nguyễn Thị Hà", "Nguyễn Thị Hả", "Nguyễn Thị Hã", "Nguyễn Thị Há", "Nguyễn Thị Hạ"],
        ["Lê Thị E", "Lê Thị Ê", "Lê Thị O", "Lê Thị Ô", "Lê Thị Ơ", "Lê Thị U", "Lê Thị Ư"],
        ["Lê An", "Lê Văn An"],
        ["Hoàng Hoa", "Hoàng Hoàn", "Hoàng Hoàng"],
    ],
)
def test_names_stand_by_given_family_and_middle_name_in_the_vietnamese_alphabet(names):
    assert names_in_order(*reversed(names)) == names


def test_of_full_namesakes_the_older_stands_first():
    young, old = candidate("Lê Văn An", date(1990, 1, 1)), candidate("Lê Văn An", date(1970, 12, 31))

    assert [one.birth_date for one in lists.ballot_order([young, old])] == [old.birth_date, young.birth_date]


def test_lines_are_numbered_from_one_without_gaps():
    listed = lists.ballot_order(candidate(name) for name in ["Lê C", "Lê A", "Lê B"])

    assert [(one.order, one.full_name) for one in listed] == [(1, "Lê A"), (2, "Lê B"), (3, "Lê C")]


syllables = st.sampled_from(
    [
        "An",
        "Ân",
        "Ăn",
        "Đạt",
        "Dạt",
        "Dũng",
        "Hoà",
        "Hòa",
        "Hoa",
        "Lê",
        "Nguyễn",
        "Thị",
        "Ý",
        "Y",
        "Ơn",
        "Ôn",
        "Uy",
        "Ưng",
    ]
)
names = st.lists(syllables, min_size=1, max_size=4).map(" ".join)


@given(names, names)
def test_the_text_a_database_sorts_by_gives_the_same_order_as_the_rule(one, other):
    day = date(1980, 1, 1)

    assert (order_key(one, day) < order_key(other, day)) is (name_key(one) < name_key(other))


@given(st.lists(names, min_size=2, max_size=8), st.randoms())
def test_the_order_does_not_depend_on_how_the_names_came(people, chance):
    listed = [candidate(name, dossier=UUID(int=place)) for place, name in enumerate(people)]
    first = lists.ballot_order(listed)
    chance.shuffle(listed)

    assert lists.ballot_order(listed) == first


def constituency(code="PC-46-01", contest=PC, seats=3):
    return Constituency(
        code=code,
        contest=contest,
        path=f"vn/46/{code}",
        ordinal=1,
        title="Đơn vị bầu cử số 1",
        seats=seats,
        communes=("00001",),
        extent="",
    )


def standee(name="Lê Văn An", state="confirmed", contest=PC, confirmed=True, dossier=None):
    return lists.Standee(dossier or uuid4(), name, contest, state, confirmed)


@pytest.mark.parametrize(
    ("who", "where", "published", "code"),
    [
        (standee(), "PC-46-01", (), None),
        (standee(state="placed"), "PC-46-01", (), None),
        (standee(), "PC-48-01", (), "DS1"),
        (standee(contest=CC), "PC-46-01", (), "DS13"),
        (standee(), "PC-46-01", ("PC-46-01",), "DS3"),
        (standee(state="received", confirmed=False), "PC-46-01", (), "DS2"),
        (standee(state="checked", confirmed=False), "PC-46-01", (), "DS2"),
        (standee(state="mismatched", confirmed=False), "PC-46-01", (), "DS2"),
        (standee(state="withdrawn"), "PC-46-01", (), "DS2"),
        (standee(state="listed"), "PC-46-01", (), "DS2"),
        (standee(confirmed=False), "PC-46-01", (), "DS10"),
        (standee(state="received", contest=CC), "PC-46-01", ("PC-46-01",), "DS13"),
        (standee(state="received"), "PC-46-01", ("PC-46-01",), "DS3"),
    ],
)
def test_a_dossier_is_placed_only_where_it_may_stand(who, where, published, code):
    placements = [Placement(dossier=who.dossier, constituency=where)]
    found = lists.placement_findings(placements, {who.dossier: who}, {"PC-46-01": constituency()}, frozenset(published))

    assert [one.code for one in found] == ([code] if code else [])


def test_nobody_is_placed_twice_in_one_act():
    who = standee()
    areas = {code: constituency(code) for code in ("PC-46-01", "PC-46-02")}
    placements = [Placement(dossier=who.dossier, constituency=code) for code in areas]

    found = lists.placement_findings(placements, {who.dossier: who}, areas, frozenset())

    assert [one.code for one in found] == ["DS12"]


def test_a_list_needs_enough_candidates_each_confirmed_as_they_stand():
    five = [standee() for _ in range(5)]

    assert lists.list_findings(constituency(), five, published=False) == ()
    assert [one.code for one in lists.list_findings(constituency(), five[:4], published=False)] == ["DS5"]
    assert [one.code for one in lists.list_findings(constituency(), five, published=True)] == ["DS3"]
    changed = [*five[:4], standee(confirmed=False)]
    assert [one.code for one in lists.list_findings(constituency(), changed, published=False)] == ["DS10"]


def test_full_namesakes_in_one_constituency_are_told():
    assert lists.namesake_findings({"PC-46-01": ["Lê An", "Lê Ân"], "PC-46-02": ["Lê An"]}) == ()
    [found] = lists.namesake_findings({"PC-46-01": ["Lê An", "Lê An", "Lê An"]})
    assert (found.code, found.places) == ("DS4", ("PC-46-01",))


@pytest.mark.parametrize(
    ("contest", "women", "minorities", "total", "codes"),
    [
        (NA, 35, 18, 100, []),
        (NA, 34, 18, 100, ["DS6"]),
        (NA, 35, 17, 100, ["DS7"]),
        (NA, 34, 17, 100, ["DS6", "DS7"]),
        (PC, 35, 0, 100, []),
        (PC, 34, 0, 100, ["DS6"]),
        (NA, 7, 4, 20, []),
        (NA, 302, 155, 864, ["DS6", "DS7"]),
        (NA, 303, 156, 864, []),
        (CC, 0, 0, 0, []),
    ],
)
def test_quotas_are_shares_of_the_official_list(contest, women, minorities, total, codes):
    assert [one.code for one in lists.quota_findings(contest, women, minorities, total)] == codes


def test_every_people_but_the_kinh_is_a_minority():
    assert [lists.is_minority(name) for name in ("Kinh", "kinh", "Tày", "Cơ Tu", "Hoa")] == [
        False,
        False,
        True,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("now", "publishing", "codes"),
    [
        (datetime(2026, 2, 8, 16, 59, tzinfo=UTC), True, ["DS8"]),
        (datetime(2026, 2, 8, 17, 0, tzinfo=UTC), True, []),
        (datetime(2026, 2, 26, 17, 0, tzinfo=UTC), True, []),
        (datetime(2026, 2, 26, 17, 1, tzinfo=UTC), True, ["DS9"]),
        (noon(1, 3), False, []),
        (noon(1, 2), False, ["DS8"]),
    ],
)
def test_before_the_third_consultation_and_after_the_last_day_it_is_told(now, publishing, codes):
    assert [one.code for one in lists.time_findings(DAY, now, publishing=publishing)] == codes


def test_after_a_striking_one_more_must_stand_than_there_are_seats():
    four = [candidate(name) for name in ("Lê A", "Lê B", "Lê C", "Lê D")]
    two_struck = [one.model_copy(update={"struck": True}) for one in four[:2]] + four[2:]

    assert lists.struck_findings("PC-46-01", 3, four) == ()
    assert lists.struck_findings("PC-46-01", 1, two_struck) == ()
    assert [one.code for one in lists.struck_findings("PC-46-01", 2, two_struck)] == ["DS11"]


def reading(found, state, as_read=True):
    fields = compare(identity(), found)
    return Reading("Nguyễn Thị Thúy Hòa", state, as_read, frozenset(), fields)


SPELLED = person(full_name="Nguyễn Thị Thuý Hoà")


@pytest.mark.parametrize(
    ("what", "reason", "codes"),
    [
        (reading(person(), "checked"), "", []),
        (reading(FoundPerson(found=False), "mismatched"), "", ["HS5"]),
        (reading(FoundPerson(found=False), "mismatched"), "đã xem căn cước", []),
        (reading(SPELLED, "mismatched"), "", ["HS5"]),
        (reading(SPELLED, "mismatched"), "giấy khai sinh ghi Thúy", []),
        (reading(person(sex=Sex.MALE), "mismatched"), "đã xem", ["HS4"]),
        (reading(person(sex=Sex.MALE), "mismatched"), "", ["HS4"]),
        (reading(person(), "received"), "", ["HS4"]),
        (reading(person(), "confirmed"), "", ["HS4"]),
        (reading(person(), "listed"), "", ["HS4"]),
    ],
)
def test_only_an_agreeing_or_doubtful_identity_is_confirmed_the_doubtful_with_a_reason(what, reason, codes):
    assert [one.code for one in confirm_findings([what], reason)] == codes


def test_each_dossier_is_confirmed_once_with_its_own_content():
    one, other = uuid4(), uuid4()

    assert paired([one, other], ["a", "b"]) == ()
    assert [found.code for found in paired([one], ["a", "b"])] == ["HS8"]
    assert [found.code for found in paired([one, one], ["a", "a"])] == ["HS8"]
