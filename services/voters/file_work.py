"""A voter file from its bytes to its lines, worked out in another process: the libraries that read it stay there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.contracts.base import Finding
from services.contracts.voters import Area, Rights
from services.contracts.workbooks import TOO_MUCH_EN, TOO_MUCH_VI
from services.kit.concealed import Concealer
from services.voters.domain.rules import RULES

MOST_FINDINGS = 1000


@dataclass(frozen=True)
class Facts:
    """What a file is checked against: the commune's areas by code, and election day."""

    areas: Mapping[str, Area]
    day: date


@dataclass(frozen=True)
class Worked:
    """A file after its checks: all findings (at most MOST_FINDINGS listed), and its lines unless one blocks."""

    rows: int
    findings: tuple[Finding, ...]
    more: int
    blocked: bool
    rights: Mapping[str, Rights]
    lines: bytes  # as COPY reads them
    numbers: tuple[tuple[int, str, str], ...]  # line, concealed number as PostgreSQL reads bytes, last four digits


class Unreadable(Exception):
    """The file is not one this service can read; carries the findings."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        super().__init__(*findings)

    def __str__(self) -> str:
        return self.findings[0].en


def unreadable(vi: str, en: str) -> Unreadable:
    """It cannot be read, and why."""
    return Unreadable(RULES["VL20"].finding(why_vi=vi, why_en=en))


def overwhelming() -> Unreadable:
    """Its reader fell over it."""
    return unreadable(TOO_MUCH_VI, TOO_MUCH_EN)


def work_file(path: Path, election: str, facts: Facts, concealer: Concealer, tell: Callable[[int], None]) -> Worked:
    """The file's rows, checked; Unreadable with what is the matter. How many there are is told before the checks."""
    from services.voters.checking import as_lines, check_file  # noqa: PLC0415  polars, 24 MB
    from services.voters.reading import read_file  # noqa: PLC0415

    frame = read_file(path)
    tell(frame.height)
    checked = check_file(frame, facts, concealer)
    ready = checked.frame
    numbers = () if checked.blocked else tuple(ready.select("line", "concealed", "tail").iter_rows())
    lines = b"" if checked.blocked else as_lines(election, ready)
    return Worked(checked.rows, checked.findings, checked.more, checked.blocked, checked.rights, lines, numbers)
