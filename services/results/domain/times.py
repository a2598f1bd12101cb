"""Times of the day as the law and the people of the day say them: Asia/Ho_Chi_Minh, hours and minutes."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Ho_Chi_Minh")


def local(at: datetime) -> datetime:
    """An instant as clocks in Vietnam show it."""
    return at.astimezone(HERE)


def hour(at: datetime) -> str:
    """16:42 of an instant."""
    return f"{local(at):%H:%M}"


def day(at: datetime) -> str:
    """15/3/2026 of an instant."""
    here = local(at)
    return f"{here.day}/{here.month}/{here.year}"


def instant(on: date, slot: str) -> datetime:
    """The instant of `16:00` on a day in Vietnam."""
    return datetime.combine(on, time.fromisoformat(slot), tzinfo=HERE)
