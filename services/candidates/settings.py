"""What a candidates process is told by its environment beside what every process is told."""

from hashlib import blake2b
from pathlib import Path

from services.kit.concealed import Concealer
from services.kit.settings import Settings


class CandidatesSettings(Settings):
    """The key that conceals personal numbers at rest, the same as in voters: hex digits, or a file with them."""

    personal_number_key: str = ""

    def key_hex(self) -> str:
        """The key in hex digits, or an error that names the missing setting."""
        given = self.personal_number_key
        if not given:
            raise ValueError("HP_PERSONAL_NUMBER_KEY must be 32 or 64 hex digits, or the path of a file with them")
        if all(letter in "0123456789abcdefABCDEF" for letter in given):
            return given
        return Path(given).read_text(encoding="ascii").strip()

    def concealer(self) -> Concealer:
        """What conceals and reveals personal numbers."""
        return Concealer(self.key_hex())

    def digest_key(self) -> bytes:
        """A second key made from the first, for hashes of requests that hold personal numbers."""
        return blake2b(self.key_hex().encode("ascii"), person=b"kept requests", digest_size=32).digest()
