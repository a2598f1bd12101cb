"""Beside each hand of a record and of a result stands the machine it used, and no machine does two of them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_HANDS = {"records": ("first", "second", "compared", "approved"), "results": ("prepared", "declared")}
_APART = {
    ("records", "two_machines"): (
        "first_machine = '' OR first_machine NOT IN (second_machine, compared_machine, approved_machine)"
    ),
    ("records", "three_machines"): "second_machine = '' OR second_machine NOT IN (compared_machine, approved_machine)",
    ("records", "four_machines"): "compared_machine = '' OR compared_machine <> approved_machine",
    ("results", "two_machines"): "prepared_machine = '' OR prepared_machine <> declared_machine",
}


def upgrade() -> None:
    for table, hands in _HANDS.items():
        for hand in hands:
            op.add_column(table, sa.Column(f"{hand}_machine", sa.Text(), server_default="", nullable=False))
    for (table, name), sentence in _APART.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, sentence)
