"""Short forms of the scenarios that crash, crowd and confuse; `make chaos` runs the long ones."""

import pytest

from deploy.chaos import crashes, malformed, overload

pytestmark = pytest.mark.broker


def test_every_crash_window_is_hit_many_times_and_nothing_is_lost_or_counted_twice(kept):
    kept(lambda plan, place: crashes.hit(plan, place, 25), crashes.PATIENT)


def test_of_five_times_too_many_calls_some_are_refused_and_the_service_lives_on_within_its_memory(kept):
    kept(overload.overloaded, timed=False)


@pytest.mark.alone
def test_five_times_too_many_calls_leave_almost_all_of_the_goodput(kept):
    kept(overload.overloaded)


def test_malformed_messages_end_no_consumer(kept):
    kept(lambda plan, place: malformed.attacked(plan, place, 2000))
