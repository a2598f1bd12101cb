"""Secrets of people: sealed under a key that is not in the database, derived from it, or only their hashes kept."""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE = 12
_CODE_BYTES = 10
_GROUP = 4


class Vault:
    """Seals authenticator secrets and makes one-time codes, both under keys derived from one master key."""

    def __init__(self, master: bytes) -> None:
        self._sealing = AESGCM(_derived(master, b"authenticator secrets"))
        self._codes = _derived(master, b"activation codes")

    def __repr__(self) -> str:
        return "Vault(…)"

    def seal(self, owner: UUID, secret: bytes) -> bytes:
        """The secret sealed for one person: moved to another's row it does not open."""
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._sealing.encrypt(nonce, secret, _VERSION + owner.bytes)

    def unseal(self, owner: UUID, sealed: bytes) -> bytes:
        """The secret that was sealed for the person."""
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        return self._sealing.decrypt(nonce, body, sealed[:1] + owner.bytes)

    def activation_code(self, activation: UUID) -> str:
        """The one-time code of an activation, 80 bits in groups of four; the same whenever it is asked for."""
        digest = hmac.new(self._codes, activation.bytes, hashlib.sha256).digest()
        text = base64.b32encode(digest[:_CODE_BYTES]).decode()
        return "-".join(text[place : place + _GROUP] for place in range(0, len(text), _GROUP))


def code_hash(typed: str) -> bytes:
    """What is kept of an activation code, however it was typed: case, spaces and dashes do not matter."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return hashlib.sha256(b"activation:" + letters.encode()).digest()


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
