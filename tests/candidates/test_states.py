"""Every pair of state and act of a dossier, written out apart from the table."""

from itertools import product

import pytest

from services.candidates.domain.states import DOSSIER_STATES
from services.contracts.base import StepNotAllowed

ACTS = (
    "check_agrees", "check_differs", "correct", "withdraw", "confirm", "confirm_doubt", "place", "publish", "strike",
)  # fmt: skip
LIFE = {
    "received": {
        "check_agrees": "checked",
        "check_differs": "mismatched",
        "correct": "received",
        "withdraw": "withdrawn",
    },
    "checked": {
        "check_agrees": "checked",
        "check_differs": "mismatched",
        "correct": "received",
        "withdraw": "withdrawn",
        "confirm": "confirmed",
    },
    "mismatched": {
        "check_agrees": "checked",
        "check_differs": "mismatched",
        "correct": "received",
        "withdraw": "withdrawn",
        "confirm_doubt": "confirmed",
    },
    "confirmed": {"correct": "received", "withdraw": "withdrawn", "place": "placed"},
    "placed": {"correct": "received", "withdraw": "withdrawn", "place": "placed", "publish": "listed"},
    "listed": {"strike": "struck"},
    "struck": {},
    "withdrawn": {},
}


@pytest.mark.parametrize(("state", "act"), list(product(LIFE, ACTS)))
def test_a_dossier_goes_only_where_its_life_leads(state, act):
    expected = LIFE[state].get(act)

    assert DOSSIER_STATES.allows(state, act) is (expected is not None)
    if expected is None:
        with pytest.raises(StepNotAllowed):
            DOSSIER_STATES.advance(state, act)
    else:
        assert DOSSIER_STATES.advance(state, act) == expected


def test_nothing_else_is_in_the_table():
    assert {step.before for step in DOSSIER_STATES.steps} <= set(LIFE)
    assert {step.act for step in DOSSIER_STATES.steps} == set(ACTS)
    assert len(DOSSIER_STATES.steps) == sum(map(len, LIFE.values()))
    assert set(DOSSIER_STATES.words) == set(LIFE)


def test_no_road_reaches_a_list_without_a_confirmation():
    roads = {step.before for step in DOSSIER_STATES.steps if step.after == "placed"}

    assert roads == {"confirmed", "placed"}
    assert {step.before for step in DOSSIER_STATES.steps if step.after == "listed"} == {"placed"}
