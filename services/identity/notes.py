"""The keys that sign checkpoints: the ledger's own, and those of its witnesses (C2SP signed-note, tlog-cosignature)."""

import base64
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.kit.private import write_private
from services.kit.proofs import Checkpoint, Key, cosigned_text, key_id


@dataclass(frozen=True)
class Signer:
    """A private key with the name it signs under."""

    name: str
    kind: bytes
    private: Ed25519PrivateKey

    @property
    def key(self) -> Key:
        """The public half."""
        public = self.private.public_key().public_bytes_raw()
        return Key(self.name, key_id(self.name, self.kind + public), self.kind, public)

    def sign(self, checkpoint: Checkpoint) -> str:
        """The log's signature line."""
        return self._line(self.private.sign(checkpoint.text.encode()))

    def cosign(self, checkpoint: Checkpoint, at: int) -> str:
        """A witness's signature line: it saw the checkpoint at that second of Unix time."""
        return self._line(at.to_bytes(8) + self.private.sign(cosigned_text(checkpoint.text, at)))

    def _line(self, signature: bytes) -> str:
        return f"— {self.name} {base64.b64encode(self.key.id + signature).decode()}"


def note_of(checkpoint: Checkpoint, signatures: list[str]) -> str:
    """The signed note."""
    return checkpoint.text + "\n" + "".join(f"{line}\n" for line in signatures)


def make_key(path: Path) -> None:
    """The file of a private key exists; made once, read by its owner only."""
    if not path.exists():
        write_private(path, Ed25519PrivateKey.generate().private_bytes_raw().hex().encode("ascii"))


def load_signer(name: str, kind: bytes, path: Path) -> Signer:
    """The signer whose private key a file holds as hex."""
    return Signer(name, kind, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip())))
