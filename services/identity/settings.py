"""What the identity service is told by its environment beside the shared settings (prefix HP_)."""

import secrets
from datetime import timedelta
from pathlib import Path

from services.contracts.roles import Role
from services.identity.domain.sharing import Limits
from services.kit.private import write_private
from services.kit.settings import Settings

LEDGER = "hom-phieu.vn/so-cai"
"""The name the ledger signs its checkpoints under."""


class IdentitySettings(Settings):
    """The keys only identity holds.

    `totp_key`: 64 hex digits, or the path of a file with them; when not given, `totp.key` beside the passport key,
    which the first `bootstrap` makes. It is never in the database. After `rotate sealing` the file has a line for each
    version, `2:<64 hex digits>`; a line without a version is the first.
    """

    passport_private_key: Path = Path("var/keys/identity/passport.json")
    totp_key: str = ""
    sharing_second_place_minutes: int = 10  # a sign-in elsewhere so soon after the former session worked is a sign
    sharing_overlap_minutes: int = 15  # here, there, here again within these is a sign
    sharing_far_apart_minutes: int = 120  # nobody is in networks of two provinces within these
    sharing_machine_hours: int = 12  # several people on one undeclared machine within these are a sign
    sharing_work_hours: int = 20  # nobody works longer without a pause …
    sharing_pause_hours: int = 4  # … of this length
    sharing_acts_in_one_minute: int = 40  # hands do no more
    sharing_acts_in_ten_minutes: int = 200
    breach_take_up_minutes: int = 60  # a report nobody took up goes to the next unit above
    passkey_domain: str = "localhost"  # the domain passkeys are made for (rp id); an IP address cannot be one
    passkey_origins: tuple[str, ...] = ("http://localhost:8000",)  # where the console's pages come from
    passkey_roles: frozenset[Role] = frozenset()  # a code of six digits is not enough for these
    passkey_attested_roles: frozenset[Role] = frozenset()  # their keys must be vouched for by the maker
    passkey_roots: Path | None = None  # certificates (PEM) of the makers that are trusted; any when not given

    @property
    def totp_key_path(self) -> Path | None:
        """The file of the sealing key; None when the key itself was given."""
        if _is_hex_key(self.totp_key):
            return None
        return Path(self.totp_key) if self.totp_key else self.passport_private_key.with_name("totp.key")

    def sealing_keys(self) -> dict[int, bytes]:
        """The masters of 32 bytes by version: secrets are sealed under the newest."""
        path = self.totp_key_path
        lines = path.read_text(encoding="ascii").split() if path else [self.totp_key]
        keys: dict[int, bytes] = {}
        for line in lines:
            version, _, text = line.rpartition(":")
            if not _is_hex_key(text) or not (version or "1").isdigit() or not 0 < int(version or 1) < 256:
                raise ValueError("HP_TOTP_KEY must be 64 hex digits or the path of a file with them, a line a version")
            keys[int(version or 1)] = bytes.fromhex(text)
        if not keys:
            raise ValueError("the file of the sealing key is empty")
        return keys

    def sealing_key(self) -> bytes:
        """The newest master: the 32 bytes under which secrets are sealed now."""
        keys = self.sealing_keys()
        return keys[max(keys)]

    def limits(self) -> Limits:
        """The thresholds of sharing detection."""
        return Limits(
            second_place=timedelta(minutes=self.sharing_second_place_minutes),
            overlap=timedelta(minutes=self.sharing_overlap_minutes),
            far_apart=timedelta(minutes=self.sharing_far_apart_minutes),
            shared_machine=timedelta(hours=self.sharing_machine_hours),
            at_work=timedelta(hours=self.sharing_work_hours),
            pause=timedelta(hours=self.sharing_pause_hours),
            acts_in_one_minute=self.sharing_acts_in_one_minute,
            acts_in_ten_minutes=self.sharing_acts_in_ten_minutes,
        )

    @property
    def ledger_key_path(self) -> Path:
        """The file of the key that signs checkpoints, beside the passport key."""
        return self.passport_private_key.with_name("ledger.key")

    def add_sealing_key(self) -> int:
        """One more master, the newest from now on, in the file of the sealing key; its version."""
        path, keys = self.totp_key_path, self.sealing_keys()
        if path is None:
            raise ValueError("HP_TOTP_KEY holds the key itself: give the path of a file to have more than one")
        version = max(keys) + 1
        keys[version] = secrets.token_bytes(32)
        text = "\n".join(f"{number}:{key.hex()}" for number, key in sorted(keys.items()))
        write_private(path, text.encode("ascii"))
        return version

    def make_sealing_key(self) -> None:
        """The file of the sealing key exists; made once, read by its owner only."""
        path = self.totp_key_path
        if path is None or path.exists():
            return
        write_private(path, secrets.token_hex(32).encode("ascii"))


def _is_hex_key(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdef" for letter in text.lower())
