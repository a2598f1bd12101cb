"""The administrative map of election day: the package vietnam-provinces, checked against the register.

`provinces_2026.csv` is the register: code, name and kind of each province on election day (15/3/2026), and how many
wards, communes and special zones it has. The package's snapshot is of October 2025. The two agree but for Đồng Nai,
whose ten more wards in the register (a snapshot of mid-2026) came after election day: told as U108, binds nobody. The
kind of a province is always the register's: Đồng Nai was a tỉnh on election day, though later sources call it a city.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from services.contracts.units import Unit, UnitKind
from services.identity.domain.units import KIND_NAMES, NATION, ProvinceFacts, in_order

_PACKAGE_KINDS = {
    "tỉnh": UnitKind.PROVINCE,
    "thành phố": UnitKind.CITY,
    "thành phố trung ương": UnitKind.CITY,
    "xã": UnitKind.COMMUNE,
    "phường": UnitKind.WARD,
    "đặc khu": UnitKind.SPECIAL_ZONE,
}


class _Commune(NamedTuple):
    code: int
    kind: str
    name: str


class _Province(NamedTuple):
    code: int
    kind: str
    name: str
    communes: tuple[_Commune, ...]


@cache
def province_facts() -> Mapping[str, ProvinceFacts]:
    """The register's line of each province, by code."""
    text = files(__package__).joinpath("provinces_2026.csv").read_text(encoding="utf-8")
    return {
        row["province_code"]: ProvinceFacts(
            code=row["province_code"],
            name=row["province"],
            kind=_PACKAGE_KINDS[row["type_at_election"]],
            communes=int(row["communes_total"]),
            wards=int(row["communes_phuong"]),
            rural=int(row["communes_xa"]),
            zones=int(row["communes_dac_khu"]),
        )
        for row in csv.DictReader(text.splitlines())
    }


@cache
def national_units() -> tuple[Unit, ...]:
    """The nation, its 34 provinces and 3,321 communes, parents before children."""
    found = [Unit(code=NATION, path=NATION, kind=UnitKind.NATION, name="Việt Nam", title="nước Việt Nam")]
    for province in _divisions():
        code = f"{province.code:02d}"
        path = f"{NATION}/{code}"
        found.append(_unit(code, path, _kind_on_election_day(code, province.kind), province.name))
        for commune in province.communes:
            number = f"{commune.code:05d}"
            found.append(_unit(number, f"{path}/{number}", _PACKAGE_KINDS[commune.kind], commune.name))
    return in_order(found)


@cache
def place_names() -> tuple[str, ...]:
    """The name of every unit: words that a password may not lean on."""
    return tuple(sorted({unit.name for unit in national_units()}))


def _divisions() -> Iterator[_Province]:
    text = files("vietnam_provinces").joinpath("data/nested-divisions.json").read_text(encoding="utf-8")
    for told in json.loads(text):
        communes = tuple(_Commune(each["code"], each["division_type"], each["name"]) for each in told["wards"])
        yield _Province(told["code"], told["division_type"], told["name"], communes)


def _kind_on_election_day(code: str, told: str) -> UnitKind:
    fact = province_facts().get(code)
    return fact.kind if fact else _PACKAGE_KINDS[told]


def _unit(code: str, path: str, kind: UnitKind, told: str) -> Unit:
    """The unit with its name freed of its kind: `Phường Vỹ Dạ` is the ward `Vỹ Dạ`."""
    word = KIND_NAMES[kind]
    name = told[len(word) :].strip() if told.lower().startswith(f"{word} ") else told
    return Unit(code=code, path=path, kind=kind, name=name, title=f"{word} {name}")
