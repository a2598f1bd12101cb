"""Sessions and challenges name the machine they are opened from."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table in ("challenges", "sessions"):
        op.add_column(table, sa.Column("machine", sa.String(length=400), nullable=False, server_default=""))
