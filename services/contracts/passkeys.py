"""What identity offers about keys and sessions: passkeys (WebAuthn), one's own sessions and devices, token renewal."""

from typing import Protocol


class PasskeysApi(Protocol):
    """A part of what identity answers."""
