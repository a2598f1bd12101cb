"""A small world to count in: two communes, one constituency of each contest, lists, voters, and people with roles."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from services.contracts.base import Grant, Passport
from services.contracts.candidates import (
    Clock,
    Constituency,
    ConstituencyFixed,
    Contest,
    Election,
    ElectionCalled,
    ListPublished,
)
from services.contracts.daytime import VIETNAM
from services.contracts.results import (
    ApproveRecords,
    BallotUse,
    ClaimRecord,
    ClosePolling,
    Closing,
    ComparisonOf,
    DeclareResult,
    EntryOutcome,
    Figures,
    Meeting,
    NextRecord,
    Opening,
    OpenPolling,
    PrepareResult,
    RecordBallotUse,
    RecordRef,
    RecordSheet,
    RecordView,
    RecordViews,
    ReopenRecord,
    ResolveRecord,
    Result,
    ResultOf,
    ReturnRecord,
    SaveDraft,
    SubmitEntry,
    WaitingApproval,
    batch_hash,
)
from services.contracts.roles import Role
from services.contracts.units import UnitDefined, UnitKind
from services.contracts.voters import Area, PollingAreaFixed, Rights, VoterListAdvanced
from tests.hands import Hands
from tests.results.papers import candidate, figures

ELECTION = "dien-tap-1"
DAY = date(2026, 3, 15)
VY_DA, KIM_LONG, PROVINCE = "vn/46/19777", "vn/46/19780", "vn/46"
NA, PC, CC = "NA-46-01", "PC-46-01", "CC-19777-01"
PATHS = {
    NA: "vn/46/NA-46-01",
    PC: "vn/46/PC-46-01",
    CC: "vn/46/19777/CC-19777-01",
    "CC-19780-01": "vn/46/19780/CC-19780-01",
}
TWO = ("Lê Văn An", "Trần Thị Bình")


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 15, hour, minute, tzinfo=VIETNAM)


@dataclass
class Person:
    """Somebody with one role in one unit, at a machine of their own unless it is said otherwise."""

    name: str
    role: Role
    unit: str
    id: UUID = field(default_factory=uuid4)
    machine: str = field(default_factory=lambda: uuid4().hex)

    def holds(self, approves: str | None = None) -> Passport:
        grant = Grant(role=self.role, scope=f"{ELECTION}/{self.unit}")
        return Passport(
            person=self.id, name=self.name, session=uuid4(), grants=(grant,), approves=approves, machine=self.machine
        )


def sound(shift: int = 0) -> Figures:
    """Figures that balance and differ from area to area."""
    return figures(votes=(1204 - shift, 973, 742, 585, 335 + shift))


class World:
    """The results service in hand with everything it must have heard."""

    def __init__(self, results: Hands) -> None:
        self.results = results
        self.khoa = Person("Trần Văn Khoa", Role.TYPIST, VY_DA)
        self.lan = Person("Phạm Thị Lan", Role.TYPIST, VY_DA)
        self.tuyet = Person("Nguyễn Thị Ánh Tuyết", Role.CHECKER, VY_DA)
        self.hung = Person("Đỗ Mạnh Hùng", Role.APPROVER, VY_DA)
        self.chau = Person("Lê Thị Minh Châu", Role.SECRETARY, VY_DA)
        self.city = Person("Vũ Thị Hạnh", Role.PROVINCE_OFFICER, PROVINCE)
        self.secretary = Person("Đoàn Thị Thu Hà", Role.BOARD_SECRETARY, PATHS[NA])
        self.head = Person("Võ Đăng Khoa", Role.BOARD_HEAD, PATHS[NA])

    def hear_all(self, areas: int = 2, seats: int = 3) -> "World":
        hear = self.results.hear
        hear([unit_told(VY_DA, "phường Vỹ Dạ"), unit_told(KIM_LONG, "phường Kim Long")])
        self.set_clock(at(21))
        hear([constituency_told(code, seats) for code in PATHS])
        hear([list_told(code, seats) for code in PATHS])
        hear([self.area(VY_DA, number) for number in range(1, areas + 1)])
        hear([voters_told(VY_DA, number) for number in range(1, areas + 1)])
        return self

    def set_clock(self, shown: datetime) -> None:
        self.results.hear(self.called(shown))

    def called(self, shown: datetime | None = None) -> ElectionCalled:
        """The election as candidates tell it."""
        election = Election(
            election=ELECTION,
            title="Diễn tập",
            day=DAY,
            rehearsal=True,
            clock=Clock(real_at=datetime.now(UTC), shown_at=shown or at(21)),
            milestones=(),
            slots=("09:00", "11:00", "14:00", "16:00", "19:00"),
        )
        return ElectionCalled(election=election)

    def area(self, unit: str, number: int) -> PollingAreaFixed:
        commune = unit.rsplit("/", 1)[1]
        code = f"{commune}-{number:03d}"
        area = Area(code=code, place=f"Nhà văn hóa {number}", na=NA, pc=PC, cc=f"CC-{commune}-01")
        return PollingAreaFixed(election=ELECTION, unit=unit, area=area)

    def claim(self, person: Person, area: str, contest: Contest = Contest.NA, unit: str = VY_DA) -> RecordSheet:
        asked = ClaimRecord(key=uuid4(), election=ELECTION, unit=unit, area=area, contest=contest)
        return self.results.claim_record(asked, by=person.holds())

    def next(self, person: Person, unit: str = VY_DA) -> RecordSheet:
        return self.results.next_record(NextRecord(key=uuid4(), election=ELECTION, unit=unit), by=person.holds())

    def save(self, person: Person, area: str, draft: Any, contest: Contest = Contest.NA) -> RecordSheet:
        asked = SaveDraft(key=uuid4(), election=ELECTION, unit=VY_DA, area=area, contest=contest, draft=draft)
        return self.results.save_draft(asked, by=person.holds())

    def submit(
        self,
        person: Person,
        area: str,
        said: Figures,
        contest: Contest = Contest.NA,
        as_paper: bool = False,
        unit: str = VY_DA,
    ) -> EntryOutcome:
        asked = SubmitEntry(
            key=uuid4(), election=ELECTION, unit=unit, area=area, contest=contest, figures=said, as_paper=as_paper
        )
        return self.results.submit_entry(asked, by=person.holds())

    def enter(
        self, person: Person, area: str, said: Figures, contest: Contest = Contest.NA, as_paper: bool = False
    ) -> EntryOutcome:
        self.claim(person, area, contest)
        return self.submit(person, area, said, contest, as_paper)

    def enter_twice(self, area: str, said: Figures | None = None, contest: Contest = Contest.NA) -> EntryOutcome:
        said = said or sound(int(area[-3:]))
        self.enter(self.khoa, area, said, contest)
        return self.enter(self.lan, area, said, contest)

    def differ(self, area: str, contest: Contest = Contest.NA) -> tuple[Figures, Figures]:
        right = sound(int(area[-3:]))
        slip = right.model_copy(update={"votes": (*right.votes[:3], 558, right.votes[4])})
        self.enter(self.khoa, area, right, contest)
        self.enter(self.lan, area, slip, contest, as_paper=True)
        return right, slip

    def comparison(self, person: Person, area: str, contest: Contest = Contest.NA) -> Any:
        return self.results.comparison_of(
            ComparisonOf(election=ELECTION, unit=VY_DA, area=area, contest=contest), by=person.holds()
        )

    def resolve(self, person: Person, area: str, chosen: Figures, content: str, **more: Any) -> EntryOutcome:
        asked = ResolveRecord(
            key=uuid4(), election=ELECTION, unit=VY_DA, area=area, figures=chosen, content=content,
            **{"contest": Contest.NA, **more},
        )  # fmt: skip
        return self.results.resolve_record(asked, by=person.holds())

    def send_back(self, person: Person, area: str, contest: Contest = Contest.NA) -> EntryOutcome:
        asked = ReturnRecord(
            key=uuid4(), election=ELECTION, unit=VY_DA, area=area, contest=contest, reason="Tổ lập lại"
        )
        return self.results.return_record(asked, by=person.holds())

    def use(
        self, area: str, contests: tuple[Contest, ...] = tuple(Contest), issued: int = 1435, received: int = 1500
    ) -> EntryOutcome:
        uses = tuple(
            BallotUse(contest=contest, received=received, issued=issued, spoiled=5, unused=received - issued - 5)
            for contest in contests
        )
        asked = RecordBallotUse(key=uuid4(), election=ELECTION, unit=VY_DA, area=area, uses=uses, witnesses=TWO)
        return self.results.record_ballot_use(asked, by=self.khoa.holds())

    def waiting(self, unit: str = VY_DA) -> RecordViews:
        return self.results.waiting_approval(WaitingApproval(election=ELECTION, unit=unit), by=self.hung.holds())

    def approve(
        self, person: Person, views: tuple[RecordView, ...], approves: str | None = None, unit: str = VY_DA
    ) -> RecordViews:
        refs = tuple(RecordRef(area=view.area, contest=view.contest, content=view.content) for view in views)
        content = batch_hash(tuple(ref.content for ref in refs))
        asked = ApproveRecords(key=uuid4(), election=ELECTION, unit=unit, records=refs)
        return self.results.approve_records(asked, by=person.holds(approves or content))

    def approve_all(self) -> RecordViews:
        return self.approve(self.hung, self.waiting().records)

    def reopen(self, person: Person, area: str, contest: Contest = Contest.NA) -> RecordView:
        asked = ReopenRecord(
            key=uuid4(),
            election=ELECTION,
            unit=VY_DA,
            area=area,
            contest=contest,
            reason="Sai số liệu",
            document="12/UBBC",
        )
        return self.results.reopen_record(asked, by=person.holds())

    def complete(self, areas: int = 2, contests: tuple[Contest, ...] = tuple(Contest)) -> None:
        for number in range(1, areas + 1):
            self.use(f"19777-{number:03d}")
            for contest in contests:
                self.enter_twice(f"19777-{number:03d}", contest=contest)
        self.approve_all()

    def result(self, code: str = NA) -> Result:
        return self.results.result_of(
            ResultOf(election=ELECTION, unit=PATHS[code], constituency=code),
            by=Person("Ai Đó", Role.BOARD_HEAD, PATHS[code]).holds(),
        )

    def prepare(self, person: Person, content: str, code: str = NA) -> Result:
        meeting = Meeting(held_at=at(23), place="UBND thành phố Huế")
        asked = PrepareResult(
            key=uuid4(), election=ELECTION, unit=PATHS[code], constituency=code, meeting=meeting, content=content
        )
        return self.results.prepare_result(asked, by=person.holds())

    def declare(self, person: Person, content: str, approves: str | None = None, code: str = NA) -> Result:
        asked = DeclareResult(key=uuid4(), election=ELECTION, unit=PATHS[code], constituency=code, content=content)
        return self.results.declare_result(asked, by=person.holds(approves))

    def open(self, *areas: str, hour: int = 7, witnesses: tuple[str, str] = TWO) -> Any:
        openings = tuple(Opening(area=area, opened_at=at(hour), witnesses=witnesses) for area in areas)
        asked = OpenPolling(key=uuid4(), election=ELECTION, unit=VY_DA, openings=openings)
        return self.results.open_polling(asked, by=self.chau.holds())

    def close(self, *areas: str, hour: int = 19, witnesses: tuple[str, str] = TWO) -> Any:
        closings = tuple(Closing(area=area, closed_at=at(hour), witnesses=witnesses) for area in areas)
        asked = ClosePolling(key=uuid4(), election=ELECTION, unit=VY_DA, closings=closings)
        return self.results.close_polling(asked, by=self.chau.holds())


def unit_told(path: str, title: str) -> UnitDefined:
    return UnitDefined(
        code=path.rsplit("/", 1)[1], path=path, kind=UnitKind.WARD, name=title.split(" ", 1)[1], title=title
    )


def constituency_told(code: str, seats: int) -> ConstituencyFixed:
    contest = Contest(code[:2])
    communes = ("19777", "19780") if contest is not Contest.CC else (code.split("-")[1],)
    return ConstituencyFixed(
        election=ELECTION,
        constituency=Constituency(
            code=code, contest=contest, path=PATHS[code], ordinal=1, title=f"Đơn vị bầu cử số 1 ({code})", seats=seats,
            communes=communes, extent="phường Vỹ Dạ, phường Kim Long",
        ),
    )  # fmt: skip


def list_told(code: str, seats: int) -> ListPublished:
    births = (date(1978, 1, 1), date(1971, 1, 1), date(1969, 1, 1), date(1980, 1, 1), date(1990, 1, 1))
    return ListPublished(
        election=ELECTION,
        constituency=code,
        contest=Contest(code[:2]),
        seats=seats,
        candidates=tuple(candidate(order, born=born) for order, born in enumerate(births, start=1)),
        document="NQ 40",
        published_at=at(8),
    )


def voters_told(unit: str, number: int) -> VoterListAdvanced:
    return VoterListAdvanced(
        election=ELECTION,
        unit=unit,
        area=f"{unit.rsplit('/', 1)[1]}-{number:03d}",
        state="closed",
        rights=Rights(na=1448, pc=1448, cc=1448, male=700, female=748),
        at=at(7),
    )
