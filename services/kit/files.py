"""Files named by the SHA-256 of their content, in a folder or an object store behind fsspec."""

import hashlib
import re
import tempfile
from pathlib import Path
from typing import IO, Any, BinaryIO, cast
from uuid import uuid4

import fsspec

from services.contracts.base import Unknown

_CHUNK = 1 << 20
_NAME = re.compile(r"^[0-9a-f]{64}$")


class FileStore:
    """Write once, never overwrite: the same content has the same name."""

    def __init__(self, url: str) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(url)
        self._fs.makedirs(self._root, exist_ok=True)

    def put(self, content: bytes | BinaryIO) -> str:
        """The name of the stored content. A half-written file never has a name."""
        source: IO[bytes] | None = None if isinstance(content, bytes) else content
        digest = hashlib.sha256()
        with tempfile.SpooledTemporaryFile(max_size=8 * _CHUNK) as spool:
            chunk = content if isinstance(content, bytes) else content.read(_CHUNK)
            while chunk:
                digest.update(chunk)
                spool.write(chunk)
                chunk = source.read(_CHUNK) if source is not None else b""
            name = digest.hexdigest()
            if not self._fs.exists(self._place(name)):
                spool.seek(0)
                self._write(cast("BinaryIO", spool), name)
        return name

    def _write(self, spool: BinaryIO, name: str) -> None:
        fresh = f"{self._root}/.fresh-{uuid4().hex}"
        with self._fs.open(fresh, "wb") as target:
            while chunk := spool.read(_CHUNK):
                target.write(chunk)
        self._fs.makedirs(self._place(name).rsplit("/", 1)[0], exist_ok=True)
        self._fs.mv(fresh, self._place(name))

    def open(self, name: str) -> BinaryIO:
        """The content, to read; Unknown when there is none of that name."""
        try:
            return cast("BinaryIO", self._fs.open(self._place(name), "rb"))
        except FileNotFoundError as missing:
            raise Unknown(what=name[:12]) from missing

    def path(self, name: str) -> Path:
        """A local path of the content, for tools that read files; fetched first when the store is far away."""
        place = self._place(name)
        if not self._fs.exists(place):
            raise Unknown(what=name[:12])
        if "file" in self._protocols():
            return Path(place)
        local = Path(tempfile.gettempdir()) / f"hp-{name}"
        if not local.exists():
            fresh = local.with_suffix(f".{uuid4().hex}")
            self._fs.get(place, str(fresh))
            fresh.replace(local)
        return local

    def size(self, name: str) -> int:
        return int(self._fs.size(self._place(name)))

    def _protocols(self) -> tuple[Any, ...]:
        protocol = self._fs.protocol
        return (protocol,) if isinstance(protocol, str) else tuple(protocol)

    def _place(self, name: str) -> str:
        if not _NAME.match(name):
            raise Unknown(what=name[:12])
        return f"{self._root}/{name[:2]}/{name}"
