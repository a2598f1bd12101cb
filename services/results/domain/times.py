"""Times of the day as the law and the people of the day say them: Asia/Ho_Chi_Minh, hours and minutes."""

from datetime import date, datetime, time

from services.contracts.daytime import VIETNAM


def local(at: datetime) -> datetime:
    """An instant as clocks in Vietnam show it."""
    return at.astimezone(VIETNAM)


def day(at: datetime) -> str:
    """15/3/2026 of an instant."""
    here = local(at)
    return f"{here.day}/{here.month}/{here.year}"


def instant(on: date, slot: str) -> datetime:
    """The instant of `16:00` on a day in Vietnam."""
    return datetime.combine(on, time.fromisoformat(slot), tzinfo=VIETNAM)
