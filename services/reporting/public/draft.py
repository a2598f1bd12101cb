"""A folder while it is being written: every file's hash and size are taken as it is written, and signed at the end."""

import csv
import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.reporting.public.signing import seal

_BOM = "\ufeff".encode()


class Table:
    """A CSV file that grows row by row; no text in it is taken for a formula."""

    def __init__(self, file: BinaryIO, head: Sequence[str]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0
        self._write(_BOM)
        self.rows([head])

    def rows(self, rows: Iterable[Sequence[object]]) -> None:
        """More rows."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([harmless(value) for value in row] for row in rows)
        self._write(text.getvalue().encode())

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class Draft:
    """A snapshot nobody sees yet."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.files: dict[str, tuple[str, int]] = {}
        self._made: set[Path] = set()

    def put(self, name: str, content: bytes) -> None:
        """One whole file."""
        self._place(name).write_bytes(content)
        self.files[name] = (hashlib.sha256(content).hexdigest(), len(content))

    @contextmanager
    def table(self, name: str, head: Sequence[str]) -> Iterator[Table]:
        """A CSV file, open for rows."""
        with self._place(name).open("wb") as file:
            table = Table(file, head)
            yield table
        self.files[name] = (table.sha256, table.size)

    def digest(self) -> str:
        """One hash of everything written so far, by name."""
        lines = "".join(f"{name} {sha256}\n" for name, (sha256, _) in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()

    def seal(self, key: Ed25519PrivateKey, told: dict[str, object]) -> tuple[str, str]:
        """The manifest of every file and its signature, all on disk. The manifest's hash and the signature."""
        files = {name: {"sha256": sha256, "size": size} for name, (sha256, size) in self.files.items()}
        sealed = seal(self.folder, key, {**told, "files": files})
        os.sync()  # what is announced outlives a power cut
        return sealed

    def move_to(self, target: Path) -> None:
        """The folder has its name, in one step; an earlier attempt that was never published gives way."""
        if target.exists():
            shutil.rmtree(target)
        self.folder.rename(target)

    def _place(self, name: str) -> Path:
        place = self.folder / name
        if place.parent not in self._made:
            place.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(place.parent)
        return place


def harmless(value: object) -> object:
    """A text no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value
