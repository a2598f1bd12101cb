"""The clock of Vietnam: one zone, no summer time, and how its hours are written."""

from datetime import date, datetime, time, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


def local(at: datetime) -> datetime:
    """An instant as clocks and calendars in Vietnam show it."""
    return at.astimezone(VIETNAM)


def instant(on: date, slot: str) -> datetime:
    """The instant of an hour such as `16:00` on a day in Vietnam.

    >>> instant(date(2026, 3, 15), "16:00").isoformat()
    '2026-03-15T16:00:00+07:00'
    """
    return datetime.combine(on, time.fromisoformat(slot), tzinfo=VIETNAM)


def hour(at: datetime) -> str:
    """An instant as clocks here show it.

    >>> from datetime import UTC
    >>> hour(datetime(2026, 3, 15, 9, 42, tzinfo=UTC))
    '16:42'
    """
    return f"{local(at):%H:%M}"


def day(at: datetime) -> str:
    """The day of an instant as people here write it.

    >>> from datetime import UTC
    >>> day(datetime(2026, 3, 14, 18, 5, tzinfo=UTC))
    '15/3/2026'
    """
    here = local(at)
    return f"{here.day}/{here.month}/{here.year}"


def moment(at: datetime) -> str:
    """An instant as people here write it.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 2, 1, 18, 5, tzinfo=UTC))
    '01:05 2/2/2026'
    """
    return f"{hour(at)} {day(at)}"
