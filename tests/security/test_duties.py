"""S9: no path to approve, sign or publish alone; 400 acts here, 2,000 in `make alone`, 100,000 in `make security SCENARIO=duties`."""

import pytest
from sqlalchemy import text

from deploy.chaos.verdict import Verdict
from deploy.security import duties
from services.results import doors_results
from services.results.domain import entry

_GUARDS = """
    SELECT conrelid::regclass, conname FROM pg_constraint
    WHERE contype = 'c' AND conname ~ 'machines$|approved$|compared$|people$'
"""


pytestmark = pytest.mark.slow


@pytest.fixture
def counting(own_database, signing_key, passport_keys, tmp_path):
    return duties.grounded(own_database("results"), own_database("reporting"), tmp_path, signing_key, passport_keys)


def test_in_2000_acts_nothing_is_approved_signed_or_published_by_too_few_hands(counting):
    verdict = duties.judge(Verdict("duties"), [duties.lived(counting, 2_000)], 2_000)

    assert verdict.word == "ok", verdict.line()


@pytest.mark.parametrize(
    ("module", "check", "sentence"),
    [
        (entry, "require_approver", "one person twice|one machine twice"),
        (entry, "require_own_machine", "one machine twice"),
        (doors_results, "require_other_machine", "one machine twice"),
    ],
)
def test_a_door_that_forgets_a_duty_is_found(counting, monkeypatch, module, check, sentence):
    with counting.results_db.engine.begin() as connection:  # else the database refuses what the door forgets
        for guarded, name in connection.execute(text(_GUARDS)).all():
            connection.execute(text(f"ALTER TABLE {guarded} DROP CONSTRAINT {name}"))
    monkeypatch.setattr(module, check, lambda *_: None)

    with pytest.raises(AssertionError, match=sentence):
        duties.run(counting, 100, people=5, machines=5, shrink=False)
