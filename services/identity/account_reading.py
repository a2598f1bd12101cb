"""A file of accounts as rows of text: XLSX or CSV, its headings those of the template; malformed ones are findings."""

import csv
import io
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from services.contracts.accounts import FILE_COLUMNS, FILE_ROWS
from services.contracts.base import Finding
from services.contracts.vietnamese import fold
from services.contracts.workbooks import TOO_MUCH_EN, TOO_MUCH_VI
from services.identity.domain.account_files import Raw
from services.identity.domain.rules import RULES

MOST_BYTES = 4 * 1024 * 1024
"""Two thousand rows are 300 kB as CSV."""

_MOST_UNPACKED = 64 * 1024 * 1024
_MOST_LOOKED_AT = 20_000  # rows of a sheet, empty ones among them
_LONGEST_CELL = 400
_XLSX, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_COLUMNS = {fold(column): column for column in FILE_COLUMNS}

Table = Sequence[Sequence[str]]


class Unreadable(Exception):
    """The file is not one that can be read; carries the finding."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding)

    def __str__(self) -> str:
        return self.finding.en


def read_rows(path: Path) -> list[Raw]:
    """The rows below the headings, empty ones left out; Unreadable with what is the matter."""
    if path.stat().st_size > MOST_BYTES:
        raise _unreadable("tệp lớn hơn 4 MB", "it is larger than 4 MB")
    content = path.read_bytes()
    if content.startswith(_OLD):
        raise _unreadable("là bảng tính kiểu cũ hoặc có mật khẩu", "it is an old or protected workbook")
    table = _workbook(content) if content.startswith(_XLSX) else _text(content)
    columns = _columns([cell.strip() for cell in table[0]] if table else [])
    rows = [
        Raw(line, {name: _cell(cells, place) for name, place in columns.items()})
        for line, cells in enumerate(table[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]
    if not rows:
        raise Unreadable(RULES["A322"].finding())
    if len(rows) > FILE_ROWS:
        raise _too_many(len(rows))
    return rows


def _columns(heading: Sequence[str]) -> dict[str, int]:
    """Where each column of the template stands."""
    while heading and not heading[-1]:
        heading = heading[:-1]
    found = [_COLUMNS.get(fold(name), name) for name in heading]
    times = Counter(found)
    wrong = [column for column in FILE_COLUMNS if column not in times]
    wrong += [name[:60] or "(không tên)" for name, number in times.items() if name not in FILE_COLUMNS or number > 1]
    if wrong:
        raise Unreadable(RULES["A321"].finding("line 1", columns=", ".join(wrong[:20])))
    return {column: found.index(column) for column in FILE_COLUMNS}


def _cell(cells: Sequence[str], place: int) -> str:
    """A cell as it would be typed: one line of printable text."""
    text = cells[place] if place < len(cells) else ""
    shown = "".join(sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFC", text))
    return shown.strip()[:_LONGEST_CELL]


def _text(content: bytes) -> Table:
    if b"\x00" in content:
        raise _unreadable("có ký tự NUL, không phải tệp văn bản", "it holds NUL characters and is no text file")
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable("không phải mã UTF-8", "it is not in UTF-8") from error
    first = written.split("\n", 1)[0]
    try:
        rows = list(csv.reader(io.StringIO(written), delimiter=max((",", ";", "\t"), key=first.count)))
    except csv.Error as error:
        raise _unreadable(
            "có ô dài bất thường hoặc dấu ngoặc kép đặt sai", "a cell is too long or misquoted"
        ) from error
    if len(rows) > _MOST_LOOKED_AT:
        raise _too_many(len(rows) - 1)
    return rows


def _workbook(content: bytes) -> Table:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  lives in the reader's own process only

    broken = _unreadable("không phải bảng tính XLSX nguyên vẹn", "it is no intact XLSX workbook")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise broken from error
    if unpacked > _MOST_UNPACKED:
        raise _unreadable("giải nén ra lớn hơn 64 MB", "it unpacks to more than 64 MB")
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        height = max(sheet.height, sheet.total_height)
        rows = sheet.to_python(skip_empty_area=False, nrows=_MOST_LOOKED_AT) if height <= _MOST_LOOKED_AT else []
    except Exception as error:  # the reader has no common class for what a broken workbook makes it raise
        raise broken from error
    if height > _MOST_LOOKED_AT:
        raise _too_many(height - 1)
    return [[_typed(value) for value in row] for row in rows]


def _typed(value: object) -> str:
    """A value of a cell as it would be typed: dates by day, whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    strftime = getattr(value, "strftime", None)
    return str(strftime("%d/%m/%Y")) if strftime is not None else str(value)


def _unreadable(vi: str, en: str) -> Unreadable:
    return Unreadable(RULES["A320"].finding(why_vi=vi, why_en=en))


def overwhelming() -> Unreadable:
    """Its reader fell over it."""
    return _unreadable(TOO_MUCH_VI, TOO_MUCH_EN)


def _too_many(rows: int) -> Unreadable:
    return Unreadable(RULES["A323"].finding(found=rows, most=FILE_ROWS))
