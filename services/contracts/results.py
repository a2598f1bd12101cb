"""What results offers, announces and refuses: polling day, count records, who is elected."""

from enum import StrEnum
from hashlib import sha256
from typing import Annotated, ClassVar, Protocol

from pydantic import AwareDatetime, Field

from services.contracts.base import (
    AreaCode,
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
    Percent,
    Refusal,
    Reply,
    SamePerson,
    ScopedCommand,
    ScopedQuery,
    UnitPath,
)
from services.contracts.candidates import Contest, ListedCandidate
from services.contracts.duties import Hand

Slot = Annotated[str, Field(pattern=r"^[0-9]{2}:[0-9]{2}$")]


class RecordState(StrEnum):
    """Where a count record stands; the arrows between are RECORD_STATES of the results service."""

    AWAITED = "awaited"
    ENTERING_FIRST = "entering_first"
    ENTERED_FIRST = "entered_first"
    ENTERING_SECOND = "entering_second"
    DIFFERS = "differs"
    FAULTY = "faulty"
    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"
    REOPENED = "reopened"


class ResultState(StrEnum):
    """Where the result of a constituency stands; the arrows between are RESULT_STATES of the results service."""

    COLLECTING = "collecting"
    COMPLETE = "complete"
    PREPARED = "prepared"
    DECLARED = "declared"


class Outcome(StrEnum):
    """What a candidate's votes come to. COUNTING until every record is approved: nothing is foretold.

    SHORT: not more than half of the valid ballots. OUTRANKED: more than half, but others had more votes.
    TIED: equal votes and birth date at the last seat, undecided. NO_TURNOUT: at most half of the voters took part.
    """

    COUNTING = "counting"
    ELECTED = "elected"
    SHORT = "short"
    OUTRANKED = "outranked"
    TIED = "tied"
    STRUCK = "struck"
    NO_TURNOUT = "no_turnout"


class Opening(Message):
    """The opening of one polling area: when, and the two voters who saw the empty boxes (form 18 line 6)."""

    area: AreaCode
    opened_at: AwareDatetime
    witnesses: tuple[Name, Name]


class OpenPolling(ScopedCommand):
    """Polling areas of a commune have opened."""

    openings: tuple[Opening, ...] = Field(max_length=500)


class Closing(Message):
    """The close of one polling area: when, and the two witnesses of the count (form 18 lines 8 and 9)."""

    area: AreaCode
    closed_at: AwareDatetime
    witnesses: tuple[Name, Name]


class ClosePolling(ScopedCommand):
    """Polling areas of a commune have closed."""

    closings: tuple[Closing, ...] = Field(max_length=500)


class AreaTurnout(Message):
    """How many people have taken part in an area by the slot; a lower figure than before needs a reason."""

    area: AreaCode
    took_part: Count
    reason: Line = ""


class ReportTurnout(ScopedCommand):
    """Turnout of areas of a commune at a slot. What is right is stored, the rest comes back with its findings."""

    slot: Slot
    rows: tuple[AreaTurnout, ...] = Field(max_length=500)


class TurnoutOutcome(Message):
    """What became of one row: stored with a receipt number, or kept back with findings."""

    area: AreaCode
    stored: bool
    findings: tuple[Finding, ...] = ()


class TurnoutReceipt(Reply):
    """A receipt for what was stored, and every row's outcome."""

    receipt: Line
    at: AwareDatetime
    outcomes: tuple[TurnoutOutcome, ...]


class IncidentKind(StrEnum):
    """What happened."""

    INTERRUPTION = "interruption"
    WEATHER = "weather"
    TRAFFIC = "traffic"
    SECURITY = "security"
    TECHNICAL = "technical"
    OTHER = "other"


class ReportIncident(ScopedCommand):
    """An incident: where, when, what, what was done, and whether a unit above must decide."""

    area: AreaCode | None = None
    kind: IncidentKind
    happened_at: AwareDatetime
    what: Note
    action: Note = ""
    needs_decision: bool = False


class SettleIncident(ScopedCommand):
    """An incident is over: how it was settled."""

    number: Count
    how: Note


class Incident(Reply):
    """An incident with its number in the unit."""

    number: Count
    unit: UnitPath
    area: AreaCode | None
    kind: IncidentKind
    state: str
    happened_at: AwareDatetime
    reported_at: AwareDatetime
    reported_by: Line
    what: Note
    action: Note
    needs_decision: bool
    settled: Note = ""


class IncidentsOf(ScopedQuery):
    """The incidents at or below a unit, newest first."""


class Incidents(Reply):
    """Incidents, newest first."""

    incidents: tuple[Incident, ...]


class BallotUse(Message):
    """Lines of form 32 for one contest: received, issued (net of exchanged), spoiled and exchanged, unused."""

    contest: Contest
    received: Count
    issued: Count
    spoiled: Count
    unused: Count


class RecordBallotUse(ScopedCommand):
    """Form 32 of one Team, one for the three contests; must be recorded before its count records close (F1)."""

    area: AreaCode
    uses: tuple[BallotUse, ...] = Field(min_length=1, max_length=3)
    witnesses: tuple[Name, Name]


class Figures(Message):
    """What form 18 or 23 says: `votes` in the order of the official list, `kinds[k-1]` valid ballots for k people."""

    voters: Count
    took_part: Count
    issued: Count
    collected: Count
    valid: Count
    invalid: Count
    votes: tuple[Count, ...] = Field(max_length=40)
    kinds: tuple[Count, ...] = Field(max_length=10)


class Draft(Message):
    """Figures as far as typed: None is a box still empty. Empty is not zero."""

    voters: Count | None = None
    took_part: Count | None = None
    issued: Count | None = None
    collected: Count | None = None
    valid: Count | None = None
    invalid: Count | None = None
    votes: tuple[Count | None, ...] = Field(default=(), max_length=40)
    kinds: tuple[Count | None, ...] = Field(default=(), max_length=10)


class RecordsOf(ScopedQuery):
    """The status board of count records at or below a unit: states and sums, no figures that would lead a typist."""

    contest: Contest | None = None
    state: str | None = None
    page: Page = Page(size=1000)


class RecordRow(Message):
    """A count record on the status board."""

    area: AreaCode
    contest: Contest
    constituency: ConstituencyCode
    place: Line
    state: str
    version: Count
    mine: bool
    claimed_at: AwareDatetime | None = None
    changed_at: AwareDatetime | None = None
    findings: Count = 0


class Records(Reply):
    """Count records: those that need a person first, then by area and contest."""

    records: tuple[RecordRow, ...]
    by_state: dict[str, int]


class ClaimRecord(ScopedCommand):
    """Take a record for entry: the first or, by another person, the second. Frees itself after 10 idle minutes."""

    area: AreaCode
    contest: Contest


class NextRecord(ScopedCommand):
    """Take the next record this person may enter in the commune."""


class RecordSheet(Reply):
    """What a typist needs: the paper's header, the candidates in ballot order, the own draft; never the other entry."""

    area: AreaCode
    contest: Contest
    constituency: ConstituencyCode
    constituency_title: Line
    place: Line
    form: Line
    seats: Count
    candidates: tuple[ListedCandidate, ...]
    entry: int
    state: str
    draft: Draft
    draft_at: AwareDatetime | None
    claimed_at: AwareDatetime


class SaveDraft(ScopedCommand):
    """Keep what was typed so far; belongs to the person and the record, never enters a total."""

    area: AreaCode
    contest: Contest
    draft: Draft


class SubmitEntry(ScopedCommand):
    """Hand over an entry. With findings it is refused (HasFindings) unless `as_paper` says the paper reads so."""

    area: AreaCode
    contest: Contest
    figures: Figures
    as_paper: bool = False


class EntryOutcome(Reply):
    """The state after an entry; `differing` names boxes unlike the first entry, never its values."""

    area: AreaCode
    contest: Contest
    state: str
    receipt: Line
    at: AwareDatetime
    findings: tuple[Finding, ...]
    differing: tuple[str, ...]


class ComparisonOf(ScopedQuery):
    """Both entries of a record that differs or has findings, for the checker."""

    area: AreaCode
    contest: Contest


class DifferingBox(Message):
    """One box in which the entries differ."""

    box: Line
    number: Count
    label_vi: Line
    label_en: Line
    first: Count
    second: Count


class Comparison(Reply):
    """A record under comparison: the boxes that differ, the boxes that agree, the findings of each choice."""

    sheet: RecordSheet
    boxes: tuple[DifferingBox, ...]
    first: Figures
    second: Figures
    findings: tuple[Finding, ...]
    first_at: AwareDatetime
    second_at: AwareDatetime
    content: Hash


class CheckChoice(ScopedQuery):
    """The findings if the record were resolved so; nothing is stored."""

    area: AreaCode
    contest: Contest
    figures: Figures


class Choice(Reply):
    """The findings of a choice, and the checks that hold (rule codes)."""

    findings: tuple[Finding, ...]
    holding: tuple[Finding, ...]


class ResolveRecord(ScopedCommand):
    """The checker's decision: what the paper says in every differing box; reason when neither entry was right."""

    area: AreaCode
    contest: Contest
    figures: Figures
    reason: Line = ""
    content: Hash


class ReturnRecord(ScopedCommand):
    """The checker sends a record back: both entries are discarded (kept in history) and it is awaited anew."""

    area: AreaCode
    contest: Contest
    reason: Line


class WaitingApproval(ScopedQuery):
    """The records of a commune that wait for approval, with their figures and hashes."""


class RecordView(Reply):
    """A record with its figures, the people behind it and its content hash."""

    area: AreaCode
    contest: Contest
    constituency: ConstituencyCode
    state: str
    version: Count
    figures: Figures
    findings: tuple[Finding, ...]
    content: Hash
    entered_by: tuple[Line, ...]
    compared_by: Line
    approved_by: Line
    changed_at: AwareDatetime


class RecordViews(Reply):
    """Records by area and contest; `content` is the hash of their hashes, approved with one second factor."""

    records: tuple[RecordView, ...]
    content: Hash


class RecordOf(ScopedQuery):
    """One record with its present figures."""

    area: AreaCode
    contest: Contest


class RecordRef(Message):
    """A record exactly as it was read."""

    area: AreaCode
    contest: Contest
    content: Hash


def batch_hash(contents: tuple[str, ...]) -> str:
    """What a second factor is bound to when contents are approved together: SHA-256 of their sorted hashes."""
    return sha256("\n".join(sorted(contents)).encode()).hexdigest()


class ApproveRecords(ScopedCommand):
    """Approve records, all or none. The passport must carry a step-up for `batch_hash` of these contents."""

    records: tuple[RecordRef, ...] = Field(min_length=1, max_length=500)


class ReopenRecord(ScopedCommand):
    """A unit above re-opens an approved record (the unit in the request is the commune of the record)."""

    area: AreaCode
    contest: Contest
    reason: Note
    document: Line


class CandidateResult(Message):
    """A candidate's line in a constituency result: votes, share of valid ballots, outcome."""

    candidate: ListedCandidate
    votes: Count
    share: Percent
    elected: bool
    short_by: Count
    outcome: str


class CommuneLine(Message):
    """A row of the table of form 19: a commune, its polling areas, votes of each candidate in list order."""

    unit: UnitPath
    title: Line
    areas: Count
    votes: tuple[Count, ...]


class Totals(Message):
    """Sums over count records."""

    areas: Count = 0
    voters: Count = 0
    took_part: Count = 0
    issued: Count = 0
    collected: Count = 0
    valid: Count = 0
    invalid: Count = 0


class Meeting(Message):
    """The Board's meeting as form 19 or 24 tells it."""

    held_at: AwareDatetime
    place: Name
    events: Note = "Không có"
    complaints_teams: Note = "Không có"
    complaints_board: Note = "Không có"
    complaints_passed: Note = "Không có"
    annexes: tuple[Line, ...] = ()


class Result(Reply):
    """A constituency result as its approved records make it now."""

    election: ElectionId
    constituency: ConstituencyCode
    contest: Contest
    path: UnitPath
    title: Line
    state: str
    version: Count
    seats: Count
    areas: Count
    approved: Count
    totals: Totals
    candidates: tuple[CandidateResult, ...]
    by_commune: tuple[CommuneLine, ...]
    valid_turnout: bool
    elected: Count
    missing: Count
    additional_election: bool
    rerun: bool
    needs_decision: bool
    majority: Count
    findings: tuple[Finding, ...]
    content: Hash
    prepared_by: Line = ""
    prepared_at: AwareDatetime | None = None
    declared_by: Line = ""
    declared_at: AwareDatetime | None = None
    meeting: Meeting | None = None


class ResultOf(ScopedQuery):
    """The result of one constituency (unit: its path)."""

    constituency: ConstituencyCode


class ResultsOf(ScopedQuery):
    """The results of constituencies at or below a unit, without commune tables."""

    contest: Contest | None = None


class Results(Reply):
    """Results by constituency."""

    results: tuple[Result, ...]


class DecideTie(ScopedCommand):
    """Equal votes and equal birth date at the last seat: the decision with its document (forms.md 12.4)."""

    constituency: ConstituencyCode
    first: tuple[int, ...]
    document: Line


class PrepareResult(ScopedCommand):
    """The Board has met: its record is drawn up from all approved records (unit: the constituency's path)."""

    constituency: ConstituencyCode
    meeting: Meeting
    content: Hash


class DeclareResult(ScopedCommand):
    """The head of the Board signs exactly this content, with a step-up for it."""

    constituency: ConstituencyCode
    content: Hash


class PollingAdvanced(Event):
    """A polling area opened or closed."""

    topic: ClassVar[str] = "results.polling_advanced"

    election: ElectionId
    unit: UnitPath
    area: AreaCode
    state: str
    opened_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    opening_witnesses: tuple[Name, ...] = ()
    count_witnesses: tuple[Name, ...] = ()

    @property
    def aggregate(self) -> str:
        return f"polling/{self.election}/{self.area}"


class TurnoutReported(Event):
    """Turnout of one area at one slot, as now known."""

    topic: ClassVar[str] = "results.turnout_reported"

    election: ElectionId
    unit: UnitPath
    area: AreaCode
    slot: Slot
    took_part: Count
    voters: Count
    late: bool
    at: AwareDatetime

    @property
    def aggregate(self) -> str:
        return f"turnout/{self.election}/{self.area}/{self.slot}"


class IncidentReported(Event):
    """An incident as now known."""

    topic: ClassVar[str] = "results.incident_reported"

    election: ElectionId
    incident: Incident

    @property
    def aggregate(self) -> str:
        return f"incident/{self.election}/{self.incident.unit}/{self.incident.number}"


class BallotUseRecorded(Event):
    """Form 32 of a Team."""

    topic: ClassVar[str] = "results.ballot_use_recorded"

    election: ElectionId
    unit: UnitPath
    area: AreaCode
    uses: tuple[BallotUse, ...]
    witnesses: tuple[Name, Name]

    @property
    def aggregate(self) -> str:
        return f"ballot-use/{self.election}/{self.area}"


class RecordAdvanced(Event):
    """A count record came to a new state. Figures only once approved: before that they are nobody's to see.

    `hands`: who entered, compared and approved, on which machines; told with the figures.
    """

    topic: ClassVar[str] = "results.record_advanced"

    election: ElectionId
    unit: UnitPath
    area: AreaCode
    contest: Contest
    constituency: ConstituencyCode
    state: str
    figures: Figures | None = None
    content: Hash | None = None
    entered_by: tuple[Line, ...] = ()
    compared_by: Line = ""
    approved_by: Line = ""
    reason: Line = ""
    hands: tuple[Hand, ...] = ()
    at: AwareDatetime

    @property
    def aggregate(self) -> str:
        return f"record/{self.election}/{self.area}/{self.contest}"


class ResultAdvanced(Event):
    """A constituency result came to a new state: complete, prepared, declared, or collecting again."""

    topic: ClassVar[str] = "results.result_advanced"

    result: Result
    hands: tuple[Hand, ...] = ()

    @property
    def aggregate(self) -> str:
        return f"result/{self.result.election}/{self.result.constituency}"


class RecordTaken(Refusal):
    """Another typist has the record open."""

    status = 409
    vi = "Đang có người nhập biên bản này từ {since}. Chọn biên bản khác."
    en = "Someone has been entering this record since {since}. Choose another record."


class NothingToEnter(Refusal):
    """No record waits for this person."""

    status = 404
    vi = "Không còn biên bản nào chờ ông/bà nhập. Tổ bầu cử gửi biên bản sau 19:00."
    en = "No record waits for you. Teams send them after 19:00."


class ListNotPublished(Refusal):
    """There is no official list for the constituency yet, so no record of it can be entered."""

    status = 409
    vi = "Chưa có danh sách chính thức của đơn vị bầu cử {constituency}, nên chưa nhập được biên bản."
    en = "Constituency {constituency} has no official list yet, so no record can be entered."


class FirstEntryIsYours(SamePerson):
    """The second entry is another person's."""

    vi = "Ông/bà đã nhập lần 1 biên bản này nên không nhập lần 2. Chọn biên bản khác."
    en = "You made the first entry, so someone else makes the second. Choose another record."


class EntryIsYours(SamePerson):
    """Who typed a record neither compares nor approves it."""

    vi = "Ông/bà đã nhập biên bản {contest} khu vực {area} nên người khác phải đối chiếu và phê duyệt."
    en = "You entered the {contest_en} record of area {area}, so someone else must compare and approve it."


class ComparisonIsYours(SamePerson):
    """Who compared a record does not approve it."""

    vi = "Ông/bà đã đối chiếu biên bản {contest} khu vực {area} nên người khác phải phê duyệt."
    en = "You compared the {contest_en} record of area {area}, so someone else must approve it."


class PreparationIsYours(SamePerson):
    """Who drew up the Board's record does not sign it."""

    vi = "Ông/bà đã lập biên bản của đơn vị bầu cử {constituency} nên người khác phải ký."
    en = "You drew up the record of constituency {constituency}, so someone else must sign it."


class ResultsApi(Protocol):
    """Every question the results service answers."""

    def open_polling(self, request: OpenPolling) -> TurnoutReceipt: ...
    def close_polling(self, request: ClosePolling) -> TurnoutReceipt: ...
    def report_turnout(self, request: ReportTurnout) -> TurnoutReceipt: ...
    def report_incident(self, request: ReportIncident) -> Incident: ...
    def settle_incident(self, request: SettleIncident) -> Incident: ...
    def incidents_of(self, request: IncidentsOf) -> Incidents: ...
    def record_ballot_use(self, request: RecordBallotUse) -> EntryOutcome: ...
    def records_of(self, request: RecordsOf) -> Records: ...
    def claim_record(self, request: ClaimRecord) -> RecordSheet: ...
    def next_record(self, request: NextRecord) -> RecordSheet: ...
    def save_draft(self, request: SaveDraft) -> RecordSheet: ...
    def submit_entry(self, request: SubmitEntry) -> EntryOutcome: ...
    def comparison_of(self, request: ComparisonOf) -> Comparison: ...
    def check_choice(self, request: CheckChoice) -> Choice: ...
    def resolve_record(self, request: ResolveRecord) -> EntryOutcome: ...
    def return_record(self, request: ReturnRecord) -> EntryOutcome: ...
    def waiting_approval(self, request: WaitingApproval) -> RecordViews: ...
    def record_of(self, request: RecordOf) -> RecordView: ...
    def approve_records(self, request: ApproveRecords) -> RecordViews: ...
    def reopen_record(self, request: ReopenRecord) -> RecordView: ...
    def result_of(self, request: ResultOf) -> Result: ...
    def results_of(self, request: ResultsOf) -> Results: ...
    def decide_tie(self, request: DecideTie) -> Result: ...
    def prepare_result(self, request: PrepareResult) -> Result: ...
    def declare_result(self, request: DeclareResult) -> Result: ...

