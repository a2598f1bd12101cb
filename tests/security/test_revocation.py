"""S8: who was signed out, lost a role or was closed is refused by every service within five seconds, broker or not."""

import pytest

from deploy.security import revocation
from tests import servers

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def test_a_stolen_passport_is_worth_nothing_five_seconds_after_its_session_its_role_or_its_account(databases, broker, tmp_path):
    if broker is None:
        pytest.skip("the broker is not ours to kill")
    with servers.rabbitmq() as own:
        verdict = revocation.ended_everywhere(tmp_path, databases, own)

    assert verdict.word == "ok", verdict.line()
