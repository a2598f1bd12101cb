"""Records and results keep whose hands made them, orders to publish their machine: no hand of the count publishes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for table in ("records", "results"):
        kept = sa.Column(
            "hands", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        )
        op.add_column(table, kept)
    op.add_column("publications", sa.Column("by_machine", sa.Text(), server_default="", nullable=False))
