"""An import keeps the machine it was ordered from, and a list that of its import."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("areas", sa.Column("imported_machine", sa.Text(), server_default="", nullable=False))
    op.add_column("imports", sa.Column("by_machine", sa.Text(), server_default="", nullable=False))
