"""WebAuthn ceremonies (W3C, Level 3): what a browser is asked, and whether its answer is right.

An answer is bytes of somebody who is not in yet. They are read in a process with limits of memory and time: whatever an
answer does to the libraries of CBOR, ASN.1 and certificates, accounts live, and those libraries' 8 MB stay there.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.identity.domain.passkeys import LONGEST_ANSWER
from services.kit.apart import Hands, Overwhelmed

_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What is raised on JSON, base64 and UTF-8 that no browser writes."""
_PROCESSES: Final = Hands(idle=600.0)  # seconds; on a quiet night the first who comes waits half a second


class WrongAnswer(Exception):
    """The browser's answer is not the answer to what was asked, or cannot be read at all."""


@dataclass(frozen=True)
class House:
    """The relying party: the domain passkeys are made for, and the origins whose pages may ask for them."""

    id: str
    origins: tuple[str, ...]
    name: str = "Hòm Phiếu"


@dataclass(frozen=True)
class Maker:
    """Who makes a passkey, as the browser shows them."""

    person: UUID
    login: str
    name: str


@dataclass(frozen=True)
class Told:
    """What an answer says of itself; nothing of it is believed yet."""

    challenge: bytes
    credential: bytes


@dataclass(frozen=True)
class NewKey:
    """A passkey a browser made."""

    credential: bytes
    public_key: bytes
    counter: int
    kind: str
    attested: bool
    synced: bool


def creation_options(
    house: House, challenge: bytes, maker: Maker, known: Sequence[bytes], *, direct: bool = False
) -> str:
    """What a browser is asked in order to make a passkey; `known` are the keys there are."""
    return _PROCESSES.work(_creation_options, house, challenge, maker, known, direct)


def request_options(house: House, challenge: bytes, known: Sequence[bytes]) -> str:
    """What a browser is asked in order to use one of the known passkeys."""
    return _PROCESSES.work(_request_options, house, challenge, known)


def told_by(answer: str) -> Told:
    """Which challenge and which passkey an answer names, or WrongAnswer."""
    if len(answer) > LONGEST_ANSWER:
        raise WrongAnswer
    try:
        said = json.loads(answer)
        client = json.loads(_bytes_of(said["response"]["clientDataJSON"]))
        if client.get("crossOrigin"):
            raise WrongAnswer
        return Told(_bytes_of(client["challenge"]), _bytes_of(said["rawId"]))
    except _UNREADABLE as unreadable:
        raise WrongAnswer from unreadable


def counter_of(house: House, answer: str, challenge: bytes, public_key: bytes | None) -> int:
    """The counter in an answer signed by the passkey, in this house, by its verified holder; else WrongAnswer.

    Without a public key the answer is wrong, and this takes as long as with one.
    """
    try:
        return _PROCESSES.work(_counter_of, house, answer, challenge, public_key)
    except Overwhelmed as much:
        raise WrongAnswer from much


def key_of(house: House, answer: str, challenge: bytes, roots: Sequence[bytes] = ()) -> NewKey:
    """The passkey a browser made, or WrongAnswer. Its maker vouches with a certificate under `roots` (PEM), if any."""
    try:
        return _PROCESSES.work(_key_of, house, answer, challenge, roots)
    except Overwhelmed as much:
        raise WrongAnswer from much


def _bytes_of(written: str) -> bytes:
    """Base64url without its padding, as WebAuthn writes it; more of it than needed is no error."""
    return urlsafe_b64decode(f"{written}===")


def _creation_options(house: House, challenge: bytes, maker: Maker, known: Sequence[bytes], direct: bool) -> str:
    from services.identity import relying_party  # noqa: PLC0415  lives in its own process only

    return relying_party.creation_options(house, challenge, maker, known, direct=direct)


def _request_options(house: House, challenge: bytes, known: Sequence[bytes]) -> str:
    from services.identity import relying_party  # noqa: PLC0415

    return relying_party.request_options(house, challenge, known)


def _counter_of(house: House, answer: str, challenge: bytes, public_key: bytes | None) -> int:
    from services.identity import relying_party  # noqa: PLC0415

    return relying_party.counter_of(house, answer, challenge, public_key)


def _key_of(house: House, answer: str, challenge: bytes, roots: Sequence[bytes]) -> NewKey:
    from services.identity import relying_party  # noqa: PLC0415

    return relying_party.key_of(house, answer, challenge, roots)
