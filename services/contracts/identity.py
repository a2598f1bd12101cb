"""What identity offers, announces and refuses: units, bodies, accounts, sign-in, passports."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.contracts.accounts import AccountsApi, Login
from services.contracts.base import (
    Command,
    Count,
    ElectionId,
    Event,
    Finding,
    Grant,
    Hash,
    Line,
    Message,
    Name,
    Note,
    Query,
    Refusal,
    Reply,
    ScopedCommand,
    ScopedQuery,
    Severity,
    UnitCode,
    UnitPath,
)
from services.contracts.duties import Conflict, DutiesApi, GlassState
from services.contracts.ledger import (
    CheckpointAt,
    Cosign,
    EvidenceOf,
    Evidences,
    FigureEvidence,
    FigureOf,
    Growth,
    Journal,
    JournalOf,
    LatestCheckpoint,
    LedgerCard,
    LedgerState,
    Proof,
    RegisterWitness,
    SignedCheckpoint,
    Witnessed,
)
from services.contracts.passkeys import (
    ChangePassword,
    FinishFirstKey,
    KeyCard,
    PasskeysApi,
    Recover,
    SecondFactorByKey,
    StepUpByKey,
)
from services.contracts.roles import Role
from services.contracts.sharing import BreachState, SharingApi, SharingKind, SharingState

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class UnitKind(StrEnum):
    """The kinds of administrative units since 1/7/2025; there is no district."""

    NATION = "nation"
    PROVINCE = "tinh"
    CITY = "thanh_pho"
    COMMUNE = "xa"
    WARD = "phuong"
    SPECIAL_ZONE = "dac_khu"


class Unit(Reply):
    """An administrative unit. `name` is without its kind ("Vỹ Dạ"), `title` with it ("phường Vỹ Dạ")."""

    code: UnitCode
    path: UnitPath
    kind: UnitKind
    name: Name
    title: Name


class LoadUnits(Command):
    """Load the nation, its provinces and communes; refused whole unless there are 34 and 3,321 of them."""

    units: tuple[Unit, ...]


class UnitsBelow(Query):
    """The unit at a path and all units below it, by code. Any person with a passport may ask: units are public."""

    path: UnitPath = "vn"


class Units(Reply):
    """Administrative units, parents before children; after loading, what differs from the reference without harm."""

    units: tuple[Unit, ...]
    findings: tuple[Finding, ...] = ()


class BodyKind(StrEnum):
    """Commission (Ủy ban bầu cử), Board (Ban bầu cử), Team (Tổ bầu cử); the Council is the NEC."""

    COUNCIL = "council"
    COMMISSION = "commission"
    BOARD = "board"
    TEAM = "team"


class MemberRole(StrEnum):
    """A place in a body. A Team has head, secretary and members, no deputy (LBC 25)."""

    HEAD = "head"
    DEPUTY = "deputy"
    SECRETARY = "secretary"
    MEMBER = "member"


class Member(Message):
    """A member of a body as the founding document names them. `born` and `login` (their account) may be unknown.

    `born` tells a candidate from another person of the same name (LBC 27); neither is told in events.
    """

    name: Name
    role: MemberRole
    phone: Line = ""
    born: date | None = None
    login: Line = ""


class Body(Message):
    """A body at a path: `vn/46` a provincial Commission, `vn/46/NA-46-01` a Board, `vn/46/19777/19777-012` a Team.

    `armed_unit`: the Team of a polling area of one armed-forces unit, made by its commander, 5 to 9 people.
    """

    path: UnitPath
    kind: BodyKind
    title: Name
    members: tuple[Member, ...]
    document: Line
    formed_on: date
    armed_unit: bool = False


class FormBodies(ScopedCommand):
    """Form or re-form bodies at or below a unit; all findings at once, nothing half stored."""

    bodies: tuple[Body, ...] = Field(max_length=1000)


class BodiesFormed(Reply):
    """How many bodies of the request now stand, and what is worth a look although it binds nobody."""

    formed: Count
    findings: tuple[Finding, ...] = ()


class BodiesOf(ScopedQuery):
    """The bodies at a unit and directly below it."""


class Bodies(Reply):
    """Bodies by path."""

    bodies: tuple[Body, ...]


class NewAccount(Message):
    """A named person who is to have an account with one role in one scope path (without the election)."""

    login: Login
    name: Name
    role: Role
    unit: UnitPath
    phone: Line = ""
    expires_at: AwareDatetime | None = None


class CreateAccounts(ScopedCommand):
    """Create accounts at or below a unit, in bulk; all row errors at once. Grants hold for this election only."""

    accounts: tuple[NewAccount, ...] = Field(max_length=2000)


class Activation(Message):
    """A one-time secret for one person, to be printed and handed over; valid 7 days, used once."""

    login: Login
    code: Secret


class Activations(Reply):
    """One activation for each account, in the order asked."""

    activations: tuple[Activation, ...]


class Activate(Command):
    """First step of activation: the one-time code and the password of one's own choice. No passport needed."""

    login: Login
    code: Secret
    password: Secret


class Enrolment(Reply):
    """The secret to put in the authenticator app (base32, and as otpauth URI); shown once."""

    secret: str
    uri: str


class ConfirmEnrolment(Command):
    """Second step of activation: a code of the authenticator proves it works. The account is then active."""

    login: Login
    code: Secret
    totp: Code


class Done(Reply):
    """It is so now."""


class SignIn(Command):
    """First factor. The answer is the same for a wrong name and a wrong password.

    `address`, `device` (what the browser says it is) and `machine` (the id its cookie keeps) are told by the gateway.
    """

    login: Login
    password: Secret
    address: Line = ""
    device: Line = ""
    machine: Line = ""


class Challenge(Reply):
    """The first factor was right; the second is due within five minutes: by code, by passkey, or by either."""

    challenge: str
    name: Name
    by_code: bool = True
    by_key: bool = False


class SecondFactor(Command):
    """Second factor by TOTP: each code is good once."""

    challenge: Secret
    totp: Code


class Session(Reply):
    """A session has begun. `token` is opaque and lives only with the gateway and the browser's cookie."""

    token: str
    person: UUID
    name: Name
    grants: tuple[Grant, ...]
    ends_at: AwareDatetime
    idle_minutes: Count


class OpenPassport(Query):
    """A passport for a live session; renews its idle time unless a page asked by itself (`renew=False`).

    `address`, `device` and `machine` are where the request comes from, as for a sign-in, told by the gateway.
    """

    token: Secret
    renew: bool = True
    address: Line = ""
    device: Line = ""
    machine: Line = ""


class StepUp(Command):
    """The second factor again, bound to the hash of the content that is to be approved."""

    token: Secret
    totp: Code
    content: Hash


class Papers(Reply):
    """A signed passport (five minutes), and who it speaks for. `token_due`: the session's token is to be renewed."""

    passport: str
    person: UUID
    name: Name
    login: Login
    grants: tuple[Grant, ...]
    session_ends_at: AwareDatetime
    token_due: bool = False


class SignOut(Command):
    """End the session."""

    token: Secret


class AccountsOf(ScopedQuery):
    """The accounts of a unit in this election."""


class AccountRow(Message):
    """An account as its administrator sees it: never a secret."""

    person: UUID
    login: Login
    name: Name
    role: Role
    unit: UnitPath
    state: str
    last_sign_in_at: AwareDatetime | None = None


class Accounts(Reply):
    """Accounts by name in Vietnamese order."""

    accounts: tuple[AccountRow, ...]


class UnitDefined(Event):
    """A unit stands."""

    topic: ClassVar[str] = "identity.unit_defined"

    code: UnitCode
    path: UnitPath
    kind: UnitKind
    name: Name
    title: Name

    @property
    def aggregate(self) -> str:
        return f"unit/{self.code}"


class BodyFormed(Event):
    """A body stands, with all its members."""

    topic: ClassVar[str] = "identity.body_formed"

    election: ElectionId
    body: Body

    @property
    def aggregate(self) -> str:
        return f"body/{self.election}/{self.body.path}"


class ConflictFound(Event):
    """A candidate was found on a Board or Team of his constituency, or what was found is explained or settled."""

    topic: ClassVar[str] = "identity.conflict_found"

    conflict: Conflict

    @property
    def aggregate(self) -> str:
        found = self.conflict
        return f"conflict/{found.election}/{found.path}/{found.constituency}/{found.dossier}"


class KeysSealed(Event):
    """Three people hold keys of a unit; the keys of before open nothing any more."""

    topic: ClassVar[str] = "identity.keys_sealed"

    election: ElectionId
    unit: UnitPath
    holders: tuple[UUID, ...]
    sealed_at: AwareDatetime

    @property
    def aggregate(self) -> str:
        return f"keys/{self.election}/{self.unit}"


class GlassChanged(Event):
    """An emergency opening was asked for, is open, is over or was reviewed: who, what, where, until when, why."""

    topic: ClassVar[str] = "identity.glass_changed"

    opening: UUID
    election: ElectionId
    unit: UnitPath
    role: Role
    state: GlassState
    reason: Note
    person: UUID
    asked_by: Line
    joined_by: Line = ""
    ends_at: AwareDatetime | None = None
    in_order: bool | None = None

    @property
    def aggregate(self) -> str:
        return f"glass/{self.opening}"


class AccountChanged(Event):
    """An account was created, activated, or given or relieved of a role. No secret, no phone."""

    topic: ClassVar[str] = "identity.account_changed"

    person: UUID
    login: Login
    name: Name
    state: str
    grants: tuple[Grant, ...]

    @property
    def aggregate(self) -> str:
        return f"account/{self.person}"


class SessionEnded(Event):
    """A session ended: signed out, replaced by a newer one, expired, revoked, or reused.

    `reused`: a token came back whose successor was in use already, so two hold what one should.
    """

    topic: ClassVar[str] = "identity.session_ended"

    session: UUID
    person: UUID
    reason: str

    @property
    def aggregate(self) -> str:
        return f"session/{self.session}"


class ReviewAdvanced(Event):
    """How far a unit is in a review of its accounts: confirmed, closed since, still open."""

    topic: ClassVar[str] = "identity.review_advanced"

    election: ElectionId
    review: UUID
    unit: UnitPath
    name: Name
    due: date
    confirmed: Count
    closed: Count
    open: Count

    @property
    def aggregate(self) -> str:
        return f"review/{self.review}/{self.unit}"


class FactorsChanged(Event):
    """The second factors of a person now. `cause`: added, ended, cloned (a counter went back), recovered, password."""

    topic: ClassVar[str] = "identity.factors_changed"

    person: UUID
    login: Login
    keys: tuple[KeyCard, ...]
    codes: bool
    cause: str
    by: UUID | None = None

    @property
    def aggregate(self) -> str:
        return f"factors/{self.person}"


class RecoveryChanged(Event):
    """A recovery of an account took a step: asked, confirmed once, confirmed, used, refused, lapsed."""

    topic: ClassVar[str] = "identity.recovery_changed"

    recovery: UUID
    person: UUID
    login: Login
    state: str
    opened_by: UUID | None = None
    confirmed_by: tuple[UUID, ...] = ()

    @property
    def aggregate(self) -> str:
        return f"recovery/{self.recovery}"


class SignInDisowned(Event):
    """A person says that a sign-in of their account was not theirs."""

    topic: ClassVar[str] = "identity.sign_in_disowned"

    session: UUID
    person: UUID
    login: Login
    address: Line
    device: Line
    machine: Line
    began_at: AwareDatetime

    @property
    def aggregate(self) -> str:
        return f"disowned/{self.session}"


class SharingFound(Event):
    """A sign that an account is in more hands than one, as it now stands; `act_by` is the unit that settles it."""

    topic: ClassVar[str] = "identity.sharing_found"

    finding: UUID
    kind: SharingKind
    severity: Severity
    person: UUID
    election: ElectionId | None
    unit: UnitPath
    act_by: UnitPath
    found_at: AwareDatetime
    state: SharingState

    @property
    def aggregate(self) -> str:
        return f"sharing/{self.finding}"


class BreachChanged(Event):
    """A report of a breach of security, as it now stands, and the unit that has it. No text: it may name people."""

    topic: ClassVar[str] = "identity.breach_changed"

    breach: UUID
    number: Count
    election: ElectionId
    unit: UnitPath
    handler: UnitPath
    state: BreachState
    personal_data: bool
    reported_at: AwareDatetime
    due_at: AwareDatetime
    escalated: Count

    @property
    def aggregate(self) -> str:
        return f"breach/{self.breach}"


class SignInFailed(Refusal):
    """Name, password or code was wrong, the account is not active, or it is too early to try again: one answer."""

    status = 401
    vi = "Không vào được. Xem lại tên và mật khẩu, hoặc thử lại sau {seconds} giây."
    en = "Could not sign in. Check name and password, or try again in {seconds} seconds."


class CodeRefused(Refusal):
    """The one-time or authenticator code is wrong, used, or too old."""

    status = 401
    vi = "Mã không đúng hoặc đã dùng. Chờ mã mới trong ứng dụng xác thực rồi gõ lại."
    en = "The code is wrong or was used. Wait for a new code in the authenticator app, then type it."


class PasswordTooWeak(Refusal):
    """The password is shorter than 15 characters or easily guessed (NIST SP 800-63B-4)."""

    status = 422
    vi = "Mật khẩu chưa đủ mạnh: {reason_vi}. Chọn một câu dài ít nhất 15 ký tự."
    en = "The password is too weak: {reason_en}. Choose a sentence of at least 15 characters."


class StepUpNeeded(Refusal):
    """The act needs the second factor again, for exactly this content."""

    status = 403
    vi = "Việc này cần xác thực lại cho đúng nội dung đang duyệt. Gõ mã 6 số rồi làm lại."
    en = "This act needs the second factor again for exactly this content. Type the 6-digit code, then try again."


class IdentityApi(AccountsApi, PasskeysApi, SharingApi, DutiesApi, Protocol):
    """Every question the identity service answers."""

    def load_units(self, request: LoadUnits) -> Units: ...
    def units_below(self, request: UnitsBelow) -> Units: ...
    def form_bodies(self, request: FormBodies) -> BodiesFormed: ...
    def bodies_of(self, request: BodiesOf) -> Bodies: ...
    def create_accounts(self, request: CreateAccounts) -> Activations: ...
    def accounts_of(self, request: AccountsOf) -> Accounts: ...
    def activate(self, request: Activate) -> Enrolment: ...
    def confirm_enrolment(self, request: ConfirmEnrolment) -> Done: ...
    def sign_in(self, request: SignIn) -> Challenge: ...
    def second_factor(self, request: SecondFactor) -> Session: ...
    def open_passport(self, request: OpenPassport) -> Papers: ...
    def step_up(self, request: StepUp) -> Papers: ...
    def second_factor_by_key(self, request: SecondFactorByKey) -> Session: ...
    def step_up_by_key(self, request: StepUpByKey) -> Papers: ...
    def finish_first_key(self, request: FinishFirstKey) -> Done: ...
    def change_password(self, request: ChangePassword) -> Done: ...
    def recover(self, request: Recover) -> Enrolment: ...
    def sign_out(self, request: SignOut) -> Done: ...
    def latest_checkpoint(self, request: LatestCheckpoint) -> SignedCheckpoint: ...
    def growth(self, request: Growth) -> Proof: ...
    def register_witness(self, request: RegisterWitness) -> Witnessed: ...
    def cosign(self, request: Cosign) -> Witnessed: ...
    def checkpoint_at(self, request: CheckpointAt) -> SignedCheckpoint: ...
    def evidence_of(self, request: EvidenceOf) -> Evidences: ...
    def figure_evidence(self, request: FigureOf) -> FigureEvidence: ...
    def journal_of(self, request: JournalOf) -> Journal: ...
    def ledger_state(self, request: LedgerState) -> LedgerCard: ...
