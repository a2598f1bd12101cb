"""Reading a structure file: each row becomes a constituency, or findings that name its line and columns."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from services.candidates.domain.rules import RULES
from services.contracts.base import Finding
from services.contracts.candidates import Constituency, Contest
from services.contracts.vietnamese import number

COLUMNS = (
    "code", "contest", "unit", "ordinal", "title", "seats", "communes", "extent", "population", "resolution",
    "council_kind", "council_population",
)  # fmt: skip
MOST_BYTES = 20_000_000
MOST_ROWS = 5_000
"""Some three times the constituencies of the province with most communes."""
_MOST_LINES = 100_000  # empty ones and line breaks within cells among them
MOST_SEATS = {Contest.NA: 3, Contest.PC: 5, Contest.CC: 5}
_LENGTHS = {"title": 200, "extent": 4000, "resolution": 400}
_COMMUNES = re.compile(r"([0-9]{5}( +[0-9]{5})*)?")
_SHAPES: dict[str, tuple[re.Pattern[str], str, str]] = {
    "code": (re.compile(r"(NA|PC)-[0-9]{2}-[0-9]{2}|CC-[0-9]{5}-[0-9]{2}"), "mã như NA-46-01", "a code as NA-46-01"),
    "contest": (re.compile("NA|PC|CC"), "NA, PC hoặc CC", "NA, PC or CC"),
    "unit": (re.compile(r"[0-9]{2}|[0-9]{5}"), "mã tỉnh hoặc mã xã", "a province or commune code"),
    "ordinal": (re.compile(r"[1-9][0-9]?"), "số từ 1 đến 99", "a number from 1 to 99"),
    "seats": (re.compile(r"[1-9][0-9]?"), "số từ 1 trở lên", "a number of 1 or more"),
    "communes": (_COMMUNES, "các mã 5 chữ số cách nhau một dấu cách", "codes of 5 digits with a space between"),
    "council_kind": (
        re.compile("|tinh|thanh_pho|xa|xa_mien_nui|phuong|dac_khu"),
        "tinh, thanh_pho, xa, xa_mien_nui, phuong hoặc dac_khu",
        "tinh, thanh_pho, xa, xa_mien_nui, phuong or dac_khu",
    ),
    "population": (re.compile(r"[0-9]{0,9}"), "số nguyên, không dấu chấm", "a whole number without dots"),
    "council_population": (re.compile(r"[0-9]{0,9}"), "số nguyên, không dấu chấm", "a whole number without dots"),
}


@dataclass(frozen=True)
class Unit:
    """A unit as this service heard of it; a province has the kind it had on election day."""

    code: str
    path: str
    kind: str
    title: str


@dataclass(frozen=True)
class Row:
    """A row that reads well: its line, unit, constituency, and what the seat rule of a Council is applied to."""

    line: int
    unit: Unit
    constituency: Constituency
    council_kind: str
    council_population: int

    @property
    def place(self) -> str:
        return f"line {self.line}"


def read_rows(content: bytes, scope: str, units: Mapping[str, Unit]) -> tuple[list[Row], list[Finding]]:
    """Every row that reads well and every finding of those that do not; `scope` is `vn` or the path of a province."""
    table, wrong = _table(content)
    if wrong is not None:
        return [], [wrong]
    header = [name.strip().lower() for name in table[0][1]]
    if sorted(header) != sorted(COLUMNS):
        odd = sorted(set(header) ^ set(COLUMNS)) or sorted({name for name in header if header.count(name) > 1})
        return [], [RULES["DB2"].finding("line 1", columns=", ".join(odd))]
    rows: list[Row] = []
    findings: list[Finding] = []
    for line, cells in table[1:]:
        row, found = _row(line, header, cells, scope, units)
        findings += found
        rows += [row] if row else []
    return rows, findings


def _table(content: bytes) -> tuple[list[tuple[int, list[str]]], Finding | None]:
    """The cells of every row that holds any, the heading first, by line; or why the file is not read."""
    if len(content) > MOST_BYTES:
        return [], _unread(f"tệp lớn hơn {MOST_BYTES} byte (larger than that many bytes)")
    try:
        text = content.decode("utf-8-sig")
        many = text.count("\n") + text.count("\r") > _MOST_LINES
        table = [] if many else list(islice(_lines(text), MOST_ROWS + 2))
    except (UnicodeDecodeError, csv.Error) as error:
        return [], _unread(_reason(error))
    if many or len(table) > MOST_ROWS + 1:
        return [], RULES["DB25"].finding("line 1", most=number(MOST_ROWS))
    return table, _unread("không có dòng nào (no rows)") if len(table) < 2 else None


def _unread(why: str) -> Finding:
    return RULES["DB1"].finding("line 1", why=why)


def _reason(error: Exception) -> str:
    return "không phải UTF-8 (not UTF-8)" if isinstance(error, UnicodeDecodeError) else f"CSV: {error}"


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield before + 1, [unicodedata.normalize("NFC", cell).strip() for cell in cells]
        before = reader.line_num


def _row(
    line: int, header: list[str], cells: list[str], scope: str, units: Mapping[str, Unit]
) -> tuple[Row | None, list[Finding]]:
    """The stages of one row; a later stage is silent when an earlier one found something."""
    place = f"line {line}"
    if len(cells) != len(header):
        counts = {"expected_vi": f"{len(header)} ô", "expected_en": f"{len(header)} cells"}
        return None, [RULES["DB3"].finding(place, column="*", value=f"{len(cells)}", **counts)]
    values = dict(zip(header, cells, strict=True))
    values["unit"] = values["unit"].rsplit("/", 1)[-1]
    findings = _shape_findings(place, values) or _scope_findings(place, values, scope, units)
    if findings:
        return None, findings
    row = _made(line, values, units[values["unit"]])
    findings = _own_findings(row, values["code"], units)
    return (None, findings) if findings else (row, [])


def _shape_findings(place: str, values: Mapping[str, str]) -> list[Finding]:
    found = []
    for column, value in values.items():
        pattern, vi, en = _SHAPES.get(column, (None, "", ""))
        if pattern is not None and not pattern.fullmatch(value):
            found.append(_misshapen(place, column, value, (vi, en)))
        elif len(value) > _LENGTHS.get(column, 400_000):
            most = _LENGTHS[column]
            found.append(_misshapen(place, column, value, (f"không quá {most} chữ", f"at most {most} characters")))
        elif any(unicodedata.category(letter) == "Cc" for letter in value):
            found.append(_misshapen(place, column, value, ("chữ thường, không ký tự điều khiển", "plain text")))
    return found


def _misshapen(place: str, column: str, value: str, expected: tuple[str, str]) -> Finding:
    shown = "".join("·" if unicodedata.category(letter) == "Cc" else letter for letter in value)[:60]
    return RULES["DB3"].finding(place, column=column, value=shown, expected_vi=expected[0], expected_en=expected[1])


def _scope_findings(place: str, values: Mapping[str, str], scope: str, units: Mapping[str, Unit]) -> list[Finding]:
    """A national file holds NA rows; a province's file its own PC rows and the CC rows of its communes."""
    contest, code = values["contest"], values["unit"]
    unit = units.get(code)
    belongs = (contest == Contest.NA) == (scope == "vn")
    inside = unit is None or unit.path == scope or unit.path.startswith(f"{scope}/")
    if not belongs or not inside:
        return [RULES["DB4"].finding(place, contest=contest, unit=code, scope=scope)]
    depth = 5 if contest == Contest.CC else 2
    if unit is None or len(code) != depth:
        return [RULES["DB5"].finding(place, contest=contest, unit=code)]
    return []


def _made(line: int, values: Mapping[str, str], unit: Unit) -> Row:
    contest, ordinal = Contest(values["contest"]), int(values["ordinal"])
    code = f"{contest}-{unit.code}-{ordinal:02d}"
    return Row(
        line=line,
        unit=unit,
        council_kind=values["council_kind"] or unit.kind,
        council_population=int(values["council_population"] or 0),
        constituency=Constituency(
            code=code,
            contest=contest,
            path=f"{unit.path}/{code}",
            ordinal=ordinal,
            title=values["title"] or f"Đơn vị bầu cử số {ordinal}",
            seats=int(values["seats"]),
            communes=tuple(values["communes"].split()) or ((unit.code,) if contest is Contest.CC else ()),
            extent=values["extent"],
            population=int(values["population"] or 0),
            resolution=values["resolution"],
        ),
    )


def _own_findings(row: Row, written: str, units: Mapping[str, Unit]) -> list[Finding]:
    """What is wrong with a constituency by itself: code, seats, and the communes or extent it is made of."""
    own = row.constituency
    found = []
    if written != own.code:
        found.append(RULES["DB6"].finding(row.place, code=written, expected=own.code))
    most = MOST_SEATS[own.contest]
    if own.seats > most:
        rule = RULES["DB7"] if own.contest is Contest.NA else RULES["DB8"]
        found.append(rule.finding(row.place, code=own.code, seats=own.seats, most=most))
    if not own.communes or (own.contest is Contest.CC and not own.extent):
        found.append(RULES["DB9"].finding(row.place, code=own.code))
    for commune in own.communes:
        found += _commune_findings(row, commune, units.get(commune))
    return found


def _commune_findings(row: Row, code: str, commune: Unit | None) -> list[Finding]:
    own = row.constituency
    if commune is None:
        return [RULES["DB10"].finding(row.place, code=own.code, commune=code)]
    if commune.path != row.unit.path and not commune.path.startswith(f"{row.unit.path}/"):
        owner = commune.path.split("/")[1] if own.contest is not Contest.CC else commune.title
        return [RULES["DB11"].finding(row.place, code=own.code, commune=f"{commune.title} ({code})", owner=owner)]
    return []
