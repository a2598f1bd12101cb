"""A synthetic structure on the real units: constituencies of the three contests, polling areas, and who votes where."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random

REFERENCE = Path(__file__).resolve().parents[2] / "services" / "candidates" / "reference" / "provinces.csv"
COLUMNS = (
    "code", "contest", "unit", "ordinal", "title", "seats", "communes", "extent", "population", "resolution",
    "council_kind", "council_population",
)  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """A unit as the gateway tells it."""

    code: str
    path: str
    kind: str
    name: str
    title: str


@dataclass
class Seat:
    """A constituency as it will be loaded."""

    code: str
    contest: str
    path: str
    ordinal: int
    title: str
    seats: int
    communes: tuple[str, ...]
    extent: str
    population: int
    council_kind: str = ""
    council_population: int = 0

    def row(self) -> tuple[object, ...]:
        """The row of the structure file."""
        unit = self.path.split("/")[-2]
        return (
            self.code, self.contest, unit, self.ordinal, self.title, self.seats, " ".join(self.communes), self.extent,
            self.population, "85/NQ-HĐBCQG ngày 15/12/2025" if self.contest == "NA" else "12/NQ-UBBC ngày 25/12/2025",
            self.council_kind, self.council_population or "",
        )  # fmt: skip


@dataclass
class Area:
    """A polling area with its constituencies, how many voters its list will have and how many of them could stand."""

    code: str
    commune: Unit
    na: str
    pc: str
    cc: str
    place: str
    voters: int
    ready: int
    contact: str = ""
    phone: str = ""


@dataclass
class Plan:
    """Everything of a rehearsal that is decided before it begins."""

    provinces: list[Unit]
    communes: list[Unit]
    national: list[Seat]
    councils: list[Seat]
    areas: list[Area]
    in_play: dict[str, Seat] = field(default_factory=dict)

    @cached_property
    def _by_commune(self) -> dict[str, list[Area]]:
        found: dict[str, list[Area]] = {}
        for area in self.areas:
            found.setdefault(area.commune.code, []).append(area)
        return found

    @cached_property
    def _by_desk(self) -> dict[str, list[Seat]]:
        found: dict[str, list[Seat]] = {}
        for seat in self.in_play.values():
            found.setdefault(seat.path.rsplit("/", 1)[0], []).append(seat)
        return found

    def areas_in(self, commune: Unit) -> list[Area]:
        """The areas of a commune."""
        return self._by_commune.get(commune.code, [])

    def seats_in(self, unit: str) -> list[Seat]:
        """The constituencies in play whose Commission is the unit's: NA and PC of a province, CC of a commune."""
        return self._by_desk.get(unit, [])


def as_csv(seats: Sequence[Seat]) -> bytes:
    """The structure file."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(seat.row() for seat in seats)
    return out.getvalue().encode()


def split(total: int, parts: int) -> list[int]:
    """A number in nearly equal whole parts, larger ones first."""
    return [total // parts + (1 if place < total % parts else 0) for place in range(parts)]


def _runs(items: Sequence[Unit], parts: int) -> list[list[Unit]]:
    sizes = split(len(items), parts)
    starts = [sum(sizes[:place]) for place in range(parts)]
    return [list(items[start : start + size]) for start, size in zip(starts, sizes, strict=True)]


def populations(units: Sequence[Unit], seed: int) -> dict[str, int]:
    """A made-up population for each commune: wards larger than communes, special zones small."""
    random = Random(f"population {seed}")
    middle = {"phuong": 34_000, "xa": 21_000, "dac_khu": 9_000}
    return {unit.code: int(middle[unit.kind] * random.uniform(0.6, 1.5)) for unit in units if unit.kind in middle}


def national_seats(units: Sequence[Unit], people: dict[str, int]) -> list[Seat]:
    """182 constituencies of the National Assembly: official numbers by province, communes in the order of their codes."""
    seats: list[Seat] = []
    with REFERENCE.open(encoding="utf-8-sig") as source:
        official = {row["code"]: row for row in csv.DictReader(source)}
    for province in (unit for unit in units if unit.kind in ("tinh", "thanh_pho")):
        row = official[province.code]
        communes = [unit for unit in units if unit.path.startswith(f"{province.path}/")]
        number = int(row["na_constituencies"])
        for place, (size, run) in enumerate(
            zip(split(int(row["na_seats"]), number), _runs(communes, number), strict=True), 1
        ):
            seats.append(_joined("NA", province, place, size, run, people))
    return seats


def _joined(contest: str, province: Unit, place: int, size: int, run: list[Unit], people: dict[str, int]) -> Seat:
    code = f"{contest}-{province.code}-{place:02d}"
    return Seat(
        code=code,
        contest=contest,
        path=f"{province.path}/{code}",
        ordinal=place,
        title=f"Đơn vị bầu cử số {place}, {province.title}",
        seats=size,
        communes=tuple(unit.code for unit in run),
        extent="Gồm " + ", ".join(unit.title for unit in run),
        population=sum(people[unit.code] for unit in run),
    )


def council_size(kind: str, population: int) -> int:
    """Seats of a Council by Law 72/2025 Art. 30, whole steps only."""
    base, people, steps = _SIZES[kind]
    size = base
    for upto, per_seat in steps:
        extra = (min(population, upto) if upto else population) - people
        if extra > 0:
            size += extra // per_seat
            people = max(people, upto)
    return min(size, 85 if base == 50 else 30)


_SIZES: dict[str, tuple[int, int, tuple[tuple[int, int], ...]]] = {
    "tinh": (50, 1_000_000, ((0, 70_000),)),
    "thanh_pho": (50, 1_200_000, ((0, 75_000),)),
    "xa": (15, 10_000, ((20_000, 2_000), (0, 6_000))),
    "ward_of_province": (15, 10_000, ((20_000, 2_000), (0, 6_000))),
    "ward_of_city": (15, 15_000, ((45_000, 6_000), (0, 7_000))),
    "dac_khu": (15, 5_000, ((10_000, 1_000), (0, 3_000))),
}


def _rule(commune: Unit, province: Unit) -> str:
    """The row of the law's table for a commune Council."""
    if commune.kind != "phuong":
        return commune.kind
    return "ward_of_city" if province.kind == "thanh_pho" else "ward_of_province"


def council_seats(province: Unit, communes: Sequence[Unit], people: dict[str, int]) -> list[Seat]:
    """The constituencies of the provincial Council and of every commune Council of a province."""
    population = sum(people[commune.code] for commune in communes)
    total = 125 if province.code in ("01", "79") else council_size(province.kind, population)
    number = min(-(-total // 4), len(communes))
    number = max(number, -(-total // 5))
    seats = []
    for place, (size, run) in enumerate(zip(split(total, number), _runs(communes, number), strict=True), 1):
        seat = _joined("PC", province, place, size, run, people)
        seat.council_kind, seat.council_population = province.kind, population
        seats.append(seat)
    for commune in communes:
        seats += _commune_council(commune, _rule(commune, province), people[commune.code])
    return seats


def _commune_council(commune: Unit, rule: str, population: int) -> list[Seat]:
    total = council_size(rule, population)
    sizes = split(total, -(-total // 4))
    return [
        Seat(
            code=f"CC-{commune.code}-{place:02d}",
            contest="CC",
            path=f"{commune.path}/CC-{commune.code}-{place:02d}",
            ordinal=place,
            title=f"Đơn vị bầu cử số {place}, {commune.title}",
            seats=size,
            communes=(commune.code,),
            extent=f"Gồm các tổ dân phố từ {3 * place - 2} đến {3 * place}",
            population=population // len(sizes),
            council_kind=commune.kind,
            council_population=population,
        )
        for place, size in enumerate(sizes, 1)
    ]


def polling_areas(plan: Plan, per_commune: Sequence[int], seed: int, voters: int) -> list[Area]:
    """Polling areas of the communes in play: each commune constituency gets a run of them. `voters`: per cent."""
    random = Random(f"areas {seed}")
    own_council: dict[str, list[Seat]] = {}
    for seat in plan.councils:
        if seat.contest == "CC":
            own_council.setdefault(seat.communes[0], []).append(seat)
    of_commune = {seat.contest + code: seat.code for seat in plan.national + plan.councils for code in seat.communes}
    areas = []
    for commune, number in zip(plan.communes, per_commune, strict=True):
        own = own_council[commune.code]
        ready = 6 if number >= 3 * len(own) else 14  # one area a constituency: all its candidates are on one list
        homes = [seat.code for seat, count in zip(own, split(number, len(own)), strict=True) for _ in range(count)]
        for place, home in enumerate(homes, 1):
            areas.append(
                Area(
                    code=f"{commune.code}-{place:03d}",
                    commune=commune,
                    na=of_commune["NA" + commune.code],
                    pc=of_commune["PC" + commune.code],
                    cc=home,
                    place=random.choice(_PLACES).format(place),
                    voters=max(FEWEST_VOTERS, random.randint(850, 1400) * voters // 100),
                    ready=ready,
                )
            )
    return areas


_PLACES = (
    "Nhà văn hóa tổ dân phố {}", "Trường Tiểu học số {}", "Hội trường khu phố {}", "Trường Mầm non {}", "Nhà sinh hoạt cộng đồng thôn {}",
)  # fmt: skip


FEWEST_VOTERS = 120
"""An area with fewer could not tell the stories of close calls and ties, nor find its candidates among its voters."""


class TooFewAreas(ValueError):
    """There is no structure with so few polling areas."""


@dataclass(frozen=True)
class Size:
    """How much is played: polling areas (0: one a constituency), how many to a commune, voters in per cent."""

    areas: int
    per_commune: int = 20
    voters: int = 100


def make_plan(units: Sequence[Unit], codes: Sequence[str], size: Size, seed: int) -> Plan:
    """The plan of a rehearsal in some provinces (none named: all). Each constituency of a commune in play has an area."""
    people = populations(units, seed)
    provinces = [unit for unit in units if unit.kind in ("tinh", "thanh_pho") and (not codes or unit.code in codes)]
    if codes and len(provinces) != len(set(codes)):
        raise ValueError(f"not all of {', '.join(codes)} are codes of provinces")
    within = {
        province.code: [unit for unit in units if unit.path.startswith(f"{province.path}/")] for province in provinces
    }
    plan = Plan(provinces, [], national_seats(units, people), [], [])
    for province in provinces:
        plan.councils += council_seats(province, within[province.code], people)
    per_commune = _in_play(plan, within, size)
    plan.areas = polling_areas(plan, per_commune, seed, size.voters)
    playing = {code for area in plan.areas for code in (area.na, area.pc, area.cc)}
    plan.in_play = {seat.code: seat for seat in plan.national + plan.councils if seat.code in playing}
    return plan


def _in_play(plan: Plan, within: dict[str, list[Unit]], size: Size) -> list[int]:
    """Which communes play, and how many areas each of them has."""
    least = Counter(seat.communes[0] for seat in plan.councils if seat.contest == "CC")
    fewest = sum(least[communes[0].code] for communes in within.values())
    if 0 < size.areas < fewest:
        raise TooFewAreas(
            f"{size.areas} polling areas are too few: every constituency needs one, and one commune in each of "
            f"{len(within)} provinces already has {fewest} constituencies of its own. Give AREAS={fewest} or more."
        )
    everywhere = sum(map(len, within.values()))
    per_commune: list[int] = []
    for communes in within.values():
        needs = [least[commune.code] for commune in communes]
        share = round(size.areas * len(communes) / everywhere) if size.areas else sum(needs)
        number = min(len(communes), max(1, round(share / size.per_commune))) if size.areas else len(communes)
        while number > 1 and sum(needs[:number]) > share:
            number -= 1
        plan.communes += communes[:number]
        more = split(max(0, share - sum(needs[:number])), number)
        per_commune += [need + extra for need, extra in zip(needs, more, strict=False)]
    return per_commune
