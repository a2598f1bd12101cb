"""How the states of a count record look and read: glyph, its colour, Vietnamese, English, in the order of the board."""

from dataclasses import dataclass
from typing import Final

from services.contracts.results import RecordState


@dataclass(frozen=True)
class Look:
    """A state as a person sees it: a shape, a colour, a word; `bar` is its piece in a stacked bar."""

    glyph: str
    kind: str
    vi: str
    en: str
    bar: str


RECORD: Final = {
    RecordState.APPROVED: Look("ok", "ok", "Đã phê duyệt", "Approved", "full"),
    RecordState.WAITING: Look("ring", "work", "Chờ phê duyệt", "Awaiting approval", ""),
    RecordState.DIFFERS: Look("diff", "diff", "Khác nhau", "Differs", "diff"),
    RecordState.FAULTY: Look("err", "err", "Có lỗi", "Has errors", "err"),
    RecordState.RETURNED: Look("re", "re", "Trả lại", "Returned", "re"),
    RecordState.REOPENED: Look("re", "re", "Mở lại", "Re-opened", "re"),
    RecordState.ENTERING_SECOND: Look("q3", "work", "Đang nhập lần 2", "Second entry open", "half"),
    RecordState.ENTERED_FIRST: Look("q2", "work", "Đã nhập lần 1", "First entry done", "half"),
    RecordState.ENTERING_FIRST: Look("q1", "work", "Đang nhập lần 1", "First entry open", "half"),
    RecordState.AWAITED: Look("wait", "wait", "Chờ biên bản", "Awaited", "none"),
}


def look(state: str) -> Look:
    """The look of a record's state; an unknown one is told by its own word."""
    return RECORD.get(RecordState(state), RECORD[RecordState.AWAITED]) if state in set(RecordState) else Look(
        "info", "ink", state, state, "none"
    )  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """A piece of a stacked bar, in thousandths of its width."""

    look: Look
    count: int
    start: int
    width: int


def stacked(by_state: dict[str, int], total: int) -> list[Piece]:
    """The pieces of a bar in the order of the board; they never leave a gap nor run over."""
    pieces: list[Piece] = []
    before = 0
    for state, seen in RECORD.items():
        count = by_state.get(state, 0)
        if count and total:
            start = before * 1000 // total
            pieces.append(Piece(seen, count, start, (before + count) * 1000 // total - start))
            before += count
    return pieces
