"""What identity offers about shared accounts and breaches of security: findings with evidence, reports upward."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Protocol
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.contracts.base import (
    Count,
    ElectionId,
    Finding,
    Line,
    Message,
    Note,
    Page,
    Refusal,
    Reply,
    ScopedCommand,
    ScopedQuery,
    Severity,
    UnitPath,
)

Said = Annotated[Note, StringConstraints(min_length=1)]


class SharingKind(StrEnum):
    """The signs that an account is in more hands than one, in the order in which they are worth a look."""

    TOKEN_ELSEWHERE = "token_elsewhere"  # noqa: S105  a word, no secret
    TOKEN_REUSED = "token_reused"  # noqa: S105
    DISOWNED = "disowned"
    SECOND_PLACE = "second_place"
    OVERLAP = "overlap"
    FOREIGN_NETWORK = "foreign_network"
    FAR_APART = "far_apart"
    SHARED_MACHINE = "shared_machine"
    TOO_FAST = "too_fast"
    NO_PAUSE = "no_pause"
    NEW_MACHINE = "new_machine"
    OTHER_BROWSER = "other_browser"
    LEFT_NETWORK = "left_network"


KIND_NAMES: dict[SharingKind, tuple[str, str]] = {
    SharingKind.TOKEN_ELSEWHERE: ("Phiên dùng ở máy khác", "Session used on another machine"),
    SharingKind.TOKEN_REUSED: ("Khóa phiên cũ dùng lại", "Old session key used again"),
    SharingKind.DISOWNED: ("Chủ tài khoản không nhận", "Disowned by the holder"),
    SharingKind.SECOND_PLACE: ("Hai nơi cùng lúc", "Two places at once"),
    SharingKind.OVERLAP: ("Hai nơi xen kẽ", "Two places in turns"),
    SharingKind.FOREIGN_NETWORK: ("Mạng của đơn vị khác", "Network of another unit"),
    SharingKind.FAR_APART: ("Hai tỉnh trong ít phút", "Two provinces within minutes"),
    SharingKind.SHARED_MACHINE: ("Nhiều người một máy", "Several people on one machine"),
    SharingKind.TOO_FAST: ("Nhanh hơn người gõ", "Faster than a person types"),
    SharingKind.NO_PAUSE: ("Làm liên tục không nghỉ", "At work without a pause"),
    SharingKind.NEW_MACHINE: ("Máy chưa từng thấy", "Machine never seen"),
    SharingKind.OTHER_BROWSER: ("Trình duyệt đổi giữa phiên", "Browser changed within a session"),
    SharingKind.LEFT_NETWORK: ("Rời mạng đơn vị giữa phiên", "Left the unit's network within a session"),
}
"""Each kind in Vietnamese and English."""


class SharingState(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    EXPLAINED = "explained"
    CONFIRMED = "confirmed"


class Sighted(Message):
    """A piece of evidence: from which machine (the first digits of its id), address and browser, from when to when.

    `network` is the unit that registered the address; `acts` counts what was done, for findings about rhythm. Never a
    password, a code or a personal number.
    """

    machine: str = ""
    address: str = ""
    device: str = ""
    network: str = ""
    first_at: AwareDatetime
    last_at: AwareDatetime
    acts: Count = 0


class SharingRow(Message):
    """A finding as the unit above sees it: who, where, what was seen, what to do; `act_by` is the unit that settles."""

    finding: UUID
    kind: SharingKind
    code: str
    severity: Severity
    vi: str
    en: str
    person: UUID
    name: str
    login: str
    phone: str
    election: ElectionId | None
    unit: UnitPath
    act_by: UnitPath
    found_at: AwareDatetime
    last_at: AwareDatetime
    times: Count
    state: SharingState
    evidence: tuple[Sighted, ...]
    in_session: bool = False
    settled_by: str = ""
    settled_at: AwareDatetime | None = None
    note: str = ""


class FindingsOf(ScopedQuery):
    """The findings about people of a unit and of those below it, open ones first, the gravest and newest first."""

    state: SharingState | None = None
    kind: SharingKind | None = None
    page: Page = Page()


class SharingFindings(Reply):
    """A page of findings; how many there are in all, and how many are open."""

    findings: tuple[SharingRow, ...]
    total: Count
    open: Count


class SettleFinding(ScopedCommand):
    """What the unit above concludes: explained, or an account shared indeed; the live session ends on demand.

    Explaining that several people use one machine declares the machine shared.
    """

    finding: UUID
    shared: bool
    note: Said
    end_session: bool = False


class AnnounceMachine(ScopedCommand):
    """A person of the unit will sign in from another machine next: their next such sign-in is no finding."""

    login: Line
    reason: Said


class Announced(Reply):
    """Until when the announcement waits for the new machine."""

    until: AwareDatetime


class SharingWeekOf(ScopedQuery):
    """The findings of seven days from a day on (Vietnamese days), counted by unit."""

    first_day: date


class SharingCount(Message):
    """How many findings of a kind."""

    kind: SharingKind
    number: Count


class SharingUnit(Message):
    """A unit in the weekly list: its findings by kind, how many of them in which state, and who settles them."""

    unit: UnitPath
    kinds: tuple[SharingCount, ...]
    open: Count
    explained: Count
    confirmed: Count
    act_by: UnitPath


class SharingWeek(Reply):
    """The units with findings, those with the most open ones first; of a province, its communes and itself."""

    units: tuple[SharingUnit, ...]


class Network(Message):
    """A network of a unit in CIDR notation, and what it is."""

    cidr: Line
    note: Line = ""


class SetNetworks(ScopedCommand):
    """All networks of a unit; those it had before are replaced. Every fault at once."""

    networks: tuple[Network, ...] = Field(max_length=200)


class NetworksOf(ScopedQuery):
    """The networks a unit has registered."""


class Networks(Reply):
    """The networks of a unit, and what is worth a look although it binds nobody."""

    networks: tuple[Network, ...]
    findings: tuple[Finding, ...] = ()


class BreachState(StrEnum):
    """Where a report of a breach stands."""

    REPORTED = "reported"
    TAKEN_UP = "taken_up"
    SETTLED = "settled"


class ReportBreach(ScopedCommand):
    """Something is wrong with the security of an account, a machine or of data: told upward with one form."""

    what: Said
    noticed_at: AwareDatetime
    accounts: Line = ""
    machines: Line = ""
    action: Note = ""
    phone: Annotated[Line, StringConstraints(min_length=1)]
    personal_data: bool = False


class Breach(Reply):
    """A report: what, by whom, which unit has it now, until when it must be taken up.

    `notify_by` is 72 hours after it was noticed when personal data are concerned (Personal Data Protection Law
    91/2025/QH15), else None.
    """

    breach: UUID
    number: Count
    election: ElectionId
    unit: UnitPath
    handler: UnitPath
    state: BreachState
    what: str
    noticed_at: AwareDatetime
    accounts: str
    machines: str
    action: str
    phone: str
    personal_data: bool
    notify_by: AwareDatetime | None
    reported_by: str
    reported_at: AwareDatetime
    due_at: AwareDatetime
    escalated: Count
    late: bool
    taken_by: str = ""
    taken_at: AwareDatetime | None = None
    settled_by: str = ""
    settled_at: AwareDatetime | None = None
    how: str = ""


class BreachesOf(ScopedQuery):
    """The reports of a unit and those below; who may not settle any sees what he reported himself."""

    state: BreachState | None = None
    page: Page = Page()


class Breaches(Reply):
    """Reports, those not taken up first, then the newest; how many there are in all."""

    breaches: tuple[Breach, ...]
    total: Count


class TakeUpBreach(ScopedCommand):
    """The unit that has the report works on it from now on."""

    breach: UUID


class SettleBreach(ScopedCommand):
    """The breach is over: how it was settled."""

    breach: UUID
    how: Said


class FindingAboutYou(Refusal):
    """Nobody settles a finding about themselves."""

    status = 409
    vi = "Dấu hiệu này nói về chính tài khoản của ông/bà. Người khác ở cấp trên phải kết luận."
    en = "This finding is about your own account. Another person of the unit above must settle it."


class SharingApi(Protocol):
    """A part of what identity answers."""

    def findings_of(self, request: FindingsOf) -> SharingFindings: ...
    def settle_finding(self, request: SettleFinding) -> SharingRow: ...
    def announce_machine(self, request: AnnounceMachine) -> Announced: ...
    def sharing_week(self, request: SharingWeekOf) -> SharingWeek: ...
    def set_networks(self, request: SetNetworks) -> Networks: ...
    def networks_of(self, request: NetworksOf) -> Networks: ...
    def report_breach(self, request: ReportBreach) -> Breach: ...
    def breaches_of(self, request: BreachesOf) -> Breaches: ...
    def take_up_breach(self, request: TakeUpBreach) -> Breach: ...
    def settle_breach(self, request: SettleBreach) -> Breach: ...
