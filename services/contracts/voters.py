"""What voters offers, announces and refuses: polling areas, voter lists, imports, posting and closing."""

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
    Finding,
    Hash,
    Job,
    Line,
    Message,
    Name,
    PersonalNumber,
    Refusal,
    Reply,
    ScopedCommand,
    ScopedQuery,
    UnitPath,
)
from services.contracts.candidates import Contest, Sex


class AreaKind(StrEnum):
    """Why an area may be small: remote, or an own area of a hospital, armed unit, place of detention (LBC 11)."""

    COMMON = "common"
    REMOTE = "remote"
    HOSPITAL = "hospital"
    ARMED = "armed"
    DETENTION = "detention"


class Area(Message):
    """A polling area: its place and the one constituency of each contest it belongs to."""

    code: AreaCode
    kind: AreaKind = AreaKind.COMMON
    place: Name
    address: Line = ""
    na: ConstituencyCode
    pc: ConstituencyCode
    cc: ConstituencyCode
    contact: Line = ""
    phone: Line = ""


class FixAreas(ScopedCommand):
    """Fix the polling areas of a commune (unit `vn/46/19777`): the whole set, all findings at once."""

    areas: tuple[Area, ...] = Field(max_length=500)


class AreasOf(ScopedQuery):
    """The polling areas at or below a unit."""


class Rights(Message):
    """Voters with the right in each contest; all = NA. Integers, counted from the entries."""

    na: Count = 0
    pc: Count = 0
    cc: Count = 0
    male: Count = 0
    female: Count = 0

    def of(self, contest: Contest) -> int:
        """How many may vote in a contest."""
        return {Contest.NA: self.na, Contest.PC: self.pc, Contest.CC: self.cc}[contest]


class AreaRow(Message):
    """A polling area with the state and totals of its list."""

    area: Area
    state: str
    rights: Rights
    posted_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None


class Areas(Reply):
    """Polling areas by code."""

    areas: tuple[AreaRow, ...]


class ImportVoters(ScopedCommand):
    """Import a voter file (CSV or XLSX in the file store) into the lists of a commune: all rows or none.

    Columns: area, household, full_name, birth_date (dd/mm/yyyy or yyyy-mm-dd), sex (Nam/Nữ), ethnicity,
    personal_number, residence_kind (thường trú/tạm trú), resident_since (dd/mm/yyyy, for temporary residents),
    address, note.
    """

    file: Hash
    file_name: Line


class ImportOf(ScopedQuery):
    """The job of an import."""

    job: UUID


class ImportsOf(ScopedQuery):
    """The imports of a unit, newest first."""


class Imports(Reply):
    """Import jobs, newest first."""

    jobs: tuple[Job, ...]
    names: tuple[Line, ...]
    people: tuple[Line, ...]


class PostLists(ScopedCommand):
    """Post the lists of all polling areas of a commune (LBC 32, E-40)."""

    document: Line


class CloseLists(ScopedCommand):
    """Close the lists of all polling areas of a commune (LBC 30, 24 hours before voting)."""

    document: Line


class AddVoter(ScopedCommand):
    """Add a person to a posted list, with reason and document; numbered after the last."""

    area: AreaCode
    full_name: Name
    birth_date: date
    sex: Sex
    ethnicity: Name
    personal_number: PersonalNumber
    temporary_since: date | None = None
    address: Line
    reason: Line
    document: Line


class StrikeVoter(ScopedCommand):
    """Strike an entry, with reason and document; the row stays, superseded."""

    area: AreaCode
    serial: Count
    reason: Line
    document: Line


class VotersOf(ScopedQuery):
    """A page of the list of one polling area, by serial."""

    area: AreaCode
    after: Count = 0
    size: Count = Field(default=100, le=1000)


class Voter(Message):
    """A list entry as posted: public by law, without the personal number."""

    serial: Count
    full_name: Name
    birth_date: date
    sex: Sex
    ethnicity: Line
    address: Line
    na: bool
    pc: bool
    cc: bool
    note: Line


class Voters(Reply):
    """A page of entries and the totals of the area."""

    voters: tuple[Voter, ...]
    rights: Rights
    state: str


class PersonQuestion(Message):
    """A person as a dossier declares them, by the concealed personal number (32 hex digits of the cipher block)."""

    concealed: str = Field(pattern=r"^[0-9a-f]{32}$")


class FindPersons(ScopedQuery):
    """Who the register holds under these concealed numbers; asked by candidates to check identities."""

    persons: tuple[PersonQuestion, ...] = Field(max_length=200)
    purpose: Line


class FoundPerson(Message):
    """The register's entry, or `found=False`; in the order asked."""

    found: bool
    full_name: Line = ""
    birth_date: date | None = None
    sex: Sex | None = None
    ethnicity: Line = ""
    address: Line = ""
    area: Line = ""


class FoundPersons(Reply):
    """One answer for each question, in order."""

    persons: tuple[FoundPerson, ...]


class ListStanding(Reply):
    """The lists of a unit after an act: areas and totals."""

    areas: Count
    rights: Rights
    findings: tuple[Finding, ...] = ()


class PollingAreaFixed(Event):
    """A polling area stands."""

    topic: ClassVar[str] = "voters.polling_area_fixed"

    election: ElectionId
    unit: UnitPath
    area: Area

    @property
    def aggregate(self) -> str:
        return f"area/{self.election}/{self.area.code}"


class VoterListAdvanced(Event):
    """The list of an area came to a new state or new totals. Totals only: no person."""

    topic: ClassVar[str] = "voters.voter_list_advanced"

    election: ElectionId
    unit: UnitPath
    area: AreaCode
    state: str
    rights: Rights
    at: AwareDatetime

    @property
    def aggregate(self) -> str:
        return f"voter-list/{self.election}/{self.area}"


class ImportAdvanced(Event):
    """An import job ended: written or refused, with counts only."""

    topic: ClassVar[str] = "voters.import_advanced"

    election: ElectionId
    unit: UnitPath
    job: UUID
    state: str
    rows: Count
    written: Count
    findings: Count

    @property
    def aggregate(self) -> str:
        return f"import/{self.election}/{self.job}"


class ListIsClosed(Refusal):
    """The list closed 24 hours before voting (LBC 30)."""

    status = 409
    vi = "Danh sách cử tri khu vực {area} đã khóa. Chỉ còn được xóa tên người mất quyền."
    en = "The voter list of area {area} is closed. Only the loss of the right can still be recorded."


class VotersApi(Protocol):
    """Every question the voters service answers."""

    def fix_areas(self, request: FixAreas) -> Areas: ...
    def areas_of(self, request: AreasOf) -> Areas: ...
    def import_voters(self, request: ImportVoters) -> Job: ...
    def import_of(self, request: ImportOf) -> Job: ...
    def imports_of(self, request: ImportsOf) -> Imports: ...
    def post_lists(self, request: PostLists) -> ListStanding: ...
    def close_lists(self, request: CloseLists) -> ListStanding: ...
    def add_voter(self, request: AddVoter) -> Voter: ...
    def strike_voter(self, request: StrikeVoter) -> Voter: ...
    def voters_of(self, request: VotersOf) -> Voters: ...
    def find_persons(self, request: FindPersons) -> FoundPersons: ...
