"""Secrets of people: sealed under a key that is not in the database, derived from it, or only their hashes kept."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_CODE_BYTES = 10
_GROUP = 4


class Vault:
    """Seals authenticator secrets, makes one-time codes and tokens' successors, all under keys derived from masters.

    `masters` by version: the newest seals, each opens what it sealed. Codes and successors are made of the oldest:
    they must be the same whenever they are asked for, also while a new master is being handed out.
    """

    def __init__(self, masters: Mapping[int, bytes] | bytes) -> None:
        ring = {1: masters} if isinstance(masters, bytes) else dict(masters)
        self._sealing = {version: AESGCM(_derived(key, b"authenticator secrets")) for version, key in ring.items()}
        self.version = max(ring)
        oldest = ring[min(ring)]
        self._codes = _derived(oldest, b"activation codes")
        self._successors = _derived(oldest, b"successors of tokens")

    def __repr__(self) -> str:
        return "Vault(…)"

    def seal(self, owner: UUID, secret: bytes) -> bytes:
        """The secret sealed for one person under the newest master: moved to another's row it does not open."""
        nonce, version = secrets.token_bytes(_NONCE), bytes([self.version])
        return version + nonce + self._sealing[self.version].encrypt(nonce, secret, version + owner.bytes)

    def unseal(self, owner: UUID, sealed: bytes) -> bytes:
        """The secret that was sealed for the person, under whichever master."""
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        return self._sealing[sealed[0]].decrypt(nonce, body, sealed[:1] + owner.bytes)

    def successor(self, token: str) -> str:
        """The token that follows a session's token: always the same one, and only this vault can tell it.

        The part before the dot stays for the whole session; what forms are marked with is made of it.
        """
        family, _, _ = token.partition(".")
        digest = hmac.new(self._successors, token.encode(), hashlib.sha256).digest()
        return f"{family}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"

    def activation_code(self, activation: UUID) -> str:
        """The one-time code of an activation, 80 bits in groups of four; the same whenever it is asked for."""
        digest = hmac.new(self._codes, activation.bytes, hashlib.sha256).digest()
        text = base64.b32encode(digest[:_CODE_BYTES]).decode()
        return "-".join(text[place : place + _GROUP] for place in range(0, len(text), _GROUP))


def code_hash(typed: str) -> bytes:
    """What is kept of an activation code, however it was typed: case, spaces and dashes do not matter."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return hashlib.sha256(b"activation:" + letters.encode()).digest()


def new_session_token() -> str:
    """The first token of a session: 256 bits that stay with it, and 256 that are renewed."""
    return f"{new_token()}.{new_token()}"


def new_token() -> str:
    """An opaque token of 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(b"token:" + token.encode()).digest()


def login_hash(login: str) -> bytes:
    """The key failures are counted under, whether the login exists or not."""
    return hashlib.sha256(login.encode()).digest()


def _derived(master: bytes, purpose: bytes) -> bytes:
    return hmac.new(master, b"hom-phieu/" + purpose, hashlib.sha256).digest()
