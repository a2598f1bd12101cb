"""What identity offers about accounts: roles given and ended, closing, hand-over, bulk files, recovery, reviews."""

from typing import Protocol


class AccountsApi(Protocol):
    """A part of what identity answers."""
