"""Checks the ledger without any network or any trust in who runs it: `python -m services.identity.verify BUNDLE …`.

Needs only the standard library and `cryptography`; this one file may be carried to another machine and run there.

A bundle is a folder: `checkpoint` (a C2SP signed note, with the cosignatures of witnesses), `entries` (one line for
each leaf, in order) and `opened` (for some leaves, a JSON line with the content the leaf holds the digest of). What is
trusted comes from elsewhere: the public keys (`--keys FILE`, a `name+id+key` a line) and, to find a log cut short or
rewritten, the checkpoint a witness or a paper record holds (`--held FILE`).
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_SIGNATURE, _COSIGNATURE = b"\1", b"\4"


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
        if len(key.public) != 32 or key.kind not in (_SIGNATURE, _COSIGNATURE) or key.id != key_id(name, data):
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
    if dash != "—" or not name or len(data) < 5:
        raise ValueError("signature")
    return name, data[:4], data[4:]


def cosigned_text(text: str, at: int) -> bytes:
    """What a witness signs: when it saw the checkpoint, and the checkpoint (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _holds(key: Key, text: str, signature: bytes) -> bool:
    signed = text.encode()
    if key.kind == _COSIGNATURE:
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


def faults(folder: Path, keys: Sequence[Key], held: Sequence[Note] = (), witnesses: int = 0) -> list[str]:
    """Everything about a bundle that is not as it must be; empty when all of it holds."""
    try:
        note = Note.read((folder / "checkpoint").read_text(encoding="utf-8"))
        entries = (folder / "entries").read_bytes()
        opened = [json.loads(line) for line in (folder / "opened").read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, Broken) as missing:
        return [f"the bundle cannot be read: {missing}"]
    lines = entries.split(b"\n")
    if lines.pop() != b"":
        return ["entries: the last line is cut"]
    return [
        *_signing_faults(note, keys, witnesses),
        *_tree_faults(lines, [note, *held]),
        *(fault for row in opened for fault in _opening_faults(lines, row)),
    ]


def _signing_faults(note: Note, keys: Sequence[Key], witnesses: int) -> Iterator[str]:
    logs = [key for key in keys if key.kind == _SIGNATURE and key.name == note.checkpoint.origin]
    if not any(note.is_signed_by(key) for key in logs):
        yield "checkpoint: not signed by a key of the log that you trust"
    seen = {key.name for key in keys if key.kind == _COSIGNATURE and note.is_signed_by(key)}
    if len(seen) < witnesses:
        yield f"checkpoint: {len(seen)} witnesses have seen it, {witnesses} are asked for"


def _tree_faults(lines: Sequence[bytes], notes: Sequence[Note]) -> Iterator[str]:
    counted = roots(lines, (note.checkpoint.size for note in notes))
    for note in notes:
        told = note.checkpoint
        if told.size > len(lines):
            yield f"entries: {len(lines)} are here, a checkpoint knows {told.size}: the end is missing"
        elif counted[told.size] != told.root:
            yield f"entries: the first {told.size} are not those of the checkpoint: one was changed, moved or removed"
    if len(lines) > notes[0].checkpoint.size:
        yield f"entries: {len(lines)} are here, the checkpoint holds {notes[0].checkpoint.size}"


def _opening_faults(lines: Sequence[bytes], row: Any) -> Iterator[str]:
    try:
        place = int(row["place"])
        holds = 0 <= place < len(lines) and opens(lines[place], row["salt"], row["content"])
    except (ValueError, KeyError, TypeError, AttributeError):
        place, holds = -1, False
    if not holds:
        yield f"opened: the content of entry {place} is not what was entered"


def main(arguments: Sequence[str] | None = None) -> int:
    """What is wrong, a line each, then the verdict on one line."""
    parser = argparse.ArgumentParser(description="Checks a bundle of the ledger offline.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--keys", type=Path, required=True, help="the public keys you trust, one a line")
    parser.add_argument("--held", type=Path, action="append", default=[], help="a checkpoint you hold from before")
    parser.add_argument("--witnesses", type=int, default=0, help="how many witnesses must have seen the checkpoint")
    given = parser.parse_args(arguments)
    try:
        keys = [Key.read(line) for line in given.keys.read_text(encoding="utf-8").splitlines() if line.strip()]
        held = [Note.read(file.read_text(encoding="utf-8")) for file in given.held]
        wrong = [
            f"held: {note.checkpoint.size} is not signed by a key of the log that you trust"
            for note in held
            if not any(note.is_signed_by(key) for key in keys if key.kind == _SIGNATURE)
        ]
        wrong += faults(given.bundle, keys, held, given.witnesses)
    except (OSError, ValueError, Broken) as unreadable:
        wrong = [str(unreadable)]
    for fault in wrong:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"verdict: {'broken' if wrong else 'ok'} faults={len(wrong)}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
