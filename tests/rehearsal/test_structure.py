"""The synthetic structure keeps the official numbers and the law's bounds."""

import csv
import io
import json
import subprocess
import sys

import pytest

from deploy.rehearsal.registry import commune_file
from deploy.rehearsal.stage import DAY
from deploy.rehearsal.structure import Size, TooFewAreas, Unit, as_csv, council_size, make_plan


@pytest.fixture(scope="module")
def units() -> list[Unit]:
    told = subprocess.run([sys.executable, "-m", "services.identity.units"], check=True, capture_output=True)
    rows = json.loads(told.stdout)["units"]
    return [Unit(row["code"], row["path"], row["kind"], row["name"], row["title"]) for row in rows]


def test_the_national_assembly_has_182_constituencies_and_500_seats(units) -> None:
    plan = make_plan(units, ["46"], Size(40), 1)

    assert len(plan.national) == 182
    assert sum(seat.seats for seat in plan.national) == 500
    assert sum(len(seat.communes) for seat in plan.national) == 3321
    assert max(seat.seats for seat in plan.national) == 3


def test_no_council_constituency_has_more_than_five_seats(units) -> None:
    plan = make_plan(units, ["46", "01"], Size(40), 1)

    assert max(seat.seats for seat in plan.councils) <= 5
    assert sum(seat.seats for seat in plan.councils if seat.code.startswith("PC-01")) == 125


def test_every_area_votes_in_one_constituency_of_each_contest(units) -> None:
    plan = make_plan(units, ["46"], Size(100), 1)

    assert len(plan.areas) == 100
    assert all(
        area.commune.code in plan.in_play[code].communes for area in plan.areas for code in (area.na, area.pc, area.cc)
    )


def test_the_same_seed_makes_the_same_election(units) -> None:
    assert make_plan(units, ["46"], Size(40), 5) == make_plan(units, ["46"], Size(40), 5)
    assert make_plan(units, ["46"], Size(40), 5) != make_plan(units, ["46"], Size(40), 6)


def test_the_nation_has_its_polling_areas(units) -> None:
    plan = make_plan(units, [], Size(72_195), 1)

    assert len(plan.communes) == 3321
    assert abs(len(plan.areas) - 72_195) < 40


def test_the_thinnest_nation_has_an_area_for_every_constituency(units) -> None:
    plan = make_plan(units, [], Size(0, voters=5), 1)

    assert len(plan.communes) == 3321
    assert set(plan.in_play) == {seat.code for seat in plan.national + plan.councils}
    assert len(plan.areas) == sum(seat.contest == "CC" for seat in plan.councils)
    assert all(area.voters == 120 for area in plan.areas)


@pytest.mark.parametrize("areas", [34 * 8, 700, 5_000, 20_000])
def test_every_constituency_of_a_commune_in_play_has_an_area(units, areas) -> None:
    plan = make_plan(units, [], Size(areas), 1)
    playing = {commune.code for commune in plan.communes}

    assert {province.code for province in plan.provinces} == {area.commune.path.split("/")[1] for area in plan.areas}
    own = {seat.code for seat in plan.councils if seat.contest == "CC" and seat.communes[0] in playing}
    assert own <= set(plan.in_play)


def test_fewer_areas_than_any_structure_has_are_refused_with_the_number_that_will_do(units) -> None:
    with pytest.raises(TooFewAreas, match=r"3 polling areas are too few.*AREAS=\d+ or more"):
        make_plan(units, ["46"], Size(3), 1)
    with pytest.raises(TooFewAreas, match="34 provinces"):
        make_plan(units, [], Size(100), 1)


def test_a_province_nobody_knows_is_refused(units) -> None:
    with pytest.raises(ValueError, match="99"):
        make_plan(units, ["99"], Size(40), 1)


@pytest.mark.parametrize(
    ("kind", "population", "seats"),
    [
        ("tinh", 1_000_000, 50),
        ("tinh", 1_069_999, 50),
        ("tinh", 1_070_000, 51),
        ("tinh", 9_000_000, 85),
        ("thanh_pho", 1_275_000, 51),
        ("xa", 10_000, 15),
        ("xa", 20_000, 20),
        ("xa", 26_000, 21),
        ("ward_of_city", 45_000, 20),
        ("ward_of_city", 52_000, 21),
        ("dac_khu", 6_000, 16),
    ],
)
def test_councils_have_the_size_of_the_law(kind, population, seats) -> None:
    assert council_size(kind, population) == seats


def test_the_structure_file_has_a_row_for_each_constituency(units) -> None:
    plan = make_plan(units, ["46"], Size(40), 1)
    rows = list(csv.DictReader(io.StringIO(as_csv(plan.national).decode())))

    assert len(rows) == 182
    assert rows[0]["unit"] == rows[0]["code"].split("-")[1]


def test_a_voter_file_names_each_person_once(units) -> None:
    plan = make_plan(units, ["46"], Size(40), 1)
    commune = plan.communes[0]
    areas = [area for area in plan.areas if area.commune == commune]

    made = commune_file(commune, areas, 0, DAY, 1)

    numbers = [row[6] for row in made.rows]
    assert len(set(numbers)) == len(numbers) == sum(area.voters for area in areas)
    assert sum(rights.na for rights in made.rights.values()) == len(numbers)
    assert all(rights.cc <= rights.na for rights in made.rights.values())
