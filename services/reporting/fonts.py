"""The serif of the forms of law, from its package: web fonts unpacked to the kind a typesetter reads (stdlib only).

Tinos has the widths of Times New Roman. Its package holds one file for each part of Unicode; each part becomes a family
of its own ("Tinos vietnamese", "Tinos latin"), and the forms name the families in turn.
"""

import struct
import tempfile
import zlib
from functools import cache
from pathlib import Path

PACKAGES = Path(__file__).resolve().parents[2] / "node_modules"
SUBSETS = ("vietnamese", "latin", "latin-ext")
CUTS = ("400-normal", "400-italic", "700-normal", "700-italic")

_HEADER = struct.Struct(">4sLLHHLHHLLLLL")
_ENTRY = struct.Struct(">4sLLLL")
_STYLES = {
    "400-normal": "Regular",
    "400-italic": "Italic",
    "700-normal": "Bold",
    "700-italic": "Bold Italic",
}


@cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="hp-fonts-")


@cache
def font_folder() -> Path:
    """A folder of this process with every cut of the serif, unpacked once; it goes when the process ends."""
    folder = Path(_kept().name)
    for subset in SUBSETS:
        for cut in CUTS:
            packed = PACKAGES / "@fontsource" / "tinos" / "files" / f"tinos-{subset}-{cut}.woff"
            font = unpacked(packed.read_bytes(), f"Tinos {subset}", _STYLES[cut])
            (folder / f"tinos-{subset}-{cut}.ttf").write_bytes(font)
    return folder


def unpacked(woff: bytes, family: str, style: str) -> bytes:
    """A WOFF 1 file as a plain font under another family name (W3C WOFF 1.0, sections 3-5)."""
    signature, flavour, *_ = _HEADER.unpack_from(woff)
    if signature != b"wOFF":
        raise ValueError("not a WOFF 1 file")
    tables = _tables(woff)
    tables[b"name"] = _names(family, style)
    return _assembled(flavour, tables)


def _tables(woff: bytes) -> dict[bytes, bytes]:
    count = _HEADER.unpack_from(woff)[3]
    tables = {}
    for place in range(count):
        tag, offset, packed, length, _checksum = _ENTRY.unpack_from(woff, _HEADER.size + place * _ENTRY.size)
        content = woff[offset : offset + packed]
        tables[tag] = content if packed == length else zlib.decompress(content)
    return tables


def _names(family: str, style: str) -> bytes:
    texts = {1: family, 2: style, 4: f"{family} {style}", 6: f"{family}-{style}".replace(" ", "")}
    records, storage = b"", b""
    for name_id, words in texts.items():
        encoded = words.encode("utf-16-be")
        records += struct.pack(">6H", 3, 1, 0x409, name_id, len(encoded), len(storage))
        storage += encoded
    return struct.pack(">3H", 0, len(texts), 6 + len(records)) + records + storage


def _assembled(flavour: int, tables: dict[bytes, bytes]) -> bytes:
    count = len(tables)
    power = count.bit_length() - 1
    directory = struct.pack(">L4H", flavour, count, 16 << power, power, (count - (1 << power)) * 16)
    offset, body = 12 + 16 * count, b""
    for tag in sorted(tables):
        content = tables[tag]
        padded = content + b"\0" * (-len(content) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}L", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sLLL", tag, total, offset, len(content))
        offset, body = offset + len(padded), body + padded
    return directory + body
