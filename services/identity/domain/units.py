"""Whether a list of units is the map of election day: 34 provinces and 3,321 communes, each in its place."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.contracts.base import Finding
from services.contracts.units import Unit, UnitDefined, UnitKind
from services.identity.domain.rules import RULES

NATION = "vn"
PROVINCES = 34
COMMUNES = 3321

KIND_NAMES = {
    UnitKind.NATION: "nước",
    UnitKind.PROVINCE: "tỉnh",
    UnitKind.CITY: "thành phố",
    UnitKind.COMMUNE: "xã",
    UnitKind.WARD: "phường",
    UnitKind.SPECIAL_ZONE: "đặc khu",
}
PROVINCE_KINDS = frozenset({UnitKind.PROVINCE, UnitKind.CITY})
COMMUNE_KINDS = frozenset({UnitKind.COMMUNE, UnitKind.WARD, UnitKind.SPECIAL_ZONE})


@dataclass(frozen=True)
class ProvinceFacts:
    """What the register of election day says of a province."""

    code: str
    name: str
    kind: UnitKind
    communes: int
    wards: int
    rural: int
    zones: int


def findings_of(units: Sequence[Unit], facts: Mapping[str, ProvinceFacts]) -> tuple[Finding, ...]:
    """Everything in which the units differ from the map of election day."""
    provinces = [unit for unit in units if unit.kind in PROVINCE_KINDS]
    communes = [unit for unit in units if unit.kind in COMMUNE_KINDS]
    return (
        *_sums(provinces, communes),
        *_repeated(units),
        *_misplaced(units),
        *_missing(units, facts),
        *(finding for unit in provinces for finding in _against_register(unit, communes, facts)),
    )


def changed(units: Sequence[Unit], known: Mapping[str, Unit]) -> tuple[Unit, ...]:
    """The units that are new or differ from what is known, parents before children."""
    return tuple(unit for unit in in_order(units) if known.get(unit.code) != unit)


def in_order(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Units with every parent before its children."""
    return tuple(sorted(units, key=lambda unit: unit.path))


def defined(unit: Unit) -> UnitDefined:
    """The fact that the unit stands."""
    return UnitDefined(code=unit.code, path=unit.path, kind=unit.kind, name=unit.name, title=unit.title)


def _sums(provinces: Sequence[Unit], communes: Sequence[Unit]) -> Iterator[Finding]:
    if len(provinces) != PROVINCES:
        yield RULES["U101"].finding("units", found=len(provinces), expected=PROVINCES)
    if len(communes) != COMMUNES:
        yield RULES["U102"].finding("units", found=len(communes), expected=COMMUNES)


def _repeated(units: Sequence[Unit]) -> Iterator[Finding]:
    times = Counter(unit.code for unit in units)
    rows: dict[str, list[str]] = {code: [] for code, count in times.items() if count > 1}
    for row, unit in enumerate(units):
        if unit.code in rows:
            rows[unit.code].append(f"units.{row}.code")
    for code, places in rows.items():
        yield RULES["U103"].finding(*places, code=code, times=len(places))


def _misplaced(units: Sequence[Unit]) -> Iterator[Finding]:
    paths = {unit.path for unit in units}
    for row, unit in enumerate(units):
        parent, _, code = unit.path.rpartition("/")
        facts = {"title": unit.title, "code": unit.code}
        if code != unit.code or not _fits_level(unit):
            kind = KIND_NAMES[unit.kind]
            yield RULES["U109"].finding(f"units.{row}", path=unit.path, kind=kind, **facts)
        elif parent and parent not in paths:
            yield RULES["U104"].finding(f"units.{row}.path", parent=parent, **facts)


def _fits_level(unit: Unit) -> bool:
    kinds = {0: frozenset({UnitKind.NATION}), 1: PROVINCE_KINDS, 2: COMMUNE_KINDS}
    depth = unit.path.count("/")
    return unit.kind in kinds.get(depth, frozenset()) and len(unit.code) == (2, 2, 5)[depth]


def _missing(units: Sequence[Unit], facts: Mapping[str, ProvinceFacts]) -> Iterator[Finding]:
    present = {unit.code for unit in units}
    if NATION not in present:
        yield RULES["U110"].finding("units", title="nước Việt Nam", code=NATION)
    for code, fact in facts.items():
        if code not in present:
            yield RULES["U110"].finding("units", title=f"{KIND_NAMES[fact.kind]} {fact.name}", code=code)


def _against_register(
    province: Unit, communes: Sequence[Unit], facts: Mapping[str, ProvinceFacts]
) -> Iterator[Finding]:
    """One province against its line of the register."""
    fact = facts.get(province.code)
    if fact is None:
        yield RULES["U105"].finding("units", code=province.code)
        return
    named = {"title": province.title, "code": province.code}
    if province.kind is not fact.kind:
        found, expected = KIND_NAMES[province.kind], KIND_NAMES[fact.kind]
        yield RULES["U106"].finding("units", found=found, expected=expected, **named)
    kinds = Counter(commune.kind for commune in communes if commune.path.startswith(f"{province.path}/"))
    if kinds.total() != fact.communes:
        yield RULES["U107"].finding("units", found=kinds.total(), expected=fact.communes, **named)
        return
    found = f"{kinds[UnitKind.WARD]} – {kinds[UnitKind.COMMUNE]} – {kinds[UnitKind.SPECIAL_ZONE]}"
    expected = f"{fact.wards} – {fact.rural} – {fact.zones}"
    if found != expected:
        yield RULES["U108"].finding("units", found=found, expected=expected, **named)
