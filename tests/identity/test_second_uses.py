"""S4, short: scripted second uses of accounts are all found, honest days are left in peace; through the real doors."""

from random import Random

import pytest

from deploy.chaos.verdict import Verdict
from deploy.security.ground import on_database
from deploy.security.second_uses import STORIES
from deploy.security.sharing import SECOND_USES, judge, watched


@pytest.fixture
def ground(own_database, tmp_path):
    return on_database(tmp_path, own_database("identity", pool=10))


def test_every_scripted_second_use_is_found_within_five_seconds(ground):
    told = judge(Verdict("sharing"), [watched(ground, SECOND_USES[0], 0, Random(11))])

    assert told.misses == []
    assert told.figures["second_uses"] == told.figures["caught"] >= SECOND_USES[0]
    assert told.figures["patterns"] == len(STORIES) >= 10


@pytest.mark.parametrize(
    ("days", "seed"), [(4, 12), *(pytest.param(50, seed, marks=pytest.mark.alone) for seed in (12, 13))]
)
def test_honest_days_raise_no_alarm(ground, days, seed):
    told = judge(Verdict("sharing"), [watched(ground, 0, days, Random(seed))])

    assert told.figures["honest_days"] == days
    assert told.figures["false_alarms"] == 0
