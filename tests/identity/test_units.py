"""The map of election day is whole, checked, loaded at once and told once."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from uuid import uuid4

import pytest

from services.contracts.base import EVERYWHERE, HasFindings, NotAllowed, Severity
from services.contracts.units import LoadUnits, Unit, UnitKind, UnitsBelow
from services.identity.domain.units import findings_of
from services.identity.reference import national_units, province_facts
from tests.identity.conftest import ROOT, holder


def codes(findings):
    return [finding.code for finding in findings]


def without(code):
    return [unit for unit in national_units() if unit.code != code]


def changed(code, /, **fields):
    return [unit.model_copy(update=fields) if unit.code == code else unit for unit in national_units()]


def test_there_are_one_nation_34_provinces_and_3321_communes():
    depths = Counter(unit.path.count("/") for unit in national_units())

    assert depths == {0: 1, 1: 34, 2: 3321}
    assert sum(fact.communes for fact in province_facts().values()) == 3321
    assert len({unit.code for unit in national_units()}) == 3356


def test_names_stand_without_their_kind_and_titles_with_it():
    by_code = {unit.code: unit for unit in national_units()}

    assert (by_code["19777"].name, by_code["19777"].title, by_code["19777"].path) == (
        "Vỹ Dạ",
        "phường Vỹ Dạ",
        "vn/46/19777",
    )
    assert (by_code["46"].kind, by_code["46"].title) == (UnitKind.CITY, "thành phố Huế")
    assert not [unit for unit in national_units() if unit.name.lower().startswith(("xã ", "phường ", "tỉnh "))]


def test_dong_nai_was_a_tinh_on_election_day():
    dong_nai = next(unit for unit in national_units() if unit.code == "75")

    assert (dong_nai.kind, dong_nai.title) == (UnitKind.PROVINCE, "tỉnh Đồng Nai")
    assert codes(findings_of(changed("75", kind=UnitKind.CITY), province_facts())).count("U106") == 1


def test_the_package_differs_from_the_register_in_one_place_and_that_is_told():
    found = findings_of(national_units(), province_facts())

    assert [(each.code, each.severity) for each in found] == [("U108", Severity.INFO)]
    assert "Đồng Nai" in found[0].vi
    assert "23 – 72 – 0" in found[0].vi
    assert "33 – 62 – 0" in found[0].vi


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (without("19777"), {"U102", "U107"}),
        (without("46"), {"U101", "U104", "U110"}),
        (without("vn"), {"U104", "U110"}),
        ([*national_units(), national_units()[5]], {"U102", "U103", "U107"}),
        (changed("19777", path="vn/47/19777"), {"U104", "U107"}),
        (changed("19777", code="19778"), {"U109"}),
        (changed("19777", kind=UnitKind.CITY), {"U101", "U102", "U105", "U107", "U109"}),
        (changed("46", code="47", path="vn/47"), {"U104", "U105", "U110"}),
        ([], {"U101", "U102", "U110"}),
    ],
)
def test_whatever_is_not_the_map_of_election_day_is_found(units, expected):
    assert expected <= set(codes(findings_of(units, province_facts())))


def test_all_findings_come_at_once():
    broken = [unit for unit in national_units() if unit.code not in ("19777", "75")]

    found = codes(findings_of(broken, province_facts()))

    assert {"U101", "U102", "U104", "U107", "U110"} <= set(found)
    assert found.count("U104") == 95


def test_loading_tells_every_unit_once_and_again_tells_nothing(identity, db, told):
    began = time.monotonic()
    loaded = identity.load_units(LoadUnits(key=uuid4(), units=national_units()), by=ROOT)
    seconds = time.monotonic() - began

    assert len(loaded.units) == 3356
    assert codes(loaded.findings) == ["U108"]
    assert Counter(letter.topic for letter in told(db)) == {"identity.unit_defined": 3356}
    identity.load_units(LoadUnits(key=uuid4(), units=tuple(reversed(national_units()))), by=ROOT)
    assert len(told(db)) == 3356
    assert seconds < 10


def test_only_a_changed_unit_is_told_again(identity, db, told, units):
    renamed = changed("19777", name="Vĩ Dạ", title="phường Vĩ Dạ")

    identity.load_units(LoadUnits(key=uuid4(), units=tuple(renamed)), by=ROOT)

    assert [(letter.aggregate, letter.data["title"]) for letter in told(db)] == [("unit/19777", "phường Vĩ Dạ")]


def test_a_wrong_map_leaves_no_trace(identity, db, told):
    with pytest.raises(HasFindings) as refused:
        identity.load_units(LoadUnits(key=uuid4(), units=tuple(without("19777"))), by=ROOT)

    assert {"U102", "U107"} <= set(codes(refused.value.findings))
    assert told(db) == []
    assert identity.units_below(UnitsBelow(path="vn")).units == ()


def test_only_the_system_administrator_loads_units(identity):
    for role in ("account_admin", "nation_officer", "province_officer"):
        with pytest.raises(NotAllowed):
            identity.load_units(LoadUnits(key=uuid4(), units=national_units()), by=holder(role, EVERYWHERE))


def test_anybody_may_ask_for_a_unit_and_all_below_it(identity, units):
    below = identity.units_below(UnitsBelow(path="vn/46")).units

    assert len(below) == 41
    assert below[0].title == "thành phố Huế"
    assert identity.units_below(UnitsBelow(path="vn/46/19777")).units == (
        Unit(code="19777", path="vn/46/19777", kind="phuong", name="Vỹ Dạ", title="phường Vỹ Dạ"),
    )


def test_the_command_writes_the_body_of_load_units():
    told = subprocess.run(
        [sys.executable, "-m", "services.identity.units"], capture_output=True, check=True, env=dict(os.environ)
    )

    assert len(json.loads(told.stdout)["units"]) == 3356
    assert LoadUnits.model_validate_json(told.stdout).units == national_units()
    assert "U108 info" in told.stderr.decode()
