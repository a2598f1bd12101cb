"""Voter files of communes: who lives where, with which right, as the list officer would bring them."""

import csv
import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from deploy.rehearsal.people import People, Person
from deploy.rehearsal.structure import Area, Unit

COLUMNS = (
    "area", "household", "full_name", "birth_date", "sex", "ethnicity", "personal_number", "residence_kind", "resident_since",
    "address", "note",
)  # fmt: skip
_STREETS = [
    "Lê Lợi",
    "Trần Phú",
    "Nguyễn Huệ",
    "Phan Châu Trinh",
    "Hai Bà Trưng",
    "Bà Triệu",
    "Ngô Quyền",
    "Điện Biên Phủ",
    "Hùng Vương",
    "Lý Thường Kiệt",
]


@dataclass
class Rights:
    """How many of an area's list may vote in each contest, counted as the file is made."""

    na: int = 0
    cc: int = 0
    male: int = 0

    def of(self, contest: str) -> int:
        """Voters with the right in a contest; the provincial Council's are the National Assembly's."""
        return self.cc if contest == "CC" else self.na


@dataclass(frozen=True, slots=True)
class Registered:
    """A person of the list who may stand, with the address the list gives."""

    person: Person
    address: str
    commune: Unit


@dataclass
class CommuneFile:
    """A commune's voter file, its true totals, and people in it who will be candidates."""

    commune: Unit
    rows: list[list[str]]
    rights: dict[str, Rights]
    pool: list[Registered] = field(default_factory=list)

    def content(self, extra: list[list[str]] | None = None) -> bytes:
        """The file, with rows that do not belong when a mistake is to be made."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(self.rows)
        writer.writerows(extra or [])
        return out.getvalue().encode()


def commune_file(commune: Unit, areas: list[Area], place: int, day: date, seed: int) -> CommuneFile:
    """The voter file of one commune; `place` is its number in the province, which keeps personal numbers apart."""
    people = People(f"voters {seed} {commune.code}", commune.path.split("/")[1], day, start=place * 5000)
    random = Random(f"homes {seed} {commune.code}")
    made = CommuneFile(commune, [], {area.code: Rights() for area in areas})
    for area in areas:
        _fill(made, area, people, random, day)
    return made


def _fill(made: CommuneFile, area: Area, people: People, random: Random, day: date) -> None:
    rights = made.rights[area.code]
    household, left, address = 0, 0, ""
    for place in range(area.voters):
        if left == 0:
            household, left = household + 1, random.randint(1, 5)
            address = f"{random.randint(1, 400)} {random.choice(_STREETS)}, {made.commune.title}"
        left -= 1
        stands = place < area.ready
        person = people.person(youngest=30, oldest=58) if stands else people.person()
        since = None if stands else _temporary_since(random, day)
        rights.na += 1
        rights.male += not person.female
        rights.cc += since is None or since <= day.replace(year=day.year - 1)
        made.rows.append(_row(area, household, person, since, address))
        if stands:
            made.pool.append(Registered(person, address, made.commune))


def _temporary_since(random: Random, day: date) -> date | None:
    if random.random() >= 0.04:
        return None
    return day - timedelta(days=random.choice((90, 200, 330, 400, 700, 1500)) + random.randrange(30))


def _row(area: Area, household: int, person: Person, since: date | None, address: str) -> list[str]:
    return [
        area.code, f"{household:04d}", person.full_name, person.birth_date.strftime("%d/%m/%Y"), person.sex, person.ethnicity,
        person.number, "tạm trú" if since else "thường trú", since.strftime("%d/%m/%Y") if since else "", address, "",
    ]  # fmt: skip


def wrong_rows(made: CommuneFile, day: date) -> list[list[str]]:
    """Five rows no list may hold: too young, sex unlike the number, number too short, unknown area, no name."""
    area = next(iter(made.rights))
    good = made.rows[10]
    young = day.replace(year=day.year - 17).strftime("%d/%m/%Y")
    born = day.year - 17
    number = f"{good[6][:3]}{2}{born % 100:02d}999999"

    def row(**changes: str) -> list[str]:
        return [changes.get(name, value) for name, value in zip(COLUMNS, good, strict=True)]

    other_sex = "Nam" if good[4] == "Nữ" else "Nữ"
    return [
        row(area=area, birth_date=young, sex="Nam", personal_number=number),
        row(sex=other_sex, personal_number=good[6][:6] + "999998"),
        row(personal_number="12345678901"),
        row(area="99999-001", personal_number=good[6][:6] + "999997"),
        row(full_name="", personal_number=good[6][:6] + "999996"),
    ]
