"""What identity offers about keys and sessions: passkeys (WebAuthn), one's own sessions and devices, token renewal."""

import hashlib
from typing import Annotated, Protocol
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from services.contracts.accounts import Login
from services.contracts.base import (
    Command,
    Count,
    Finding,
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
    SessionsNews,
)

KeyName = Annotated[Name, StringConstraints(max_length=60)]
_Secret = Annotated[str, StringConstraints(min_length=1, max_length=512)]


def own_content(act: str, about: UUID) -> Hash:
    """The content a second factor approves when somebody changes what is their own: one act about one thing.

    `act` is `add-key` or `change-password` (about the person) or `end-key` (about the key).
    """
    return hashlib.sha256(f"hom-phieu/{act}\n{about}".encode()).hexdigest()


class CeremonyOptions(Reply):
    """What the browser is asked (WebAuthn Level 3, 5.4 and 5.5): the options as JSON text, good until then and once."""

    options: str
    ends_at: AwareDatetime


class BeginAssertion(Command):
    """Second factor by passkey: what to ask the browser, for the challenge of a right first factor."""

    challenge: _Secret


class SecondFactorByKey(Command):
    """Second factor by passkey: the browser's PublicKeyCredential as JSON text. Each is good once."""

    challenge: _Secret
    assertion: str


class BeginStepUp(Command):
    """Stepping up by passkey: what to ask the browser, so that its answer approves exactly this content."""

    token: _Secret
    content: Hash


class StepUpByKey(Command):
    """The second factor again by passkey, made for the hash of exactly this content."""

    token: _Secret
    assertion: str
    content: Hash


class KeyCard(Message):
    """A passkey of a person. `attested`: its maker vouches for it. `synced`: it may be on more than one device."""

    id: UUID
    name: Name
    made_at: AwareDatetime
    last_used_at: AwareDatetime | None = None
    attested: bool = False
    synced: bool = False


class KeysOfMe(Query):
    """The asker's own passkeys."""


class MyKeys(Reply):
    """The live passkeys of a person, oldest first; whether a code works too; what would be wise to change."""

    keys: tuple[KeyCard, ...]
    codes: bool
    findings: tuple[Finding, ...] = ()


class BeginKey(Command):
    """Add a passkey: what to ask the browser. Needs a second factor for `own_content("add-key", person)`."""


class FinishKey(Command):
    """The passkey the browser made: its PublicKeyCredential as JSON text, and how its holder calls it."""

    name: KeyName
    credential: str


class EndKey(Command):
    """The passkey opens nothing any more. Needs a second factor for `own_content("end-key", id)`."""

    id: UUID


class BeginFirstKey(Command):
    """Activation by passkey: what to ask the browser, once the one-time code and a password were given."""

    login: Login
    code: _Secret


class FinishFirstKey(Command):
    """The first passkey works, in place of an authenticator app. The account is then active."""

    login: Login
    code: _Secret
    name: KeyName
    credential: str


class RoleCard(Message):
    """A role as its holder sees it: where, and until when (None: until it is ended)."""

    role: str
    scope: str
    expires_at: AwareDatetime | None = None


class Me(Query):
    """Who the asker is to the system."""


class MyAccount(Reply):
    """A person's own account."""

    person: UUID
    login: Login
    name: Name
    roles: tuple[RoleCard, ...]
    password_set_at: AwareDatetime | None = None
    session: UUID


class MySessions(Query):
    """The asker's live session and recent sign-ins."""


class SessionCard(Message):
    """A sign-in as its person sees it. `state` as in the table of sessions; `words` in Vietnamese."""

    id: UUID
    state: str
    words: str
    began_at: AwareDatetime
    seen_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    address: Line = ""
    device: Line = ""
    machine: Line = ""
    here: bool = False
    disowned: bool = False


class SessionsOfMe(Reply):
    """The newest sign-ins first, at most thirty."""

    sessions: tuple[SessionCard, ...]


class ChangePassword(Command):
    """A new password of one's own, the present one beside it (ASVS 6.2.3).

    Needs a second factor for `own_content("change-password", person)`.
    """

    password: _Secret
    present: Annotated[str, StringConstraints(max_length=512)] = ""  # from the version before it comes empty: refused


class NotMe(Command):
    """One of the asker's own sign-ins was somebody else's: it ends and is reported."""

    session: UUID


class AskRecovery(Command):
    """Somebody cannot get into their account. The answer is the same whether there is such an account."""

    login: Login
    address: Line = ""
    device: Line = ""


class RecoveryAsked(Reply):
    """The request is with the unit above, if there is such an account."""


class RecoveriesOf(ScopedQuery):
    """The recoveries of accounts below or at a unit, open ones first."""


class OpenRecovery(ScopedCommand):
    """Open the recovery of an account for somebody who said in person that they lost password or factor."""

    login: Login
    reason: Note


class ConfirmRecovery(ScopedCommand):
    """One of two confirmations, with a second factor given for the recovery's own hash (`content`)."""

    recovery: UUID
    content: Hash


class RefuseRecovery(ScopedCommand):
    """The recovery must not happen: nothing changes for the account."""

    recovery: UUID
    reason: Note


class RecoveryCard(Message):
    """A recovery as the people who decide it see it. `content` is what their second factor approves."""

    id: UUID
    login: Login
    name: Name
    unit: str
    state: str
    content: Hash
    asked_at: AwareDatetime
    ends_at: AwareDatetime
    address: Line = ""
    device: Line = ""
    reason: Note = ""
    opened_by: Line = ""
    confirmed_by: tuple[Line, ...] = ()
    may_confirm: bool = False


class Recoveries(Reply):
    """Recoveries, open ones first, then the newest."""

    recoveries: tuple[RecoveryCard, ...]


class RecoveryOutcome(Reply):
    """The recovery now. `code` is the one-time code, told to the second person only, to be handed over in person."""

    recovery: RecoveryCard
    code: str = ""


class Recover(Command):
    """The one-time code of a recovery and a new password: every old factor and session ends. No passport needed."""

    login: Login
    code: _Secret
    password: _Secret


class RenewSession(Command):
    """The token that follows this one. Asked again it is the same; it takes over when it is first used."""

    token: _Secret


class RenewedSession(Reply):
    """The session goes on under this token; the former one is good for 30 s more once this one was used."""

    token: str


class NewsOfSessions(Query):
    """Which sessions ended or changed within the last seconds: asked by every process that verifies passports."""

    seconds: Count


class KeyNeeded(Refusal):
    """A role of the person opens by passkey only (the deployment says which)."""

    status = 403
    vi = (
        "Vai trò của ông/bà chỉ dùng được với khóa bảo mật. Dùng khóa đã ghép; chưa có khóa thì nhờ đơn vị cấp trên "
        "khôi phục tài khoản rồi ghép khóa."
    )
    en = (
        "Your role opens with a security key only. Use your key; if you have none, ask the unit above to recover your "
        "account, then register one."
    )


class NoKey(Refusal):
    """The person has no passkey to step up by."""

    status = 409
    vi = "Ông/bà chưa ghép khóa bảo mật nào. Gõ mã 6 số; muốn dùng khóa thì ghép ở trang Tài khoản của tôi."
    en = "You have no security key yet. Type the 6-digit code; to use a key, register it on the page My account."


class KeyRefused(Refusal):
    """The browser's new passkey cannot be taken: wrong place, old request, no user verification, or known before."""

    status = 422
    vi = "Không ghép được khóa này. Tải lại trang, bấm thêm khóa và xác nhận trên khóa (PIN, vân tay hoặc khuôn mặt)."
    en = "This key cannot be registered. Reload the page, add it again and confirm on the key (PIN, finger or face)."


class KeyNotAttested(Refusal):
    """The role needs a passkey whose maker vouches for it."""

    status = 422
    vi = "Vai trò của ông/bà cần khóa bảo mật do nhà sản xuất chứng thực. Dùng khóa đơn vị đã cấp rồi ghép lại."
    en = "Your role needs a security key attested by its maker. Use the key your unit gave you, then register it."


class LastFactor(Refusal):
    """Without this factor its holder could not come in any more."""

    status = 409
    vi = "Đây là cách xác nhận cuối cùng của ông/bà. Thêm một khóa khác trước, rồi kết thúc khóa này."
    en = "This is your last second factor. Add another key first, then end this one."


class PresentPasswordWrong(Refusal):
    """The password that is to be changed was not given, or it is too early to try again."""

    status = 422
    vi = "Mật khẩu đang dùng không đúng. Gõ lại sau {seconds} giây, hoặc nhờ cấp trên khôi phục tài khoản."
    en = "Your present password is wrong. Type it again in {seconds} seconds, or ask the unit above for a recovery."


class NotAbove(Refusal):
    """Who confirms a recovery stands above every role of its holder, and is not the holder."""

    status = 403
    vi = "Khôi phục cần hai người của đơn vị cấp trên, không phải chính chủ. Chuyển cho quản trị tài khoản cấp trên."
    en = "This recovery needs two people of the unit above, not the holder. Pass it to the administrators above."


class PasskeysApi(Protocol):
    """A part of what identity answers."""

    def renew_session(self, request: RenewSession) -> RenewedSession: ...
    def news_of_sessions(self, request: NewsOfSessions) -> SessionsNews: ...

    def begin_assertion(self, request: BeginAssertion) -> CeremonyOptions: ...
    def begin_step_up(self, request: BeginStepUp) -> CeremonyOptions: ...
    def begin_key(self, request: BeginKey) -> CeremonyOptions: ...
    def finish_key(self, request: FinishKey) -> MyKeys: ...
    def keys_of_me(self, request: KeysOfMe) -> MyKeys: ...
    def end_key(self, request: EndKey) -> MyKeys: ...
    def begin_first_key(self, request: BeginFirstKey) -> CeremonyOptions: ...
    def me(self, request: Me) -> MyAccount: ...
    def my_sessions(self, request: MySessions) -> SessionsOfMe: ...
    def not_me(self, request: NotMe) -> SessionsOfMe: ...
    def ask_recovery(self, request: AskRecovery) -> RecoveryAsked: ...
    def open_recovery(self, request: OpenRecovery) -> RecoveryOutcome: ...
    def recoveries_of(self, request: RecoveriesOf) -> Recoveries: ...
    def confirm_recovery(self, request: ConfirmRecovery) -> RecoveryOutcome: ...
    def refuse_recovery(self, request: RefuseRecovery) -> RecoveryOutcome: ...
