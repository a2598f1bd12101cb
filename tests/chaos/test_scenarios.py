"""The short forms of the chaos scenarios that need no servers of their own; `make chaos` runs the long ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.chaos import crashes, deadlines, malformed, overload, poison
from deploy.chaos.ground import Ground, on_servers
from deploy.chaos.verdict import Plan, Verdict
from tests.servers import fresh_vhost

pytestmark = pytest.mark.broker

Harm = Callable[[Plan, Ground], Verdict]


@pytest.fixture
def place(postgres_url: str, broker: Any, tmp_path: Path) -> Any:
    """The two tiny services' databases and vhost on this session's servers."""
    if broker is None:
        pytest.skip("the broker is not ours to ask")
    made = on_servers(tmp_path, postgres_url, fresh_vhost(broker))
    made.lent = broker
    yield made
    made.close()


def check(harm: Harm, place: Ground, delivery_limit: int = 20) -> None:
    place.stage.topology(delivery_limit=delivery_limit)
    verdict = harm(Plan(place.folder, short=True, seed=1), place)
    assert verdict.word == "ok", verdict.line()


def test_every_crash_window_is_hit_many_times_and_nothing_is_lost_or_counted_twice(place: Ground) -> None:
    check(lambda plan, at: crashes.hit(plan, at, 25), place, crashes.PATIENT)


def test_no_call_outlives_its_deadline_and_nothing_is_done_after_it(place: Ground) -> None:
    check(deadlines.kept, place)


def test_a_stopped_dependency_takes_only_its_own_doors_with_it(place: Ground) -> None:
    check(deadlines.stalled, place)


def test_five_times_too_many_calls_leave_almost_all_of_the_goodput(place: Ground) -> None:
    check(overload.overloaded, place)


def test_poison_is_tried_six_times_parked_alone_and_recovered(place: Ground) -> None:
    check(poison.poisoned, place)


def test_malformed_messages_end_no_consumer(place: Ground) -> None:
    check(lambda plan, at: malformed.attacked(plan, at, 2000), place)
