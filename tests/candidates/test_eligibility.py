"""Who may hand in a dossier, where, and how many."""

from datetime import date

import pytest

from services.candidates.domain.eligibility import receipt_findings
from services.contracts.candidates import Contest, Nominator, Sex
from tests.candidates.factories import DAY, identity, receiving

NA, PC, CC = Contest.NA, Contest.PC, Contest.CC


def codes(request, others=()):
    return [found.code for found in receipt_findings(request, DAY, others)]


@pytest.mark.parametrize(
    ("born", "number", "expected"),
    [
        (date(2005, 3, 15), "046305000001", []),
        (date(2005, 3, 16), "046305000001", ["UC1"]),
        (date(1982, 11, 5), "046182000001", []),
        (date(2027, 1, 1), "046327000001", ["UC1"]),
    ],
)
def test_a_candidate_is_21_on_election_day(born, number, expected):
    assert codes(receiving(identity(birth_date=born, personal_number=number))) == expected


@pytest.mark.parametrize(
    ("number", "sex", "expected"),
    [
        ("046182001234", Sex.FEMALE, []),
        ("046082001234", Sex.MALE, []),
        ("046082001234", Sex.FEMALE, ["UC5"]),
        ("046382001234", Sex.FEMALE, ["UC5"]),
        ("046183001234", Sex.FEMALE, ["UC6"]),
        ("000182001234", Sex.FEMALE, ["UC8"]),
        ("001182001234", Sex.FEMALE, []),
        ("096182001234", Sex.FEMALE, []),
        ("097182001234", Sex.FEMALE, ["UC8"]),
        ("999999999999", Sex.FEMALE, ["UC8", "UC5", "UC6"]),
    ],
)
def test_the_number_is_compared_with_sex_century_and_year(number, sex, expected):
    assert codes(receiving(identity(personal_number=number, sex=sex))) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nguyễn Thị Thúy Hòa", []),
        ("H'Hen Niê", []),
        ("Y Thông", []),
        ("Nguyễn Văn A2", ["UC9"]),
        ("Nguyễn <b>", ["UC9"]),
    ],
)
def test_a_name_is_made_of_letters(name, expected):
    assert codes(receiving(identity(name))) == expected


@pytest.mark.parametrize(
    ("contest", "unit", "nominator", "expected"),
    [
        (NA, "vn", Nominator.CENTRAL, []),
        (NA, "vn/46", Nominator.LOCAL, []),
        (NA, "vn/46", Nominator.SELF, []),
        (NA, "vn", Nominator.LOCAL, ["UC10"]),
        (NA, "vn/46", Nominator.CENTRAL, ["UC10"]),
        (NA, "vn/46/19777", Nominator.LOCAL, ["UC3"]),
        (NA, "vn/46/NA-46-01", Nominator.LOCAL, ["UC3"]),
        (PC, "vn/46", Nominator.LOCAL, []),
        (PC, "vn", Nominator.CENTRAL, ["UC3"]),
        (PC, "vn/46/19777", Nominator.LOCAL, ["UC3"]),
        (PC, "vn/46", Nominator.CENTRAL, ["UC10"]),
        (CC, "vn/46/19777", Nominator.SELF, []),
        (CC, "vn/46", Nominator.LOCAL, ["UC3"]),
        (CC, "vn/46/NA-46-01", Nominator.LOCAL, ["UC3"]),
    ],
)
def test_a_dossier_is_filed_with_the_commission_of_its_contest(contest, unit, nominator, expected):
    assert codes(receiving(contest=contest, unit=unit, nominator=nominator)) == expected


def test_only_the_self_nominated_have_no_organisation():
    assert codes(receiving(nominated_by="")) == ["UC11"]
    assert codes(receiving(nominated_by="", nominator=Nominator.SELF)) == []


@pytest.mark.parametrize(
    ("contest", "others", "expected"),
    [
        (PC, [], []),
        (PC, [NA], []),
        (PC, [CC], []),
        (NA, [PC], []),
        (PC, [PC], ["UC2"]),
        (PC, [NA, CC], ["UC4"]),
        (NA, [PC, CC], ["UC4"]),
        (CC, [NA, PC], ["UC4"]),
        (PC, [PC, CC], ["UC2"]),
    ],
)
def test_a_person_files_two_dossiers_at_most_and_one_in_each_contest(contest, others, expected):
    unit = "vn/46/19777" if contest is CC else "vn/46"

    assert codes(receiving(contest=contest, unit=unit), others) == expected


def test_all_that_is_wrong_is_said_at_once():
    young = identity("Nguyễn 1", "000000000000", birth_date=date(2010, 1, 1))

    found = receipt_findings(receiving(young, contest=CC, nominated_by=""), DAY, [CC])

    assert [one.code for one in found] == ["UC3", "UC11", "UC1", "UC9", "UC8", "UC5", "UC6", "UC2"]
    assert found[2].vi.startswith("Đến ngày bầu cử mới 16 tuổi")
