"""Every deadline of the law follows from election day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.candidates.domain.calendar import call_findings, deadline, instant, milestones
from services.contracts.candidates import CallElection, Clock
from tests.candidates.factories import DAY, calling


@pytest.mark.parametrize(
    ("code", "here"),
    [
        ("commissions_formed", "1/12/2025 00:00"),
        ("constituencies_published", "26/12/2025 00:00"),
        ("boards_formed", "5/1/2026 00:00"),
        ("teams_formed", "1/2/2026 00:00"),
        ("dossiers_close", "1/2/2026 17:00"),
        ("lists_of_voters_posted", "4/2/2026 00:00"),
        ("structure_adjusted_2", "6/2/2026 00:00"),
        ("verification_answered", "9/2/2026 00:00"),
        ("consultation_3_opens", "9/2/2026 00:00"),
        ("consultation_3_ends", "21/2/2026 00:00"),
        ("lists_published", "27/2/2026 00:00"),
        ("lists_posted", "28/2/2026 00:00"),
        ("lists_of_voters_closed", "14/3/2026 07:00"),
        ("campaign_ends", "14/3/2026 07:00"),
        ("voting_opens", "15/3/2026 07:00"),
        ("voting_closes", "15/3/2026 19:00"),
        ("voting_closes_latest", "15/3/2026 21:00"),
        ("counting_ends", "16/3/2026 21:00"),
        ("team_records_sent", "19/3/2026 00:00"),
        ("second_voting_by", "23/3/2026 00:00"),
        ("results_published", "26/3/2026 00:00"),
    ],
)
def test_the_deadlines_of_2026_are_those_of_the_official_calendar(code, here):
    expected = datetime.strptime(here, "%d/%m/%Y %H:%M") - timedelta(hours=7)

    assert deadline(DAY, code) == expected.replace(tzinfo=UTC)


def test_every_milestone_has_its_own_code_two_languages_and_an_article():
    rows = milestones(DAY)

    assert len({row.code for row in rows}) == len(rows) > 35
    assert all(row.vi and row.en and row.source for row in rows)
    assert list(rows) == sorted(rows, key=lambda row: row.at)
    assert all(row.at.utcoffset() == timedelta(0) for row in rows)


def test_the_end_of_a_day_is_the_midnight_after_it():
    assert instant(date(2026, 12, 31), 0, "24:00") == datetime(2026, 12, 31, 17, 0, tzinfo=UTC)


def test_a_rehearsal_clock_shows_the_day_it_plays_and_runs_at_its_speed():
    real, shown = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)
    clock = Clock(real_at=real, shown_at=shown, speed=60)

    assert clock.at(real + timedelta(minutes=1)) == shown + timedelta(hours=1)
    assert clock.at(real - timedelta(minutes=1)) == shown


def called(election="2026", day=DAY, **changes):
    return CallElection(**{**calling(election, day).model_dump(), **changes})


@pytest.mark.parametrize(
    ("request_", "codes"),
    [
        (called(), []),
        (called("2031"), ["BC1"]),
        (called(day=date(2026, 3, 14)), ["BC2"]),
        (called("2031", day=date(2026, 3, 14)), ["BC1"]),
        (called("dien-tap-7", day=date(2026, 3, 14)), []),
        (called(slots=("08:00", "07:00")), ["BC3"]),
        (called(slots=("08:00", "08:00")), ["BC3"]),
        (called(slots=()), ["BC3"]),
        (called(slots=("23:59",)), []),
        (called(slots=("24:00",)), ["BC3"]),
    ],
)
def test_a_real_election_is_held_on_a_sunday_of_its_year(request_, codes):
    assert [found.code for found in call_findings(request_)] == codes
