"""The register against the dossier: slips of the pen get their own words."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.candidates.domain import identity_check as check
from services.candidates.domain.content import content_hash
from services.contracts.candidates import Background, Sex
from services.contracts.voters import FoundPerson
from tests.candidates.factories import identity


def person(**changes):
    fields = {
        "found": True,
        "full_name": "Nguyễn Thị Thúy Hòa",
        "birth_date": date(1982, 11, 5),
        "sex": Sex.FEMALE,
        "ethnicity": "Kinh",
        "address": "27 Lâm Hoằng, phường Vỹ Dạ",
    }
    return FoundPerson(**{**fields, **changes})


@pytest.mark.parametrize(
    ("registered", "verdict"),
    [
        ("Nguyễn Thị Thúy Hòa", "same"),
        ("NGUYỄN THỊ THÚY HÒA", "same"),
        ("Nguyễn  Thị Thúy Hòa", "same"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Thúy Hòa"), "same"),
        ("Nguyễn Thị Thuý Hoà", "tone_place"),
        (unicodedata.normalize("NFD", "NGUYỄN THỊ THUÝ HOÀ"), "tone_place"),
        ("Nguyễn Thị Thuỳ Hòa", "diacritics"),
        ("Nguyên Thị Thúy Hòa", "diacritics"),
        ("Nguyễn Thi Thuy Hoa", "diacritics"),
        ("Thị Nguyễn Thúy Hòa", "word_order"),
        ("Nguyễn Thúy Thị Hòa", "word_order"),
        ("Nguyễn Thị Thúy Hằng", "different"),
        ("Nguyễn Thúy Hòa", "different"),
        ("", "not_recorded"),
    ],
)
def test_two_writings_of_a_name(registered, verdict):
    assert check.name_verdict("Nguyễn Thị Thúy Hòa", registered) == verdict


@pytest.mark.parametrize(
    ("registered", "verdict"),
    [
        (date(1982, 11, 5), "same"),
        (date(1982, 5, 11), "day_and_month"),
        (date(1928, 11, 5), "two_digits"),
        (date(1982, 11, 6), "one_digit"),
        (date(1992, 11, 5), "one_digit"),
        (date(1982, 11, 15), "one_digit"),
        (date(1982, 1, 15), "different"),
        (date(1970, 1, 1), "different"),
    ],
)
def test_two_dates(registered, verdict):
    assert check.date_verdict(date(1982, 11, 5), registered) == verdict


@given(st.dates(date(1900, 1, 1), date(2010, 1, 1)), st.dates(date(1900, 1, 1), date(2010, 1, 1)))
def test_the_verdict_on_two_dates_does_not_depend_on_which_is_read_first(one, other):
    assert check.date_verdict(one, other) == check.date_verdict(other, one)
    assert (check.date_verdict(one, other) == "same") is (one == other)


CASES = [
    (person(), True, False, []),
    (person(address="12 Nguyễn Huệ"), True, False, []),
    (person(ethnicity=""), True, False, []),
    (person(sex=None, birth_date=None), True, False, []),
    (FoundPerson(found=False), False, True, ["HS1"]),
    (person(full_name="Nguyễn Thị Thuý Hoà"), False, True, ["HS3"]),
    (person(full_name="Nguyễn Thị Thuý Hoà", birth_date=date(1982, 5, 11)), False, False, ["HS3", "HS2"]),
    (person(birth_date=date(1982, 5, 11)), False, False, ["HS2"]),
    (person(sex=Sex.MALE), False, False, ["HS2"]),
    (person(ethnicity="Tày"), False, False, ["HS2"]),
    (person(full_name="Trần Văn Nam", ethnicity="Tày"), False, False, ["HS2", "HS2"]),
]


@pytest.mark.parametrize(("found", "agrees", "doubts", "codes"), CASES)
def test_what_a_comparison_means(found, agrees, doubts, codes):
    fields = check.compare(identity(), found)

    assert check.agrees(fields) is agrees
    assert check.only_doubts(fields) is doubts
    assert [one.code for one in check.check_findings(fields)] == codes


def test_differing_fields_come_first_and_speak_in_words():
    fields = check.compare(identity(), person(birth_date=date(1982, 5, 11)))

    assert fields[0].field == "birth_date"
    assert (fields[0].declared, fields[0].registered) == ("05/11/1982", "11/05/1982")
    assert (fields[0].vi, fields[0].en) == ("Đảo ngày và tháng", "Day and month swapped")
    assert check.check_findings(fields)[0].vi.startswith("Ngày sinh: Đảo ngày và tháng.")


def test_the_comparison_never_holds_any_of_the_number():
    fields = check.compare(identity(), person())

    assert "1234" not in "".join(field.model_dump_json() for field in fields)


def hashed(who=None, concealed=b"0" * 16, contest="PC", background=None, nominated=("local", "MTTQ")):
    declared = (who or identity()).model_dump()
    declared["sex"] = str(declared["sex"])
    return content_hash(declared, concealed, contest, background or Background(), nominated)


def test_the_same_person_composed_and_decomposed_has_one_content():
    spelled = identity(unicodedata.normalize("NFD", "Nguyễn Thị Thúy Hòa"))

    assert hashed(spelled) == hashed(identity("Nguyễn Thị Thúy Hòa"))


@pytest.mark.parametrize(
    "other",
    [
        hashed(identity("Nguyễn Thị Thuý Hòa")),
        hashed(identity(birth_date=date(1982, 5, 11))),
        hashed(identity(sex=Sex.MALE)),
        hashed(identity(other_name="Diệu Hòa")),
        hashed(identity(religion="Phật giáo")),
        hashed(concealed=b"1" * 16),
        hashed(contest="CC"),
        hashed(background=Background(degree="Thạc sĩ")),
        hashed(nominated=("self", "MTTQ")),
        hashed(nominated=("local", "")),
    ],
)
def test_anything_a_list_prints_changes_the_content(other):
    assert other != hashed()


def test_the_content_does_not_depend_on_the_plain_number():
    assert hashed(identity(number="046182999999")) == hashed()


def test_two_swapped_digits_of_the_number_are_a_contradiction_with_its_words():
    fields = check.compare(identity(), FoundPerson(found=False), "aa" * 16)

    assert [(field.field, field.registered, field.vi) for field in fields] == [
        ("personal_number", "aa" * 16, "Đảo hai chữ số")
    ]
    assert not check.agrees(fields)
    assert not check.only_doubts(fields)
    assert [one.code for one in check.check_findings(fields)] == ["HS2"]


@given(st.text("0123456789", min_size=12, max_size=12))
def test_a_slip_is_undone_by_the_same_slip(number):
    slips = check.number_slips(number)

    assert len(set(slips)) == len(slips) <= 11
    assert all(number in check.number_slips(slip) for slip in slips)
    assert number not in slips


def test_only_the_same_name_and_birth_date_is_the_same_person():
    assert check.is_same_person(identity(), person())
    assert check.is_same_person(identity(), person(full_name="NGUYỄN THỊ THUÝ HOÀ"))
    assert not check.is_same_person(identity(), person(full_name="Nguyễn Thị Thúy Hằng"))
    assert not check.is_same_person(identity(), person(birth_date=date(1982, 5, 11)))
    assert not check.is_same_person(identity(), FoundPerson(found=False))
