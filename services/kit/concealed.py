"""Twelve-digit numbers concealed at rest: equality still works, and nobody without the key can list or guess them.

A number becomes one AES block: its twelve digits and four zero bytes under a key that is not in the database. The same
number always gives the same 16 bytes, so a unique index and a join work on the block; the zero bytes prove on the way
back that the key is the right one. A whole column is converted in one call.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from services.kit.service import Service
from services.kit.settings import Settings

if TYPE_CHECKING:
    import polars as pl

DIGITS = 12
BLOCK = 16
_FILL = "\0" * (BLOCK - DIGITS)
_NUMBER = re.compile(r"[0-9]{12}")
_KEY_SIZES = (16, 32)
_HEX = frozenset("0123456789abcdefABCDEF")


class Concealer:
    """Turns twelve-digit numbers into blocks of 16 bytes and back, under one key (AES-128 or AES-256, given in hex).

    >>> concealer = Concealer("00" * 16)
    >>> concealer.reveal(concealer.conceal("046089012345"))
    '046089012345'
    """

    def __init__(self, key_hex: str) -> None:
        self._key_hex = key_hex
        key = bytes.fromhex(key_hex)
        if len(key) not in _KEY_SIZES:
            raise ValueError("the key has 16 or 32 bytes, written as 32 or 64 hex digits")
        # One block a message and no repeats but equal numbers: ECB is the bare permutation that is wanted here.
        self._cipher = Cipher(AES(key), ECB())  # noqa: S305

    def __repr__(self) -> str:
        return "Concealer(…)"

    def __reduce__(self) -> tuple[type["Concealer"], tuple[str]]:
        return Concealer, (self._key_hex,)

    def conceal(self, number: str) -> bytes:
        """The block of one number."""
        return self.conceal_blocks([number])

    def conceal_blocks(self, numbers: Sequence[str]) -> bytes:
        """The blocks of many numbers, one after another in one bytes object."""
        _require_numbers(numbers)
        return self._encrypt("".join(f"{number}{_FILL}" for number in numbers).encode("ascii"))

    def conceal_many(self, numbers: Sequence[str]) -> list[bytes]:
        """The block of each number, in order."""
        blocks = self.conceal_blocks(numbers)
        return [blocks[start : start + BLOCK] for start in range(0, len(blocks), BLOCK)]

    def conceal_column(self, numbers: "pl.Series") -> "pl.Series":
        """The blocks of a column of strings, as a column of 32 hex digits; done without a loop over rows."""
        import polars as pl

        if numbers.is_empty():
            return pl.Series(numbers.name, [], dtype=pl.String)
        fits = numbers.str.contains(r"^[0-9]{12}$").fill_null(value=False)
        if not fits.all():
            raise ValueError(f"{len(numbers) - int(fits.sum())} of {len(numbers)} values are not twelve digits")
        plain = str(numbers.str.join(_FILL).item()) + _FILL
        grouped = self._encrypt(plain.encode("ascii")).hex("\n", BLOCK)
        return pl.Series(numbers.name, [grouped]).str.split("\n").explode()

    def reveal(self, block: bytes) -> str:
        """The number of a block, or ValueError when it was not made with this key."""
        if len(block) != BLOCK:
            raise ValueError("a concealed number has 16 bytes")
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(block) + decryptor.finalize()
        number = plain[:DIGITS].decode("ascii", errors="replace")
        if plain[DIGITS:] != _FILL.encode("ascii") or not _NUMBER.fullmatch(number):
            raise ValueError("the block was not made with this key")
        return number

    def _encrypt(self, plain: bytes) -> bytes:
        encryptor = self._cipher.encryptor()
        return encryptor.update(plain) + encryptor.finalize()


def masked(number: str) -> str:
    """What of a number may be shown: its last four digits.

    >>> masked("046089013471")
    '•••• •••• 3471'
    """
    return f"•••• •••• {number[-4:]}"


def _require_numbers(numbers: Sequence[str]) -> None:
    wrong = sum(1 for number in numbers if not _NUMBER.fullmatch(number))
    if wrong:
        raise ValueError(f"{wrong} of {len(numbers)} values are not twelve digits")


class ConcealingSettings(Settings):
    """HP_PERSONAL_NUMBER_KEY: the key in hex digits, or a file with them; the same in every service that conceals."""

    personal_number_key: str = ""

    def key_hex(self) -> str:
        """The key in hex digits, or an error that names the missing setting."""
        given = self.personal_number_key
        if not given:
            raise ValueError("HP_PERSONAL_NUMBER_KEY must be 32 or 64 hex digits, or the path of a file with them")
        return given if _HEX.issuperset(given) else Path(given).read_text(encoding="ascii").strip()

    def concealer(self) -> Concealer:
        """What conceals and reveals personal numbers."""
        return Concealer(self.key_hex())

    def digest_key(self) -> bytes:
        """A second key made from the first, for hashes of requests that hold personal numbers."""
        return blake2b(self.key_hex().encode("ascii"), person=b"kept requests", digest_size=32).digest()


class ConcealingService(Service):
    """A service whose requests and rows hold personal numbers."""

    settings_type: ClassVar[type[Settings]] = ConcealingSettings

    @property
    def _conceals(self) -> ConcealingSettings:
        return cast("ConcealingSettings", self.settings)

    @cached_property
    def concealer(self) -> Concealer:
        """What conceals and reveals personal numbers in this process."""
        return self._conceals.concealer()

    @property
    def digest_key(self) -> bytes:
        """The hash a kept request is known by is keyed, or a number could be guessed from it."""
        return self._conceals.digest_key()
