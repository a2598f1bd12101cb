"""`make states`: every state machine on one page, STATES.md, drawn from the tables the services decide by."""

import importlib
from collections.abc import Sequence
from pathlib import Path

from services.contracts.base import StateTable

PAGE = Path(__file__).resolve().parents[1] / "STATES.md"
OWNERS = ("identity", "candidates", "voters", "results", "reporting")
_HEAD = """# State machines

Drawn by `make states` from the tables in `services/*/domain/states.py`; a test fails when they differ.
"""


def state_tables() -> list[StateTable]:
    """All state tables of all services, in the order of the story."""
    found = []
    for owner in OWNERS:
        module = importlib.import_module(f"services.{owner}.domain.states")
        found += [value for value in vars(module).values() if isinstance(value, StateTable)]
    return found


def drawn(tables: Sequence[StateTable]) -> str:
    """The page: a diagram and a table for each machine."""
    return "\n".join([_HEAD, *(_machine(table) for table in tables)])


def _machine(table: StateTable) -> str:
    arrows = "\n".join(f"  {step.before} --> {step.after}: {step.act}" for step in table.steps)
    rows = "\n".join(
        f"| {table.words[step.before]} | `{step.act}` | {table.words[step.after]} | {step.who} |"
        for step in table.steps
    )
    return (
        f"## {table.vi} (`{table.name}`)\n\n```mermaid\nstateDiagram-v2\n  [*] --> {table.start}\n{arrows}\n```\n\n"
        f"| from | act | to | who |\n|---|---|---|---|\n{rows}\n"
    )


if __name__ == "__main__":
    PAGE.write_text(drawn(state_tables()), encoding="utf-8")
