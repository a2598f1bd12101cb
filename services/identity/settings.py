"""What the identity service is told by its environment beside the shared settings (prefix HP_)."""

import secrets
from pathlib import Path

from services.kit.private import write_private
from services.kit.settings import Settings

LEDGER = "hom-phieu.vn/so-cai"
"""The name the ledger signs its checkpoints under."""


class IdentitySettings(Settings):
    """The keys only identity holds.

    `totp_key`: 64 hex digits, or the path of a file with them; when not given, `totp.key` beside the passport key,
    which the first `bootstrap` makes. It is never in the database.
    """

    passport_private_key: Path = Path("var/keys/identity/passport.json")
    totp_key: str = ""

    @property
    def totp_key_path(self) -> Path | None:
        """The file of the sealing key; None when the key itself was given."""
        if _is_hex_key(self.totp_key):
            return None
        return Path(self.totp_key) if self.totp_key else self.passport_private_key.with_name("totp.key")

    def sealing_key(self) -> bytes:
        """The 32 bytes under which secrets are sealed."""
        path = self.totp_key_path
        text = path.read_text(encoding="ascii").strip() if path else self.totp_key
        if not _is_hex_key(text):
            raise ValueError("HP_TOTP_KEY must be 64 hex digits or the path of a file with them")
        return bytes.fromhex(text)

    @property
    def ledger_key_path(self) -> Path:
        """The file of the key that signs checkpoints, beside the passport key."""
        return self.passport_private_key.with_name("ledger.key")

    def make_sealing_key(self) -> None:
        """The file of the sealing key exists; made once, read by its owner only."""
        path = self.totp_key_path
        if path is None or path.exists():
            return
        write_private(path, secrets.token_hex(32).encode("ascii"))


def _is_hex_key(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdef" for letter in text.lower())
