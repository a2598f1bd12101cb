"""What the page of the ledger checks itself, from the bytes it is handed: signatures, growth, proofs, contents, sums.

A gateway remembers the ledger's key and the newest checkpoint it has accepted, as a witness does, while it runs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.contracts.ledger import Evidence, WitnessRow
from services.contracts.vietnamese import number
from services.kit.proofs import Broken, Checkpoint, Key, Note, grows, includes, opens

OK, WRONG, LATER = "ok", "err", "late"
_SUMS: Final = ("voters", "took_part", "issued", "collected", "valid", "invalid")


@dataclass(frozen=True)
class Checked:
    """One thing that was checked: how it came out, and the sentence in both languages."""

    kind: str
    vi: str
    en: str


@dataclass(frozen=True)
class Wanted:
    """An aggregate of the unit: its name for people, where its page is, and how the system now has it."""

    aggregate: str
    vi: str
    en: str
    address: str = ""
    state: str = ""
    content: str = ""


@dataclass(frozen=True)
class Row:
    """An aggregate with what was found of it."""

    wanted: Wanted
    checked: Checked
    place: int | None = None


class Memory:
    """The key this gateway trusts and the newest checkpoint it has accepted; it never goes back.

    A note asked for a moment ago may come after a newer one: it is accepted when the newer one continues it.
    """

    def __init__(self, key: str = "") -> None:
        self.key = Key.read(key) if key else None
        self.seen: Checkpoint | None = None

    def must_prove(self, note: str) -> tuple[int, int] | None:
        """The two sizes between which growth must be proven before the note is accepted; None when none must."""
        size = Note.read(note).checkpoint.size
        if self.seen is None or self.seen.size == size:
            return None
        low, high = sorted((self.seen.size, size))
        return (low, high) if low else None

    def accept(self, text: str, key: str, steps: Sequence[str] = ()) -> Note:
        """The note, signed by the key known from the beginning, of a tree that only grew; else Broken."""
        if self.key is None:
            self.key = Key.read(key)
        note = Note.read(text)
        if not note.is_signed_by(self.key):
            raise Broken("signature")
        fresh = note.checkpoint
        path = [bytes.fromhex(step) for step in steps]
        if self.seen is not None and self.seen.size > fresh.size:
            if not grows(fresh, self.seen, path):
                raise Broken("shorter")
            return note
        if self.seen is not None and not grows(self.seen, fresh, path):
            raise Broken("growth")
        self.seen = fresh
        return note


_REFUSED: Final = {
    "signature": (
        "Điểm kiểm tra không mang chữ ký của khóa sổ mà cổng này biết từ đầu. Báo ngay cho Hội đồng bầu cử quốc gia.",
        "The checkpoint has no signature of the key this gateway knows. Tell the National Election Council now.",
    ),
    "shorter": (
        "Sổ ngắn hơn lần cổng này thấy trước đó: phần cuối đã bị cắt. Báo ngay cho Hội đồng bầu cử quốc gia.",
        "The ledger is shorter than this gateway has seen it: its end was cut. Tell the National Election Council now.",
    ),
    "growth": (
        "Sổ không nối tiếp điểm kiểm tra cổng này đã thấy: có mục bị sửa. Báo ngay cho Hội đồng bầu cử quốc gia.",
        "The ledger does not continue what this gateway has seen: an entry was changed. Tell the Council now.",
    ),
}


def refused(why: Broken) -> Checked:
    """What a note that was not accepted means."""
    unreadable = (
        "Không đọc được điểm kiểm tra. Báo tổ vận hành.", "The checkpoint cannot be read. Tell the operations team."
    )  # fmt: skip
    return Checked(WRONG, *_REFUSED.get(str(why), unreadable))


def accepted(note: Note, before: Checkpoint | None) -> list[Checked]:
    """What accepting a note has shown."""
    size = note.checkpoint.size
    signed = Checked(
        OK, f"Điểm kiểm tra {number(size)} mục mang chữ ký đúng của sổ.",
        f"The checkpoint of {size:,} entries has the ledger's true signature.",
    )  # fmt: skip
    if before is None or not before.size:
        return [signed]
    return [signed, Checked(
        OK, f"Sổ nối tiếp điểm kiểm tra {number(before.size)} mục cổng này đã thấy: chỉ thêm, không sửa.",
        f"The ledger continues the checkpoint of {before.size:,} entries this gateway has seen: only added to.",
    )]  # fmt: skip


def witnessed(note: Note, witnesses: Sequence[WitnessRow]) -> list[Checked]:
    """Whose signatures under the note are true, by the keys that are registered; a false one is named."""
    true, false = 0, []
    for witness in witnesses:
        if witness.key and note.is_signed_by(Key.read(witness.key)):
            true += 1
        elif any(name == witness.name for name, _, _ in note.signatures):
            false.append(witness.name)
    wrong = [
        Checked(WRONG, f"Chữ ký của nhân chứng {name} không đúng.", f"The signature of witness {name} is not true.")
        for name in false
    ]
    kind = OK if true else LATER
    vi = f"{number(true)} trên {number(len(witnesses))} nhân chứng đã ký điểm kiểm tra này, chữ ký đúng."
    en = f"{true} of {len(witnesses)} witnesses have signed this checkpoint, truly."
    return [*wrong, Checked(kind, vi, en)]


def judged(wanted: Wanted, evidence: Evidence | None, checkpoint: Checkpoint) -> Row:
    """An aggregate against its entry: in the tree, content as entered, and the same as the system shows it now."""
    if evidence is None:
        vi = "chưa có trong điểm kiểm tra; xem lại sau một phút"
        return Row(wanted, Checked(LATER, vi, "not under a checkpoint yet; look again in a minute"))
    try:
        return Row(wanted, _judged(wanted, evidence, checkpoint), evidence.place)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Row(wanted, Checked(WRONG, "không đọc được mục này", "the entry cannot be read"), evidence.place)


def _judged(wanted: Wanted, evidence: Evidence, checkpoint: Checkpoint) -> Checked:
    line = evidence.line.encode()
    path = [bytes.fromhex(step) for step in evidence.proof]
    if json.loads(line)["aggregate"] != wanted.aggregate:
        return Checked(WRONG, "là mục của đối tượng khác", "is the entry of something else")
    if not includes(line, evidence.place, path, checkpoint):
        return Checked(WRONG, "không nằm trong sổ đã ký", "is not in the signed ledger")
    if evidence.content is None:
        return Checked(OK, "nằm trong sổ; nội dung không mở ở đây", "is in the ledger; its content is not opened here")
    if not opens(line, evidence.salt, evidence.content):
        return Checked(WRONG, "nội dung không phải điều đã ghi vào sổ", "the content is not what was entered")
    return _as_now(wanted, _told(evidence))


def _as_now(wanted: Wanted, told: Mapping[str, Any]) -> Checked:
    """The content of the entry against what the system shows."""
    if wanted.content and told["content"] != wanted.content:
        return Checked(
            WRONG, "số liệu hiện nay khác số liệu sổ ghi", "its present figures differ from those in the ledger"
        )
    if wanted.state and told["state"] != wanted.state:
        return Checked(
            LATER, "trạng thái đã đổi sau điểm kiểm tra; xem lại sau một phút",
            "its state has changed since the checkpoint; look again in a minute",
        )  # fmt: skip
    return Checked(OK, "nằm trong sổ, nội dung đúng", "is in the ledger, its content true")


def _told(evidence: Evidence) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(evidence.content or "{}")
    result: Mapping[str, Any] = content.get("result", content)
    return result


def sums(result: Evidence, records: Sequence[Evidence]) -> Checked:
    """The approved records in the ledger sum to the result in the ledger, box by box."""
    told = _told(result)
    figures = [one["figures"] for one in map(_told, records) if one.get("figures")]
    votes = sorted((int(line["candidate"]["order"]), line["votes"]) for line in told["candidates"])
    wrong = [name for name in _SUMS if sum(row[name] for row in figures) != told["totals"][name]]
    wrong += [
        f"{order}" for seat, (order, count) in enumerate(votes) if sum(row["votes"][seat] for row in figures) != count
    ]
    if wrong:
        boxes = ", ".join(wrong)
        vi = f"Cộng {number(len(figures))} biên bản trong sổ không ra kết quả trong sổ: {boxes}."
        return Checked(WRONG, vi, f"The {len(figures)} records in the ledger do not sum to its result: {boxes}.")
    vi = f"Cộng {number(len(figures))} biên bản đã phê duyệt trong sổ ra đúng kết quả trong sổ."
    return Checked(OK, vi, f"The {len(figures)} approved records in the ledger sum to its result.")


def same_as_paper(note: Note, memory: Memory, groups: str, steps: Sequence[str]) -> Checked:
    """Whether a paper record names the root that the ledger had at that size, and still builds on."""
    told, size = note.checkpoint, note.checkpoint.size
    signed = memory.key is not None and note.is_signed_by(memory.key)
    if not signed:
        return refused(Broken("signature"))
    if not told.root.hex().startswith(groups):
        root = told.root.hex().upper()
        mine = " ".join(root[start : start + 4] for start in range(0, 12, 4))
        return Checked(
            WRONG,
            f"Khác. Ở cỡ {number(size)} mục, gốc của sổ là {mine}. Xem lại số đã gõ; giấy đúng như đã gõ thì báo ngay.",
            f"Different. At {size:,} entries the root is {mine}. "
            "Check what you typed; if the paper says so, report it now.",
        )
    later = memory.seen
    path = [bytes.fromhex(step) for step in steps]
    if later is None or later.size < size or not grows(told, later, path):
        return refused(Broken("growth"))
    return Checked(
        OK,
        f"Giống. Gốc trên biên bản là gốc của sổ ở cỡ {number(size)} mục, và sổ hiện nay nối tiếp nó.",
        f"The same. The paper names the root of the ledger at {size:,} entries, and the ledger continues it.",
    )
