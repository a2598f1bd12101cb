"""Each rule of a count record: fires, just does not, and is silent where a more basic rule has spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.base import Severity
from services.contracts.candidates import Contest
from services.contracts.results import BallotUse, Draft, Figures
from services.results.domain.checks import Paper, Sibling, blocking, findings, holding, missing, unlike
from services.results.domain.rules import HOLDING, RULES
from tests.results.papers import figures, paper

NET = BallotUse(contest=Contest.NA, received=1500, issued=1435, spoiled=5, unused=60)


def codes(figures_: Figures, paper_: Paper) -> list[str]:
    return [finding.code for finding in findings(figures_, paper_)]


def test_a_record_that_balances_has_no_finding_and_every_check_holds() -> None:
    assert findings(figures(), paper()) == ()
    assert [found.code for found in holding(figures(), paper())] == [
        "C1",
        "C2",
        "F2",
        "C5",
        "C6",
        "C6",
        "F1",
        "C2",
        "F5",
    ]


FIRES = [
    # rule, what the paper says, what else is known
    ("C1", {"valid": 1410, "kinds": (51, 290, 1069), "votes": (1203, 973, 742, 585, 335)}, {}),
    ("C1", {"invalid": 25}, {}),
    ("C2", {"voters": 1434}, {"listed": 1434}),
    ("C3", {"issued": 1434}, {"use": None}),
    ("C5", {"votes": (1412, 765, 742, 585, 335)}, {}),
    ("C6", {"kinds": (51, 290, 1069)}, {}),
    ("C6", {"votes": (1205, 973, 742, 585, 335)}, {}),
    ("C7", {"kinds": (), "votes": (1411, 1411, 1411, 1, 0)}, {}),
    ("C7", {"kinds": (), "votes": (1000, 400, 8, 1, 1)}, {}),
    ("C10", {"votes": (1204, 973, 742, 920)}, {}),
    ("C10", {"kinds": (52, 290, 1069, 0)}, {}),
    ("F1", {"issued": 1436}, {"use": NET}),
    ("F2", {"collected": 1436, "invalid": 25, "issued": 1436}, {"use": None}),
    ("C2", {"issued": 1436}, {"use": None}),
    ("C8", {}, {"siblings": {Contest.PC: Sibling(1448, 1434)}}),
    ("C8", {}, {"siblings": {Contest.CC: Sibling(1448, 1436)}}),
    ("C8", {}, {"contest": Contest.CC, "siblings": {Contest.NA: Sibling(1448, 1434)}}),
    ("F5", {}, {"listed": 1449}),
    ("F6", {}, {"siblings": {Contest.PC: Sibling(1447, 1435)}}),
    ("F6", {}, {"siblings": {Contest.CC: Sibling(1449, 1435)}}),
    ("F6", {}, {"contest": Contest.CC, "siblings": {Contest.PC: Sibling(1447, 1435)}}),
    ("C10", {}, {"struck": frozenset({4})}),
    ("P1", {"collected": 1000, "valid": 970, "invalid": 30, "kinds": (), "votes": (970, 0, 0, 0, 0)}, {}),
    ("P2", {"voters": 2870}, {"listed": 2870}),
    ("P3", {}, {"twin": "19777-004"}),
]


@pytest.mark.parametrize(("code", "says", "known"), FIRES)
def test_a_rule_fires_alone(code: str, says: dict, known: dict) -> None:
    assert set(codes(figures(**says), paper(**known))) == {code}


JUST_NOT = [
    ("C2 turnout equal to the list", {"voters": 1435}, {"listed": 1435}),
    ("C5 a candidate on every valid ballot", {"votes": (1411, 766, 742, 585, 335)}, {}),
    ("C7 one name on each ballot", {"kinds": (), "votes": (1000, 400, 8, 2, 1)}, {}),
    ("C7 as many names as seats", {"kinds": (), "votes": (1411, 1411, 1411, 0, 0)}, {}),
    ("C10 kinds not given", {"kinds": ()}, {}),
    ("F2 fewer collected than took part", {"collected": 1434, "invalid": 23}, {}),
    ("F1 form 32 not yet recorded", {}, {"use": None}),
    ("C8 fewer in the commune", {}, {"siblings": {Contest.CC: Sibling(1300, 1290)}}),
    ("C8 commune below both", {"voters": 1448}, {"contest": Contest.CC, "siblings": {Contest.NA: Sibling(1448, 1435)}}),
    ("F5 list not heard of", {}, {"listed": None}),
    ("C10 struck without a vote", {"votes": (1204, 973, 742, 920, 0)}, {"struck": frozenset({5})}),
    ("P1 just under 3%", {"collected": 1000, "valid": 971, "invalid": 29, "kinds": (), "votes": (971, 0, 0, 0, 0)}, {}),
    ("P2 one above half", {"voters": 2869}, {"listed": 2869}),
    ("C2 gross: exchanged ballots counted", {"issued": 1440}, {"gross": True, "use": NET.model_copy(update={"issued": 1440})}),
    ("C2 gross without form 32", {"issued": 1440}, {"gross": True, "use": None}),
    ("an area where nobody came and nothing was counted", dict.fromkeys(("took_part", "issued", "collected", "valid", "invalid"), 0) | {"votes": (0,) * 5, "kinds": (0,) * 3, "voters": 0}, {"listed": 0, "use": None}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "says", "known"), JUST_NOT)
def test_a_rule_just_does_not_fire(why: str, says: dict, known: dict) -> None:
    assert codes(figures(**says), paper(**known)) == [], why


def test_equality_is_silent_where_boxes_are_missing() -> None:
    assert codes(figures(votes=(1,), invalid=999), paper()) == ["C10"]


def test_plausibility_is_silent_where_figures_do_not_add_up() -> None:
    assert codes(figures(invalid=500), paper(twin="19777-004")) == ["C1"]


def test_a_warning_is_silent_where_a_figure_must_be_corrected() -> None:
    assert codes(figures(invalid=25), paper(listed=1)) == ["C1"]


def test_more_collected_than_issued_is_silent_where_more_were_collected_than_took_part() -> None:
    assert "C3" not in codes(figures(collected=1500, invalid=89), paper())


def test_the_sentences_are_those_of_the_console() -> None:
    said = figures(voters=1286, took_part=1279, issued=1279, collected=1279, valid=1226, invalid=17, kinds=())
    found = findings(said.model_copy(update={"votes": (1104, 600, 400, 300, 200)}), paper(listed=1286, use=None))

    assert [finding.vi for finding in found] == ["Hợp lệ 1.226 cộng không hợp lệ 17 là 1.243, khác số thu vào 1.279."]
    assert [finding.en for finding in found] == ["Valid 1,226 plus invalid 17 is 1,243, not the 1,279 collected."]
    assert found[0].places == ("collected", "valid", "invalid")


def test_a_candidate_above_the_valid_ballots_is_named_by_the_box() -> None:
    found = findings(figures(votes=(1412, 765, 742, 585, 335)), paper())

    assert [(finding.places[0], finding.vi) for finding in found] == [
        ("votes.1", "Số phiếu của người này nhiều hơn số phiếu hợp lệ.")
    ]


def test_what_holds_is_said_as_the_checker_reads_it() -> None:
    said = {finding.vi for finding in holding(figures(), paper())}

    assert {
        "1.411 + 24 = 1.435 phiếu thu vào",
        "52 + 290 + 1.069 = 1.411 hợp lệ",
        "52 + 2×290 + 3×1.069 = 3.839 phiếu bầu",
    } <= said


def test_an_empty_box_is_not_zero() -> None:
    draft = Draft(voters=1, votes=(0, None, 3, 4, 5), kinds=(0, 0, 0))

    found = missing(draft, paper())

    assert [finding.places[0] for finding in found] == [
        "took_part",
        "issued",
        "collected",
        "valid",
        "invalid",
        "votes.2",
    ]
    assert found[0].vi == "Ô này còn trống. Nếu giấy ghi không, gõ 0."


def test_a_difference_names_boxes_by_their_printed_numbers() -> None:
    found = unlike(("valid", "votes.4", "kinds.1"), votes=5)

    assert found.vi == "Ô 5, 10, 12 khác lần nhập 1. Số của lần 1 không hiện ở đây."


def test_every_rule_says_something_in_both_languages_and_names_its_source() -> None:
    for key, rule in {**RULES, **HOLDING}.items():
        assert all((rule.vi, rule.en, rule.source)), key
        assert rule.vi != rule.en, key
        assert not any(word in rule.vi.lower() for word in ("!", "vui lòng")), key


def test_every_code_of_the_law_is_in_the_catalogue() -> None:
    asked = {
        "C1",
        "C2",
        "C3",
        "C4",
        "C5",
        "C6",
        "C7",
        "C8",
        "C10",
        "C12",
        "F1",
        "F2",
        "F3",
        "F4",
        "F5",
        "F6",
        "F8",
        "F9",
        "F10",
    }

    assert asked <= {rule.code for rule in RULES.values()}


@st.composite
def balanced(draw: st.DrawFn) -> tuple[Figures, Paper]:
    """A record made ballot by ballot, as a Team makes it."""
    seats = draw(st.integers(1, 5))
    candidates = draw(st.integers(seats, seats + 4))
    ballots = draw(
        st.lists(st.sets(st.integers(0, candidates - 1), min_size=1, max_size=seats), min_size=34, max_size=60)
    )
    invalid, absent = draw(st.integers(0, 1)), draw(st.integers(0, 20))
    votes, kinds = [0] * candidates, [0] * seats
    for ballot in ballots:
        kinds[len(ballot) - 1] += 1
        for place in ballot:
            votes[place] += 1
    came = len(ballots) + invalid
    made = Figures(
        voters=came + absent, took_part=came, issued=came, collected=came,
        valid=len(ballots), invalid=invalid, votes=tuple(votes), kinds=tuple(kinds),
    )  # fmt: skip
    return made, Paper(contest=Contest.NA, seats=seats, candidates=candidates, listed=came + absent)


@given(balanced())
def test_what_a_team_counts_ballot_by_ballot_has_no_finding(made: tuple[Figures, Paper]) -> None:
    assert findings(*made) == ()


@given(balanced(), st.data())
def test_a_slip_in_one_box_of_a_balanced_record_is_found(made: tuple[Figures, Paper], data: st.DataObject) -> None:
    said, known = made
    box = data.draw(st.sampled_from(["voters", "took_part", "issued", "collected", "valid", "invalid"]))
    slip = data.draw(st.integers(0, 200).filter(lambda value: value != getattr(said, box)))

    assert findings(said.model_copy(update={box: slip}), known) != ()


@given(balanced(), st.data())
def test_a_slip_in_one_vote_or_kind_is_found_and_blocks(made: tuple[Figures, Paper], data: st.DataObject) -> None:
    said, known = made
    box = data.draw(st.sampled_from(["votes", "kinds"]))
    row = list(getattr(said, box))
    place = data.draw(st.integers(0, len(row) - 1))
    row[place] = data.draw(st.integers(0, 200).filter(lambda value: value != row[place]))

    found = findings(said.model_copy(update={box: tuple(row)}), known)

    assert blocking(found)
    assert all(finding.severity is Severity.BLOCK for finding in found)
