"""A voters service with an election, the constituencies of a commune, and people in their roles."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from services.contracts.candidates import Clock, Constituency, ConstituencyFixed, Contest, Election, ElectionCalled
from services.contracts.voters import Area, FixAreas, ImportOf, ImportVoters
from services.voters.service import VotersService
from services.voters.settings import VotersSettings

ELECTION, UNIT, COMMUNE = "dien-tap-1", "vn/46/19777", "19777"
DAY = date(2026, 3, 15)
KEY = "0f" * 16
HEADER = "area,household,full_name,birth_date,sex,ethnicity,personal_number,residence_kind,resident_since,address,note"


def scope(unit: str = UNIT) -> dict[str, Any]:
    return {"election": ELECTION, "unit": unit, "key": uuid4()}


def number(place: int, born: date, *, female: bool = False) -> str:
    kind = (0 if born.year < 2000 else 2) + (1 if female else 0)
    return f"046{kind}{born.year % 100:02d}{place:06d}"


def line(place: int, **changes: str) -> str:
    """A row that is right, with what the test changes."""
    female = place % 2 == 1
    row = {
        "area": f"{COMMUNE}-001", "household": f"{place // 3:04d}", "full_name": f"Nguyễn Thị Số {place}",
        "birth_date": "05/09/1971", "sex": "Nữ" if female else "Nam", "ethnicity": "Kinh",
        "personal_number": number(place, date(1971, 9, 5), female=female), "residence_kind": "thường trú",
        "resident_since": "", "address": "1 Lê Lợi", "note": "",
    }  # fmt: skip
    return ",".join((row | changes).values())


def area(place: int, commune: str = COMMUNE) -> Area:
    code = f"{commune}-{place:03d}"
    return Area(code=code, place=f"Nhà văn hóa {place}", na="NA-46-01", pc="PC-46-01", cc=f"CC-{commune}-01")


def _fixed(code: str, contest: Contest, communes: tuple[str, ...]) -> ConstituencyFixed:
    path = f"vn/46/{code}" if contest is not Contest.CC else f"vn/46/{communes[0]}/{code}"
    found = Constituency(
        code=code, contest=contest, path=path, ordinal=1, title="Đơn vị bầu cử số 1", seats=3, communes=communes, extent="Gồm"
    )  # fmt: skip
    return ConstituencyFixed(election=ELECTION, constituency=found)


@pytest.fixture
def world(own_database: Any, hands: Any, passport: Any, tmp_path: Any) -> Any:
    """Doors, database, tokens by role and commune, and `bring(content)` which imports and tells how it ended."""
    db = own_database("voters")
    settings = VotersSettings(database_url=db.url, personal_number_key=KEY, files_url=f"file://{tmp_path}/files")
    doors = hands(VotersService, db, settings=settings)
    now = datetime.now(UTC)
    election = Election(
        election=ELECTION, title="Diễn tập", day=DAY, rehearsal=True, clock=Clock(real_at=now, shown_at=now), milestones=(),
        slots=("07:00",),
    )  # fmt: skip
    doors.hear(ElectionCalled(election=election))
    doors.hear([_fixed("NA-46-01", Contest.NA, ("19777", "19780")), _fixed("PC-46-01", Contest.PC, ("19777", "19780"))])
    doors.hear([_fixed(f"CC-{code}-01", Contest.CC, (code,)) for code in ("19777", "19780")])
    tokens: dict[tuple[str, str, int], str] = {}

    def by(role: str, unit: str = UNIT, place: int = 1) -> str:
        key = (role, unit, place)
        if key not in tokens:
            tokens[key] = passport(role=role, scope=f"{ELECTION}/{unit}")
        return tokens[key]

    def fix(number_of: int = 1, commune: str = COMMUNE) -> None:
        unit = f"vn/46/{commune}"
        areas = tuple(area(place, commune) for place in range(1, number_of + 1))
        doors.fix_areas(FixAreas(**scope(unit), areas=areas), by=by("list_officer", unit))

    def bring(content: bytes | str, unit: str = UNIT, place: int = 1) -> Any:
        file = doors.service.files.put(content if isinstance(content, bytes) else content.encode())
        officer = by("list_officer", unit, place)
        job = doors.import_voters(ImportVoters(**scope(unit), file=file, file_name="cu-tri.csv"), by=officer)
        return doors.import_of(ImportOf(election=ELECTION, unit=unit, job=job.id), by=officer)

    return SimpleNamespace(doors=doors, db=db, by=by, fix=fix, bring=bring)


@pytest.fixture
def people() -> Callable[..., str]:
    """A good file of so many people."""
    return lambda count, **changes: "\n".join([HEADER, *(line(place, **changes) for place in range(count))])
