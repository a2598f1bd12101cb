"""Polling day through the doors: opening, turnout as versioned facts, incidents, form 32."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import HasFindings, NotAllowed, StepNotAllowed, Unknown
from services.contracts.candidates import Contest
from services.contracts.results import (
    AreaTurnout,
    BallotUse,
    IncidentKind,
    IncidentsOf,
    RecordBallotUse,
    ReportIncident,
    ReportTurnout,
    SettleIncident,
)
from services.contracts.roles import Role
from services.contracts.voters import Rights, VoterListAdvanced
from tests.results.world import ELECTION, KIM_LONG, PROVINCE, TWO, VY_DA, Person, World, at, sound

AREA, NEXT = "19777-001", "19777-002"


def report(world: World, slot: str, *rows: tuple, person: Person | None = None, unit: str = VY_DA):
    asked = ReportTurnout(
        key=uuid4(), election=ELECTION, unit=unit, slot=slot,
        rows=tuple(AreaTurnout(area=row[0], took_part=row[1], reason=row[2] if len(row) > 2 else "") for row in rows),
    )  # fmt: skip
    return world.results.report_turnout(asked, by=(person or world.chau).holds())


def letters(told, db, topic: str) -> list[dict]:
    return [letter.data for letter in told(db) if letter.topic == f"results.{topic}"]


def test_turnout_is_stored_row_by_row_and_the_rest_comes_back(world: World, told, db) -> None:
    world.set_clock(at(9, 20))

    receipt = report(world, "09:00", (AREA, 486), (NEXT, 1449), ("19777-099", 5), ("19780-001", 5))

    assert [(row.area, row.stored, [finding.code for finding in row.findings]) for row in receipt.outcomes] == [
        (AREA, True, []), (NEXT, False, ["C2"]), ("19777-099", False, ["A2"]), ("19780-001", False, ["A2"]),
    ]  # fmt: skip
    assert receipt.receipt.startswith("46-19777-")
    told_rows = letters(told, db, "turnout_reported")
    assert [(row["area"], row["slot"], row["took_part"], row["voters"], row["late"]) for row in told_rows] == [
        (AREA, "09:00", 486, 1448, False)
    ]


def test_a_report_is_late_by_the_elections_own_clock(world: World, told, db) -> None:
    world.set_clock(at(9, 31))
    report(world, "09:00", (AREA, 486))
    report(world, "09:00", (AREA, 487))
    world.set_clock(at(11, 5))
    report(world, "11:00", (AREA, 700))

    rows = letters(told, db, "turnout_reported")
    assert [(row["slot"], row["took_part"], row["late"]) for row in rows] == [
        ("09:00", 486, True), ("09:00", 487, True), ("11:00", 700, False),
    ]  # fmt: skip


def test_a_falling_figure_needs_a_reason_and_a_correction_supersedes(world: World, told, db) -> None:
    report(world, "14:00", (AREA, 1204))
    refused = report(world, "16:00", (AREA, 1190))
    assert refused.outcomes[0].findings[0].vi == "1.190 thấp hơn mốc 14:00 là 1.204. Sửa, hoặc ghi lý do."

    assert report(world, "16:00", (AREA, 1190, "đếm nhầm lúc 14 giờ")).outcomes[0].stored
    assert report(world, "14:00", (AREA, 1150)).outcomes[0].stored
    report(world, "14:00", (AREA, 1150))

    with db.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT slot, version, current, took_part FROM turnout_reports ORDER BY slot, version")
        )
        assert [tuple(row) for row in rows] == [
            ("14:00", 1, False, 1204), ("14:00", 2, True, 1150), ("16:00", 1, True, 1190),
        ]  # fmt: skip
    assert len(letters(told, db, "turnout_reported")) == 3


def test_two_rows_of_one_area_are_both_kept_back(world: World) -> None:
    outcomes = report(world, "14:00", (AREA, 5), (AREA, 6)).outcomes

    assert [(row.stored, row.findings[0].code) for row in outcomes] == [(False, "A3"), (False, "A3")]


def test_a_slot_of_no_such_hour_and_another_commune_are_refused(world: World) -> None:
    with pytest.raises(Unknown):
        report(world, "10:30", (AREA, 5))
    with pytest.raises(NotAllowed):
        report(world, "09:00", (AREA, 5), unit=KIM_LONG)
    with pytest.raises(NotAllowed):
        report(world, "09:00", (AREA, 5), person=world.khoa)


def test_areas_open_and_close_before_two_witnesses(world: World, told, db) -> None:
    opened = world.open(AREA, NEXT)
    closed = world.close(AREA)

    assert all(row.stored and not row.findings for row in (*opened.outcomes, *closed.outcomes))
    states = letters(told, db, "polling_advanced")
    assert [(row["area"], row["state"]) for row in states] == [(AREA, "open"), (NEXT, "open"), (AREA, "closed")]
    assert states[2]["count_witnesses"] == list(TWO)
    assert states[2]["opening_witnesses"] == list(TWO)


def test_hours_and_witnesses_against_the_law_come_back(world: World) -> None:
    def codes(receipt) -> list[tuple[bool, list[str]]]:
        return [(row.stored, [finding.code for finding in row.findings]) for row in receipt.outcomes]

    assert codes(world.close(AREA)) == [(False, ["F4"])]
    assert codes(world.open(AREA, hour=4)) == [(False, ["F4"])]
    assert codes(world.open(AREA, hour=8)) == [(True, ["F4"])]
    assert codes(world.open(AREA, witnesses=("Lê An", "lê an"))) == [(False, ["F3"])]
    assert codes(world.open(AREA, witnesses=("Trần Quốc Khánh", "Lê An"))) == [(True, ["F3"])]
    assert codes(world.close(AREA, hour=18)) == [(True, ["F4"])]
    assert codes(world.close(AREA, hour=22)) == [(False, ["F4"])]
    assert codes(world.open(AREA, hour=20)) == [(False, ["F4"])] or codes(world.open(AREA, hour=20))[0][0] is False
    assert codes(world.open("19777-077")) == [(False, ["A2"])]


def test_the_list_at_opening_is_what_a_record_is_held_against(world: World) -> None:
    world.open(AREA)
    world.results.hear(
        VoterListAdvanced(
            election=ELECTION, unit=VY_DA, area=AREA, state="closed", rights=Rights(na=1, pc=1, cc=1), at=at(8)
        )
    )

    assert world.enter_twice(AREA).findings == ()


def test_a_list_whose_men_and_women_do_not_add_up_is_told_at_opening(world: World) -> None:
    rights = Rights(na=1448, pc=1448, cc=1448, male=700, female=700)
    world.results.hear(
        VoterListAdvanced(election=ELECTION, unit=VY_DA, area=AREA, state="closed", rights=rights, at=at(6))
    )

    assert [finding.code for finding in world.open(AREA).outcomes[0].findings] == ["C12"]


def test_incidents_are_numbered_in_their_unit_and_settled_once(world: World, told, db) -> None:
    def tell(unit: str, person: Person, area: str | None = None):
        asked = ReportIncident(
            key=uuid4(), election=ELECTION, unit=unit, area=area, kind=IncidentKind.TECHNICAL,
            happened_at=datetime(2026, 3, 15, 7, 55, tzinfo=UTC), what="Mất điện 14:55", action="Dùng máy nổ",
        )  # fmt: skip
        return world.results.report_incident(asked, by=person.holds())

    first, second, above = tell(VY_DA, world.chau, AREA), tell(VY_DA, world.chau), tell(PROVINCE, world.city)
    assert [(one.number, one.unit, one.state) for one in (first, second, above)] == [
        (1, VY_DA, "open"), (2, VY_DA, "open"), (1, PROVINCE, "open"),
    ]  # fmt: skip
    with pytest.raises(Unknown):
        tell(VY_DA, world.chau, "19780-001")

    settle = SettleIncident(key=uuid4(), election=ELECTION, unit=VY_DA, number=1, how="Có điện lại 15:10")
    settled = world.results.settle_incident(settle, by=world.chau.holds())
    assert (settled.state, settled.settled, settled.reported_by) == ("settled", "Có điện lại 15:10", world.chau.name)
    with pytest.raises(StepNotAllowed):
        world.results.settle_incident(settle.model_copy(update={"key": uuid4()}), by=world.chau.holds())

    seen = world.results.incidents_of(IncidentsOf(election=ELECTION, unit=PROVINCE), by=world.city.holds()).incidents
    assert len(seen) == 3
    assert len(letters(told, db, "incident_reported")) == 4


def test_form_32_must_balance_and_is_told_whole(world: World, told, db) -> None:
    world.use(AREA, contests=(Contest.NA,))
    world.use(AREA, contests=(Contest.PC, Contest.CC))
    world.use(AREA, contests=(Contest.NA,), received=1510)
    unbalanced = RecordBallotUse(
        key=uuid4(), election=ELECTION, unit=VY_DA, area=AREA, witnesses=TWO,
        uses=(BallotUse(contest=Contest.NA, received=1500, issued=1435, spoiled=5, unused=61),),
    )  # fmt: skip

    with pytest.raises(HasFindings) as refused:
        world.results.record_ballot_use(unbalanced, by=world.khoa.holds())

    assert [finding.code for finding in refused.value.findings] == ["C4"]
    told_forms = letters(told, db, "ballot_use_recorded")
    assert [[use["contest"] for use in form["uses"]] for form in told_forms] == [
        ["NA"],
        ["NA", "PC", "CC"],
        ["NA", "PC", "CC"],
    ]
    assert told_forms[2]["uses"][0]["received"] == 1510


def test_other_witnesses_on_form_32_than_at_the_close_are_asked_about(world: World) -> None:
    world.open(AREA)
    world.close(AREA, witnesses=("Một Người", "Hai Người"))

    outcome = world.use(AREA)

    assert (outcome.state, [finding.code for finding in outcome.findings]) == ("recorded", ["F3"])


def test_turnout_in_the_records_is_judged_apart_from_turnout_of_the_day(world: World) -> None:
    report(world, "16:00", (AREA, 10))

    assert world.enter_twice(AREA, sound(1)).state == "waiting"


def test_only_the_secretary_of_the_commune_tells_of_the_day(world: World) -> None:
    with pytest.raises(NotAllowed):
        report(world, "16:00", (AREA, 10), person=Person("Người khác", Role.SECRETARY, KIM_LONG))
