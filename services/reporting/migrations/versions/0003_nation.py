"""What the pages of the nation count is read from narrow indexes, not from rows as wide as a result."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index(
        "ix_constituencies_place",
        "constituencies",
        ["election", "contest"],
        postgresql_include=["path", "code", "seats"],
    )
    op.create_index(
        "ix_results_standing",
        "results",
        ["election", "contest", "state"],
        postgresql_include=["path", "elected"],
    )
    op.create_index("ix_results_path", "results", ["election", "path"], postgresql_ops={"path": "text_pattern_ops"})
