"""All pairs of the state tables: a step leads where the law of the house says, and there is no other."""

import pytest

from services.contracts.base import StateTable, StepNotAllowed
from services.contracts.results import RecordState, ResultState
from services.results.domain.states import (
    AGREED,
    CLAIMABLE,
    ENTERING,
    NEEDS_PERSON,
    POLLING_STATES,
    RECORD_STATES,
    RESULT_STATES,
    PollingAct,
    PollingState,
    RecordAct,
    ResultAct,
)

RECORD = {
    ("awaited", "claim"): "entering_first",
    ("returned", "claim"): "entering_first",
    ("reopened", "claim"): "entering_first",
    ("entering_first", "release"): "awaited",
    ("entering_first", "submit"): "entered_first",
    ("entered_first", "claim"): "entering_second",
    ("entering_second", "release"): "entered_first",
    ("entering_second", "agree"): "waiting",
    ("entering_second", "differ"): "differs",
    ("entering_second", "fault"): "faulty",
    ("differs", "resolve"): "waiting",
    ("faulty", "resolve"): "waiting",
    ("differs", "return"): "returned",
    ("faulty", "return"): "returned",
    ("waiting", "return"): "returned",
    ("waiting", "approve"): "approved",
    ("approved", "reopen"): "reopened",
}
RESULT = {
    ("collecting", "complete"): "complete",
    ("complete", "decide"): "complete",
    ("complete", "prepare"): "prepared",
    ("prepared", "prepare"): "prepared",
    ("prepared", "declare"): "declared",
    ("complete", "reopen"): "collecting",
    ("prepared", "reopen"): "collecting",
    ("declared", "reopen"): "collecting",
}
POLLING = {
    ("awaited", "open"): "open",
    ("open", "open"): "open",
    ("open", "close"): "closed",
    ("closed", "close"): "closed",
    ("closed", "open"): "closed",
}
MACHINES = [
    (RECORD_STATES, RecordState, RecordAct, RECORD),
    (RESULT_STATES, ResultState, ResultAct, RESULT),
    (POLLING_STATES, PollingState, PollingAct, POLLING),
]
PAIRS = [(table, state, act, known) for table, states, acts, known in MACHINES for state in states for act in acts]


@pytest.mark.parametrize(("table", "state", "act", "known"), PAIRS)
def test_a_pair_of_state_and_act_leads_where_it_must_or_is_refused(
    table: StateTable, state: str, act: str, known: dict[tuple[str, str], str]
) -> None:
    if (state, act) in known:
        assert table.allows(state, act)
        assert table.advance(state, act) == known[state, act]
    else:
        assert not table.allows(state, act)
        with pytest.raises(StepNotAllowed) as refused:
            table.advance(state, act)
        assert table.words[state] in refused.value.told().vi


@pytest.mark.parametrize(("table", "states"), [(table, states) for table, states, _, _ in MACHINES])
def test_every_state_has_a_word_and_is_reached_from_the_start(table: StateTable, states: type) -> None:
    reached, edge = {table.start}, {table.start}
    while edge:
        edge = {step.after for step in table.steps if step.before in edge} - reached
        reached |= edge

    assert reached == set(states) == set(table.words)


def test_only_one_arrow_leads_to_approved_and_it_starts_where_two_entries_agreed() -> None:
    assert [(step.before, step.act) for step in RECORD_STATES.steps if step.after == "approved"] == [
        ("waiting", "approve")
    ]
    assert {step.before for step in RECORD_STATES.steps if step.after == "waiting"} == {
        "entering_second",
        "differs",
        "faulty",
    }


def test_the_groups_of_states_are_those_of_the_table() -> None:
    assert {step.before for step in RECORD_STATES.steps if step.act == "claim"} == CLAIMABLE
    assert {step.before for step in RECORD_STATES.steps if step.act == "release"} == ENTERING
    assert {"waiting", "approved"} == AGREED
    assert sorted(NEEDS_PERSON) == sorted(RecordState)
