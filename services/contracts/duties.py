"""What identity offers about separation of duties: the table of permissions, break-glass, bodies against candidates."""

from typing import Protocol


class DutiesApi(Protocol):
    """A part of what identity answers."""
