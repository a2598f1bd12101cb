"""Findings of shared accounts, networks, breaches."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
