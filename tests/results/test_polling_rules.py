"""Polling day: hours, witnesses, turnout that never falls without a reason, form 32 that balances."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.contracts.candidates import Contest
from services.contracts.daytime import VIETNAM
from services.contracts.results import AreaTurnout, BallotUse
from services.contracts.voters import Rights
from services.results.domain import polling

DAY = date(2026, 3, 15)
TWO = ("Lê Văn An", "Trần Thị Bình")


def at(hour: int, minute: int = 0, second: int = 0, day: int = 15) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=VIETNAM)


def told(found) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity.value) for finding in found]


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        (at(5), []), (at(7), []), (at(6, 59), []),
        (at(7, 0, 1), [("F4", "warn")]), (at(4, 59, 59), [("F4", "block")]),
        (at(7, day=14), [("F4", "block")]), (at(21, 1), [("F4", "block")]),
        (datetime(2026, 3, 15, 0, 0, tzinfo=UTC), []),
    ],
)  # fmt: skip
def test_polling_opens_between_five_and_seven(opened: datetime, expected: list) -> None:
    assert told(polling.opening("19777-001", opened, TWO, DAY)) == expected


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        (at(19), []), (at(21), []), (at(18, 59, 59), [("F4", "warn")]), (at(21, 0, 1), [("F4", "block")]),
        (at(7), [("F4", "block")]), (at(6), [("F4", "block")]), (at(19, day=16), [("F4", "block")]),
    ],
)  # fmt: skip
def test_polling_closes_between_seven_and_nine_in_the_evening(closed: datetime, expected: list) -> None:
    assert told(polling.closing(at(7), "19777-001", closed, DAY)) == expected


def test_an_area_that_never_opened_does_not_close() -> None:
    assert told(polling.closing(None, "19777-001", at(19), DAY)) == [("F4", "block")]


def test_two_witnesses_are_two_people_however_their_name_is_typed() -> None:
    assert told(polling.two_witnesses(("Nguyễn Thúy Hòa", "nguyen  thuý hoà"))) == [("F3", "block")]
    assert polling.two_witnesses(TWO) == ()


def test_a_witness_with_the_name_of_a_candidate_is_asked_about() -> None:
    assert told(polling.no_candidates(TWO, {"LÊ VĂN AN"})) == [("F3", "warn")]
    assert polling.no_candidates(TWO, {"Lê Văn Ân Em"}) == ()


def test_the_witnesses_of_form_32_are_those_of_the_close() -> None:
    assert told(polling.same_witnesses(TWO, ("Lê Văn An", "Khác Thị Người"))) == [("F3", "warn")]
    assert polling.same_witnesses(TWO, tuple(reversed(TWO))) == ()
    assert polling.same_witnesses(TWO, ()) == ()


def test_men_and_women_add_to_the_list_where_both_are_counted() -> None:
    assert told(polling.listed("19777-001", Rights(na=10, male=4, female=5))) == [("C12", "warn")]
    assert polling.listed("19777-001", Rights(na=10, male=4, female=6)) == ()
    assert polling.listed("19777-001", Rights(na=10)) == ()


KNOWN = polling.Known(voters=1500, slots={"12:00": 1000, "14:00": 1204, "18:00": 1400})


@pytest.mark.parametrize(
    ("row", "slot", "expected"),
    [
        (AreaTurnout(area="19777-001", took_part=1500), "19:00", []),
        (AreaTurnout(area="19777-001", took_part=1501), "19:00", [("C2", "block")]),
        (AreaTurnout(area="19777-001", took_part=1501, reason="sửa"), "19:00", [("C2", "block")]),
        (AreaTurnout(area="19777-001", took_part=1204), "16:00", []),
        (AreaTurnout(area="19777-001", took_part=1190), "16:00", [("T1", "block")]),
        (AreaTurnout(area="19777-001", took_part=1190, reason="đếm lại"), "16:00", []),
        (AreaTurnout(area="19777-001", took_part=1400), "16:00", []),
        (AreaTurnout(area="19777-001", took_part=1401), "16:00", [("T2", "block")]),
        (AreaTurnout(area="19777-001", took_part=999), "10:00", []),
        (AreaTurnout(area="19777-001", took_part=0), "07:00", []),
    ],
)
def test_turnout_stays_within_the_list_and_never_falls_without_a_reason(
    row: AreaTurnout, slot: str, expected: list
) -> None:
    assert told(polling.turnout(row, slot, KNOWN)) == expected


def test_a_lower_figure_is_told_in_the_words_of_the_console() -> None:
    found = polling.turnout(AreaTurnout(area="19777-001", took_part=1190), "16:00", KNOWN)

    assert found[0].vi == "1.190 thấp hơn mốc 14:00 là 1.204. Sửa, hoặc ghi lý do."


def test_an_area_of_nowhere_is_refused_and_one_without_a_list_is_taken_with_a_warning() -> None:
    row = AreaTurnout(area="19777-099", took_part=5)

    assert told(polling.turnout(row, "16:00", None)) == [("A2", "block")]
    assert told(polling.turnout(row, "16:00", polling.Known(voters=None, slots={}))) == [("T3", "warn")]


def test_a_report_is_late_after_half_an_hour_and_not_at_it() -> None:
    grace = timedelta(minutes=30)

    assert not polling.is_late(at(16, 30), DAY, "16:00", grace)
    assert polling.is_late(at(16, 30, 1), DAY, "16:00", grace)


def use(received: int, issued: int, spoiled: int, unused: int, contest: Contest = Contest.NA) -> BallotUse:
    return BallotUse(contest=contest, received=received, issued=issued, spoiled=spoiled, unused=unused)


def test_form_32_balances_net_or_gross_as_the_setting_says() -> None:
    net, gross = use(1500, 1435, 5, 60), use(1500, 1440, 5, 60)

    assert polling.ballot_use([net], gross=False) == ()
    assert polling.ballot_use([gross], gross=True) == ()
    assert told(polling.ballot_use([net], gross=True)) == [("C4", "block")]
    assert told(polling.ballot_use([gross], gross=False)) == [("C4", "block")]
    assert told(polling.ballot_use([net, net], gross=False)) == [("C4", "block")]
    assert polling.ballot_use([net, use(10, 5, 0, 5, Contest.CC)], gross=False) == ()
