"""The clock of Vietnam: one zone, no summer time, and how its hours are written."""

from datetime import datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


def hour(at: datetime) -> str:
    """An instant as clocks here show it.

    >>> from datetime import UTC
    >>> hour(datetime(2026, 3, 15, 9, 42, tzinfo=UTC))
    '16:42'
    """
    return f"{at.astimezone(VIETNAM):%H:%M}"


def moment(at: datetime) -> str:
    """An instant as people here write it.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 2, 1, 18, 5, tzinfo=UTC))
    '01:05 2/2/2026'
    """
    here = at.astimezone(VIETNAM)
    return f"{here:%H:%M} {here.day}/{here.month}/{here.year}"
