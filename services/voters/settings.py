"""Settings of voters: the key that conceals personal numbers, and how much a second file may change a list."""

from pathlib import Path

from services.kit.concealed import Concealer
from services.kit.settings import Settings


class VotersSettings(Settings):
    """HP_PERSONAL_NUMBER_KEY: hex digits, or a file with them, the same as in candidates."""

    personal_number_key: str = ""
    most_change_percent: int = 2
    imports_at_once: int = 2

    def concealer(self) -> Concealer:
        """What conceals personal numbers, or an error that names the missing setting."""
        given = self.personal_number_key
        if not given:
            raise ValueError("HP_PERSONAL_NUMBER_KEY must be 32 or 64 hex digits, or the path of a file with them")
        if all(letter in "0123456789abcdefABCDEF" for letter in given):
            return Concealer(given)
        return Concealer(Path(given).read_text(encoding="ascii").strip())
