"""What identity offers about shared accounts and breaches of security: findings with evidence, reports upward."""

from typing import Protocol


class SharingApi(Protocol):
    """A part of what identity answers."""
