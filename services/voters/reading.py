"""A voter file as columns: read from CSV or XLSX, one form of text, a header that is the template's."""

import io
import unicodedata
from collections import Counter
from pathlib import Path

import polars as pl
from python_calamine import CalamineWorkbook

from services.contracts.base import Finding
from services.voters.domain.rules import RULES

COLUMNS = (
    "area", "household", "full_name", "birth_date", "sex", "ethnicity", "personal_number", "residence_kind",
    "resident_since", "address", "note",
)  # fmt: skip
LINE = "line"
MOST_BYTES = 200 * 1024 * 1024
_XLSX = b"PK\x03\x04"


class Unreadable(Exception):
    """The file is not one this service can read; carries the findings."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        super().__init__(findings[0].en)


def read_file(path: Path) -> pl.DataFrame:
    """The rows of a file as text columns of the template with their line; Unreadable with what is the matter."""
    if path.stat().st_size > MOST_BYTES:
        raise _unreadable("tệp lớn hơn 200 MB", "it is larger than 200 MB")
    content = path.read_bytes()
    frame = _workbook(content) if content.startswith(_XLSX) else _text(content)
    if frame.is_empty():
        raise Unreadable(RULES["VL22"].finding())
    tidy = (pl.col(name).fill_null("").str.normalize("NFC").str.strip_chars() for name in COLUMNS)
    return frame.with_columns(*tidy).with_row_index(LINE, offset=2)


def _unreadable(vi: str, en: str) -> Unreadable:
    return Unreadable(RULES["VL20"].finding(why_vi=vi, why_en=en))


def _text(content: bytes) -> pl.DataFrame:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in content:
        raise _unreadable("có ký tự NUL, không phải tệp văn bản", "it holds NUL characters and is no text file")
    try:
        first = content.split(b"\n", 1)[0].decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise _unreadable("không phải mã UTF-8", "it is not in UTF-8") from error
    separator = max((",", ";", "\t"), key=first.count)
    _require_header([name.strip().strip('"') for name in first.split(separator)])
    try:
        frame = pl.read_csv(io.BytesIO(content), separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise _unreadable("có dòng thừa hoặc thiếu ô", "a row has too many or too few cells") from error
    return frame.rename({name: name.strip().strip('"') for name in frame.columns}).select(COLUMNS)


def _workbook(content: bytes) -> pl.DataFrame:
    try:
        rows = (
            CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
        )
    except Exception as error:  # the reader has no common class for what a broken workbook makes it raise
        raise _unreadable("không phải bảng tính XLSX nguyên vẹn", "it is no intact XLSX workbook") from error
    header = [str(cell).strip() for cell in rows[0]] if rows else []
    _require_header(header)
    data = {name: [_cell(row[place]) for row in rows[1:]] for place, name in enumerate(header)}
    return pl.DataFrame(data, schema=dict.fromkeys(header, pl.String)).select(COLUMNS)


def _cell(value: object) -> str:
    """A cell as it would be typed: dates by day, whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    strftime = getattr(value, "strftime", None)
    return str(strftime("%d/%m/%Y")) if strftime is not None else str(value)


def _require_header(header: list[str]) -> None:
    times = Counter(unicodedata.normalize("NFC", name) for name in header)
    wrong = [name for name in COLUMNS if name not in times]
    wrong += [name or "(không tên)" for name, number in times.items() if name not in COLUMNS or number > 1]
    if wrong:
        raise Unreadable(RULES["VL21"].finding("line 1", columns=", ".join(wrong[:20])))
