"""Checks the ledger without any network or any trust in who runs it: `python -m services.identity.verify BUNDLE …`.

Needs only the standard library and `cryptography`; with `services.kit.proofs` and `services.identity.figure` it may be
carried to another machine as one file (`python -m services.identity.carried`) and run there.

A bundle is a folder: `checkpoint` (a C2SP signed note, with the cosignatures of witnesses), `entries` (one line for
each leaf, in order) and `opened` (for some leaves, in order, a JSON line with the content the leaf holds the digest
of). What is trusted comes from elsewhere: the public keys (`--keys FILE`, a `name+id+key` a line) and, to find a log
cut short or rewritten, the checkpoint a witness or a paper record holds (`--held FILE`).

`verify figure …` proves one published figure instead, down to the people who approved it: `services.identity.figure`.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from services.identity import figure
from services.kit.proofs import LOG, WITNESS, Broken, Key, Note, opens, roots


def faults(folder: Path, keys: Sequence[Key], held: Sequence[Note] = (), witnesses: int = 0) -> list[str]:
    """Everything about a bundle that is not as it must be; empty when all of it holds."""
    try:
        note = Note.read((folder / "checkpoint").read_text(encoding="utf-8"))
        with (folder / "entries").open("rb") as entries, (folder / "opened").open(encoding="utf-8") as opened:
            return [*signing_faults(note, keys, witnesses), *_content_faults(entries, opened, [note, *held])]
    except (OSError, ValueError, RecursionError, Broken) as missing:
        return [f"the bundle cannot be read: {missing}"]


def signing_faults(note: Note, keys: Sequence[Key], witnesses: int) -> Iterator[str]:
    """What is wrong with who signed the checkpoint."""
    logs = [key for key in keys if key.kind == LOG and key.name == note.checkpoint.origin]
    if not any(note.is_signed_by(key) for key in logs):
        yield "checkpoint: not signed by a key of the log that you trust"
    seen = {key.name for key in keys if key.kind == WITNESS and note.is_signed_by(key)}
    if len(seen) < witnesses:
        yield f"checkpoint: {len(seen)} witnesses have seen it, {witnesses} are asked for"


def _content_faults(entries: BinaryIO, opened: Iterator[str], notes: Sequence[Note]) -> list[str]:
    """One pass over the entries: the tree grows while the openings are compared, so memory stays small."""
    reading = _Reading(entries, opened)
    counted = roots(reading.lines(), (note.checkpoint.size for note in notes))
    if reading.cut:
        return ["entries: the last line is cut"]
    return [*_tree_faults(counted, reading.size, notes), *reading.wrong, *reading.left_over()]


class _Reading:
    """The entries of a bundle with their openings beside them, both in order."""

    def __init__(self, entries: BinaryIO, opened: Iterator[str]) -> None:
        self._entries, self._opened = entries, opened
        self._row: Any = None
        self._place = -1
        self.size, self.cut, self.wrong = 0, False, list[str]()

    def lines(self) -> Iterator[bytes]:
        """Each entry without its end of line."""
        self._next()
        for data in self._entries:
            if not data.endswith(b"\n"):
                self.cut = True
                return
            line = data[:-1]
            while self._place == self.size:
                self._compare(line)
                self._next()
            self.size += 1
            yield line

    def left_over(self) -> Iterator[str]:
        """Openings of no entry, or out of order."""
        while self._row is not None:
            yield _unlike(self._place)
            self._next()

    def _next(self) -> None:
        text = next(self._opened, None)
        self._row = None if text is None else json.loads(text)
        try:
            self._place = -1 if self._row is None else int(self._row["place"])
        except (ValueError, KeyError, TypeError):
            self._place = -1

    def _compare(self, line: bytes) -> None:
        try:
            holds = opens(line, self._row["salt"], self._row["content"])
        except (ValueError, KeyError, TypeError, AttributeError):
            holds = False
        if not holds:
            self.wrong.append(_unlike(self._place))


def _unlike(place: int) -> str:
    return f"opened: the content of entry {place} is not what was entered"


def _tree_faults(counted: dict[int, bytes], size: int, notes: Sequence[Note]) -> Iterator[str]:
    for note in notes:
        told = note.checkpoint
        if told.size > size:
            yield f"entries: {size} are here, a checkpoint knows {told.size}: the end is missing"
        elif counted[told.size] != told.root:
            yield f"entries: the first {told.size} are not those of the checkpoint: one was changed, moved or removed"
    if size > notes[0].checkpoint.size:
        yield f"entries: {size} are here, the checkpoint holds {notes[0].checkpoint.size}"


def main(arguments: Sequence[str] | None = None) -> int:
    """What is wrong, a line each, then the verdict on one line."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] == "figure":
        return figure.main(arguments[1:])
    parser = argparse.ArgumentParser(
        prog="verify", description="Checks a bundle of the ledger offline; `verify figure` proves one published figure."
    )
    parser.add_argument("bundle", type=Path)
    figure.add_trust(parser)
    given = parser.parse_args(arguments)
    try:
        keys, held = figure.trusted(given)
        wrong = [
            f"held: {note.checkpoint.size} is not signed by a key of the log that you trust"
            for note in held
            if not any(note.is_signed_by(key) for key in keys if key.kind == LOG)
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
