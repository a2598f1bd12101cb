"""What identity offers about separation of duties: which acts need different hands, break-glass, bodies, candidates."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Protocol
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.contracts.base import (
    ConstituencyCode,
    Count,
    ElectionId,
    Finding,
    Hash,
    Line,
    Message,
    Name,
    Note,
    Refusal,
    Reply,
    SameMachine,
    SamePerson,
    ScopedCommand,
    ScopedQuery,
    UnitPath,
)
from services.contracts.roles import Role


class Duty(StrEnum):
    """An act on one object that needs other hands than the acts it is kept apart from."""

    FIRST_ENTRY = "first_entry"
    SECOND_ENTRY = "second_entry"
    COMPARE = "compare"
    APPROVE = "approve"
    PREPARE = "prepare"
    DECLARE = "declare"
    PUBLISH = "publish"
    RECEIVE_DOSSIER = "receive_dossier"
    ENTER_DOSSIER = "enter_dossier"
    CHECK_IDENTITY = "check_identity"
    CONFIRM_IDENTITY = "confirm_identity"
    IMPORT_LIST = "import_list"
    POST_LIST = "post_list"
    ASK_OPENING = "ask_opening"
    JOIN_OPENING = "join_opening"
    REVIEW_OPENING = "review_opening"


DUTY_NAMES: dict[Duty, tuple[str, str]] = {
    Duty.FIRST_ENTRY: ("nhập lần 1 biên bản này", "make the first entry of this record"),
    Duty.SECOND_ENTRY: ("nhập lần 2 biên bản này", "make the second entry of this record"),
    Duty.COMPARE: ("đối chiếu biên bản này", "compare this record"),
    Duty.APPROVE: ("phê duyệt biên bản này", "approve this record"),
    Duty.PREPARE: ("lập biên bản của Ban bầu cử này", "draw up the record of this Board"),
    Duty.DECLARE: ("ký biên bản của Ban bầu cử này", "sign the record of this Board"),
    Duty.PUBLISH: ("công bố kết quả", "publish the results"),
    Duty.RECEIVE_DOSSIER: ("nhận hồ sơ này", "receive this dossier"),
    Duty.ENTER_DOSSIER: ("nhập hoặc sửa hồ sơ này", "enter or correct this dossier"),
    Duty.CHECK_IDENTITY: ("kiểm tra danh tính của hồ sơ này", "check the identity of this dossier"),
    Duty.CONFIRM_IDENTITY: ("xác nhận danh tính của hồ sơ này", "confirm the identity of this dossier"),
    Duty.IMPORT_LIST: ("lập danh sách cử tri này", "make this voter list"),
    Duty.POST_LIST: ("niêm yết danh sách cử tri này", "post this voter list"),
    Duty.ASK_OPENING: ("xin mở khẩn cấp", "ask for this emergency opening"),
    Duty.JOIN_OPENING: ("cùng mở khẩn cấp", "join this emergency opening"),
    Duty.REVIEW_OPENING: ("xem lại lần mở khẩn cấp", "review this emergency opening"),
}
"""Each duty in words that follow "this machine was used to …", in Vietnamese and English."""


class Pair(Message):
    """Two duties on one kind of object that one person never takes both, nor one machine; and who says so."""

    first: Duty
    second: Duty
    about: str
    source: str


def _pairs(about: str, source: str, *duties: Duty) -> tuple[Pair, ...]:
    """Each of the duties is kept apart from each other one."""
    return tuple(
        Pair(first=first, second=second, about=about, source=source)
        for place, first in enumerate(duties)
        for second in duties[place + 1 :]
    )


DUTIES: tuple[Pair, ...] = (
    *_pairs(
        "biên bản kết quả kiểm phiếu", "thiết kế 5",
        Duty.FIRST_ENTRY, Duty.SECOND_ENTRY, Duty.COMPARE, Duty.APPROVE, Duty.PUBLISH,
    ),
    *_pairs("biên bản của Ban bầu cử", "LBC 77; thiết kế 5", Duty.PREPARE, Duty.DECLARE, Duty.PUBLISH),
    *(
        Pair(first=hand, second=Duty.CONFIRM_IDENTITY, about="hồ sơ ứng cử", source="thiết kế 5")
        for hand in (Duty.RECEIVE_DOSSIER, Duty.ENTER_DOSSIER, Duty.CHECK_IDENTITY)
    ),
    *_pairs("danh sách cử tri", "LBC 31, 32", Duty.IMPORT_LIST, Duty.POST_LIST),
    *_pairs("mở khẩn cấp", "thiết kế 5", Duty.ASK_OPENING, Duty.JOIN_OPENING, Duty.REVIEW_OPENING),
)  # fmt: skip
"""Every pair of acts that needs two people on two machines. It is the specification; every service judges by it."""


def apart_from(duty: Duty) -> frozenset[Duty]:
    """The duties that must not share a hand with this one.

    >>> sorted(apart_from(Duty.POST_LIST))
    [<Duty.IMPORT_LIST: 'import_list'>]
    """
    pairs = ({pair.first, pair.second} for pair in DUTIES)
    return frozenset(other for pair in pairs if duty in pair for other in pair if other != duty)


def require_other_machine(duty: Duty, machine: str, used: Mapping[Duty, str]) -> None:
    """SameMachine when the machine was used for an act this duty is kept apart from.

    "" is a machine nobody knows (a passport of a program from before): then only the persons are compared.
    """
    for other in sorted(apart_from(duty)):
        if machine and used.get(other, "") == machine:
            vi, en = DUTY_NAMES[other]
            raise SameMachine(did=vi, did_en=en)


class Hand(Message):
    """Who did a duty, on which machine; told beside figures so that later duties can be kept apart from it."""

    duty: Duty
    person: UUID
    machine: Annotated[str, Field(max_length=64)] = ""


class MissingBody(Message):
    """A body the law asks for that nobody has formed: where, what it is, by which day, under which article."""

    path: UnitPath
    kind: Line
    title: Line
    due: date
    source: Line
    late: bool


class BodiesMissing(ScopedQuery):
    """Which bodies at or below a unit do not stand yet (at most 500 are listed, all are counted)."""


class MissingBodies(Reply):
    """Missing bodies, those due first; `by_kind` counts all of them; `late` those whose day has passed."""

    missing: tuple[MissingBody, ...]
    total: Count
    late: Count
    by_kind: dict[str, int]


class ConflictState(StrEnum):
    """Where a candidate found on a body of his constituency stands; the arrows are CONFLICT_STATES of identity."""

    OPEN = "open"
    EXPLAINED = "explained"
    SETTLED = "settled"


class Conflict(Message):
    """A member of a Board or Team who is, or has the name of, a candidate of its constituency (LBC 27)."""

    election: ElectionId
    path: UnitPath
    title: Line
    constituency: ConstituencyCode
    dossier: UUID
    member: Name
    candidate: Name
    sure: bool
    state: ConflictState
    found_at: AwareDatetime
    explanation: Note = ""
    explained_by: Line = ""
    finding: Finding


class ConflictsOf(ScopedQuery):
    """Candidates found on bodies at or below a unit, the open ones first (at most 500)."""


class Conflicts(Reply):
    """What was found, the surest first, and how many are open."""

    conflicts: tuple[Conflict, ...]
    open: Count


class ExplainConflict(ScopedCommand):
    """The member is another person of the same name: how that was established. One whose birth date agrees as well
    is explained by the unit above only.
    """

    path: UnitPath
    dossier: UUID
    explanation: Annotated[Note, Field(min_length=1)]


GLASS_ROLES: tuple[Role, ...] = (
    Role.SECRETARY,
    Role.TYPIST,
    Role.CHECKER,
    Role.APPROVER,
    Role.BOARD_SECRETARY,
    Role.BOARD_HEAD,
)
"""The roles an emergency opening may lend: hands of the count. None administers accounts or touches the ledger."""

GLASS_MINUTES = 60
"""How long an emergency opening lasts at most."""

JOIN_MINUTES = 15
"""How long an opening waits for its second holder."""

REVIEW_HOURS = 24
"""How soon after its end an opening is to be reviewed from above."""

SealedKeyText = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class SealKeys(ScopedCommand):
    """Make three keys for three named holders of one unit; those of before open nothing any more."""

    holders: tuple[Line, Line, Line]


class SealedKey(Message):
    """One holder's key, shown once, to be printed and sealed in an envelope with the holder's name."""

    login: Line
    name: Name
    key: str


class SealedKeys(Reply):
    """Three keys, one a holder."""

    keys: tuple[SealedKey, ...]
    sealed_at: AwareDatetime


class KeyHolder(Message):
    """Who holds a key of the unit."""

    person: UUID
    login: Line
    name: Name


class GlassState(StrEnum):
    """Where an emergency opening stands; the arrows are GLASS_STATES of identity."""

    ASKED = "asked"
    LAPSED = "lapsed"
    OPEN = "open"
    OVER = "over"
    REVIEWED = "reviewed"


class GlassOf(ScopedQuery):
    """Who holds the keys of a unit, and its emergency openings, newest first (at most 50); at or below the unit."""


class GlassOpening(Reply):
    """An emergency opening: one role in one unit of one election for one person, by two of three keys.

    `content` is what the second holder's second factor is bound to.
    """

    opening: UUID
    election: ElectionId
    unit: UnitPath
    role: Role
    reason: Note
    state: GlassState
    asked_by: Line
    asked_at: AwareDatetime
    joined_by: Line = ""
    opened_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    over_at: AwareDatetime | None = None
    over_by: Line = ""
    reviewed_by: Line = ""
    reviewed_at: AwareDatetime | None = None
    in_order: bool | None = None
    verdict: Note = ""
    acts: Count = 0
    content: Hash
    reviewable: bool = False  # by whoever asked
    findings: tuple[Finding, ...] = ()


class Glass(Reply):
    """The keys of a unit and its openings."""

    holders: tuple[KeyHolder, ...]
    sealed_at: AwareDatetime | None
    sealed_by: Line = ""
    openings: tuple[GlassOpening, ...]


class OpenGlass(ScopedCommand):
    """One holder asks: a role of GLASS_ROLES in exactly this unit, why, and the key from the envelope."""

    role: Role
    reason: Annotated[Note, Field(min_length=10)]
    sealed_key: SealedKeyText


class JoinOpening(ScopedCommand):
    """A second holder joins with their own key and a second factor for `content`; the role is lent from now on."""

    opening: UUID
    content: Hash
    sealed_key: SealedKeyText


class CloseOpening(ScopedCommand):
    """End an opening before its time, or give it up before it began; any holder may."""

    opening: UUID


class ReviewOpening(ScopedCommand):
    """Somebody above who held no key of it has read every act and says whether all was in order."""

    opening: UUID
    in_order: bool
    verdict: Annotated[Note, Field(min_length=1)]


class OpeningActs(ScopedQuery):
    """Everything the borrower did while the opening lasted, as the ledger holds it."""

    opening: UUID


class GlassAct(Message):
    """An act under an opening: its place in the ledger, when, what, about what."""

    number: Count
    at: AwareDatetime
    topic: Line
    aggregate: Line


class GlassActs(Reply):
    """Acts in the order of the ledger (at most 1,000)."""

    acts: tuple[GlassAct, ...]


def opening_hash(opening: UUID, election: str, unit: str, role: str, reason: str) -> str:
    """What the second holder approves: this opening, its scope, its role and its reason, and nothing else."""
    return sha256("\n".join((str(opening), election, unit, role, reason)).encode()).hexdigest()


class SealedKeyRefused(Refusal):
    """The key is not that of the holder, or the person holds none of this unit: one answer."""

    status = 403
    vi = "Khóa không đúng hoặc không phải của ông/bà. Xem lại phong bì ghi tên ông/bà và đơn vị {unit}."
    en = "The key is wrong or not yours. Look at the envelope with your name and the unit {unit}."


class OpeningIsYours(SamePerson):
    """Who asked for an opening does not join it; who asked or joined does not review it."""

    vi = "Ông/bà đã xin hoặc cùng mở lần này nên người khác phải làm bước này."
    en = "You asked for this opening or joined it; another person must take this step."


class NotAboveOpening(Refusal):
    """An opening is reviewed by the unit above the one it was in; the nation's own by the nation."""

    status = 403
    vi = "Đơn vị cấp trên xem lại lần mở khẩn cấp này, không phải chính đơn vị đã mở. Chuyển cho đơn vị cấp trên."
    en = "The unit above reviews this emergency opening, not the unit that opened. Pass it to the unit above."


class GlassIsOpen(Refusal):
    """One opening at a time in a unit; keys are not changed while one lasts."""

    status = 409
    vi = "Đơn vị này đang có một lần mở khẩn cấp. Kết thúc lần đó trước."
    en = "This unit has an emergency opening under way. End that one first."


class DutiesApi(Protocol):
    """A part of what identity answers."""

    def bodies_missing(self, request: BodiesMissing) -> MissingBodies: ...
    def conflicts_of(self, request: ConflictsOf) -> Conflicts: ...
    def explain_conflict(self, request: ExplainConflict) -> Conflict: ...
    def seal_keys(self, request: SealKeys) -> SealedKeys: ...
    def glass_of(self, request: GlassOf) -> Glass: ...
    def open_glass(self, request: OpenGlass) -> GlassOpening: ...
    def join_opening(self, request: JoinOpening) -> GlassOpening: ...
    def close_opening(self, request: CloseOpening) -> GlassOpening: ...
    def review_opening(self, request: ReviewOpening) -> GlassOpening: ...
    def opening_acts(self, request: OpeningActs) -> GlassActs: ...
