"""Who is on a list, with which right; areas; all pairs of the state tables."""

from datetime import date

import pytest

from services.contracts.base import StepNotAllowed
from services.contracts.candidates import Sex
from services.contracts.voters import Area, AreaKind, Rights
from services.voters.domain.areas import Home, area_findings, size_findings
from services.voters.domain.entries import number_fits_sex, number_fits_year, old_enough, right_of
from services.voters.domain.rules import RULES
from services.voters.domain.states import IMPORT_STATES, VOTER_LIST_STATES

DAY = date(2026, 3, 15)


@pytest.mark.parametrize(
    ("born", "allowed"), [(date(2008, 3, 15), True), (date(2008, 3, 16), False), (date(1926, 1, 1), True)]
)
def test_a_voter_is_18_on_election_day(born, allowed) -> None:
    assert old_enough(born, DAY) is allowed


@pytest.mark.parametrize(
    ("kind", "since", "commune_vote"),
    [
        (AreaKind.COMMON, None, True),
        (AreaKind.COMMON, date(2025, 3, 15), True),
        (AreaKind.COMMON, date(2025, 3, 16), False),
        (AreaKind.COMMON, date(2025, 4, 15), False),
        (AreaKind.ARMED, None, False),
        (AreaKind.DETENTION, None, False),
        (AreaKind.HOSPITAL, None, True),
    ],
)
def test_the_commune_vote_is_for_residents_of_twelve_months(kind, since, commune_vote) -> None:
    right = right_of(kind, since, DAY)

    assert (right.na, right.pc, right.cc) == (True, True, commune_vote)


@pytest.mark.parametrize(
    ("number", "sex", "born", "sex_fits", "year_fits"),
    [
        ("046071000001", Sex.MALE, date(1971, 1, 1), True, True),
        ("046171000001", Sex.MALE, date(1971, 1, 1), False, True),
        ("046171000001", Sex.FEMALE, date(1972, 1, 1), True, False),
        ("046205000001", Sex.MALE, date(2005, 1, 1), True, True),
        ("046005000001", Sex.MALE, date(2005, 1, 1), True, False),
    ],
)
def test_a_number_tells_sex_and_year(number, sex, born, sex_fits, year_fits) -> None:
    assert number_fits_sex(number, sex) is sex_fits
    assert number_fits_year(number, born) is year_fits


HOMES = {
    "NA-46-01": Home("NA-46-01", "NA", ("19777", "19780")),
    "NA-46-02": Home("NA-46-02", "NA", ("19783",)),
    "PC-46-01": Home("PC-46-01", "PC", ("19777",)),
    "CC-19777-01": Home("CC-19777-01", "CC", ("19777",)),
    "CC-19777-02": Home("CC-19777-02", "CC", ("19777",)),
}


def area(code: str = "19777-001", **changes: str) -> Area:
    return Area(
        **{"code": code, "place": "Nhà văn hóa", "na": "NA-46-01", "pc": "PC-46-01", "cc": "CC-19777-01"} | changes
    )


SECOND = area("19777-002", cc="CC-19777-02")


@pytest.mark.parametrize(
    ("areas", "kept", "codes"),
    [
        ([area(), SECOND], [], []),
        ([area("19780-001"), SECOND], [], ["KV1", "KV3"]),
        ([area(), area(), SECOND], [], ["KV2", "KV2"]),
        ([area(), area("19777-003", cc="CC-19777-02")], [], ["KV3"]),
        ([area(na="NA-46-09"), SECOND], [], ["KV4"]),
        ([area(na="NA-46-02"), SECOND], [], ["KV5"]),
        ([area(pc="CC-19777-01"), SECOND], [], ["KV5"]),
        ([area()], [], ["KV6"]),
        ([area(), SECOND], [area("19777-003")], ["KV7"]),
        ([area(), SECOND], [SECOND], []),
        ([area(), SECOND], [area("19777-002", cc="CC-19777-01")], ["KV8"]),
        ([area(), SECOND], [area("19777-002", cc="CC-19777-02", kind="armed")], ["KV8"]),
    ],
)
def test_every_fault_of_a_set_of_areas_is_found(areas, kept, codes) -> None:
    listed = {one.code: one for one in kept}

    assert [finding.code for finding in area_findings("19777", areas, HOMES, listed)] == codes


@pytest.mark.parametrize(
    ("kind", "voters", "codes"),
    [
        ("common", 300, []),
        ("common", 299, ["VL5"]),
        ("common", 4000, []),
        ("common", 4001, ["VL5"]),
        ("remote", 5, []),
        ("hospital", 49, ["VL5"]),
        ("hospital", 50, []),
        ("common", 0, ["VL34"]),
    ],
)
def test_an_area_has_300_to_4000_voters_or_a_reason(kind, voters, codes) -> None:
    found = size_findings([area(kind=kind)], {"19777-001": Rights(na=voters)})

    assert [finding.code for finding in found] == codes


LIST_STEPS = {
    ("empty", "import"): "drafted", ("drafted", "import"): "drafted", ("drafted", "post"): "posted",
    ("posted", "add"): "posted", ("posted", "strike"): "posted", ("posted", "close"): "closed",
    ("closed", "strike"): "closed",
}  # fmt: skip


@pytest.mark.parametrize("act", ["import", "post", "add", "strike", "close"])
@pytest.mark.parametrize("state", ["empty", "drafted", "posted", "closed"])
def test_every_pair_of_the_life_of_a_list(state, act) -> None:
    if (state, act) in LIST_STEPS:
        assert VOTER_LIST_STATES.advance(state, act) == LIST_STEPS[state, act]
    else:
        with pytest.raises(StepNotAllowed):
            VOTER_LIST_STATES.advance(state, act)


@pytest.mark.parametrize("act", ["read", "check", "write", "finish", "refuse", "fail"])
@pytest.mark.parametrize("state", ["written", "refused", "failed"])
def test_an_import_that_ended_never_goes_on(state, act) -> None:
    assert not IMPORT_STATES.allows(state, act)


def test_every_rule_has_two_sentences_and_a_source() -> None:
    assert all(rule.vi and rule.en and rule.source for rule in RULES.values())
