"""S3: the whole matrix of roles, doors and relations of units, and 20,000 probes over the nation's 3,356 units."""

from random import Random

import pytest

from deploy.chaos.verdict import Verdict
from deploy.security import permissions
from services.contracts.base import Policy, Reach


def test_every_door_opens_to_whom_the_table_says_and_to_nobody_else():
    verdict = Verdict("permissions")
    permissions.full(verdict)

    assert verdict.word == "ok", verdict.line()
    assert verdict.figures["matrix"] > 15_000


def test_20_000_probes_over_all_units_are_judged_as_by_walking_from_unit_to_unit():
    verdict = Verdict("permissions")
    permissions.probed(verdict, 20_000, Random(7))

    assert verdict.word == "ok", verdict.line()
    assert verdict.figures["units"] == 1 + 34 + 3321


@pytest.mark.parametrize(
    ("role", "action", "reach"),
    [("typist", "approve_record", Reach.OWN), ("secretary", "open_polling", Reach.BELOW), ("approver", "read_records", None)],
)
def test_one_wrong_cell_of_the_table_is_found(monkeypatch, role, action, reach):
    table = {name: dict(row) for name, row in permissions.POLICY.table.items()}
    table[role].pop(action, None)
    if reach is not None:
        table[role][action] = reach
    monkeypatch.setattr(permissions, "POLICY", Policy(table=table))
    verdict = Verdict("permissions")
    permissions.probed(verdict, 20_000, Random(7))

    assert verdict.figures["probes_wrong"] > 0
