"""Style sheet, script, glyphs and fonts: read once, named by one content hash, kept by browsers for a year."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.base import NotAllowed
from services.kit.logs import log_of

log = log_of("gateway")

_OWN: Final = Path(__file__).with_name("assets")
_FONT: Final = "@fontsource/be-vietnam-pro/files/be-vietnam-pro-{}-{}-normal.woff2"
_PACKAGES: Final = (
    "htmx.org/dist/htmx.min.js",
    *(_FONT.format(subset, weight) for subset in ("latin", "vietnamese") for weight in (600, 700)),
    *(f"@fontsource-variable/inter/files/inter-{subset}-wght-normal.woff2" for subset in ("latin", "vietnamese")),
)
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".woff2": "font/woff2",
}
_FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file, plain and compressed."""

    content: bytes
    kind: str

    @cached_property
    def packed(self) -> bytes | None:
        return None if self.kind == "font/woff2" else gzip.compress(self.content, 9, mtime=0)


class Assets:
    """All assets by name. One hash over all of them is part of every address, so relative addresses agree."""

    def __init__(self, packages: Path) -> None:
        places = [*sorted(_OWN.iterdir()), *(packages / name for name in _PACKAGES)]
        for place in places:
            if not place.is_file():
                log.warning("asset missing: install the npm packages", name=place.name)
        self._files = {
            place.name: Asset(place.read_bytes(), _KINDS[place.suffix])
            for place in places
            if place.suffix in _KINDS and place.is_file()
        }
        digest = hashlib.sha256()
        for name, asset in sorted(self._files.items()):
            digest.update(name.encode() + asset.content)
        self.version = digest.hexdigest()[:12]

    def address(self, name: str) -> str:
        return f"/tinh/{self.version}/{name}"

    def has(self, name: str) -> bool:
        return name in self._files

    def answer(self, request: Request, version: str, name: str) -> Response:
        """The asset; for good only under the present version."""
        asset = self._files.get(name)
        if asset is None:
            raise NotAllowed
        headers = {"Cache-Control": _FOREVER if version == self.version else "no-cache", "Vary": "Accept-Encoding"}
        if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=asset.kind)
        return Response(asset.content, headers=headers, media_type=asset.kind)
