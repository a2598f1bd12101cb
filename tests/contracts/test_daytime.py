"""The clock of Vietnam, whatever clock the machine has."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.contracts.daytime import hour, moment

TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("at", "written", "short"),
    [
        (datetime(2026, 2, 1, 10, 0, tzinfo=UTC), "17:00 1/2/2026", "17:00"),
        (datetime(2026, 3, 14, 17, 0, tzinfo=UTC), "00:00 15/3/2026", "00:00"),
        (datetime(2026, 3, 15, 7, 0, tzinfo=TOKYO), "05:00 15/3/2026", "05:00"),
    ],
)
def test_an_instant_is_written_as_people_here_write_it(at, written, short):
    assert (moment(at), hour(at)) == (written, short)
