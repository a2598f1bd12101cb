"""Who is elected: the boundary cases of the law, and every small poll against a brute force that shares no code."""

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.candidates import Contest
from services.contracts.results import Outcome
from services.results.domain.winners import Contestant, Poll, additional_election, decide, decision_faults

OLD, YOUNG = date(1955, 5, 5), date(1990, 9, 9)


def poll(*votes: int, seats: int = 2, valid: int = 1000, voters: int = 1000, took_part: int = 1000, **more) -> Poll:
    born = more.pop("born", {})
    struck = more.pop("struck", set())
    contestants = tuple(
        Contestant(order=place, votes=count, born=born.get(place, date(1970, 1, 1)), struck=place in struck)
        for place, count in enumerate(votes, start=1)
    )
    return Poll(
        contest=more.pop("contest", Contest.NA), seats=seats, voters=voters, took_part=took_part, valid=valid,
        contestants=contestants, **more,
    )  # fmt: skip


def test_exactly_half_turnout_is_a_re_run() -> None:
    exactly, above = decide(poll(900, 800, took_part=500)), decide(poll(900, 800, took_part=501))

    assert (exactly.valid_turnout, exactly.rerun, exactly.elected, exactly.missing) == (False, True, (), 2)
    assert not exactly.additional_election
    assert set(exactly.outcomes.values()) == {Outcome.NO_TURNOUT}
    assert (above.valid_turnout, above.rerun, above.elected) == (True, False, (1, 2))


def test_a_re_run_stands_with_turnout_at_or_under_half() -> None:
    stood = decide(poll(900, 800, took_part=400, stands_anyway=True))

    assert stood.elected == (1, 2)
    assert not stood.rerun


def test_exactly_half_of_the_valid_ballots_is_not_elected() -> None:
    decided = decide(poll(501, 500, 499))

    assert decided.elected == (1,)
    assert decided.majority == 501
    assert decided.outcomes == {1: Outcome.ELECTED, 2: Outcome.SHORT, 3: Outcome.SHORT}
    assert (decided.missing, decided.additional_election) == (1, True)


@pytest.mark.parametrize(
    ("contest", "seats", "elected", "asked_for"),
    [
        (Contest.PC, 3, 2, False), (Contest.PC, 3, 1, True),
        (Contest.CC, 5, 3, True), (Contest.CC, 5, 4, False),
        (Contest.CC, 4, 2, True), (Contest.CC, 4, 3, False),
        (Contest.PC, 2, 1, True), (Contest.PC, 2, 2, False), (Contest.PC, 1, 0, True), (Contest.PC, 1, 1, False),
        (Contest.NA, 3, 2, True), (Contest.NA, 3, 3, False),
    ],
)  # fmt: skip
def test_an_additional_election_is_asked_for_by_the_laws_own_test(
    contest: Contest, seats: int, elected: int, asked_for: bool
) -> None:
    assert additional_election(contest, elected, seats) is asked_for


def test_a_tie_at_the_last_seat_goes_to_the_older() -> None:
    decided = decide(poll(900, 700, 700, born={2: YOUNG, 3: OLD}))

    assert decided.elected == (1, 3)
    assert decided.outcomes[2] is Outcome.OUTRANKED
    assert decided.tied == ()


def test_a_tie_above_the_last_seat_elects_both_the_older_first() -> None:
    decided = decide(poll(700, 900, 700, seats=3, born={1: YOUNG, 3: OLD}))

    assert decided.elected == (2, 3, 1)
    assert decided.missing == 0


def test_equal_votes_and_birth_date_at_the_last_seat_wait_for_a_decision() -> None:
    tied = poll(900, 700, 700, 100)
    decided = decide(tied)

    assert decided.elected == (1,)
    assert decided.tied == (2, 3)
    assert decided.missing == 0
    assert decided.outcomes[3] is Outcome.TIED
    assert decide(poll(900, 700, 700, 100, first=(3,))).elected == (1, 3)


@pytest.mark.parametrize("first", [(), (1,), (4,), (3, 3), (1, 3), (2, 3)])
def test_a_decision_that_names_others_or_decides_nothing_is_refused(first: tuple[int, ...]) -> None:
    assert [fault.code for fault in decision_faults(poll(900, 700, 700, 100), first)] == ["F10"]


def test_a_decision_among_the_tied_stands_and_without_a_tie_there_is_none() -> None:
    assert decision_faults(poll(900, 700, 700, 100), (2,)) == ()
    assert decision_faults(poll(900, 700, 600, 100), (2,)) != ()


def test_who_was_struck_is_not_elected_with_any_votes() -> None:
    decided = decide(poll(990, 700, 600, struck={1}))

    assert decided.elected == (2, 3)
    assert decided.outcomes[1] is Outcome.STRUCK


def test_a_poll_of_nothing_elects_nobody() -> None:
    nothing = decide(poll(0, 0, valid=0, voters=0, took_part=0))

    assert (nothing.elected, nothing.rerun, nothing.majority) == ((), True, 1)


@st.composite
def polls(draw: st.DrawFn) -> Poll:
    seats = draw(st.integers(1, 5))
    valid = draw(st.integers(0, 12))
    voters = draw(st.integers(valid, 24))
    days = [date(1960, 1, 1), date(1960, 1, 2), date(1980, 1, 1)]
    contestants = tuple(
        Contestant(order, draw(st.integers(0, valid)), draw(st.sampled_from(days)), draw(st.integers(0, 9)) == 0)
        for order in range(1, draw(st.integers(seats, seats + 4)) + 1)
    )
    return Poll(
        contest=draw(st.sampled_from(Contest)), seats=seats, voters=voters, took_part=draw(st.integers(valid, voters)),
        valid=valid, contestants=contestants, stands_anyway=draw(st.booleans()),
    )  # fmt: skip


def brute_force(poll_: Poll) -> set[frozenset[int]]:
    """Every set of people the law could seat: each way of choosing, kept when nobody outside could claim a place.

    Written from the articles alone: a seat for everybody who passed while there are seats, and nobody left out may have
    more votes than somebody seated, nor as many votes and an earlier birth.
    """
    if not (poll_.stands_anyway or poll_.took_part + poll_.took_part > poll_.voters):
        return {frozenset()}
    passed = [one for one in poll_.contestants if not one.struck and one.votes > poll_.valid - one.votes]
    allowed = set()
    for size in range(len(passed) + 1):
        for seated in combinations(passed, size):
            left = [one for one in passed if one not in seated]
            full = len(seated) == poll_.seats
            fair = all(
                out.votes < inside.votes or (out.votes == inside.votes and out.born >= inside.born)
                for out in left
                for inside in seated
            )
            if len(seated) <= poll_.seats and fair and (not left or full):
                allowed.add(frozenset(one.order for one in seated))
    return allowed


@given(polls())
def test_the_winners_are_those_of_the_brute_force(poll_: Poll) -> None:
    decided, possible = decide(poll_), brute_force(poll_)

    if decided.tied:
        assert len(possible) > 1
        assert set(decided.elected) == set.intersection(*map(set, possible))
        assert set(decided.elected) | set(decided.tied) == set.union(*map(set, possible))
    else:
        assert possible == {frozenset(decided.elected)}
    filled = poll_.seats - decided.missing
    assert {len(seated) for seated in possible} == {filled}


@given(polls())
def test_the_elected_come_by_votes_then_by_age(poll_: Poll) -> None:
    by_order = {one.order: one for one in poll_.contestants}
    ranked = [by_order[order] for order in decide(poll_).elected]

    assert ranked == sorted(ranked, key=lambda one: (-one.votes, one.born, one.order))


@given(polls())
def test_a_decision_for_the_tied_leaves_nothing_open(poll_: Poll) -> None:
    decided = decide(poll_)
    if not decided.tied:
        return
    open_seats = poll_.seats - decided.missing - len(decided.elected)
    first = decided.tied[-open_seats:]

    assert decision_faults(poll_, first) == ()
    after = decide(Poll(**{**vars(poll_), "first": first}))
    assert set(after.elected) == {*decided.elected, *first}


@given(polls(), st.randoms())
def test_the_order_in_which_candidates_are_read_changes_nothing(poll_: Poll, chance) -> None:
    shuffled = list(poll_.contestants)
    chance.shuffle(shuffled)

    assert decide(Poll(**{**vars(poll_), "contestants": tuple(shuffled)})).outcomes == decide(poll_).outcomes
