"""Signed checkpoints and Merkle proofs, checked (RFC 9162, 2.1; C2SP signed-note, tlog-checkpoint, tlog-cosignature).

Who checks trusts nobody who runs the log, so this file needs only the standard library and `cryptography`.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, WITNESS = b"\1", b"\4"


class Broken(Exception):
    """Something is not as it must be; the text says what."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key as `name+id+key`: base64 of the kind of signature (1 log, 4 witness) and of the Ed25519 key."""

    name: str
    id: bytes
    kind: bytes
    public: bytes

    @classmethod
    def read(cls, line: str) -> "Key":
        """The key a line tells, or Broken."""
        try:
            name, number, text = line.strip().split("+", 2)
            data = base64.b64decode(text, validate=True)
            key = cls(name, bytes.fromhex(number), data[:1], data[1:])
        except (ValueError, binascii.Error) as unreadable:
            raise Broken(f"not a key: {line.strip()[:80]}") from unreadable
        if len(key.public) != 32 or key.kind not in (LOG, WITNESS) or key.id != key_id(name, data):
            raise Broken(f"not a key: {line.strip()[:80]}")
        return key

    def line(self) -> str:
        """The key as it is handed out."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self.kind + self.public).decode()}"


def key_id(name: str, data: bytes) -> bytes:
    """The short name of a key in signatures: of its name, the kind of signature and the key (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at a moment: which log, how many leaves, their root. `text` is what is signed."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Three lines, as C2SP tlog-checkpoint has them."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A signed checkpoint: what it says, and each signature as name, key id, bytes."""

    checkpoint: Checkpoint
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def read(cls, text: str) -> "Note":
        """The note in a text, or Broken; nothing of it is believed yet."""
        said, gap, signed = text.partition("\n\n")
        lines = said.split("\n")
        try:
            origin, size, root = lines
            checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
            signatures = tuple(_signature(line) for line in signed.splitlines())
        except (ValueError, binascii.Error) as unreadable:
            raise Broken("the checkpoint is not a signed note") from unreadable
        if not gap or len(checkpoint.root) != 32 or checkpoint.size < 0 or checkpoint.text != said + "\n":
            raise Broken("the checkpoint is not a signed note")
        return cls(checkpoint, signatures)

    def is_signed_by(self, key: Key) -> bool:
        """The note carries a signature of the key over exactly this checkpoint."""
        return any(
            _holds(key, self.checkpoint.text, signature)
            for name, number, signature in self.signatures
            if (name, number) == (key.name, key.id)
        )


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, name, text = line.split(" ")
    data = base64.b64decode(text, validate=True)
    if dash != "—" or not name or len(data) < 5 or base64.b64encode(data).decode() != text:
        raise ValueError("signature")
    return name, data[:4], data[4:]


def cosigned_text(text: str, at: int) -> bytes:
    """What a witness signs: when it saw the checkpoint, and the checkpoint (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _holds(key: Key, text: str, signature: bytes) -> bool:
    signed = text.encode()
    if key.kind == WITNESS:
        signed, signature = cosigned_text(text, int.from_bytes(signature[:8])), signature[8:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _fold(stack: Sequence[bytes]) -> bytes:
    if not stack:
        return hashlib.sha256(b"").digest()
    *rest, folded = stack
    for known in reversed(rest):
        folded = _node(known, folded)
    return folded


def roots(leaves: Iterable[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """The root of the tree of the first n leaves for each n that was asked and reached, and of all under -1."""
    wanted, found = set(sizes), {}
    stack: list[bytes] = []
    if 0 in wanted:
        found[0] = _fold(stack)
    for size, data in enumerate(leaves, 1):
        known, place = _leaf(data), size - 1
        while place & 1:
            known = _node(stack.pop(), known)
            place >>= 1
        stack.append(known)
        if size in wanted:
            found[size] = _fold(stack)
    return {**found, -1: _fold(stack)}


def includes(leaf: bytes, place: int, proof: Sequence[bytes], checkpoint: Checkpoint) -> bool:
    """The data is the leaf at the place of the tree the checkpoint names (RFC 9162, 2.1.3.2)."""
    if not 0 <= place < checkpoint.size:
        return False
    known, node, last = _leaf(leaf), place, checkpoint.size - 1
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            known = _node(step, known)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            known = _node(known, step)
        node, last = node >> 1, last >> 1
    return last == 0 and known == checkpoint.root


def grows(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> bool:
    """The new tree begins with the old one (RFC 9162, 2.1.4.2)."""
    if old.size == new.size:
        return not proof and old.root == new.root
    if not 0 < old.size < new.size or not proof:
        return old.size == 0 and not proof and old.root == _fold(())
    steps = list(proof) if old.size & (old.size - 1) else [old.root, *proof]
    node, last = old.size - 1, new.size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            before, after = _node(step, before), _node(step, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = _node(after, step)
        node, last = node >> 1, last >> 1
    return last == 0 and before == old.root and after == new.root


def opens(line: bytes, salt: str, content: str) -> bool:
    """The content is what the leaf holds the digest of."""
    digest: object = json.loads(line).get("digest")
    return digest == hashlib.sha256(bytes.fromhex(salt) + content.encode()).hexdigest()
