"""Units, structure files and people the tests of candidates are told with."""

import csv
import io
from datetime import UTC, date, datetime
from functools import cache
from uuid import UUID, uuid4

from services.candidates.domain.structure_rows import COLUMNS, Unit
from services.contracts.base import Grant, Passport
from services.contracts.candidates import (
    Background,
    CallElection,
    ConfirmIdentity,
    Contest,
    Identity,
    Nominator,
    ReceiveDossier,
    SetClock,
    Sex,
)
from services.contracts.roles import Role
from services.contracts.units import UnitDefined, UnitKind
from services.contracts.voters import FindPersons, FoundPerson, FoundPersons

ELECTION = "dien-tap-1"
DAY = date(2026, 3, 15)
KEY = "00112233445566778899aabbccddeeff"
# The official table of the nation, typed apart from the code's copy: code, communes, constituencies, seats.
NATION = [
    ("01", 126, 11, 32), ("04", 56, 3, 7), ("08", 124, 4, 10), ("11", 45, 3, 7), ("12", 38, 3, 7), ("14", 75, 3, 9),
    ("15", 99, 4, 10), ("19", 92, 5, 10), ("20", 65, 3, 7), ("22", 54, 3, 9), ("24", 99, 6, 16), ("25", 148, 6, 17),
    ("31", 114, 7, 19), ("33", 104, 6, 16), ("37", 129, 8, 19), ("38", 166, 6, 17), ("40", 130, 6, 16), ("42", 69, 3, 9),
    ("44", 78, 4, 10), ("46", 40, 4, 9), ("48", 94, 5, 14), ("51", 96, 4, 11), ("52", 135, 6, 16), ("56", 65, 4, 12),
    ("66", 102, 5, 15), ("68", 124, 6, 17), ("75", 95, 6, 18), ("79", 168, 13, 38), ("80", 96, 5, 15), ("82", 102, 6, 18),
    ("86", 124, 6, 18), ("91", 102, 7, 21), ("92", 103, 6, 18), ("96", 64, 5, 13),
]  # fmt: skip
CITIES = {"01", "31", "46", "48", "79", "92"}


@cache
def communes() -> dict[str, list[str]]:
    """Commune codes by province, numbered through the nation."""
    found, number = {}, 1
    for province, count, _, _ in NATION:
        found[province] = [f"{code:05d}" for code in range(number, number + count)]
        number += count
    return found


@cache
def unit_events() -> tuple[UnitDefined, ...]:
    """Every unit of the nation as identity tells it; of Huế 21 wards and 19 communes."""
    told = [UnitDefined(code="vn", path="vn", kind=UnitKind.NATION, name="Việt Nam", title="Việt Nam")]
    for province, own in communes().items():
        kind = UnitKind.CITY if province in CITIES else UnitKind.PROVINCE
        told.append(
            UnitDefined(code=province, path=f"vn/{province}", kind=kind, name=province, title=f"tỉnh {province}")
        )
        told += [
            UnitDefined(
                code=code,
                path=f"vn/{province}/{code}",
                kind=UnitKind.WARD if place < 21 else UnitKind.COMMUNE,
                name=code,
                title=f"xã {code}",
            )
            for place, code in enumerate(own)
        ]
    return tuple(told)


def units() -> dict[str, Unit]:
    """The same units as the rules know them."""
    return {unit.code: Unit(unit.code, unit.path, str(unit.kind), unit.title) for unit in unit_events()}


def shared(total: int, parts: int) -> list[int]:
    """A total in near-equal parts."""
    return [total // parts + (place < total % parts) for place in range(parts)]


def na_rows() -> list[dict[str, str]]:
    """A lawful national file."""
    rows = []
    for province, _, constituencies, seats in NATION:
        own = communes()[province]
        for place, of_seats in enumerate(shared(seats, constituencies)):
            rows.append(
                row(
                    code=f"NA-{province}-{place + 1:02d}",
                    contest="NA",
                    unit=province,
                    ordinal=str(place + 1),
                    seats=str(of_seats),
                    communes=" ".join(own[place::constituencies]),
                    population="400000",
                    resolution="85/NQ-HĐBCQG",
                )
            )
    return rows


def hue_rows() -> list[dict[str, str]]:
    """A lawful file of Huế's Councils: 51 seats of the city in 11, wards 15 in 3, communes 16 in 4."""
    own, rows = communes()["46"], []
    for place, seats in enumerate(shared(51, 11)):
        rows.append(
            row(
                code=f"PC-46-{place + 1:02d}",
                contest="PC",
                unit="46",
                ordinal=str(place + 1),
                seats=str(seats),
                communes=" ".join(own[place::11]),
                council_kind="thanh_pho",
                council_population="1300000",
            )
        )
    for place, commune in enumerate(own):
        ward = place < 21
        for ordinal, seats in enumerate(shared(15, 3) if ward else shared(16, 4), start=1):
            rows.append(
                row(
                    code=f"CC-{commune}-{ordinal:02d}",
                    contest="CC",
                    unit=f"vn/46/{commune}",
                    ordinal=str(ordinal),
                    seats=str(seats),
                    extent=f"Tổ dân phố {ordinal}",
                    council_kind="phuong" if ward else "xa",
                    council_population="20000" if ward else "12000",
                )
            )
    return rows


def row(**cells: str) -> dict[str, str]:
    return {**dict.fromkeys(COLUMNS, ""), **cells}


def written(rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def identity(name: str = "Nguyễn Thị Thúy Hòa", number: str = "046182001234", **changes: object) -> Identity:
    """A woman born 5/11/1982 whose number fits her, unless changed."""
    fields = {
        "full_name": name,
        "birth_date": date(1982, 11, 5),
        "sex": Sex.FEMALE,
        "personal_number": number,
        "ethnicity": "Kinh",
        "home_town": "phường Vỹ Dạ, thành phố Huế",
        "residence": "27 Lâm Hoằng, phường Vỹ Dạ",
    }
    return Identity(**{**fields, **changes})


def receiving(
    who: Identity | None = None,
    contest: Contest = Contest.PC,
    unit: str = "vn/46",
    nominator: Nominator = Nominator.LOCAL,
    **changes: object,
) -> ReceiveDossier:
    """A dossier as it is handed in."""
    fields = {
        "key": uuid4(),
        "election": ELECTION,
        "unit": unit,
        "contest": contest,
        "identity": who or identity(),
        "background": Background(occupation="Luật sư"),
        "nominator": nominator,
        "nominated_by": "Hội Liên hiệp Phụ nữ thành phố",
    }
    return ReceiveDossier(**{**fields, **changes})


def numbered(place: int, sex: Sex = Sex.MALE, year: int = 1980) -> str:
    """A number that fits a man or woman born in a year of the last century."""
    return f"046{1 if sex is Sex.FEMALE else 0}{year % 100:02d}{place:06d}"


def officer(role: Role, unit: str = "vn/46", name: str = "Phan Thị Bích Vân", person: UUID | None = None) -> Passport:
    """A named person with one role in one unit."""
    grant = Grant(role=str(role), scope=f"{ELECTION}/{unit}")
    return Passport(person=person or uuid4(), name=name, session=uuid4(), grants=(grant,))


def calling(election: str = ELECTION, day: date = DAY) -> CallElection:
    return CallElection(key=uuid4(), election=election, unit="vn", title="Diễn tập tại Huế", day=day)


def showing(at: datetime) -> SetClock:
    return SetClock(key=uuid4(), election=ELECTION, unit="vn", shown_at=at, speed=0)


def confirming(
    *cards: object, unit: str = "vn/46", reason: str = "", contents: tuple[str, ...] = ()
) -> ConfirmIdentity:
    """The confirmation of dossiers exactly as they were read."""
    return ConfirmIdentity(
        key=uuid4(),
        election=ELECTION,
        unit=unit,
        dossiers=tuple(card.dossier for card in cards),
        contents=contents or tuple(card.content for card in cards),
        reason=reason,
    )


class Register:
    """A voter register that answers by concealed number."""

    def __init__(self) -> None:
        self.people: dict[str, FoundPerson] = {}
        self.asked: list[FindPersons] = []

    def holds(self, who: Identity, concealed: bytes, **changes: object) -> None:
        """The register holds a person as they declare themselves, unless changed."""
        fields = {
            "found": True,
            "full_name": who.full_name,
            "birth_date": who.birth_date,
            "sex": who.sex,
            "ethnicity": who.ethnicity,
            "address": who.residence,
            "area": "00001-001",
        }
        self.people[concealed.hex()] = FoundPerson(**{**fields, **changes})

    def find_persons(self, request: FindPersons) -> FoundPersons:
        self.asked.append(request)
        nobody = FoundPerson(found=False)
        return FoundPersons(persons=tuple(self.people.get(one.concealed, nobody) for one in request.persons))


def noon(day: int, month: int, year: int = 2026) -> datetime:
    """Noon here on a day, as UTC."""
    return datetime(year, month, day, 5, 0, tzinfo=UTC)
