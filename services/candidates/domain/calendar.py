"""The calendar of the law: days and hours counted from election day, as Hà Nội time."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files

from services.candidates.domain.rules import RULES
from services.contracts.base import Finding
from services.contracts.candidates import CallElection, Milestone
from services.contracts.daytime import VIETNAM

REHEARSAL = "dien-tap-"
_SUNDAY = 6


@cache
def reference(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a reference table of this service."""
    with files("services.candidates").joinpath("reference", f"{name}.csv").open(encoding="utf-8") as table:
        return tuple(csv.DictReader(table))


def is_rehearsal(election: str) -> bool:
    """Whether an id is that of a rehearsal; no other id can ever be one."""
    return election.startswith(REHEARSAL)


def instant(day: date, days: int, hour: str) -> datetime:
    """The instant of an hour so many days from election day; 24:00 is the end of that day."""
    hours, minutes = (int(part) for part in hour.split(":"))
    midnight = datetime.combine(day + timedelta(days=days), time(), tzinfo=VIETNAM)
    return (midnight + timedelta(hours=hours, minutes=minutes)).astimezone(UTC)


def milestones(day: date) -> tuple[Milestone, ...]:
    """Every deadline of the law for an election day, in order of time."""
    rows = [
        Milestone(
            code=row["code"],
            vi=row["vi"],
            en=row["en"],
            days=int(row["days"]),
            hour=row["hour"],
            source=row["article"],
            at=instant(day, int(row["days"]), row["hour"]),
        )
        for row in reference("calendar")
    ]
    return tuple(sorted(rows, key=lambda row: row.at))


def deadline(day: date, code: str) -> datetime:
    """The instant of one milestone."""
    return next(row.at for row in milestones(day) if row.code == code)


def call_findings(request: CallElection) -> tuple[Finding, ...]:
    """What is wrong with an election as called; a rehearsal may be held on any day."""
    found: list[Finding] = []
    if not is_rehearsal(request.election):
        if request.election != str(request.day.year):
            found.append(RULES["BC1"].finding("day", election=request.election, year=request.day.year))
        elif request.day.weekday() != _SUNDAY:
            found.append(RULES["BC2"].finding("day", day=f"{request.day:%d/%m/%Y}"))
    if not request.slots or list(request.slots) != sorted(set(request.slots)) or request.slots[-1] > "23:59":
        found.append(RULES["BC3"].finding("slots"))
    return tuple(found)
