"""A polling day on paper: what services would answer, for looking at pages. `python -m tests.gateway.stage <port>`.

Only tests and the person who draws a page use it; names and figures are invented.
"""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from fastapi import FastAPI

from services.contracts.base import StepNotAllowed, Unavailable
from services.contracts.candidates import Clock, Election, Elections
from services.contracts.identity import Challenge, CodeRefused, Done, Enrolment, Session, SignInFailed
from services.contracts.reporting import AreaDay, CommuneDay, Dashboard, RecordStates, SlotPoint, Standing, UnitLine
from services.contracts.results import Incident, Incidents, TurnoutOutcome, TurnoutReceipt
from services.contracts.units import Unit, Units
from services.contracts.vietnamese import percent
from services.gateway.app import build, gateway
from services.gateway.settings import GatewaySettings
from tests.gateway.fakes import ENDS, FakeHub, FakeLine

ELECTION = "dien-tap-4"
DAY = date(2026, 3, 15)
SLOTS = tuple(f"{hour:02d}:00" for hour in range(7, 20))
CURVE = (0, 1823, 3469, 4980, 6210, 6942, 7400, 8033, 8690, 9187)
EXPECTED = (0, 1500, 3100, 4500, 5800, 6500, 7200, 7800, 8400, 8900, 9400, 9700, 9950)
PROVINCES = [
    "01 Hà Nội",
    "04 Cao Bằng",
    "08 Tuyên Quang",
    "11 Điện Biên",
    "12 Lai Châu",
    "14 Sơn La",
    "15 Lào Cai",
    "19 Thái Nguyên",
    "20 Lạng Sơn",
    "22 Quảng Ninh",
    "24 Bắc Ninh",
    "25 Phú Thọ",
    "31 Hải Phòng",
    "33 Hưng Yên",
    "37 Ninh Bình",
    "38 Thanh Hóa",
    "40 Nghệ An",
    "42 Hà Tĩnh",
    "44 Quảng Trị",
    "46 Huế",
    "48 Đà Nẵng",
    "51 Quảng Ngãi",
    "52 Gia Lai",
    "56 Khánh Hòa",
    "66 Đắk Lắk",
    "68 Lâm Đồng",
    "75 Đồng Nai",
    "79 Hồ Chí Minh",
    "80 Tây Ninh",
    "82 Đồng Tháp",
    "86 Vĩnh Long",
    "91 An Giang",
    "92 Cần Thơ",
    "96 Cà Mau",
]
CITIES = {"01", "31", "46", "48", "79", "92"}
PEOPLE = ("Hoàng Văn Lộc", "Võ Thị Thanh Tâm", "Trương Công Định", "Ngô Đức Thịnh", "Phan Thị Mai", "Đặng Quốc Bảo")
PLACES = ("Nhà văn hóa tổ dân phố 1", "Trường THCS Vỹ Dạ", "Trường Tiểu học số 1", "Hội trường UBND phường")
LATE = (7, 15, 21)
NOW = datetime(2026, 3, 15, 9, 42, 7, tzinfo=UTC)


def share(hundredths: int) -> str:
    return f"{hundredths // 100},{hundredths % 100:02d}"


def units() -> Units:
    found = [Unit(code="vn", path="vn", kind="nation", name="Việt Nam", title="Cả nước")]
    for line in PROVINCES:
        code, name = line.split(" ", 1)
        kind, title = ("thanh_pho", "thành phố") if code in CITIES else ("tinh", "tỉnh")
        found.append(Unit(code=code, path=f"vn/{code}", kind=kind, name=name, title=f"{title} {name}"))
    for code, name in (("19777", "Vỹ Dạ"), ("19789", "An Cựu"), ("19803", "Phú Xuân")):
        found.append(Unit(code=code, path=f"vn/46/{code}", kind="phuong", name=name, title=f"phường {name}"))
    return Units(units=tuple(found))


def election() -> Election:
    clock = Clock(real_at=datetime.now(UTC), shown_at=NOW)
    return Election(
        election=ELECTION, title="Quốc hội khóa XVI và HĐND các cấp", day=DAY, rehearsal=True, clock=clock,
        milestones=(), slots=SLOTS,
    )  # fmt: skip


def standing() -> Standing:
    held = election()
    return Standing(
        election=ELECTION, title=held.title, day=DAY, rehearsal=True, clock=held.clock, shown_at=NOW, slots=SLOTS,
        slot="16:00", next_slot="17:00",
    )  # fmt: skip


def curve(voters: int) -> tuple[SlotPoint, ...]:
    return tuple(
        SlotPoint(
            slot=slot, took_part=voters * CURVE[n] // 10_000 if n < len(CURVE) else 0, voters=voters,
            share=share(CURVE[n]) if n < len(CURVE) else "0,00", areas=24 if n < len(CURVE) else 0,
            expected=share(EXPECTED[n]),
        )
        for n, slot in enumerate(SLOTS)
    )  # fmt: skip


def area(number: int, reported: dict[int, int]) -> AreaDay:
    voters = 1288 + number * 37 % 430
    late = number in LATE and number not in reported
    seen = CURVE[:9] if late else CURVE
    by_slot = {SLOTS[n]: voters * part // 10_000 for n, part in enumerate(seen)}
    if number in reported:
        by_slot["16:00"] = reported[number]
    took = max(by_slot.values())
    return AreaDay(
        area=f"19777-{number:03d}", place=PLACES[number % 4], contact=PEOPLE[number % 6], phone=f"0912 000 {100 + number}",
        opened_at=datetime(2026, 3, 15, 0, 0, tzinfo=UTC), closed_at=None, voters=voters, took_part=took,
        share=percent(took, voters), reported=tuple(by_slot), late=late, late_minutes=12 if late else 0, by_slot=by_slot,
        records={"NA": "awaited", "PC": "awaited", "CC": "awaited"}, incidents=1 if number == 15 else 0,
    )  # fmt: skip


def incident() -> Incident:
    return Incident(
        number=2, unit="vn/46/19777", area="19777-015", kind="interruption", state="open", what="mất điện tại khu vực 15",
        happened_at=NOW - timedelta(hours=2), reported_at=NOW - timedelta(minutes=82), reported_by="Lê Thị Minh Châu",
        action="Bỏ phiếu lại từ 15:10", needs_decision=True,
    )  # fmt: skip


def commune(reported: dict[int, int], records: dict[str, int] | None = None) -> CommuneDay:
    areas = tuple(area(number, reported) for number in range(1, 25))
    voters, took = sum(a.voters for a in areas), sum(a.took_part for a in areas)
    states = records or {"awaited": 72}
    return CommuneDay(
        standing=standing(), unit="vn/46/19777", title="phường Vỹ Dạ", voters=voters, took_part=took,
        share=percent(took, voters), areas_reported=sum(1 for a in areas if not a.late), areas=areas, curve=curve(voters),
        incidents=(incident(),), records=RecordStates(total=72, by_state=states),
    )  # fmt: skip


def line_of(unit: Unit, n: int) -> UnitLine:
    voters = 900_000 + n * 91_234
    part = (9480, 9520, 9310, 9160, 9040, 7890, 8590, 6240, 8820, 9390, 8300, 8220, 7640)[n % 13]
    late = (0, 3, 96, 4, 21, 214, 0, 12, 38)[n % 9]
    return UnitLine(
        code=unit.code, path=unit.path, title=unit.title, areas=2000 + n * 7, voters=voters,
        took_part=voters * part // 10_000, share=share(part), late=late, incidents=0, contact=PEOPLE[n % 6],
        records=RecordStates(total=6000, by_state={"awaited": 5000, "approved": 1000}), phone=f"0234 000 {100 + n}",
    )  # fmt: skip


def board(path: str) -> Dashboard:
    depth = path.count("/") + 1
    below = [u for u in units().units if u.path.startswith(f"{path}/") and u.path.count("/") == depth]
    lines = tuple(line_of(unit, n) for n, unit in enumerate(below))
    voters, took = sum(u.voters for u in lines), sum(u.took_part for u in lines)
    areas = sum(u.areas for u in lines)
    return Dashboard(
        standing=standing(), unit=path, title="Cả nước", areas=areas, areas_reported=areas - sum(u.late for u in lines),
        voters=voters, took_part=took, share=percent(took, voters), units=lines,
        late=tuple(sorted((u for u in lines if u.late), key=lambda u: -u.late)), curve=curve(voters),
        incidents=(incident(),), records=RecordStates(total=216_585, by_state={"awaited": 216_000, "approved": 585}),
        constituencies={}, declared={},
    )  # fmt: skip


class Stage:
    """The services' answers, and what was told them."""

    def __init__(self) -> None:
        self.line, self.hub = FakeLine(), FakeHub()
        self.reported: dict[int, int] = {}
        self.records: dict[str, int] | None = None
        self.line.sign_in("secretary", f"{ELECTION}/vn/46/19777", "Lê Thị Minh Châu", "xa")
        self.line.sign_in("nation_officer", f"{ELECTION}/vn", "Trịnh Hoài Nam", "vn")
        self.line.sign_in("province_officer", f"{ELECTION}/vn/46", "Đoàn Nhật Minh", "tinh")
        self.line.answers |= {
            "units_below": lambda _request: units(),
            "elections_held": lambda _request: Elections(elections=(election(),)),
            "day_of": lambda _request: commune(self.reported, self.records),
            "board_of": lambda request: board(request.unit),
            "report_turnout": self.report,
            "incidents_of": lambda _request: Incidents(incidents=(incident(),)),
            "report_incident": self.report_incident,
            "settle_incident": lambda _request: incident().model_copy(update={"settled": "xong"}),
            "sign_in": self.sign_in,
            "second_factor": self.second_factor,
            "sign_out": self.sign_out,
            "activate": lambda _request: Enrolment(
                secret="JBSWY3DPEHPK3PXPJBSWY3DP", uri="otpauth://totp/Hom%20Phieu:chau?secret=JBSWY3DPEHPK3PXP"
            ),
            "confirm_enrolment": lambda request: Done() if request.totp == "123456" else CodeRefused(),
        }  # fmt: skip

    def report(self, request) -> TurnoutReceipt | StepNotAllowed | Unavailable:
        for row in request.rows:
            self.reported[int(row.area[6:])] = row.took_part
        outcomes = tuple(TurnoutOutcome(area=row.area, stored=True) for row in request.rows)
        return TurnoutReceipt(receipt="46-19777-0412", at=NOW, outcomes=outcomes)

    def report_incident(self, request) -> Incident:
        told = request.model_dump(exclude={"key", "election"})
        return Incident(number=3, state="open", reported_at=NOW, reported_by="Lê Thị Minh Châu", **told)

    def sign_in(self, request):
        if request.password != "mot cau rat dai de nho":
            return SignInFailed(seconds=30)
        return Challenge(challenge="thach-thuc", name="Lê Thị Minh Châu")

    def second_factor(self, request):
        if request.totp != "123456":
            return CodeRefused()
        who = self.line.people["xa"]
        return Session(
            token="xa", person=UUID(int=1), name=who["name"], grants=who["grants"], ends_at=ENDS, idle_minutes=30
        )

    def sign_out(self, request):
        self.line.people.pop(request.token, None)
        return Done()

    def app(self, folder: Path) -> FastAPI:
        settings = GatewaySettings(files_url=str(folder / "files"), public_folder=folder / "public", gateway_drill=True)
        return build(settings, gateway(settings, self.line, self.hub))


def main() -> None:
    import uvicorn

    uvicorn.run(Stage().app(Path("/tmp/hp-stage")), port=int(sys.argv[1]), log_level="warning")


if __name__ == "__main__":
    main()
