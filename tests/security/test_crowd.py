"""S14, the short forms: 19 people a second sign in; how fast is judged on a machine that does nothing else."""

import pytest

from deploy.security import crowd

pytestmark = pytest.mark.broker
TIMES = ("p95", "passport_times_slower", "figure_times_slower")


def test_everybody_of_a_crowd_is_in_with_one_session_and_nobody_else_is_refused(databases, broker_url, tmp_path):
    verdict = crowd.signing_in(tmp_path, databases, broker_url, 10)

    assert [miss for miss in verdict.misses if not miss.startswith(TIMES)] == []
    assert verdict.figures["signed_in"] == verdict.figures["sessions"] == 190
    assert all(verdict.figures[name] for name in TIMES)


@pytest.mark.alone
def test_a_minute_of_19_sign_ins_a_second_leaves_everybody_else_as_fast_as_before(databases, broker_url, tmp_path):
    verdict = crowd.signing_in(tmp_path, databases, broker_url, 60)

    assert verdict.word == "ok", verdict.line()


@pytest.mark.parametrize(("took", "part", "found"), [([0.1, 0.2, 0.3, 0.4], 0.5, 0.3), ([0.1], 0.99, 0.1), ([], 0.5, None)])
def test_the_time_within_which_a_part_was_answered(took, part, found):
    assert crowd.share(took, part) == found
