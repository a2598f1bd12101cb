"""S14, the short form: 19 people a second sign in for a minute, and others notice nothing."""

import pytest

from deploy.security import crowd

pytestmark = [pytest.mark.broker, pytest.mark.alone]


def test_a_minute_of_19_sign_ins_a_second_leaves_everybody_else_as_fast_as_before(databases, broker_url, tmp_path):
    verdict = crowd.signing_in(tmp_path, databases, broker_url, 60)

    assert verdict.word == "ok", verdict.line()


@pytest.mark.parametrize(("took", "part", "found"), [([0.1, 0.2, 0.3, 0.4], 0.5, 0.3), ([0.1], 0.99, 0.1), ([], 0.5, None)])
def test_the_time_within_which_a_part_was_answered(took, part, found):
    assert crowd.share(took, part) == found
