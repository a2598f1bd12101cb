"""What reporting offers, announces and refuses: the pages' read models, documents, the signed public snapshot."""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.contracts.base import (
    AreaCode,
    ConstituencyCode,
    Count,
    ElectionId,
    Event,
    Hash,
    Job,
    Line,
    Message,
    Name,
    Percent,
    Query,
    Refusal,
    Reply,
    SamePerson,
    ScopedCommand,
    ScopedQuery,
    UnitCode,
    UnitPath,
)
from services.contracts.candidates import Clock, Contest, ListedCandidate
from services.contracts.results import Incident, Result, Totals


class Standing(Message):
    """How an election stands at a moment: which one, whether a rehearsal, its own time."""

    election: ElectionId
    title: Name
    day: date
    rehearsal: bool
    clock: Clock
    shown_at: AwareDatetime
    slots: tuple[str, ...]
    slot: str
    next_slot: str


class SlotPoint(Message):
    """A point of the turnout curve: the reported sum, the voters of those areas, and what 2026's curve expects."""

    slot: str
    took_part: Count
    voters: Count
    share: Percent
    areas: Count
    expected: Percent


class AreaDay(Message):
    """A polling area on polling day, as the commune home shows it."""

    area: AreaCode
    place: Line
    contact: Line
    phone: Line
    opened_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    voters: Count
    took_part: Count
    share: Percent
    reported: tuple[str, ...]
    late: bool
    late_minutes: Count
    by_slot: dict[str, int]
    records: dict[str, str]
    incidents: Count


class RecordStates(Message):
    """How many count records stand in each state; sums to `total`."""

    total: Count
    by_state: dict[str, int]


class DayOf(ScopedQuery):
    """Polling day in a commune, with every area."""


class CommuneDay(Reply):
    """The commune home: figures, curve, areas, incidents, records."""

    standing: Standing
    unit: UnitPath
    title: Line
    voters: Count
    took_part: Count
    share: Percent
    areas_reported: Count
    areas: tuple[AreaDay, ...]
    curve: tuple[SlotPoint, ...]
    incidents: tuple[Incident, ...]
    records: RecordStates


class BoardOf(ScopedQuery):
    """The dashboard of the nation or a province: its units one level down."""


class UnitLine(Message):
    """A unit on a dashboard: turnout, reports, records, results. Late counts areas past their slot."""

    code: UnitCode
    path: UnitPath
    title: Line
    areas: Count
    voters: Count
    took_part: Count
    share: Percent
    late: Count
    records: RecordStates
    incidents: Count
    contact: Line = ""
    phone: Line = ""


class Dashboard(Reply):
    """The nation or a province at a glance, with who is late first in `late`."""

    standing: Standing
    unit: UnitPath
    title: Line
    areas: Count
    areas_reported: Count
    voters: Count
    took_part: Count
    share: Percent
    units: tuple[UnitLine, ...]
    late: tuple[UnitLine, ...]
    curve: tuple[SlotPoint, ...]
    incidents: tuple[Incident, ...]
    records: RecordStates
    constituencies: dict[str, int]
    declared: dict[str, int]


class TotalsOf(ScopedQuery):
    """The summary of a contest at a unit and each unit one level below (commune, province, nation)."""

    contest: Contest


class TotalsLine(Message):
    """Sums of approved records in a unit, with the number of areas that belong to it."""

    unit: UnitPath
    title: Line
    areas: Count
    totals: Totals
    turnout: Percent
    seats: Count
    elected: Count


class Summary(Reply):
    """A summary: the unit itself, then the units below."""

    contest: Contest
    whole: TotalsLine
    parts: tuple[TotalsLine, ...]


class PublicResult(ScopedQuery):
    """The result of a constituency as reporting holds it, with its candidates (unit: its path)."""

    constituency: ConstituencyCode


class ResultsSeen(ScopedQuery):
    """All constituency results at or below a unit as reporting holds them."""

    contest: Contest | None = None


class SeenResults(Reply):
    """Results by constituency."""

    results: tuple[Result, ...]


class ListOf(ScopedQuery):
    """The official list of a constituency (unit: its path)."""

    constituency: ConstituencyCode


class OfficialList(Reply):
    """An official list in ballot order."""

    constituency: ConstituencyCode
    title: Line
    seats: Count
    candidates: tuple[ListedCandidate, ...]
    document: Line
    published_at: AwareDatetime


class Form(StrEnum):
    """The forms of law this service issues, by number (forms.md 2.1)."""

    TEAM_NA = "18"
    BOARD_NA = "19"
    TEAM_COUNCIL = "23"
    BOARD_COUNCIL = "24"


class IssueDocument(ScopedCommand):
    """Issue a form as PDF: 18/23 of a record (`area`, `contest`; unit: commune), 19/24 of a constituency (its path)."""

    form: Form
    area: AreaCode | None = None
    contest: Contest | None = None
    constituency: ConstituencyCode | None = None


class Document(Reply):
    """An issued document: named by its SHA-256; `superseded` when a fact it was made from has a newer version (F17)."""

    document: UUID
    form: Form
    title: Line
    object: Line
    unit: UnitPath
    file: Hash
    content: Hash
    file_name: Line
    issued_at: AwareDatetime
    issued_by: Line
    superseded: bool


class DocumentsOf(ScopedQuery):
    """Documents issued at or below a unit, newest first (at most 500)."""


class DocumentOf(ScopedQuery):
    """One issued document, of a unit the person may read; the gateway asks before it hands out the file."""

    document: UUID


class Documents(Reply):
    """Documents, newest first."""

    documents: tuple[Document, ...]


class PublishSnapshot(ScopedCommand):
    """Order the signed public snapshot (unit `vn`): JSON, CSV and HTML of everything declared, printed by a job."""


class PublicationOf(ScopedQuery):
    """How far an ordered publication has come (unit `vn`): files written of those expected."""

    job: UUID


class PublicationsOf(ScopedQuery):
    """Ordered publications (unit `vn`), newest first (at most 20)."""


class Publications(Reply):
    """Jobs of publications, newest first, with who ordered each."""

    jobs: tuple[Job, ...]
    people: tuple[Line, ...]


class Snapshot(Reply):
    """A published snapshot: its number, the hash of its manifest, the signature over it, how many files."""

    number: Count
    folder: Line
    manifest: Hash
    signature: Line
    files: Count
    constituencies: Count
    published_at: AwareDatetime
    published_by: Line


class SnapshotsOf(ScopedQuery):
    """Snapshots, newest first."""


class Snapshots(Reply):
    """Snapshots, newest first."""

    snapshots: tuple[Snapshot, ...]


class OperationsNow(Query):
    """What reporting knows of its own freshness. For the operations page."""


class Freshness(Reply):
    """When the newest event was heard, and how many of each kind this service holds."""

    heard_at: AwareDatetime | None
    counts: dict[str, int] = Field(default_factory=dict)


class DocumentIssued(Event):
    """A document was issued."""

    topic: ClassVar[str] = "reporting.document_issued"

    election: ElectionId
    document: Document

    @property
    def aggregate(self) -> str:
        return f"document/{self.election}/{self.document.document}"


class PublicationAdvanced(Event):
    """A publication was ordered, or has ended; its files are counted."""

    topic: ClassVar[str] = "reporting.publication_advanced"

    election: ElectionId
    job: UUID
    state: str
    ordered_by: Line
    files: Count = 0
    number: Count = 0

    @property
    def aggregate(self) -> str:
        return f"publication/{self.election}/{self.job}"


class SnapshotPublished(Event):
    """A snapshot was published."""

    topic: ClassVar[str] = "reporting.snapshot_published"

    election: ElectionId
    snapshot: Snapshot

    @property
    def aggregate(self) -> str:
        return f"snapshot/{self.election}/{self.snapshot.number}"


class NotReady(Refusal):
    """The facts the document is made from are not there yet."""

    status = 409
    vi = "Chưa lập được mẫu {form}: {what_vi}."
    en = "Form {form} cannot be issued yet: {what_en}."


class PublicationUnderWay(Refusal):
    """A snapshot is being printed; what was declared since goes into the next one."""

    status = 409
    vi = "Đang làm một bản công bố ({done}/{total} tệp). Chờ xong rồi công bố bản mới."
    en = "A snapshot is being made ({done}/{total} files). Wait until it is done, then publish a new one."


class CountIsYours(SamePerson):
    """Who had a hand in any record or result of the election does not publish it."""

    vi = "Ông/bà đã nhập, đối chiếu, phê duyệt hoặc ký kết quả của cuộc bầu cử này nên người khác phải công bố."
    en = "You entered, compared, approved or signed results of this election; another person must publish it."


class ReportingApi(Protocol):
    """Every question the reporting service answers."""

    def day_of(self, request: DayOf) -> CommuneDay: ...
    def board_of(self, request: BoardOf) -> Dashboard: ...
    def totals_of(self, request: TotalsOf) -> Summary: ...
    def public_result(self, request: PublicResult) -> Result: ...
    def results_seen(self, request: ResultsSeen) -> SeenResults: ...
    def list_of(self, request: ListOf) -> OfficialList: ...
    def issue_document(self, request: IssueDocument) -> Document: ...
    def documents_of(self, request: DocumentsOf) -> Documents: ...
    def document_of(self, request: DocumentOf) -> Document: ...
    def publish_snapshot(self, request: PublishSnapshot) -> Job: ...
    def publication_of(self, request: PublicationOf) -> Job: ...
    def publications_of(self, request: PublicationsOf) -> Publications: ...
    def snapshots_of(self, request: SnapshotsOf) -> Snapshots: ...
    def operations_now(self, request: OperationsNow) -> Freshness: ...
