"""The grammar every message is made of: requests, replies, events, refusals, findings, scopes and the policy."""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, NewType, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

MAX_COUNT = 2**53 - 1  # the largest integer every JSON reader keeps exact (RFC 8259, section 6)


def _one_form(text: str) -> str:
    """Text in Unicode NFC with no control character: what is typed in two ways is stored in one."""
    if not text.isprintable() and any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in text):
        raise ValueError("text holds a control character")
    return unicodedata.normalize("NFC", text).strip()


Count = Annotated[int, Field(strict=True, ge=0, le=MAX_COUNT)]
Line = Annotated[str, StringConstraints(max_length=400), AfterValidator(_one_form)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_one_form)]
Note = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_one_form)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Percent = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{1,3},[0-9]{2}$")
]  # "99,38": computed from integers, never typed
ElectionId = Annotated[str, StringConstraints(pattern=r"^([0-9]{4}|dien-tap-[0-9]{1,6})$")]
UnitPath = Annotated[
    str,
    StringConstraints(
        pattern=r"^vn(/[0-9]{2}(/[0-9]{5}(/[0-9]{5}-[0-9]{3}|/CC-[0-9]{5}-[0-9]{2})?|/(NA|PC)-[0-9]{2}-[0-9]{2})?)?$"
    ),
]
UnitCode = Annotated[
    str,
    StringConstraints(
        pattern=r"^(vn|[0-9]{2}|[0-9]{5}|[0-9]{5}-[0-9]{3}|(NA|PC)-[0-9]{2}-[0-9]{2}|CC-[0-9]{5}-[0-9]{2})$"
    ),
]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}-[0-9]{3}$")]
ConstituencyCode = Annotated[str, StringConstraints(pattern=r"^((NA|PC)-[0-9]{2}-[0-9]{2}|CC-[0-9]{5}-[0-9]{2})$")]
PersonId = NewType("PersonId", UUID)

EVERYWHERE = "*"
"""The scope of a grant that holds in every election and unit."""


class Message(BaseModel):
    """A value on the wire: frozen, and one meaning for each field."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)  # at its first use


class Request(Message):
    """A question or an act. Unknown fields are refused: strict in what we ask."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def scope(self) -> str:
        """The path the permission is judged on; EVERYWHERE unless the request names an election and a unit."""
        return EVERYWHERE


class Query(Request):
    """A question: reads only, may be asked again at will."""


class Command(Request):
    """An act of a person: changes state once for each `key`, however often it arrives."""

    key: UUID


class Scoped(Request):
    """A request about one unit of one election; permission is judged on that unit."""

    election: ElectionId
    unit: UnitPath

    @property
    def scope(self) -> str:
        return f"{self.election}/{self.unit}"


class ScopedQuery(Scoped, Query):
    """A question about one unit of one election."""


class ScopedCommand(Scoped, Command):
    """An act in one unit of one election."""


class Reply(Message):
    """An answer. Unknown fields are ignored: tolerant in what we hear."""


class Event(Message, ABC):
    """A fact that tells the whole new state of one aggregate. `topic` is `owner.snake_case_of_the_class`."""

    topic: ClassVar[str]

    @property
    @abstractmethod
    def aggregate(self) -> str:
        """The id of what the fact is about; versions are counted per owner and aggregate."""


class Envelope(Message):
    """What the kit writes around an event: its identity, its place in the history of its aggregate, its cause."""

    id: UUID
    topic: str
    aggregate: str
    version: Annotated[int, Field(ge=1)]
    at: AwareDatetime
    actor: str | None = None
    causation: str | None = None
    data: dict[str, Any]


class Severity(StrEnum):
    """How a finding binds: BLOCK must be corrected, WARN must be confirmed against paper, INFO is told."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


class Finding(Message):
    """One thing a person must look at: stable code, where it is, what is the matter and what to do, in two languages.

    `places` are names of fields (`"valid"`, `"votes.3"`), or `line 17` of a file; several when figures disagree.
    """

    code: str
    severity: Severity
    places: tuple[str, ...] = ()
    vi: str
    en: str


class Rule(Message):
    """A row of a rule catalogue: the check, the message, the test and the manual page all come from it."""

    code: str
    severity: Severity
    source: str
    vi: str
    en: str

    def finding(self, *places: str, **facts: object) -> Finding:
        """The finding this rule makes, with its sentences filled in (`str.format` fields are the facts)."""
        return Finding(
            code=self.code,
            severity=self.severity,
            places=places,
            vi=self.vi.format(**facts),
            en=self.en.format(**facts),
        )


class Refusal(Exception):
    """A rule says no. `status` is the HTTP status the gateway answers with; `code` is the class name.

    Raise it with the facts its two sentences name. `findings` are attached when there is more to correct.
    """

    status: ClassVar[int] = 409
    vi: ClassVar[str]
    en: ClassVar[str]
    known: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init__(self, *, findings: tuple[Finding, ...] = (), **facts: object) -> None:
        self.facts = {name: str(fact) for name, fact in facts.items()}
        self.findings = findings
        super().__init__(self.en.format(**self.facts))

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        Refusal.known[cls.__name__] = cls

    @property
    def code(self) -> str:
        return type(self).__name__

    def told(self) -> "Told":
        """The refusal as a message."""
        return Told(
            code=self.code,
            status=self.status,
            vi=self.vi.format(**self.facts),
            en=self.en.format(**self.facts),
            facts=self.facts,
            findings=self.findings,
        )

    @staticmethod
    def heard(told: "Told") -> "Refusal":
        """The refusal that was told, as its own class when this process knows it."""
        kind = Refusal.known.get(told.code, UnknownRefusal)
        facts = dict(told.facts) if kind is not UnknownRefusal else {"told": told.en}
        return kind(findings=told.findings, **facts)


class Told(Message):
    """A refusal on the wire and in an HTTP body."""

    code: str
    status: int
    vi: str
    en: str
    facts: dict[str, str] = {}
    findings: tuple[Finding, ...] = ()


class UnknownRefusal(Refusal):
    """A newer service refused with a code this process does not know."""

    vi = "Yêu cầu bị từ chối: {told}"
    en = "The request was refused: {told}"


class BadRequest(Refusal):
    """The body does not have the shape the contract asks for; one finding a field."""

    status = 422
    vi = "Yêu cầu có {number} chỗ chưa đúng. Sửa từng chỗ nêu dưới đây rồi gửi lại."
    en = "The request has {number} faults. Correct each of those listed, then send again."


class NotSignedIn(Refusal):
    """No passport, or one that does not verify."""

    status = 401
    vi = "Chưa đăng nhập hoặc phiên đã đóng. Đăng nhập rồi làm lại."
    en = "Not signed in, or the session has closed. Sign in, then try again."


class NotAllowed(Refusal):
    """The person has no role that may do this in that unit; the same answer as for what does not exist."""

    status = 404
    vi = "Không có trang này, hoặc ông/bà không có quyền xem."
    en = "There is no such page, or you may not see it."


class StepUpNeeded(Refusal):
    """The act needs the second factor again, for exactly this content."""

    status = 403
    vi = "Việc này cần xác thực lại cho đúng nội dung đang duyệt. Gõ mã 6 số rồi làm lại."
    en = "This act needs the second factor again for exactly this content. Type the 6-digit code, then try again."


class TooLate(Refusal):
    """The caller's deadline passed before the work began; nothing was done."""

    status = 504
    vi = "Hết thời gian chờ, chưa có gì được ghi. Thử lại sau ít giây."
    en = "The time limit passed and nothing was stored. Try again in a few seconds."


class Unavailable(Refusal):
    """A part the answer depends on is away."""

    status = 503
    vi = "Chưa trả lời được lúc này. Bản nháp vẫn giữ; thử lại sau {seconds} giây."
    en = "No answer can be given now. Your draft is kept; try again in {seconds} seconds."


class KeyReused(Refusal):
    """An idempotency key came again with another request."""

    status = 409
    vi = "Mã yêu cầu này đã dùng cho một việc khác. Tải lại trang rồi làm lại."
    en = "This request key was used for another request. Reload the page, then try again."


class Unknown(Refusal):
    """What the request names does not exist, or not in that unit."""

    status = 404
    vi = "Không tìm thấy {what}. Xem lại mã rồi thử lại."
    en = "{what} was not found. Check the code, then try again."


class StepNotAllowed(Refusal):
    """The state table has no such step from the present state."""

    status = 409
    vi = "Không làm được bước này: đang ở trạng thái “{state}”. Tải lại trang để xem trạng thái mới."
    en = "This step is not possible from the state “{state}”. Reload the page to see the present state."


class StaleVersion(Refusal):
    """Somebody changed the object after this person read it."""

    status = 409
    vi = "Nội dung đã đổi lúc {at}. Xem chỗ đổi rồi làm lại."
    en = "The content changed at {at}. Look at the change, then try again."


class HasFindings(Refusal):
    """A form or file with findings that block: all of them, at once; nothing of it was stored."""

    status = 422
    vi = "Có {number} chỗ cần sửa. Chưa có gì được ghi."
    en = "{number} things must be corrected. Nothing was stored."


def require_nothing_blocks(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings when none of them blocks; else all of them as one refusal, and nothing was stored."""
    every = tuple(findings)
    blocking = sum(finding.severity is Severity.BLOCK for finding in every)
    if blocking:
        raise HasFindings(findings=every, number=blocking)
    return every


class TooMuchAtOnce(Refusal):
    """The answer would be longer than one answer may be; a smaller unit is asked for."""

    status = 422
    vi = "Có hơn {most} dòng, nhiều hơn một lần trả lời. Hỏi từng tỉnh, thành phố hoặc từng xã, phường."
    en = "There are more than {most} rows, too many for one answer. Ask by province or by commune."


class SamePerson(Refusal):
    """Two people are needed and this one did the other part."""

    status = 409
    vi = "Ông/bà đã {did} nên người khác phải làm bước này."
    en = "You already {did}; another person must take this step."


class SameMachine(Refusal):
    """Two people on two machines are needed, and this machine did the other part."""

    status = 409
    vi = "Máy này đã dùng để {did}. Việc này phải làm trên máy khác: đăng nhập ở máy khác rồi làm lại."
    en = "This machine was used to {did_en}. This step must be taken on another machine: sign in there, then try again."


class Reach(StrEnum):
    """How far a role reaches from the unit it was granted in."""

    OWN = "own"
    BELOW = "below"


class Grant(Message):
    """A role in a scope, such as `typist` in `dien-tap-1/vn/46/19777`."""

    role: str
    scope: str


class Passport(Message):
    """Who a request is from: signed by the identity service, verified by every service, good for five minutes.

    `approves` is the hash of the one content a second factor was just given for (step-up), or None. `machine` is the
    id of the browser or program the session was opened from ("" in passports from before it was known).
    """

    person: UUID
    name: str
    session: UUID
    grants: tuple[Grant, ...]
    approves: Hash | None = None
    machine: str = ""


class SessionNews(Message):
    """What the passports of a session may say from now on; None: the session has ended."""

    session: UUID
    grants: tuple[Grant, ...] | None = None


class SessionsNews(Reply):
    """Sessions that ended or changed lately: a passport that says something else no longer holds."""

    sessions: tuple[SessionNews, ...]


class Policy(Message):
    """The fixed table role × action × reach. It is the specification: deny by default."""

    table: Mapping[str, Mapping[str, Reach]]

    def allows(self, grant: Grant, action: str, scope: str) -> bool:
        """Whether a grant lets its holder take an action in a scope.

        >>> typists = Policy(table={"typist": {"enter": Reach.OWN}})
        >>> typists.allows(Grant(role="typist", scope="e/vn/46"), "enter", "e/vn/46")
        True
        """
        reach = self.table.get(grant.role, {}).get(action)
        if reach is None:
            return False
        if grant.scope in (EVERYWHERE, scope):
            return True
        return reach is Reach.BELOW and scope.startswith(f"{grant.scope}/")

    def permits(self, passport: Passport, action: str, scope: str) -> bool:
        """Whether any grant of the passport allows the action in the scope."""
        return any(self.allows(grant, action, scope) for grant in passport.grants)


class Step(Message):
    """One arrow of a state machine: from a state, by an act, to a state."""

    before: str
    act: str
    after: str
    who: str


class StateTable(Message):
    """A state machine as one table; the code, the tests and the drawing all read it."""

    name: str
    vi: str
    start: str
    steps: tuple[Step, ...]
    words: Mapping[str, str]

    def advance(self, state: str, act: str) -> str:
        """The state after an act, or StepNotAllowed with the present state in words."""
        for step in self.steps:
            if step.before == state and step.act == act:
                return step.after
        raise StepNotAllowed(state=self.words.get(state, state))

    def allows(self, state: str, act: str) -> bool:
        """Whether the table has an arrow for the act from the state."""
        return any(step.before == state and step.act == act for step in self.steps)


_SECRET = re.compile(r"^[0-9]{12}\Z")


def _personal_number(text: str) -> str:
    if not _SECRET.match(text):
        raise ValueError("a personal number has 12 digits")
    return text


PersonalNumber = Annotated[str, AfterValidator(_personal_number)]


class Page(Message):
    """Which rows of a long list are asked for."""

    first: Count = 0
    size: Annotated[int, Field(strict=True, ge=1, le=1000)] = 50


class Job(Reply):
    """A long piece of work: its stages with counts, what is written, what is not."""

    id: UUID
    kind: str
    state: str
    stage: str
    done: Count
    total: Count
    written: Count
    findings: tuple[Finding, ...] = ()
    more_findings: Count = 0
    started_at: datetime
    ended_at: datetime | None = None

    @classmethod
    def fresh(cls, id: UUID, kind: str, at: datetime) -> Self:
        """A job that has just been accepted."""
        return cls(id=id, kind=kind, state="waiting", stage="received", done=0, total=0, written=0, started_at=at)


def methods_of(api: type) -> list[str]:
    """The names of every question an Api protocol promises, those of the protocols it is made of included."""
    names = (name for part in api.__mro__ if getattr(part, "_is_protocol", False) for name in vars(part))
    return sorted({name for name in names if not name.startswith("_")})
