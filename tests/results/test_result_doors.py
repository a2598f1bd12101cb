"""Results: sums of approved records only, drawn up by one, signed by another, collected anew when a record re-opens."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.contracts.base import HasFindings, NotAllowed, StaleVersion, StepNotAllowed, StepUpNeeded, Unknown
from services.contracts.results import DecideTie, PreparationIsYours, ResultOf, ResultsOf, Totals
from services.contracts.roles import Role
from services.results.domain.result import Sum, total_of
from services.results.store import sums
from tests.results.papers import figures
from tests.results.world import CC, ELECTION, NA, PATHS, PC, PROVINCE, VY_DA, Person, World


def advanced(told, db) -> list[tuple[str, str, int]]:
    return [
        (letter.data["result"]["constituency"], letter.data["result"]["state"], letter.data["result"]["version"])
        for letter in told(db)
        if letter.topic == "results.result_advanced"
    ]


def test_a_result_is_complete_when_its_last_record_is_approved(world: World, told, db) -> None:
    world.use("19777-001")
    world.enter_twice("19777-001")
    world.approve_all()
    partial = world.result()

    assert (partial.state, partial.areas, partial.approved, partial.totals.valid) == ("collecting", 2, 1, 1411)
    assert {line.outcome for line in partial.candidates} == {"counting"}
    assert (partial.elected, partial.missing, partial.rerun) == (0, 0, False)
    assert advanced(told, db) == []

    world.use("19777-002")
    world.enter_twice("19777-002")
    world.approve_all()

    assert advanced(told, db) == [(NA, "complete", 1)]


def test_the_result_of_complete_records_says_who_is_elected(world: World) -> None:
    world.complete()

    result = world.result()

    assert result.totals.model_dump() == {
        "areas": 2, "voters": 2896, "took_part": 2870, "issued": 2870, "collected": 2870, "valid": 2822, "invalid": 48,
    }  # fmt: skip
    assert [line.votes for line in result.candidates] == [2405, 1946, 1484, 1170, 673]
    assert [line.outcome for line in result.candidates] == ["elected", "elected", "elected", "short", "short"]
    assert [line.share for line in result.candidates] == ["85,22", "68,96", "52,59", "41,46", "23,85"]
    assert result.majority == 1412
    assert [line.short_by for line in result.candidates] == [0, 0, 0, 242, 739]
    assert (result.elected, result.missing, result.additional_election, result.rerun) == (3, 0, False, False)
    assert [(line.unit, line.title, line.areas, line.votes[0]) for line in result.by_commune] == [
        (VY_DA, "phường Vỹ Dạ", 2, 2405)
    ]
    assert [(finding.code, finding.vi) for finding in result.findings] == [("C9", "Tổng 2 khu vực khớp từng số")]


def test_results_of_a_unit_come_without_tables_and_with_the_same_hash(world: World) -> None:
    world.complete()

    found = world.results.results_of(ResultsOf(election=ELECTION, unit=PROVINCE), by=world.city.holds()).results

    assert [result.constituency for result in found] == [CC, "CC-19780-01", NA, PC]
    assert all(result.by_commune == () for result in found)
    assert {result.constituency: result.content for result in found}[NA] == world.result().content
    only = world.results.results_of(ResultsOf(election=ELECTION, unit=VY_DA), by=world.city.holds()).results
    assert [result.constituency for result in only] == [CC]


def test_a_missing_seat_asks_for_an_additional_election_of_the_assembly(world: World) -> None:
    for number in (1, 2):
        area = f"19777-{number:03d}"
        world.use(area)
        world.enter_twice(area, figures(votes=(1204, 1200, 705 - number, 400 + number, 330)))
    world.approve_all()

    result = world.result()

    assert (result.elected, result.missing, result.additional_election) == (2, 1, True)
    assert [finding.vi for finding in result.findings if finding.code == "F9"] == [
        "Trúng cử 2 trên 3, thiếu 1 đại biểu: đề nghị bầu cử thêm."
    ]


def test_the_secretary_draws_up_and_the_head_signs_exactly_that(world: World, told, db) -> None:
    world.complete()

    prepared = world.prepare(world.secretary, world.result().content)
    declared = world.declare(world.head, prepared.content, approves=prepared.content)

    assert (prepared.state, prepared.prepared_by, prepared.meeting.place) == (
        "prepared",
        world.secretary.name,
        "UBND thành phố Huế",
    )
    assert (declared.state, declared.declared_by, declared.content) == ("declared", world.head.name, prepared.content)
    assert [state for code, state, _ in advanced(told, db) if code == NA] == ["complete", "prepared", "declared"]


def test_a_meeting_is_part_of_what_is_signed(world: World) -> None:
    world.complete()
    content = world.result().content

    prepared = world.prepare(world.secretary, content)

    assert prepared.content != content
    with pytest.raises(StaleVersion):
        world.declare(world.head, content, approves=content)


def test_nothing_is_declared_without_a_second_factor_for_it_nor_by_who_drew_it_up(world: World) -> None:
    world.complete()
    content = world.prepare(world.secretary, world.result().content).content

    for approves in (None, "0" * 64):
        with pytest.raises(StepUpNeeded):
            world.declare(world.head, content, approves=approves)
    with pytest.raises(PreparationIsYours):
        world.declare(Person("Hai vai", Role.BOARD_HEAD, PATHS[NA], id=world.secretary.id), content, approves=content)
    with pytest.raises(NotAllowed):
        world.declare(world.secretary, content, approves=content)
    assert world.declare(world.head, content, approves=content).state == "declared"
    with pytest.raises(StepNotAllowed):
        world.declare(world.head, content, approves=content)


def test_an_incomplete_result_is_not_drawn_up_nor_one_that_was_not_read(world: World) -> None:
    with pytest.raises(StepNotAllowed):
        world.prepare(world.secretary, world.result().content)
    world.complete()
    with pytest.raises(StaleVersion):
        world.prepare(world.secretary, "0" * 64)


def test_a_board_acts_on_its_own_constituency_only(world: World) -> None:
    world.complete()
    content = world.result(PC).content

    with pytest.raises(NotAllowed):
        world.prepare(world.secretary, content, code=PC)
    other = ResultOf(election=ELECTION, unit=PATHS[NA], constituency=PC)
    with pytest.raises(Unknown):
        world.results.result_of(other, by=world.head.holds())


@pytest.mark.parametrize("stage", ["complete", "prepared", "declared"])
def test_a_reopened_record_brings_the_result_back_to_collecting_under_the_next_version(
    world: World, told, db, stage: str
) -> None:
    world.complete()
    if stage != "complete":
        content = world.prepare(world.secretary, world.result().content).content
    if stage == "declared":
        world.declare(world.head, content, approves=content)
    before = world.result()

    world.reopen(world.city, "19777-001")

    after = world.result()
    assert (before.state, before.version, before.approved) == (stage, 1, 2)
    assert (after.state, after.version, after.approved) == ("collecting", 2, 1)
    assert (after.prepared_by, after.declared_by, after.meeting) == ("", "", None)
    assert advanced(told, db)[-1] == (NA, "collecting", 2)
    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT stood FROM result_versions")).scalar_one()
    assert (kept["state"], kept["totals"]["valid"]) == (stage, 2822)

    world.enter_twice("19777-001", figures(invalid=23, collected=1434))
    world.approve_all()
    assert (world.result().state, world.result().totals.invalid) == ("complete", 47)
    assert world.result(PC).version == 1


def test_a_new_area_in_a_complete_constituency_makes_it_collect_again(world: World) -> None:
    world.complete()

    world.results.hear([world.area(VY_DA, 3)])

    assert (world.result().state, world.result().areas, world.result().approved) == ("collecting", 3, 2)


def test_equal_votes_and_birth_dates_wait_for_a_decision_with_its_document(world: World) -> None:
    equal = world.results.service.db
    with equal.engine.begin() as connection:
        connection.execute(
            text("""UPDATE official_lists SET candidates =
            (SELECT jsonb_agg(jsonb_set(c, '{birth_date}', '"1970-01-01"')) FROM jsonb_array_elements(candidates) c)""")
        )
    for number in (1, 2):
        area = f"19777-{number:03d}"
        world.use(area)
        world.enter_twice(area, figures(votes=(1204 - number, 900, 800 + number, 800 + number, 135 - number)))
    world.approve_all()
    result = world.result()

    assert (result.needs_decision, result.elected, result.missing) == (True, 2, 0)
    assert [line.outcome for line in result.candidates] == ["elected", "elected", "tied", "tied", "short"]
    with pytest.raises(HasFindings):
        world.prepare(world.secretary, result.content)

    def decide(*first: int):
        asked = DecideTie(
            key=uuid4(), election=ELECTION, unit=PATHS[NA], constituency=NA, first=first, document="NQ 99/HĐBCQG"
        )
        return world.results.decide_tie(asked, by=world.secretary.holds())

    for wrong in ((), (1,), (3, 4)):
        with pytest.raises(HasFindings):
            decide(*wrong)
    decided = decide(4)
    assert (decided.needs_decision, decided.candidates[3].outcome, decided.candidates[2].outcome) == (
        False,
        "elected",
        "outranked",
    )
    assert decided.content != result.content
    assert world.prepare(world.secretary, decided.content).state == "prepared"


def test_the_invariants_hold_through_a_whole_count_and_see_a_forged_sum(world: World, db) -> None:
    world.complete()
    world.reopen(world.city, "19777-001")
    assert set(world.results.invariants().values()) == {0}

    with db.engine.begin() as connection:
        connection.execute(text("UPDATE commune_sums SET valid = valid + 1 WHERE constituency = 'PC-46-01'"))

    assert world.results.invariants()["sums of communes unlike their approved records"] == 1
    with pytest.raises(HasFindings) as refused:
        world.prepare(Person("Thư ký", Role.BOARD_SECRETARY, PATHS[PC]), world.result(PC).content, code=PC)
    assert [finding.code for finding in refused.value.findings] == ["F8"]


def test_the_signals_count_by_province(world: World) -> None:
    world.complete()
    signals = world.results.signals()

    assert signals["hp_records_approved"] == 6
    assert signals["hp_record_entries"] == 12
    assert signals["hp_turnout_late"] == 2


counts = st.integers(0, 5000)


@st.composite
def records(draw: st.DrawFn) -> list[tuple[Totals, tuple[int, ...]]]:
    one = st.builds(
        Totals,
        areas=st.just(1),
        voters=counts,
        took_part=counts,
        issued=counts,
        collected=counts,
        valid=counts,
        invalid=counts,
    )
    return draw(st.lists(st.tuples(one, st.tuples(counts, counts, counts)), min_size=1, max_size=12))


@given(records(), st.randoms())
def test_any_split_of_the_areas_into_communes_gives_the_same_sums(made, chance) -> None:
    whole = total_of([Sum("vn/46/19777", "", 1, totals, votes) for totals, votes in made])
    chance.shuffle(made)
    cut = chance.randint(0, len(made))
    parts = [part for part in (made[:cut], made[cut:]) if part]
    communes = [
        Sum("u", "", len(part), total_of([Sum("", "", 1, totals, votes) for totals, votes in part]), part[0][1])
        for part in parts
    ]

    assert total_of(communes) == whole
    assert whole.valid == sum(totals.valid for totals, _ in made)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_database_adds_any_records_of_any_communes_as_arithmetic_does(
    world: World, db, data: st.DataObject
) -> None:
    """Records written straight into the table, split at will over communes; sums by the service's SQL, totals by Python."""
    rows = data.draw(
        st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 10**6), min_size=5, max_size=5)), max_size=8)
    )
    expected = [0] * 5
    with db.engine.begin() as connection:
        connection.execute(text("TRUNCATE records, commune_sums"))
        for number, (commune, votes) in enumerate(rows):
            expected = [one + other for one, other in zip(expected, votes, strict=True)]
            connection.execute(
                text("""INSERT INTO records (election, area, contest, constituency, unit, state, first_by, second_by,
                     approved_by, voters, took_part, issued, collected, valid, invalid, votes, kinds, content)
                     VALUES (:e, :a, 'NA', 'NA-46-01', :u, 'approved', gen_random_uuid(), gen_random_uuid(),
                     gen_random_uuid(), 1, 1, 1, 1, :valid, 0, :votes, '{}', repeat('0', 64))"""),
                {
                    "e": ELECTION,
                    "a": f"1977{commune}-{number:03d}",
                    "u": f"vn/46/1977{commune}",
                    "valid": sum(votes),
                    "votes": votes,
                },
            )
    with db.transaction() as tx:
        sums.refresh_sums(tx, [(ELECTION, "NA-46-01", f"vn/46/1977{commune}") for commune in range(4)])
        sums.forget_left(tx, [(ELECTION, "NA-46-01")])

    result = world.result()
    assert [line.votes for line in result.candidates] == expected
    assert result.totals.valid == sum(expected)
    with db.transaction() as tx:
        assert sums.sums_unlike_facts(tx, (ELECTION, "NA-46-01")) == 0
