"""What the evidence ledger of identity offers: checkpoints, proofs, witnesses (RFC 9162, C2SP tlog-checkpoint)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from services.contracts.base import (
    Command,
    ConstituencyCode,
    Count,
    ElectionId,
    Hash,
    Line,
    Message,
    Query,
    Refusal,
    Reply,
    ScopedQuery,
)

NoteText = Annotated[str, StringConstraints(max_length=20_000)]
SignatureLine = Annotated[str, StringConstraints(pattern=r"^— [^ \n]{1,100} [A-Za-z0-9+/=]{20,200}$")]
KeyLine = Annotated[str, StringConstraints(pattern=r"^[^ +\n]{1,100}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40,60}$")]
_FIRST_YEAR, _LAST_YEAR = 2000, 2199


def _within_reach(day: date) -> date:
    """A day that has a next one, for every clock and calendar on the way."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"the year must be from {_FIRST_YEAR} to {_LAST_YEAR}")
    return day


Aggregate = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class LatestCheckpoint(Query):
    """The newest signed checkpoint. Anybody may ask: a ledger nobody can watch proves nothing."""


class CheckpointAt(Query):
    """An older signed checkpoint, as a paper record names it by its size."""

    size: Annotated[int, Field(strict=True, ge=1)]


class SignedCheckpoint(Reply):
    """A checkpoint as a C2SP signed note with the cosignatures it has; `key` is told for convenience, trust it not."""

    note: NoteText
    size: Count
    key: KeyLine


class Growth(Query):
    """The proof that the tree of the newest checkpoint asked for (`size`) begins with the tree of `old` entries."""

    old: Annotated[int, Field(strict=True, ge=1)]
    size: Annotated[int, Field(strict=True, ge=1)]


class Proof(Reply):
    """Hashes of a Merkle proof, lowest first, as hex."""

    hashes: tuple[Hash, ...]


class RegisterWitness(Command):
    """Somebody who will watch the ledger, by the public key their own machine made."""

    witness: KeyLine


class Cosign(Command):
    """A witness has seen that the checkpoint of a size only adds to what it saw before; its signature suffices."""

    size: Count
    signature: SignatureLine


class Witnessed(Reply):
    """How many witnesses have now seen the checkpoint."""

    witnesses: Count


class EvidenceOf(ScopedQuery):
    """The newest entry of each aggregate (`result/2026/NA-46-01`), with the proof that the ledger holds it."""

    aggregates: tuple[Aggregate, ...] = Field(min_length=1, max_length=500)


class Evidence(Message):
    """An entry: its place, its line, the proof; and what was told, where the asker may see it."""

    place: Count
    line: str
    proof: tuple[Hash, ...]
    salt: str = ""
    content: str | None = None


class Evidences(Reply):
    """Entries under one signed checkpoint; aggregates the ledger does not hold yet are named."""

    note: NoteText
    entries: tuple[Evidence, ...]
    unknown: tuple[Aggregate, ...] = ()


class FigureOf(ScopedQuery):
    """All that proves one constituency's result (unit: its path): its entries, its records', the snapshots'.

    `held`: the size of a checkpoint the asker holds from before; the proof that the tree grew from it comes along.
    """

    constituency: ConstituencyCode
    held: Count = 0


class FigureEvidence(Reply):
    """What `python -m services.identity.verify figure` reads: every entry on the way from the figure to the people."""

    election: ElectionId
    constituency: ConstituencyCode
    note: NoteText
    key: KeyLine
    old: Count = 0
    growth: tuple[Hash, ...] = ()
    entries: tuple[Evidence, ...]


class JournalOf(ScopedQuery):
    """What people did at or below a unit on a day (Vietnam's, when it was entered), newest first; `before`: a place."""

    day: Annotated[date, AfterValidator(_within_reach)]
    person: UUID | None = None
    before: Annotated[int, Field(strict=True, ge=1)] | None = None


class ActRow(Message):
    """An act as the ledger has it: who, when, what kind, on what; never what was said."""

    place: Count
    at: AwareDatetime
    topic: Line
    aggregate: Aggregate
    person: UUID
    name: Line = ""


class Journal(Reply):
    """Acts, newest first; `before` asks for those that are older still."""

    acts: tuple[ActRow, ...]
    before: Count = 0


class LedgerState(ScopedQuery):
    """How the ledger stands and who watches it."""


class WitnessRow(Message):
    """A witness and the newest checkpoint it has seen."""

    name: Line
    size: Count = 0
    at: AwareDatetime | None = None
    key: Line = ""


class LedgerCard(Reply):
    """Entries in the ledger, the newest checkpoint, and the witnesses by name."""

    entries: Count
    size: Count
    root: str = ""
    at: AwareDatetime | None = None
    witnesses: tuple[WitnessRow, ...] = ()


class CosignatureRefused(Refusal):
    """The signature is not one of a registered witness over this checkpoint."""

    status = 422
    vi = "Chữ ký nhân chứng không khớp với điểm kiểm tra cỡ {size} hoặc nhân chứng chưa đăng ký. Không ghi nhận."
    en = "The witness signature does not match checkpoint {size}, or the witness is not registered. Nothing was kept."


class NoSuchCheckpoint(Refusal):
    """No checkpoint of that size was signed, or none at all yet."""

    status = 404
    vi = "Sổ cái chưa có điểm kiểm tra cỡ {size}. Hỏi lại sau một phút."
    en = "The ledger has no checkpoint of size {size}. Ask again in a minute."


class NotAWitnessKey(Refusal):
    """The line is not the key of a witness."""

    status = 422
    vi = "Dòng này không phải khóa của nhân chứng. Dán nguyên dòng (tên+số+khóa) mà máy nhân chứng đã in ra."
    en = "This line is not the key of a witness. Paste the whole line (name+number+key) that its machine printed."


class WitnessKnown(Refusal):
    """The name is taken by another key."""

    vi = "Đã có nhân chứng {name} với khóa khác. Chọn tên khác."
    en = "There is a witness {name} with another key. Choose another name."
