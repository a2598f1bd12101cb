"""What identity offers about accounts: roles given and ended, closing, hand-over, files of accounts, reviews."""

from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Protocol
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.contracts.base import (
    Count,
    Finding,
    Hash,
    Line,
    Message,
    Name,
    Refusal,
    Reply,
    ScopedCommand,
    ScopedQuery,
    UnitPath,
)
from services.contracts.roles import Role

Login = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.\-]{2,63}$")]
Reason = Annotated[Line, StringConstraints(min_length=3)]
Few = Annotated[int, Field(strict=True, ge=1, le=500)]

FILE_COLUMNS = ("Họ và tên", "Tên đăng nhập", "Vai trò", "Mã đơn vị", "Điện thoại", "Hết hạn")
"""The headings of a file of accounts, in the order of its template."""

FILE_ROWS = 2000
"""The most rows of a file of accounts: as many as one request creates."""


_COMMISSIONS = ("nation", "province", "commune")
_BOARDS = ("province_seats", "commune_seats")

ROLE_LEVELS: dict[Role, tuple[str, ...]] = {
    Role.SYSTEM_ADMIN: ("nation",),
    Role.ACCOUNT_ADMIN: _COMMISSIONS,
    Role.NATION_OFFICER: ("nation",),
    Role.PROVINCE_OFFICER: ("province",),
    Role.PERSONNEL: _COMMISSIONS,
    Role.PERSONNEL_CONFIRMER: _COMMISSIONS,
    Role.COMMISSION_HEAD: _COMMISSIONS,
    Role.LIST_OFFICER: ("commune",),
    Role.LIST_SIGNER: ("commune",),
    Role.SECRETARY: ("province", "commune"),
    Role.TYPIST: ("commune",),
    Role.CHECKER: ("commune",),
    Role.APPROVER: ("commune",),
    Role.BOARD_SECRETARY: _BOARDS,
    Role.BOARD_HEAD: _BOARDS,
    Role.PUBLISHER: _COMMISSIONS,
    Role.OPERATIONS: ("nation",),
}
"""At which levels a role exists. A typist types for a commune, the head of a Board declares for a constituency."""

SYSTEM_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.OPERATIONS})
"""Roles of the system itself: they hold in every election and unit."""

ONLY_FROM_ABOVE = frozenset({Role.SYSTEM_ADMIN, Role.ACCOUNT_ADMIN, Role.OPERATIONS})
"""Roles that nobody can give in their own unit, only somebody whose grant stands above it."""


def content_of(act: str, *parts: object) -> str:
    """What a second factor is bound to when a role changes hands: SHA-256 of the act and its parts, a line each.

    >>> content_of("give_role", "2026", None)[:12]
    '522bfe878e4d'
    """
    return sha256("\n".join((act, *("" if part is None else str(part) for part in parts))).encode()).hexdigest()


class HeldRole(Message):
    """A role a person holds in a unit, by the id of its grant."""

    grant: UUID
    role: Role
    unit: UnitPath
    given_at: AwareDatetime
    expires_at: AwareDatetime | None = None


class PersonCard(Reply):
    """A person as an administrator sees them: never a secret.

    `elsewhere` counts roles outside the units asked about; `code_ends_at` is when the one-time code of an account not
    yet active stops working; `live` is whether a session is open now.
    """

    person: UUID
    login: Login
    name: Name
    state: str
    roles: tuple[HeldRole, ...]
    elsewhere: Count = 0
    live: bool = False
    last_sign_in_at: AwareDatetime | None = None
    code_ends_at: AwareDatetime | None = None


class PeopleOf(ScopedQuery):
    """The people with a role in a unit, and on demand (`below`) in the units directly below; a page, or one person."""

    below: bool = False
    person: UUID | None = None
    first: Count = 0
    size: Few = 100


class People(Reply):
    """People by name in Vietnamese order; `total` counts all pages, `states` how many accounts are in each state."""

    people: tuple[PersonCard, ...]
    total: Count
    states: dict[str, Count] = Field(default_factory=dict)


class GiveRole(ScopedCommand):
    """Give a person who has an account a further role at or below the unit; the passport steps up for `content`."""

    person: UUID
    role: Role
    place: UnitPath
    expires_at: AwareDatetime | None = None
    reason: Reason

    @property
    def content(self) -> str:
        """What the second factor approves: election, place, person, role, and its end in Unix seconds."""
        ends = int(self.expires_at.timestamp()) if self.expires_at else None
        return content_of("give_role", self.election, self.place, self.person, self.role.value, ends)


class EndRole(ScopedCommand):
    """End one role of a person, at once and everywhere."""

    grant: UUID
    reason: Reason


class SetExpiry(ScopedCommand):
    """A role ends by itself at an instant, or (None) only when somebody ends it."""

    grant: UUID
    expires_at: AwareDatetime | None = None
    reason: Reason


class CloseAccount(ScopedCommand):
    """Close an account for good: its session, roles, codes and factors end."""

    person: UUID
    reason: Reason


class HandOver(ScopedCommand):
    """In one act end a person's roles in a unit (`place`) and give them to another named person.

    `to` is somebody who has an account; else `login` and `name` (and a phone) are of a person who gets one. The
    passport steps up for `content`. `close`: the former holder's account is closed when no other role is left.
    """

    person: UUID
    place: UnitPath
    to: UUID | None = None
    login: Login | None = None
    name: Name | None = None
    phone: Line = ""
    document: Reason
    reason: Reason
    close: bool = False

    @property
    def content(self) -> str:
        """What the second factor approves: election, place, from whom, to whom, under which document."""
        receiver = self.to or self.login
        return content_of("hand_over", self.election, self.place, self.person, receiver, self.name, self.document)


class ReissueActivation(ScopedCommand):
    """A new one-time code for an account that is not active yet; the former code stops working."""

    person: UUID


class ActivationCard(Message):
    """What is handed to one person on paper: once, valid until `ends_at`."""

    login: Login
    name: Name
    role: Role
    unit: UnitPath
    code: str
    ends_at: AwareDatetime


class ActivationSheet(Reply):
    """The cards to print, by name in Vietnamese order; the codes are stored nowhere."""

    cards: tuple[ActivationCard, ...]


class CheckAccountFile(ScopedQuery):
    """What would happen with a file (by the hash of its content) of accounts; nothing is written."""

    file: Hash


class FileRow(Message):
    """An account as a row of a file asks for it; `suggested`: the login was empty in the file and is made up here."""

    line: Count
    login: str
    name: str
    role: Role | None = None
    unit: str
    expires_on: date | None = None
    suggested: bool = False


class FileChecked(Reply):
    """Every row as it was understood, everything wrong with the file at once; `more_findings` were not listed."""

    rows: tuple[FileRow, ...]
    findings: tuple[Finding, ...] = ()
    more_findings: Count = 0


class CreateFromFile(ScopedCommand):
    """Create the accounts of a file (by the hash of its content) at or below a unit: all rows or none."""

    file: Hash


class OpenReview(ScopedCommand):
    """Open a review of all accounts at and below the unit, to be finished by the end of a day."""

    name: Name
    due: date


class ReviewsOf(ScopedQuery):
    """The reviews that concern a unit, newest first, with what is left for it."""


class ReviewCard(Reply):
    """A review and how far a unit is: accounts confirmed, closed since, still open."""

    review: UUID
    name: Name
    unit: UnitPath
    due: date
    opened_at: AwareDatetime
    opened_by: Name
    late: bool
    confirmed: Count
    closed: Count
    open: Count


class Reviews(Reply):
    """Reviews, newest first."""

    reviews: tuple[ReviewCard, ...]


class Verdict(StrEnum):
    """Where an account stands in a review."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CLOSED = "closed"


class ReviewOf(ScopedQuery):
    """The accounts of the unit and directly below that a review asks about; those still open first."""

    review: UUID
    first: Count = 0
    size: Few = 200


class ReviewRow(Message):
    """One person's account in one unit within a review, and who settled it."""

    person: UUID
    login: Login
    name: Name
    unit: UnitPath
    roles: tuple[Role, ...]
    verdict: Verdict
    last_sign_in_at: AwareDatetime | None = None
    by: str = ""
    at: AwareDatetime | None = None


class ReviewSheet(Reply):
    """A page of the accounts of a review for one unit; `total` counts all pages."""

    card: ReviewCard
    rows: tuple[ReviewRow, ...]
    total: Count


class Reviewed(Message):
    """A person's account in a unit."""

    person: UUID
    unit: UnitPath


class ConfirmAccounts(ScopedCommand):
    """The unit confirms that these people still work there; nobody confirms their own account."""

    review: UUID
    accounts: tuple[Reviewed, ...] = Field(min_length=1, max_length=500)


class ReviewsProgress(ScopedQuery):
    """Who is late: the unit itself and each unit directly below with all of its own; or (`deep`) every single unit."""

    review: UUID
    deep: bool = False


class ReviewLine(Message):
    """How far a unit is; `late`: the day has passed and accounts are open."""

    unit: UnitPath
    confirmed: Count
    closed: Count
    open: Count
    late: bool


class ReviewProgress(Reply):
    """The units of a review: late ones first, then those with the most open accounts."""

    card: ReviewCard
    lines: tuple[ReviewLine, ...]
    late: Count
    findings: tuple[Finding, ...] = ()


class NotYourOwn(Refusal):
    """Nobody administers their own account."""

    vi = "Không ai quản trị tài khoản của chính mình. Đề nghị người quản trị khác làm việc này."
    en = "Nobody administers their own account. Ask another administrator to do this."


class AlreadyActive(Refusal):
    """A one-time code is only for an account that is not active yet."""

    vi = "Tài khoản {login} đã kích hoạt hoặc đã đóng nên không cấp lại mã. Mất thiết bị thì làm thủ tục khôi phục."
    en = "The account {login} is active or closed, so no new code is given. For a lost device use the recovery."


class AccountsApi(Protocol):
    """A part of what identity answers."""

    def people_of(self, request: PeopleOf) -> People: ...
    def give_role(self, request: GiveRole) -> PersonCard: ...
    def end_role(self, request: EndRole) -> PersonCard: ...
    def set_expiry(self, request: SetExpiry) -> PersonCard: ...
    def close_account(self, request: CloseAccount) -> PersonCard: ...
    def hand_over(self, request: HandOver) -> ActivationSheet: ...
    def reissue_activation(self, request: ReissueActivation) -> ActivationSheet: ...
    def check_account_file(self, request: CheckAccountFile) -> FileChecked: ...
    def create_from_file(self, request: CreateFromFile) -> ActivationSheet: ...
    def open_review(self, request: OpenReview) -> ReviewCard: ...
    def reviews_of(self, request: ReviewsOf) -> Reviews: ...
    def review_of(self, request: ReviewOf) -> ReviewSheet: ...
    def confirm_accounts(self, request: ConfirmAccounts) -> ReviewCard: ...
    def reviews_progress(self, request: ReviewsProgress) -> ReviewProgress: ...
