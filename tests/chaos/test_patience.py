"""Short forms of the scenarios of deadlines, stopped neighbours and poison; `make chaos` runs the long ones."""

import pytest

from deploy.chaos import deadlines, poison

pytestmark = pytest.mark.broker


def test_no_call_outlives_its_deadline_and_nothing_is_done_after_it(kept):
    kept(deadlines.kept)


def test_a_stopped_dependency_fails_none_of_the_other_doors_and_is_asked_again_when_it_is_back(kept):
    kept(deadlines.stalled, timed=False)


def test_poison_is_tried_six_times_and_never_early_and_recovered(kept):
    kept(poison.poisoned, timed=False)


@pytest.mark.alone
def test_a_stopped_dependency_takes_only_its_own_doors_with_it(kept):
    kept(deadlines.stalled)


@pytest.mark.alone
def test_poison_is_tried_six_times_parked_alone_and_recovered(kept):
    kept(poison.poisoned)
