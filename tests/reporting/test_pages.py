"""What the pages show follows from what was told: whatever the order, however often."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from services.contracts.base import NotAllowed, TooMuchAtOnce, Unknown
from services.contracts.candidates import Contest
from services.contracts.reporting import BoardOf, DayOf, ListOf, PublicResult, ResultsSeen, TotalsOf
from services.reporting.store import counters
from tests.reporting import election as e
from tests.reporting.election import AREAS, CC, COMMUNE, NA, E


@pytest.fixture
def officer(passport: Any) -> str:
    return passport(role="nation_officer", scope=f"{E}/vn")


def _everything_seen(reporting: Any, officer: str) -> list[str]:
    asked = (
        reporting.day_of(DayOf(election=E, unit=COMMUNE), officer),
        reporting.board_of(BoardOf(election=E, unit="vn"), officer),
        reporting.board_of(BoardOf(election=E, unit="vn/46"), officer),
        reporting.totals_of(TotalsOf(election=E, unit="vn", contest=Contest.NA), officer),
        reporting.results_seen(ResultsSeen(election=E, unit="vn"), officer),
    )
    return [reply.model_dump_json(exclude={"standing"}) for reply in asked]


def test_the_commune_home_shows_turnout_lateness_incidents_and_records(heard: Any, officer: str) -> None:
    home = heard.day_of(DayOf(election=E, unit=COMMUNE), officer)

    assert home.title == "phường Vỹ Dạ"
    assert home.standing.slot == "11:00"
    assert home.standing.next_slot == "14:00"
    assert (home.voters, home.took_part, home.share) == (3000, 1000, "33,33")
    assert home.areas_reported == 1
    assert [(area.area, area.late, area.late_minutes) for area in home.areas] == [
        (AREAS[0], False, 0),
        (AREAS[1], True, 30),
        (AREAS[2], True, 30),
    ]
    assert home.areas[0].by_slot == {"09:00": 400, "11:00": 700}
    assert home.areas[0].records == {"NA": "approved", "PC": "approved", "CC": "approved"}
    assert home.areas[0].incidents == 1
    assert home.areas[0].place == "Nhà văn hóa tổ dân phố 1"
    assert (home.records.total, home.records.by_state) == (9, {"approved": 9})
    assert [(point.slot, point.took_part, point.voters, point.areas) for point in home.curve] == [
        ("07:00", 0, 0, 0),
        ("09:00", 700, 2000, 2),
        ("11:00", 700, 1000, 1),
        ("14:00", 0, 0, 0),
    ]


def test_an_area_is_late_only_after_the_grace_and_only_without_a_report(heard: Any, officer: str) -> None:
    heard.hear(e.election(datetime(2026, 3, 15, 4, 29, tzinfo=UTC)))  # 11:29 in Hà Nội
    before = heard.day_of(DayOf(election=E, unit=COMMUNE), officer)
    heard.hear(e.election(datetime(2026, 3, 15, 4, 30, tzinfo=UTC)))
    after = heard.day_of(DayOf(election=E, unit=COMMUNE), officer)

    assert [area.late for area in before.areas] == [False, False, True]
    assert [area.late for area in after.areas] == [False, True, True]


def test_nobody_is_late_any_more_when_the_day_is_over(heard: Any, officer: str) -> None:
    heard.hear(e.election(datetime(2026, 3, 15, 16, 59, tzinfo=UTC)))  # 23:59 in Hà Nội
    before = heard.day_of(DayOf(election=E, unit=COMMUNE), officer)
    heard.hear(e.election(datetime(2026, 3, 15, 17, 0, tzinfo=UTC)))
    after = heard.day_of(DayOf(election=E, unit=COMMUNE), officer)
    board = heard.board_of(BoardOf(election=E, unit="vn/46"), officer)

    assert [area.late for area in before.areas] == [True, True, True]
    assert [(area.late, area.late_minutes) for area in after.areas] == [(False, 0)] * 3
    assert board.late == ()


def test_the_expected_curve_goes_through_the_published_points_of_2026(heard: Any, officer: str) -> None:
    curve = {point.slot: point.expected for point in heard.day_of(DayOf(election=E, unit=COMMUNE), officer).curve}

    assert curve["07:00"] == "0,00"
    assert curve["14:00"] == "79,72"  # 70 + 10.63 × 160/175


def test_the_dashboard_of_the_nation_adds_up_its_provinces(heard: Any, officer: str) -> None:
    board = heard.board_of(BoardOf(election=E, unit="vn"), officer)

    assert board.title == "Cả nước"
    assert (board.areas, board.voters, board.took_part, board.areas_reported) == (3, 3000, 1000, 1)
    assert [(unit.code, unit.areas, unit.late, unit.incidents) for unit in board.units] == [
        ("46", 3, 2, 1),
        ("48", 0, 0, 0),
    ]
    assert [unit.code for unit in board.late] == ["46"]
    assert board.constituencies == {"NA": 1, "PC": 1, "CC": 1}
    assert board.declared == {"NA": 1, "PC": 0, "CC": 1}
    assert board.records.by_state == {"approved": 9}


def test_the_dashboard_of_a_province_names_whom_to_call(heard: Any, officer: str) -> None:
    board = heard.board_of(BoardOf(election=E, unit="vn/46"), officer)

    assert [(unit.code, unit.contact, unit.phone, unit.late) for unit in board.units] == [
        ("19777", "Phan Thị Mai", "0912000107", 2),
        ("19789", "", "", 0),
    ]


def test_summaries_add_up_from_area_to_nation(heard: Any, officer: str) -> None:
    levels = [
        heard.totals_of(TotalsOf(election=E, unit=unit, contest=Contest.NA), officer)
        for unit in ("vn", "vn/46", COMMUNE)
    ]

    assert {level.whole.totals.valid for level in levels} == {2940}
    assert {level.whole.totals.voters for level in levels} == {3000}
    assert [len(level.parts) for level in levels] == [2, 2, 3]
    assert (levels[0].whole.seats, levels[0].whole.elected, levels[0].whole.turnout) == (3, 2, "99,00")
    assert levels[2].parts[0].title == "Khu vực bỏ phiếu số 1"


def test_a_record_that_is_not_approved_counts_in_no_sum(heard: Any, officer: str) -> None:
    heard.hear(e.record(AREAS[0], Contest.NA, state="reopened"))

    summary = heard.totals_of(TotalsOf(election=E, unit="vn", contest=Contest.NA), officer)

    assert (summary.whole.totals.areas, summary.whole.totals.valid) == (2, 1960)
    assert heard.invariants() == dict.fromkeys(heard.invariants(), 0)


def test_events_twice_late_and_out_of_order_give_the_same_pages(
    own_database: Any, hands: Any, reporting: Any, officer: str
) -> None:
    letters = [reporting.hear(group) for group in e.everything()]
    letters.append(reporting.hear([e.turnout(AREAS[1], "09:00", 350)]))
    wanted = _everything_seen(reporting, officer)
    other = hands(type(reporting.service), own_database("reporting"))
    shuffled = [letter for group in letters for letter in group] * 2
    random.Random(20260315).shuffle(shuffled)

    for letter in shuffled:
        other.hear(letter)

    assert _everything_seen(other, officer) == wanted
    assert set(other.invariants().values()) == {0}


def test_counters_thrown_away_and_rebuilt_are_the_same(heard: Any, db: Any, officer: str) -> None:
    before = _everything_seen(heard, officer)
    with db.transaction() as tx:
        counters.rebuild(tx)

    assert _everything_seen(heard, officer) == before


def test_an_invariant_finds_a_counter_that_says_other_than_its_facts(heard: Any, db: Any) -> None:
    from sqlalchemy import text

    with db.transaction() as tx:
        tx.execute(text("UPDATE commune_counts SET valid = valid + 1 WHERE contest = 'NA'"))

    assert sorted(heard.invariants().values()) == [1, 1]


def test_more_results_than_an_answer_holds_are_asked_for_in_parts(
    heard: Any, officer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.reporting import doors_pages

    monkeypatch.setattr(doors_pages, "MOST", 1)

    with pytest.raises(TooMuchAtOnce):
        heard.results_seen(ResultsSeen(election=E, unit="vn"), officer)
    assert len(heard.results_seen(ResultsSeen(election=E, unit="vn", contest=Contest.NA), officer).results) == 1


def test_a_list_and_a_result_are_shown_by_their_own_constituency_only(heard: Any, officer: str) -> None:
    listed = heard.list_of(ListOf(election=E, unit=f"vn/46/{NA}", constituency=NA), officer)
    held = heard.public_result(PublicResult(election=E, unit=f"{COMMUNE}/{CC}", constituency=CC), officer)

    assert [person.full_name for person in listed.candidates][:2] == ["Lê Thị Diệu Hiền", "Trần Quốc Khánh"]
    assert held.constituency == CC
    with pytest.raises(Unknown):
        heard.public_result(PublicResult(election=E, unit=f"vn/46/{NA}", constituency=CC), officer)


def test_a_commune_sees_its_own_commune_and_no_other(heard: Any, passport: Any) -> None:
    secretary = passport(role="secretary", scope=f"{E}/{COMMUNE}")

    assert heard.day_of(DayOf(election=E, unit=COMMUNE), secretary).unit == COMMUNE
    for unit in ("vn/46/19789", "vn/46", "vn"):
        with pytest.raises(NotAllowed):
            heard.day_of(DayOf(election=E, unit=unit), secretary)
    with pytest.raises(NotAllowed):
        heard.board_of(BoardOf(election=E, unit="vn/46"), secretary)
