"""Each state machine is one table, drawn on one page from that table."""

from pathlib import Path

import pytest

from deploy.states import drawn, state_tables

TABLES = state_tables()


def test_dossier_voter_list_record_and_result_each_have_one_table() -> None:
    assert {table.name for table in TABLES} >= {"dossier", "voter_list", "record", "result"}


def test_the_drawing_is_the_tables() -> None:
    page = Path(__file__).resolve().parents[2] / "STATES.md"

    assert page.read_text(encoding="utf-8") == drawn(TABLES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_state_can_be_reached_and_has_its_word(table) -> None:
    reached = {table.start}
    while more := {step.after for step in table.steps if step.before in reached} - reached:
        reached |= more

    assert reached == set(table.words)
