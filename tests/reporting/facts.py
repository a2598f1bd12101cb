"""An invented constituency of Huế, as the forms would be filled: every expectation in the tests is written by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from services.contracts.candidates import Background, Contest, ListedCandidate, Nominator, Sex
from services.contracts.results import CandidateResult, CommuneLine, Figures, Meeting, Totals
from services.reporting.domain.facts import (
    BoardRecordFacts,
    Mark,
    Official,
    Place,
    Resolution,
    TeamRecordFacts,
)

DAY = date(2026, 3, 15)
EXTENT = "các phường Vỹ Dạ, An Cựu, Thủy Xuân, Phú Xuân và xã Phú Vinh"
CONTENT = "4c1e90b722af" + "0" * 52
PLACE = Place(contest=Contest.NA, ordinal=1, extent=EXTENT, province="thành phố Huế", commune="phường Vỹ Dạ")
COUNCIL = Place(
    contest=Contest.CC, ordinal=2, extent="tổ dân phố 1, 2, 3 và 4", province="thành phố Huế", commune="phường Vỹ Dạ"
)
MARK = Mark(document="0b9f1c9e-5a7e-4c43-9d63-6a8f8f6e2d11", content=CONTENT, rehearsal=True)


def candidate(order: int, name: str, sex: Sex, born: date = date(1975, 5, 20)) -> ListedCandidate:
    return ListedCandidate(
        order=order, dossier=UUID(int=order), full_name=name, other_name="", birth_date=born, sex=sex, ethnicity="Kinh",
        religion="Không", home_town="thành phố Huế", residence="thành phố Huế", background=Background(occupation="Kỹ sư"),
        nominator=Nominator.LOCAL,
    )  # fmt: skip


CANDIDATES = (
    candidate(1, "Lê Thị Diệu Hiền", Sex.FEMALE),
    candidate(2, "Trần Quốc Khánh", Sex.MALE),
    candidate(3, "Nguyễn Hữu Phước", Sex.MALE, date(1969, 12, 2)),
    candidate(4, "Hồ Ngọc Quỳnh", Sex.FEMALE),
    candidate(5, "Phan Đình Tường", Sex.MALE),
)
TEAM = (
    Official("Ngô Đức Thịnh", "Tổ trưởng"),
    Official("Đỗ Thị Ánh Nguyệt", "Thư ký"),
    Official("Bùi Xuân Hòa", "Ủy viên"),
    Official("Tôn Nữ Ưng Hòe", "Ủy viên"),
)
BOARD = (
    Official("Võ Thị Thanh Tâm", "Trưởng ban"),
    Official("Trương Công Định", "Phó Trưởng ban"),
    Official("Hoàng Văn Lộc", "Phó Trưởng ban"),
    Official("Đặng Quốc Bảo", "Ủy viên"),
)
FIGURES = Figures(
    voters=1286, took_part=1279, issued=1279, collected=1279, valid=1260, invalid=19,
    votes=(1100, 842, 631, 540, 377), kinds=(100, 90, 1070),
)  # fmt: skip


def team(place: Place = PLACE, **changes: object) -> TeamRecordFacts:
    facts = TeamRecordFacts(
        day=DAY,
        place=place,
        area=12,
        members=TEAM,
        opened_at=datetime(2026, 3, 15, 0, 0, tzinfo=UTC),
        opening_witnesses=("Nguyễn Thị Lài, tổ dân phố 3", "Huỳnh Bá Ước"),
        closed_at=datetime(2026, 3, 15, 12, 5, tzinfo=UTC),
        count_witnesses=("Lý Thường Đệ, tổ dân phố 1", "Mai Thị Ngữ, tổ dân phố 2"),
        seats=3,
        candidates=CANDIDATES,
        figures=FIGURES,
        events=("Vào hồi 15 giờ 10 phút, mất điện trong 20 phút; đã dùng đèn dự phòng.",),
        unsettled=(),
        ended_at=datetime(2026, 3, 15, 16, 40, tzinfo=UTC),
        mark=MARK,
    )
    return replace(facts, **changes)


def lines(votes: tuple[int, ...], valid: int, won: tuple[int, ...]) -> tuple[CandidateResult, ...]:
    return tuple(
        CandidateResult(
            candidate=person, votes=count, share="0,00", elected=person.order in won, short_by=0,
            outcome="elected" if person.order in won else "short",
        )
        for person, count in zip(CANDIDATES, votes, strict=True)
    )  # fmt: skip


COMMUNES = tuple(
    CommuneLine(unit=f"vn/46/{code}", title=title, areas=areas, votes=votes)
    for code, title, areas, votes in (
        ("19777", "phường Vỹ Dạ", 24, (26204, 18117, 15640, 12377, 9845)),
        ("19789", "phường An Cựu", 31, (60000, 50000, 33000, 30000, 22000)),
        ("19753", "xã Phú Vinh", 116, (100000, 80000, 60000, 50000, 30000)),
    )
)


def board(place: Place = PLACE, **changes: object) -> BoardRecordFacts:
    facts = BoardRecordFacts(
        day=DAY,
        place=place,
        members=BOARD,
        meeting=Meeting(
            held_at=datetime(2026, 3, 17, 1, 30, tzinfo=UTC), place="Hội trường UBND phường Vỹ Dạ",
            annexes=("171 biên bản kết quả kiểm phiếu của các Tổ bầu cử",),
        ),
        seats=3,
        fixed_by=Resolution("85/NQ-HĐBCQG", date(2025, 12, 15)),
        listed_by=Resolution("102/NQ-HĐBCQG", date(2026, 2, 14)),
        totals=Totals(
            areas=171, voters=230000, took_part=224560, issued=224560, collected=224550, valid=221906, invalid=2644
        ),
        candidates=lines((186204, 148117, 108640, 92377, 61845), 221906, (1, 2)),
        communes=COMMUNES,
        mark=MARK,
    )  # fmt: skip
    return replace(facts, **changes)
