"""The election's own time: which slot is due, who is late, and what 2026's day would have shown."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path

from services.contracts.daytime import VIETNAM, instant
from services.contracts.vietnamese import percent

_CURVE = Path(__file__).resolve().parents[1] / "reference" / "turnout_curve_2026.csv"


@dataclass(frozen=True)
class Moment:
    """Where an election stands: its slot now, the next, and the newest slot whose report should be in by now."""

    shown_at: datetime
    slot: str
    next_slot: str
    due: str
    minutes_late: int

    def is_late(self, last: str | None) -> bool:
        """Whether an area whose newest report is `last` owes one."""
        return self.due != "" and (last is None or last < self.due)


def moment(day: date, slots: Sequence[str], shown_at: datetime, grace_minutes: int) -> Moment:
    """The slot in force at a shown time; a report is late once the grace after its slot is over, until the day is.

    The next day nobody asks for turnout any more: what an area did not tell then stands in its count record.
    """
    ordered = sorted(slots)
    grace = timedelta(minutes=grace_minutes)
    begun = [slot for slot in ordered if instant(day, slot) <= shown_at]
    ahead = [slot for slot in ordered if slot not in begun]
    over = shown_at.astimezone(VIETNAM).date() > day
    due = [] if over else [slot for slot in begun if instant(day, slot) + grace <= shown_at]
    behind = shown_at - instant(day, due[-1]) - grace if due else timedelta()
    return Moment(
        shown_at=shown_at,
        slot=begun[-1] if begun else "",
        next_slot=ahead[0] if ahead else "",
        due=due[-1] if due else "",
        minutes_late=int(behind.total_seconds()) // 60,
    )


def expected(slot: str) -> str:
    """The share of voters who would have voted by a slot on 2026's curve, straight between its known points."""
    minutes = _minutes(slot)
    points = _curve()
    before = [point for point in points if point[0] <= minutes] or [points[0]]
    after = [point for point in points if point[0] >= minutes] or [points[-1]]
    (start, low), (end, high) = before[-1], after[0]
    part = Fraction(0) if end == start else Fraction(minutes - start, end - start)
    share = low + part * (high - low)
    return percent(share.numerator, share.denominator)


@cache
def _curve() -> tuple[tuple[int, Fraction], ...]:
    with _CURVE.open(encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return tuple((_minutes(row["time"]), Fraction(int(row["per_ten_thousand"]), 10_000)) for row in rows)


def _minutes(slot: str) -> int:
    hour, minute = slot.split(":")
    return int(hour) * 60 + int(minute)
