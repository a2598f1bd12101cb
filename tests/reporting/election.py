"""A small heard election: one commune of Huế with three areas, told event by event as the owners would."""

from datetime import UTC, date, datetime
from typing import Any

from services.contracts.candidates import (
    Clock,
    Constituency,
    ConstituencyFixed,
    Contest,
    Election,
    ElectionCalled,
    ListPublished,
)
from services.contracts.results import (
    CandidateResult,
    CommuneLine,
    Figures,
    Incident,
    IncidentReported,
    Meeting,
    PollingAdvanced,
    RecordAdvanced,
    Result,
    ResultAdvanced,
    Totals,
    TurnoutReported,
)
from services.contracts.units import Body, BodyFormed, BodyKind, Member, MemberRole, UnitDefined, UnitKind
from services.contracts.vietnamese import percent
from services.contracts.voters import Area, PollingAreaFixed, Rights, VoterListAdvanced
from tests.reporting.facts import CANDIDATES

E = "dien-tap-7"
COMMUNE = "vn/46/19777"
NA, PC, CC = "NA-46-01", "PC-46-12", "CC-19777-02"
SLOTS = ("07:00", "09:00", "11:00", "14:00")
AREAS = ("19777-001", "19777-002", "19777-003")
NOON = datetime(2026, 3, 15, 5, 0, tzinfo=UTC)
HELD = datetime(2026, 3, 17, 1, 30, tzinfo=UTC)


def units() -> list[UnitDefined]:
    return [
        UnitDefined(code="vn", path="vn", kind=UnitKind.NATION, name="Việt Nam", title="Việt Nam"),
        UnitDefined(code="46", path="vn/46", kind=UnitKind.CITY, name="Huế", title="thành phố Huế"),
        UnitDefined(code="48", path="vn/48", kind=UnitKind.CITY, name="Đà Nẵng", title="thành phố Đà Nẵng"),
        UnitDefined(code="19777", path=COMMUNE, kind=UnitKind.WARD, name="Vỹ Dạ", title="phường Vỹ Dạ"),
        UnitDefined(code="19789", path="vn/46/19789", kind=UnitKind.WARD, name="An Cựu", title="phường An Cựu"),
    ]


def election(shown_at: datetime = NOON, name: str = E) -> ElectionCalled:
    clock = Clock(real_at=datetime(2020, 1, 1, tzinfo=UTC), shown_at=shown_at, speed=0)
    return ElectionCalled(
        election=Election(
            election=name, title="Diễn tập bầu cử", day=date(2026, 3, 15), rehearsal=name.startswith("dien-tap"),
            clock=clock, milestones=(), slots=SLOTS,
        )
    )  # fmt: skip


def constituencies() -> list[ConstituencyFixed]:
    rows = (
        (NA, Contest.NA, f"vn/46/{NA}", 1, 3, ("19777", "19789")),
        (PC, Contest.PC, f"vn/46/{PC}", 12, 3, ("19777",)),
        (CC, Contest.CC, f"{COMMUNE}/{CC}", 2, 3, ()),
    )
    return [
        ConstituencyFixed(
            election=E,
            constituency=Constituency(
                code=code, contest=contest, path=path, ordinal=ordinal, title=f"Đơn vị bầu cử số {ordinal}", seats=seats,
                communes=communes, extent="" if communes else "tổ dân phố 1, 2 và 3",
                resolution="85/NQ-HĐBCQG ngày 15/12/2025" if contest is Contest.NA else "07/NQ-UBBC ngày 20/12/2025",
            ),
        )
        for code, contest, path, ordinal, seats, communes in rows
    ]  # fmt: skip


def lists() -> list[ListPublished]:
    return [
        ListPublished(
            election=E, constituency=code, contest=contest, seats=3, candidates=CANDIDATES,
            document="Nghị quyết số 102/NQ-HĐBCQG", published_at=datetime(2026, 2, 26, 17, 30, tzinfo=UTC),
        )
        for code, contest in ((NA, Contest.NA), (PC, Contest.PC), (CC, Contest.CC))
    ]  # fmt: skip


def bodies() -> list[BodyFormed]:
    def body(path: str, kind: BodyKind, *members: tuple[str, MemberRole]) -> BodyFormed:
        return BodyFormed(
            election=E,
            body=Body(
                path=path, kind=kind, title=kind, document="12/QĐ-UBND", formed_on=date(2026, 1, 30),
                members=tuple(Member(name=name, role=role, phone="0912000107") for name, role in members),
            ),
        )  # fmt: skip

    head, deputy, secretary, member = MemberRole.HEAD, MemberRole.DEPUTY, MemberRole.SECRETARY, MemberRole.MEMBER
    board = (("Võ Thị Thanh Tâm", head), ("Trương Công Định", deputy), ("Đặng Quốc Bảo", member))
    return [
        body(
            f"{COMMUNE}/{AREAS[0]}",
            BodyKind.TEAM,
            ("Bùi Xuân Hòa", member),
            ("Ngô Đức Thịnh", head),
            ("Đỗ Thị Nga", secretary),
        ),
        body(COMMUNE, BodyKind.COMMISSION, ("Phan Thị Mai", head)),
        body(f"vn/46/{NA}", BodyKind.BOARD, *board),
        body(f"{COMMUNE}/{CC}", BodyKind.BOARD, *board),
    ]


def areas(codes: tuple[str, ...] = AREAS) -> list[PollingAreaFixed]:
    return [
        PollingAreaFixed(
            election=E, unit=f"vn/46/{code[:5]}",
            area=Area(code=code, place=f"Nhà văn hóa tổ dân phố {int(code[-3:])}", na=NA, pc=PC, cc=CC, contact="Hoàng Văn Lộc",
                      phone="0912000107"),
        )
        for code in codes
    ]  # fmt: skip


def rights(na: int = 1000, codes: tuple[str, ...] = AREAS) -> list[VoterListAdvanced]:
    return [
        VoterListAdvanced(
            election=E,
            unit=f"vn/46/{code[:5]}",
            area=code,
            state="closed",
            at=NOON,
            rights=Rights(na=na, pc=na, cc=na - 20),
        )
        for code in codes
    ]


def polling(area: str = AREAS[0]) -> PollingAdvanced:
    return PollingAdvanced(
        election=E, unit=COMMUNE, area=area, state="closed", opened_at=datetime(2026, 3, 15, 0, 0, tzinfo=UTC),
        closed_at=datetime(2026, 3, 15, 12, 5, tzinfo=UTC), opening_witnesses=("Nguyễn Thị Lài", "Huỳnh Bá Ước"),
        count_witnesses=("Lý Thường Đệ", "Mai Thị Ngữ"),
    )  # fmt: skip


def turnout(area: str, slot: str, took_part: int, voters: int = 1000) -> TurnoutReported:
    return TurnoutReported(
        election=E,
        unit=f"vn/46/{area[:5]}",
        area=area,
        slot=slot,
        took_part=took_part,
        voters=voters,
        late=False,
        at=NOON,
    )


def incident(state: str = "open", settled: str = "") -> IncidentReported:
    return IncidentReported(
        election=E,
        incident=Incident(
            number=2, unit=COMMUNE, area=AREAS[0], kind="technical", state=state,
            happened_at=datetime(2026, 3, 15, 8, 10, tzinfo=UTC), reported_at=NOON, reported_by="Lê Thị Minh Châu",
            what="Mất điện 20 phút", action="", needs_decision=False, settled=settled,
        ),
    )  # fmt: skip


def figures(voters: int = 1000, took_part: int = 990) -> Figures:
    return Figures(
        voters=voters, took_part=took_part, issued=took_part, collected=took_part, valid=took_part - 10, invalid=10,
        votes=(900, 800, 400, 300, 200), kinds=(100, 200, 680),
    )  # fmt: skip


def record(area: str, contest: Contest, state: str = "approved", **changes: Any) -> RecordAdvanced:
    code = {Contest.NA: NA, Contest.PC: PC, Contest.CC: CC}[contest]
    return RecordAdvanced(
        election=E, unit=f"vn/46/{area[:5]}", area=area, contest=contest, constituency=code, state=state, at=HELD,
        **({"figures": figures(), "content": "a1" * 32} | changes if state == "approved" else changes),
    )  # fmt: skip


def result(
    state: str = "declared", content: str = "b2" * 32, code: str = NA, won: tuple[int, ...] = (1, 2)
) -> ResultAdvanced:
    contest, path = {NA: (Contest.NA, f"vn/46/{NA}"), CC: (Contest.CC, f"{COMMUNE}/{CC}")}[code]
    votes = (2700, 2400, 1200, 900, 600)
    counting = state == "collecting"
    return ResultAdvanced(
        result=Result(
            election=E, constituency=code, contest=contest, path=path, title="Đơn vị bầu cử số 1", state=state, version=1,
            seats=3, areas=3, approved=1 if counting else 3,
            totals=Totals(areas=1 if counting else 3, voters=3000, took_part=2970, issued=2970, collected=2970, valid=2940, invalid=30),
            candidates=tuple(
                CandidateResult(
                    candidate=person, votes=count, share=percent(count, 2940), short_by=0 if count > 1470 else 1471 - count,
                    elected=person.order in won and not counting,
                    outcome="counting" if counting else "elected" if person.order in won else "short",
                )
                for person, count in zip(CANDIDATES, votes, strict=True)
            ),
            by_commune=(CommuneLine(unit=COMMUNE, title="phường Vỹ Dạ", areas=3, votes=votes),),
            valid_turnout=True, elected=0 if counting else len(won), missing=0 if counting else 3 - len(won),
            additional_election=not counting and len(won) < 3, rerun=False, needs_decision=False, majority=1471,
            findings=(), content=content,
            meeting=None if counting else Meeting(held_at=HELD, place="Hội trường UBND phường Vỹ Dạ"),
        )
    )  # fmt: skip


def everything() -> list[list[Any]]:
    """All of it, in groups of one kind."""
    return [
        units(), [election()], constituencies(), lists(), bodies(), areas(), rights(), [polling()],
        [turnout(AREAS[0], "09:00", 400), turnout(AREAS[0], "11:00", 700), turnout(AREAS[1], "09:00", 300)],
        [incident()], [record(area, contest) for area in AREAS for contest in Contest], [result(), result(code=CC, won=(1, 2, 3))],
    ]  # fmt: skip
