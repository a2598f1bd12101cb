"""Accounts of a commune and a review of them as identity would answer, for looking at pages; names are invented."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from services.contracts.accounts import (
    ActivationCard,
    ActivationSheet,
    FileChecked,
    FileRow,
    HeldRole,
    People,
    PersonCard,
    ReviewCard,
    ReviewLine,
    ReviewProgress,
    ReviewRow,
    Reviews,
    ReviewSheet,
)
from services.contracts.base import HasFindings
from services.contracts.identity import Activation, Activations
from services.identity.account_reading import Unreadable, read_rows
from services.identity.domain.rules import RULES
from tests.gateway.console.records import EVENING
from tests.gateway.fakes import PERSON
from tests.gateway.stage import ELECTION, Stage

HUE, VY_DA, SEAT = "vn/46", "vn/46/19777", "vn/46/19777/CC-19777-01"
REVIEW = UUID(int=77)
CODE = "QK4M-7ZTA-3XNE-HW2P"
ROLES = (
    ("account_admin", "Hồ Thị Bích Ngọc", "ngoc.vy-da", "active"), ("secretary", "Lê Thị Minh Châu", "chau.vy-da", "active"),
    ("typist", "Nguyễn Thị Ánh", "anh.vy-da", "active"), ("typist", "Trần Văn Khoa", "khoa.vy-da", "created"),
    ("checker", "Nguyễn Thị Ánh Tuyết", "tuyet.vy-da", "active"), ("approver", "Phạm Minh Đức", "duc.vy-da", "active"),
    ("list_officer", "Tôn Nữ Quỳnh Anh", "quynh-anh.vy-da", "enrolling"), ("list_signer", "Hoàng Văn Lộc", "loc.vy-da", "active"),
)  # fmt: skip


def person_id(number: int) -> UUID:
    return PERSON if number == 0 else UUID(int=100 + number)


class Office(Stage):
    """The administrator of phường Vỹ Dạ (`qt`), of Huế (`qt-tinh`), and a secretary who administers nothing (`xa`)."""

    def __init__(self) -> None:
        super().__init__()
        self.line.sign_in("account_admin", f"{ELECTION}/{VY_DA}", "Hồ Thị Bích Ngọc", "qt")
        self.line.sign_in("account_admin", f"{ELECTION}/{HUE}", "Trần Quang Huy", "qt-tinh")
        self.line.sign_in("system_admin", "*", "Quản trị hệ thống", "goc")
        self.refusal: HasFindings | None = None
        self.folder = Path()
        self.confirmed: set[UUID] = set()
        names = (
            "people_of", "give_role", "end_role", "set_expiry", "close_account", "hand_over", "reissue_activation",
            "check_account_file", "create_from_file", "create_accounts", "reviews_of", "review_of", "confirm_accounts",
            "open_review", "reviews_progress",
        )  # fmt: skip
        self.line.answers |= {name: getattr(self, name) for name in names}

    def card(self, number: int) -> PersonCard:
        role, name, login, state = ROLES[number]
        ends = EVENING + timedelta(days=3 if number == 2 else 4000) if number in (2, 4) else None
        held = HeldRole(
            grant=UUID(int=500 + number), role=role, unit=VY_DA, given_at=EVENING - timedelta(days=60), expires_at=ends
        )
        return PersonCard(
            person=person_id(number), login=login, name=name, state=state, roles=(held,), live=number in (0, 2),
            elsewhere=1 if number == 5 else 0,
            last_sign_in_at=EVENING - timedelta(hours=number) if state == "active" else None,
            code_ends_at=EVENING + timedelta(days=4) if state == "created" else None,
        )  # fmt: skip

    def people_of(self, request):
        cards = [self.card(number) for number in range(len(ROLES))]
        if request.person is not None:
            cards = [card for card in cards if card.person == request.person]
        return People(people=tuple(cards), total=len(cards), states={"active": 6, "created": 1, "enrolling": 1})

    def _answer(self, request):
        return self.refusal or self.card(4)

    give_role = end_role = set_expiry = close_account = _answer

    def sheet(self, *people: tuple[str, str, str]) -> ActivationSheet:
        cards = tuple(
            ActivationCard(
                login=login, name=name, role=role, unit=VY_DA, code=CODE, ends_at=EVENING + timedelta(days=7)
            )
            for role, name, login in people
        )
        return ActivationSheet(cards=cards)

    def hand_over(self, request):
        new = (("checker", request.name, request.login),) if request.name else ()
        return self.refusal or self.sheet(*new)

    def reissue_activation(self, request):
        return self.sheet(("typist", "Trần Văn Khoa", "khoa.vy-da"))

    def create_accounts(self, request):
        made = tuple(Activation(login=each.login, code=CODE) for each in request.accounts)
        return self.refusal or Activations(activations=made)

    def check_account_file(self, request):
        try:
            raw = read_rows(self.folder / "files" / request.file[:2] / request.file)
        except Unreadable as unreadable:
            return FileChecked(rows=(), findings=(unreadable.finding,))
        rows, findings = [], []
        for each in raw:
            name, login, role, *_ = each.cells.values()
            known = {"Người nhập liệu": "typist", "Người đối chiếu": "checker"}.get(role)
            rows.append(
                FileRow(
                    line=each.line, login=login or "moi.vy-da", name=name, role=known, unit=VY_DA, suggested=not login
                )
            )
            if known is None:
                facts = {"line": each.line, "found": role, "allowed_vi": "Người nhập liệu", "allowed_en": "Typist"}
                findings.append(RULES["A325"].finding(f"line {each.line}", "Vai trò", **facts))
        return FileChecked(rows=tuple(rows), findings=tuple(findings))

    def create_from_file(self, request):
        found = self.check_account_file(request)
        if found.findings:
            return HasFindings(findings=found.findings, number=len(found.findings))
        return self.sheet(*((row.role, row.name, row.login) for row in found.rows))

    def review_card(self) -> ReviewCard:
        done = len(self.confirmed)
        return ReviewCard(
            review=REVIEW, name="Rà soát trước ngày bầu cử", unit=HUE, due=date(2026, 3, 1), opened_by="Trần Quang Huy",
            opened_at=EVENING - timedelta(days=20), late=True, confirmed=2 + done, closed=1, open=6 - done,
        )  # fmt: skip

    def reviews_of(self, request):
        older = self.review_card().model_copy(
            update={"review": UUID(int=76), "name": "Rà soát sau bàn giao", "open": 0, "late": False}
        )
        return Reviews(reviews=(self.review_card(), older))

    def review_of(self, request):
        rows = []
        for number, (role, name, login, _) in enumerate(ROLES):
            settled = number in (1, 3) or person_id(number) in self.confirmed
            verdict = "confirmed" if settled else "open"
            rows.append(
                ReviewRow(
                    person=person_id(number), login=login, name=name, unit=SEAT if number == 7 else VY_DA, roles=(role,),
                    verdict=verdict, by="Trần Quang Huy" if settled else "", at=EVENING if settled else None,
                    last_sign_in_at=EVENING - timedelta(days=number),
                )
            )  # fmt: skip
        rows.sort(key=lambda row: row.verdict != "open")
        return ReviewSheet(card=self.review_card(), rows=tuple(rows), total=len(rows))

    def confirm_accounts(self, request):
        self.confirmed |= {each.person for each in request.accounts}
        return self.refusal or self.review_card()

    def open_review(self, request):
        return self.refusal or self.review_card()

    def reviews_progress(self, request):
        lines = (
            ReviewLine(unit=VY_DA, confirmed=2, closed=1, open=6, late=True),
            ReviewLine(unit="vn/46/19789", confirmed=9, closed=0, open=0, late=False),
        )
        return ReviewProgress(card=self.review_card(), lines=lines, late=1)

    def app(self, folder: Path):
        self.folder = folder
        return super().app(folder)
