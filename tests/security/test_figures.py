"""The short forms of the figures S5, S6 and S7; `make security` runs the long ones."""

from random import Random

import pytest

from deploy.chaos.verdict import Verdict
from deploy.security import codes, guessing, renewal


def test_200_tokens_that_come_back_open_nothing_and_end_their_session(ground):
    verdict = renewal.reused(ground, 200)

    assert verdict.word == "ok", verdict.line()


def test_a_code_given_a_hundred_times_at_once_opens_one_session(ground):
    verdict = codes.replayed(ground, 200)

    assert verdict.word == "ok", verdict.line()


@pytest.mark.parametrize("tries", [1000, pytest.param(10_000, marks=pytest.mark.alone)])
def test_however_many_guesses_at_most_a_hundred_are_looked_at_and_the_owner_is_soon_back(ground, tries):
    verdict = Verdict("guessing")
    guessing.flooded(ground, verdict, 10, tries, restless=2)

    assert verdict.word == "ok", verdict.line()


@pytest.mark.alone
def test_a_known_and_an_unknown_account_take_the_same_time(ground, true_hashes):
    verdict = Verdict("guessing")
    guessing.timed(ground, verdict, 200, Random(1))

    assert verdict.word == "ok", verdict.line()


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ([1.0, 2, 3, 4, 5, 6, 7, 8], [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5], 0.5, 0.7),
        ([float(n) for n in range(40)], [float(n) for n in range(30, 70)], 0.0, 0.000001),
    ],
)
def test_the_rank_test_tells_what_lies_apart_from_what_does_not(one, other, low, high):
    assert low <= guessing.rank_test(one, other) <= high
