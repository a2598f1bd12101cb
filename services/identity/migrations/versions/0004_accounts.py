"""Roles that end, files of accounts, recoveries, reviews."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass
