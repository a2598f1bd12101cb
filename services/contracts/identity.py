"""What identity offers, announces and refuses: accounts, sign-in, passports; units and bodies are in `units`."""

from datetime import date
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.contracts.accounts import AccountsApi, Login
from services.contracts.base import (
    Command,
    Count,
    ElectionId,
    Event,
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
from services.contracts.units import UnitsApi

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=512)]


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


class IdentityApi(UnitsApi, AccountsApi, PasskeysApi, SharingApi, DutiesApi, Protocol):
    """Every question the identity service answers."""

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
