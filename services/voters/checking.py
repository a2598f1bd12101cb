"""Checks of a whole voter file by column: every bad row at once, by line; the rows as they would be written."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from services.contracts.base import Finding
from services.contracts.voters import Rights
from services.kit.concealed import Concealer
from services.voters.domain.areas import size_findings
from services.voters.domain.entries import NO_COMMUNE_VOTE, VOTING_AGE, years_before
from services.voters.domain.rules import RULES
from services.voters.file_work import MOST_FINDINGS, Facts
from services.voters.lines import COLUMNS
from services.voters.reading import LINE

_REQUIRED = ("area", "full_name", "birth_date", "sex", "ethnicity", "personal_number", "residence_kind", "address")
_LENGTHS = {"household": 40, "full_name": 200, "ethnicity": 100, "address": 400, "note": 400}
_DAY = r"^(\d{1,2})[/\-.](\d{1,2})[/\-.](\d{4})$"
_ISO = r"^(\d{4})-(\d{2})-(\d{2})"
_MONTH = r"^(\d{1,2})[/\-.](\d{4})$"
_ODD = r"[\x00-\x1f\x7f]"


@dataclass(frozen=True)
class Checked:
    """A file after its checks: all findings (at most MOST_FINDINGS listed), and the rows when nothing blocks."""

    rows: int
    findings: tuple[Finding, ...]
    more: int
    blocked: bool
    frame: pl.DataFrame
    rights: Mapping[str, Rights]


def check_file(frame: pl.DataFrame, facts: Facts, concealer: Concealer) -> Checked:
    """Every row judged by every rule; a row with a basic fault is not judged by the finer ones."""
    read = _parsed(frame)
    wrong = _wrong(read, facts)
    found = pl.concat(wrong).sort(LINE) if wrong else pl.DataFrame()
    if not found.is_empty():
        listed = tuple(_finding(row, facts) for row in found.head(MOST_FINDINGS).iter_rows(named=True))
        return Checked(read.height, listed, max(0, found.height - MOST_FINDINGS), True, read.clear(), {})
    ready = _ready(read, facts, concealer)
    rights = totals(ready)
    warnings = tuple(size_findings(list(facts.areas.values()), rights))
    return Checked(read.height, warnings, 0, False, ready, rights)


def _parsed(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates as dates, sex and residence as the contract's words, parts of the number; null where unreadable."""
    number = pl.col("personal_number")
    good = number.str.contains(r"^[0-9]{12}$")
    kind = pl.when(good).then(number.str.slice(3, 1).cast(pl.Int32, strict=False))
    year = pl.when(good).then(number.str.slice(4, 2).cast(pl.Int32, strict=False))
    sex = pl.col("sex").str.to_lowercase()
    residence = pl.col("residence_kind").str.to_lowercase()
    return frame.with_columns(
        _date("birth_date").alias("born"),
        _date("resident_since").alias("since"),
        good.alias("good_number"),
        (kind % 2).alias("number_sex"),
        (1900 + 100 * (kind // 2) + year).alias("number_year"),
        pl.when(sex == "nam").then(pl.lit("male")).when(sex == "nữ").then(pl.lit("female")).alias("sex_word"),
        pl.when(residence == "thường trú")
        .then(pl.lit(value=False))
        .when(residence == "tạm trú")
        .then(pl.lit(value=True))
        .alias("temporary"),
    )


def _date(name: str) -> pl.Expr:
    """A date written by day; an unknown day is the first of the month, an unknown month January (QA 79)."""
    text = pl.col(name)

    def parts(pattern: str, year: int, month: int, day: int) -> pl.Expr:
        def group(number: int) -> pl.Expr:
            return text.str.extract(pattern, number).cast(pl.Int32, strict=False) if number else pl.lit(1, pl.Int32)

        return _valid_date(group(year), group(month), group(day))

    only_year = _valid_date(text.str.extract(r"^(\d{4})$", 1).cast(pl.Int32, strict=False), pl.lit(1), pl.lit(1))
    return pl.coalesce(parts(_DAY, 3, 2, 1), parts(_ISO, 1, 2, 3), parts(_MONTH, 2, 1, 0), only_year)


def _valid_date(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    padded = pl.format(
        "{}-{}-{}",
        year.cast(pl.String),
        month.cast(pl.String).str.zfill(2),
        day.cast(pl.String).str.zfill(2),
    )
    return padded.str.to_date("%Y-%m-%d", strict=False)


def _wrong(read: pl.DataFrame, facts: Facts) -> list[pl.DataFrame]:
    """A small frame (line, code, column, number) for every rule that some rows break."""
    adult_by = years_before(facts.day, VOTING_AGE)
    has_number = pl.col("good_number")
    born, since = pl.col("born"), pl.col("since")
    wanted_sex = pl.when(pl.col("sex_word") == "male").then(0).otherwise(1)
    late = pl.col("temporary") & (since.is_null() | (since > facts.day))
    checks: list[tuple[str, str, pl.Expr]] = [("VL23", name, pl.col(name) == "") for name in _REQUIRED]
    checks += [
        ("VL24", name, (pl.col(name).str.len_chars() > most) | pl.col(name).str.contains(_ODD))
        for name, most in _LENGTHS.items()
    ]
    checks += [
        ("VL25", "birth_date", (pl.col("birth_date") != "") & born.is_null()),
        ("VL26", "sex", (pl.col("sex") != "") & pl.col("sex_word").is_null()),
        ("VL27", "personal_number", (pl.col("personal_number") != "") & ~has_number),
        (
            "VL28",
            "personal_number",
            has_number & pl.col("sex_word").is_not_null() & (pl.col("number_sex") != wanted_sex),
        ),
        ("VL29", "personal_number", has_number & born.is_not_null() & (pl.col("number_year") != born.dt.year())),
        ("VL30", "area", (pl.col("area") != "") & ~pl.col("area").is_in(list(facts.areas))),
        ("VL31", "residence_kind", (pl.col("residence_kind") != "") & pl.col("temporary").is_null()),
        ("VL32", "resident_since", late.fill_null(value=False)),
        ("VL1", "birth_date", (born > adult_by).fill_null(value=False)),
        ("VL2", "personal_number", has_number & pl.col("personal_number").is_duplicated()),
    ]
    found = []
    for code, column, broken in checks:
        rows = read.filter(broken.fill_null(value=False)).select(
            LINE,
            pl.lit(code).alias("code"),
            pl.lit(column).alias("column"),
            pl.col("personal_number").str.tail(4).alias("tail"),
        )
        if not rows.is_empty():
            found.append(rows)
    return found


def _finding(row: Mapping[str, object], facts: Facts) -> Finding:
    return RULES[str(row["code"])].finding(
        f"line {row[LINE]}",
        str(row["column"]),
        column=row["column"],
        masked=f"•••• •••• {row['tail']}",
        day=f"{facts.day:%d/%m/%Y}",
    )


def _ready(read: pl.DataFrame, facts: Facts, concealer: Concealer) -> pl.DataFrame:
    """The rows as written: serial by area in the file's order, right in each contest, number concealed."""
    without = [code for code, area in facts.areas.items() if area.kind in NO_COMMUNE_VOTE]
    long_enough = ~pl.col("temporary") | (pl.col("since") <= years_before(facts.day, 1))
    return read.select(
        LINE,
        "area",
        pl.int_range(1, pl.len() + 1).over("area").alias("serial"),
        "household",
        "full_name",
        pl.col("born").alias("birth_date"),
        pl.col("sex_word").alias("sex"),
        "ethnicity",
        ("\\x" + pl.lit(concealer.conceal_column(read["personal_number"]))).alias("concealed"),
        pl.when(pl.col("temporary")).then(pl.col("since")).alias("temporary_since"),
        "address",
        pl.lit(value=True).alias("na"),
        pl.lit(value=True).alias("pc"),
        (long_enough & ~pl.col("area").is_in(without)).alias("cc"),
        "note",
        pl.col("personal_number").str.tail(4).alias("tail"),
    )


def totals(ready: pl.DataFrame) -> dict[str, Rights]:
    """The totals of each area, counted from its rows."""
    counted = ready.group_by("area").agg(
        pl.col("na").sum(),
        pl.col("pc").sum(),
        pl.col("cc").sum(),
        (pl.col("sex") == "male").sum().alias("male"),
        (pl.col("sex") == "female").sum().alias("female"),
    )
    return {str(row.pop("area")): Rights(**row) for row in counted.iter_rows(named=True)}


def as_lines(election: str, ready: pl.DataFrame) -> bytes:
    """Checked rows as COPY reads them: an empty text is quoted, null is nothing at all."""
    rows = ready.with_columns(pl.lit(election).alias("election")).select(COLUMNS)
    return rows.write_csv(include_header=False, quote_style="necessary").encode()
