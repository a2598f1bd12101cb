"""What candidates offers, announces and refuses: the election, its structure, dossiers, official lists."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.contracts.base import (
    ConstituencyCode,
    Count,
    ElectionId,
    Event,
    Finding,
    Hash,
    Line,
    Message,
    Name,
    Note,
    Page,
    PersonalNumber,
    Query,
    Refusal,
    Reply,
    SamePerson,
    ScopedCommand,
    ScopedQuery,
    UnitCode,
    UnitPath,
)


class Contest(StrEnum):
    """The three elections of one day: National Assembly, provincial Council, commune Council."""

    NA = "NA"
    PC = "PC"
    CC = "CC"


CONTEST_NAMES: dict[Contest, tuple[str, str]] = {
    Contest.NA: ("Đại biểu Quốc hội", "National Assembly"),
    Contest.PC: ("Đại biểu HĐND cấp tỉnh", "Provincial Council"),
    Contest.CC: ("Đại biểu HĐND cấp xã", "Commune Council"),
}
"""Each contest in Vietnamese and English."""


class Sex(StrEnum):
    """As on the National Population Database."""

    MALE = "male"
    FEMALE = "female"


class Clock(Message):
    """The time of an election. A real one runs with the world; a rehearsal shows the day it plays.

    Shown time at real time t is `shown_at + speed * (t - real_at)`; a real election has speed 1 and equal instants.
    """

    real_at: AwareDatetime
    shown_at: AwareDatetime
    speed: Annotated[int, Field(ge=0, le=100_000)] = 1

    def at(self, real: datetime) -> datetime:
        """The election's own time at a real instant."""
        return self.shown_at + self.speed * max(real - self.real_at, timedelta())


class Milestone(Message):
    """A deadline of the law as (code, days from election day, hour, article) and the instant that follows from it."""

    code: str
    vi: str
    en: str
    days: int
    hour: str
    source: str
    at: AwareDatetime


class Election(Reply):
    """An election: its day, its calendar by law, its clock, and whether it is a rehearsal."""

    election: ElectionId
    title: Name
    day: date
    rehearsal: bool
    clock: Clock
    milestones: tuple[Milestone, ...]
    slots: tuple[str, ...]


class CallElection(ScopedCommand):
    """Call an election (unit `vn`). An id `dien-tap-N` is a rehearsal; no other id can ever be one."""

    title: Name
    day: date
    slots: tuple[Annotated[str, Field(pattern=r"^[0-9]{2}:[0-9]{2}$")], ...] = (
        "07:00", "08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00", "17:00", "18:00",
        "19:00",
    )  # fmt: skip


class SetClock(ScopedCommand):
    """Show another day in a rehearsal; refused for a real election."""

    shown_at: AwareDatetime
    speed: Annotated[int, Field(strict=True, ge=0, le=100_000)] = 1


class ElectionOf(ScopedQuery):
    """The election itself."""


class ElectionsHeld(Query):
    """All elections this installation knows, newest first. Any person with a passport may ask."""


class Elections(Reply):
    """Elections, newest first."""

    elections: tuple[Election, ...]


class Constituency(Message):
    """A constituency: its code, seats, and the whole communes (NA, PC) or the extent in words (CC) it is made of."""

    code: ConstituencyCode
    contest: Contest
    path: UnitPath
    ordinal: Annotated[int, Field(strict=True, ge=1)]
    title: Name
    seats: Annotated[int, Field(strict=True, ge=1)]
    communes: tuple[UnitCode, ...]
    extent: Note
    population: Count = 0
    resolution: Line = ""


class LoadStructure(ScopedCommand):
    """Load constituencies from a CSV in the file store: unit `vn` the nation's NA ones, unit `vn/46` the Councils'.

    Columns: code, contest, unit, ordinal, title, seats, communes (codes joined by a space), extent, population,
    resolution, council_kind and council_population (rows of Councils: kind and population for the seat rule).
    `unit` is the province (NA, PC) or the commune (CC), as code or path. `council_kind` is empty or one of tinh,
    thanh_pho, xa, xa_mien_nui (mountain or island), phuong, dac_khu: ward of a city or of a province follows from the
    province. An empty title is "Đơn vị bầu cử số N". All findings at once by line; nothing of a file with a blocking
    finding is stored.
    """

    file: Hash
    file_name: Line


class StructureLoaded(Reply):
    """What now stands, with findings that do not block."""

    constituencies: Count
    seats: Count
    findings: tuple[Finding, ...]


class ConstituenciesOf(ScopedQuery):
    """The constituencies at or below a unit, or that contain it; optionally of one contest."""

    contest: Contest | None = None


class Constituencies(Reply):
    """Constituencies by contest and code."""

    constituencies: tuple[Constituency, ...]


class Nominator(StrEnum):
    """Who put the person forward."""

    CENTRAL = "central"
    LOCAL = "local"
    SELF = "self"


class Identity(Message):
    """Who a candidate is. The personal number is concealed at rest and never in an event, a log or an address."""

    full_name: Name
    other_name: Line = ""
    birth_date: date
    sex: Sex
    personal_number: PersonalNumber
    ethnicity: Name
    religion: Line = "Không"
    home_town: Name
    residence: Name


class Background(Message):
    """The columns of the person table (forms.md 1.4) that are not identity."""

    schooling: Line = "12/12"
    profession: Line = ""
    degree: Line = ""
    political_theory: Line = ""
    languages: Line = ""
    occupation: Line = ""
    workplace: Line = ""
    party_since: date | None = None
    na_terms: Line = ""
    council_terms: Line = ""


class ReceiveDossier(ScopedCommand):
    """Receive a dossier for one contest at the Commission that files it (unit: vn, vn/46 or vn/46/19777)."""

    contest: Contest
    identity: Identity
    background: Background
    nominator: Nominator
    nominated_by: Line = ""


class IdentityField(Message):
    """One field of an identity in two sources with a verdict in words; `same` or what differs."""

    field: str
    declared: Line
    registered: Line
    verdict: str
    vi: str
    en: str


class Dossier(Reply):
    """A dossier as its commission sees it; the personal number masked (•••• •••• 3471)."""

    dossier: UUID
    contest: Contest
    unit: UnitPath
    state: str
    full_name: Name
    other_name: Line
    birth_date: date
    sex: Sex
    masked_number: Line
    ethnicity: Name
    religion: Line
    home_town: Line
    residence: Line
    background: Background
    nominator: Nominator
    nominated_by: Line
    constituency: ConstituencyCode | None
    identity_fields: tuple[IdentityField, ...] = ()
    findings: tuple[Finding, ...] = ()
    content: Hash
    received_at: AwareDatetime
    received_by: Line
    checked_by: Line = ""
    confirmed_by: Line = ""


class CheckIdentity(ScopedCommand):
    """Compare dossiers with the population register, field by field (asks voters). At most 200 at once."""

    dossiers: tuple[UUID, ...] = Field(max_length=200)


class ConfirmIdentity(ScopedCommand):
    """A second person confirms identities exactly as they were read (`contents`, one hash a dossier)."""

    dossiers: tuple[UUID, ...] = Field(max_length=200)
    contents: tuple[Hash, ...] = Field(max_length=200)
    reason: Line = ""


class CorrectDossier(ScopedCommand):
    """Correct a declared identity from the paper dossier: a new version, with reason; the check starts anew."""

    dossier: UUID
    identity: Identity
    reason: Line


class WithdrawDossier(ScopedCommand):
    """Withdraw before the official list, by written request."""

    dossier: UUID
    document: Line


class Placement(Message):
    """One dossier in one constituency."""

    dossier: UUID
    constituency: ConstituencyCode


class PlaceCandidates(ScopedCommand):
    """Place dossiers that stand through the third consultation in constituencies."""

    placements: tuple[Placement, ...] = Field(max_length=1000)
    consultation: Line


class PublishLists(ScopedCommand):
    """Publish official lists of constituencies, in the legal order of names (LBC 57-59; forms 17, 22)."""

    constituencies: tuple[ConstituencyCode, ...] = Field(max_length=200)
    document: Line


class StrikeCandidate(ScopedCommand):
    """Strike a candidate from a published list before voting starts (LBC 60); order and numbers of the others stay."""

    constituency: ConstituencyCode
    dossier: UUID
    reason: Line
    document: Line


class ListedCandidate(Message):
    """A line of an official list and of the ballot: the order is frozen at publication."""

    order: Annotated[int, Field(ge=1)]
    dossier: UUID
    full_name: Name
    other_name: Line
    birth_date: date
    sex: Sex
    ethnicity: Line
    religion: Line
    home_town: Line
    residence: Line
    background: Background
    nominator: Nominator
    struck: bool = False

    @property
    def titled(self) -> str:
        """The name with its title, as records print it: "Bà Lê Thị Diệu Hiền"."""
        return f"{'Ông' if self.sex is Sex.MALE else 'Bà'} {self.full_name}"


class ListsPublished(Reply):
    """How many lists now stand, with findings that do not block (quotas)."""

    lists: Count
    findings: tuple[Finding, ...]


class OfficialList(Reply):
    """The official list of a constituency as it now stands, in ballot order."""

    constituency: ConstituencyCode
    contest: Contest
    seats: Count
    candidates: tuple[ListedCandidate, ...]
    document: Line
    published_at: AwareDatetime
    findings: tuple[Finding, ...] = ()


class ListsOf(ScopedQuery):
    """The official lists at or below a unit, or of the constituencies that contain it; optionally of one contest."""

    contest: Contest | None = None


class OfficialLists(Reply):
    """Official lists by constituency."""

    lists: tuple[OfficialList, ...]


class DossiersOf(ScopedQuery):
    """Dossiers filed at a unit, filtered by state and contest, in the order of names."""

    contest: Contest | None = None
    state: str | None = None
    page: Page = Page(size=1000)


class Dossiers(Reply):
    """A page of dossiers and how many there are by state."""

    dossiers: tuple[Dossier, ...]
    total: Count
    by_state: dict[str, int]


class DossierOf(ScopedQuery):
    """One dossier."""

    dossier: UUID


class ElectionCalled(Event):
    """The election with its calendar and clock; told again when the clock of a rehearsal is set."""

    topic: ClassVar[str] = "candidates.election_called"

    election: Election

    @property
    def aggregate(self) -> str:
        return f"election/{self.election.election}"


class ConstituencyFixed(Event):
    """A constituency with its seats and extent."""

    topic: ClassVar[str] = "candidates.constituency_fixed"

    election: ElectionId
    constituency: Constituency

    @property
    def aggregate(self) -> str:
        return f"constituency/{self.election}/{self.constituency.code}"


class DossierAdvanced(Event):
    """A dossier came to a new state. No personal number, no address."""

    topic: ClassVar[str] = "candidates.dossier_advanced"

    election: ElectionId
    dossier: UUID
    contest: Contest
    unit: UnitPath
    state: str
    full_name: Name
    sex: Sex
    constituency: ConstituencyCode | None = None
    content: Hash

    @property
    def aggregate(self) -> str:
        return f"dossier/{self.election}/{self.dossier}"


class ListPublished(Event):
    """The official list of a constituency, in ballot order; told again when a candidate is struck."""

    topic: ClassVar[str] = "candidates.list_published"

    election: ElectionId
    constituency: ConstituencyCode
    contest: Contest
    seats: Count
    candidates: tuple[ListedCandidate, ...]
    document: Line
    published_at: AwareDatetime

    @property
    def aggregate(self) -> str:
        return f"list/{self.election}/{self.constituency}"


class RehearsalOnly(Refusal):
    """The act exists in rehearsals only."""

    status = 409
    vi = "Chỉ làm được trong diễn tập. Cuộc bầu cử {election} là thật."
    en = "Possible in rehearsals only. Election {election} is real."


class AlreadyCalled(Refusal):
    """An election with this id was called before."""

    status = 409
    vi = "Cuộc bầu cử {election} đã có. Chọn mã khác."
    en = "Election {election} exists. Choose another id."


class UnitsNotLoaded(Refusal):
    """A structure cannot be checked before the units it is made of are known."""

    status = 409
    vi = "Danh mục đơn vị hành chính chưa nạp đủ: có {known}, cần {needed}. Nạp danh mục trước rồi nạp lại tệp này."
    en = "The administrative units are not all loaded: {known} known, {needed} needed. Load them first, then this file."


class DeskClosed(Refusal):
    """Dossiers close at 17:00 on the 42nd day before election day (LBC 36)."""

    status = 409
    vi = "Đã hết hạn nhận hồ sơ ứng cử ({closed}). Không nhận thêm hồ sơ."
    en = "The time for receiving dossiers ended at {closed}. No further dossier can be received."


class ListIsFrozen(Refusal):
    """An official list stands from its publication; after voting starts nobody is struck any more (LBC 60)."""

    status = 409
    vi = "Không đổi được danh sách chính thức của {constituency}: cuộc bỏ phiếu đã bắt đầu."
    en = "The official list of {constituency} can no longer change: voting has started."


class SecondPersonNeeded(SamePerson):
    """Who received, corrected or checked a dossier cannot also confirm its identity."""

    vi = "Ông/bà đã nhận, sửa hoặc kiểm tra hồ sơ này nên người khác phải xác nhận danh tính."
    en = "You received, corrected or checked this dossier; another person must confirm the identity."


class CandidatesApi(Protocol):
    """Every question the candidates service answers."""

    def call_election(self, request: CallElection) -> Election: ...
    def set_clock(self, request: SetClock) -> Election: ...
    def election_of(self, request: ElectionOf) -> Election: ...
    def elections_held(self, request: ElectionsHeld) -> Elections: ...
    def load_structure(self, request: LoadStructure) -> StructureLoaded: ...
    def constituencies_of(self, request: ConstituenciesOf) -> Constituencies: ...
    def receive_dossier(self, request: ReceiveDossier) -> Dossier: ...
    def check_identity(self, request: CheckIdentity) -> Dossiers: ...
    def confirm_identity(self, request: ConfirmIdentity) -> Dossiers: ...
    def correct_dossier(self, request: CorrectDossier) -> Dossier: ...
    def withdraw_dossier(self, request: WithdrawDossier) -> Dossier: ...
    def place_candidates(self, request: PlaceCandidates) -> Dossiers: ...
    def publish_lists(self, request: PublishLists) -> ListsPublished: ...
    def strike_candidate(self, request: StrikeCandidate) -> OfficialList: ...
    def lists_of(self, request: ListsOf) -> OfficialLists: ...
    def dossiers_of(self, request: DossiersOf) -> Dossiers: ...
    def dossier_of(self, request: DossierOf) -> Dossier: ...
