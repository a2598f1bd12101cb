"""A voter file as columns: read from CSV or XLSX, one form of text, a header that is the template's."""

import csv
import io
import unicodedata
from collections import Counter
from contextlib import suppress
from itertools import islice
from pathlib import Path

import polars as pl
from python_calamine import CalamineWorkbook

from services.contracts.base import Finding
from services.voters.domain.rules import RULES
from services.voters.file_work import MOST_FINDINGS, Unreadable, unreadable

COLUMNS = (
    "area", "household", "full_name", "birth_date", "sex", "ethnicity", "personal_number", "residence_kind",
    "resident_since", "address", "note",
)  # fmt: skip
LINE = "line"
MOST_BYTES = 64 * 1024 * 1024
"""Four times the file of the largest ward (120,294 voters)."""
_XLSX = b"PK\x03\x04"


def read_file(path: Path) -> pl.DataFrame:
    """The rows of a file as text columns of the template with their line; Unreadable with what is the matter."""
    if path.stat().st_size > MOST_BYTES:
        raise unreadable("tệp lớn hơn 64 MB", "it is larger than 64 MB")
    content = path.read_bytes()
    frame = _tidy(_workbook(content) if content.startswith(_XLSX) else _text(content))
    if frame.is_empty():
        raise Unreadable(RULES["VL22"].finding())
    return frame


def _tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """Cells without outer spaces, rows with their line; a row of nothing is no row."""
    tidy = (pl.col(name).fill_null("").str.strip_chars() for name in COLUMNS)
    numbered = frame.with_columns(*tidy).with_row_index(LINE, offset=2)
    return numbered.filter(pl.any_horizontal(pl.col(name) != "" for name in COLUMNS))


def _text(content: bytes) -> pl.DataFrame:
    if b"\x00" in content:
        raise unreadable("có ký tự NUL, không phải tệp văn bản", "it holds NUL characters and is no text file")
    try:
        written = unicodedata.normalize("NFC", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise unreadable("không phải mã UTF-8", "it is not in UTF-8") from error
    first = written.split("\n", 1)[0].strip()
    separator = max((",", ";", "\t"), key=first.count)
    _require_header([name.strip().strip('"') for name in first.split(separator)])
    try:
        frame = pl.read_csv(io.BytesIO(written.encode()), separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise Unreadable(*_ragged(written, separator)) from error
    return frame.rename({name: name.strip().strip('"') for name in frame.columns}).select(COLUMNS)


def _ragged(written: str, separator: str) -> list[Finding]:
    """Rows with more cells than the template has columns, by line; as many as are listed."""
    rows = enumerate(csv.reader(io.StringIO(written), delimiter=separator), start=1)
    rule, columns = RULES["VL35"], len(COLUMNS)
    long = (rule.finding(f"line {line}", cells=len(row), columns=columns) for line, row in rows if len(row) > columns)
    found: list[Finding] = []
    with suppress(csv.Error):  # a cell that never ends: what was found before it is told
        found += islice(long, MOST_FINDINGS)
    why = unreadable("có dấu ngoặc kép đặt sai", "a quotation mark is misplaced")
    return found or list(why.findings)


def _workbook(content: bytes) -> pl.DataFrame:
    try:
        rows = (
            CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
        )
    except Exception as error:  # the reader has no common class for what a broken workbook makes it raise
        raise unreadable("không phải bảng tính XLSX nguyên vẹn", "it is no intact XLSX workbook") from error
    header = [str(cell).strip() for cell in rows[0]] if rows else []
    _require_header(header)
    data = {name: [_cell(row[place]) for row in rows[1:]] for place, name in enumerate(header)}
    return pl.DataFrame(data, schema=dict.fromkeys(header, pl.String)).select(COLUMNS)


def _cell(value: object) -> str:
    """A cell as it would be typed: dates by day, whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    strftime = getattr(value, "strftime", None)
    return str(strftime("%d/%m/%Y")) if strftime is not None else unicodedata.normalize("NFC", str(value))


def _require_header(header: list[str]) -> None:
    times = Counter(unicodedata.normalize("NFC", name) for name in header)
    wrong = [name for name in COLUMNS if name not in times]
    wrong += [name or "(không tên)" for name, number in times.items() if name not in COLUMNS or number > 1]
    if wrong:
        raise Unreadable(RULES["VL21"].finding("line 1", columns=", ".join(wrong[:20])))
