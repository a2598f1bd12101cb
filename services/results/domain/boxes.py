"""The boxes of a count record: their names, numbers, labels, which differ between two entries, and the content hash."""

import json
from collections.abc import Sequence
from hashlib import sha256

from services.contracts.candidates import Contest, ListedCandidate
from services.contracts.results import DifferingBox, Draft, Figures

HEAD: tuple[tuple[str, str, str], ...] = (
    ("voters", "Tổng số cử tri của khu vực bỏ phiếu", "Voters of the polling area"),
    ("took_part", "Số cử tri đã tham gia bỏ phiếu", "Voters who took part"),
    ("issued", "Số phiếu phát ra", "Ballots issued"),
    ("collected", "Số phiếu thu vào", "Ballots collected"),
    ("valid", "Số phiếu hợp lệ", "Valid ballots"),
    ("invalid", "Số phiếu không hợp lệ", "Invalid ballots"),
)
"""The first six boxes as forms 18 and 23 print them (lines 13, 14, 16-19)."""

FORMS: dict[Contest, str] = {Contest.NA: "18/HĐBC-QH", Contest.PC: "23/HĐBC-HĐND", Contest.CC: "23/HĐBC-HĐND"}
"""The form a Team draws up for each contest."""


def box_names(votes: int, kinds: int) -> tuple[str, ...]:
    """The names of the boxes in the order of the paper: the head, the votes, the kinds of ballot."""
    return (
        *(name for name, _, _ in HEAD),
        *(f"votes.{place}" for place in range(1, votes + 1)),
        *(f"kinds.{place}" for place in range(1, kinds + 1)),
    )


def values(figures: Figures | Draft) -> dict[str, int | None]:
    """What stands in each box; None in an empty one."""
    names = box_names(len(figures.votes), len(figures.kinds))
    head = (getattr(figures, name) for name, _, _ in HEAD)
    return dict(zip(names, (*head, *figures.votes, *figures.kinds), strict=True))


def differing(first: Figures, second: Figures) -> tuple[str, ...]:
    """The boxes in which two entries are unlike, in the order of the paper; a missing box is unlike any figure."""
    left, right = values(first), values(second)
    every = box_names(max(len(first.votes), len(second.votes)), max(len(first.kinds), len(second.kinds)))
    return tuple(name for name in every if left.get(name) != right.get(name))


def numbers(names: Sequence[str], votes: int) -> tuple[int, ...]:
    """The printed numbers of boxes on a record with so many candidates."""
    return tuple(_number(name, votes) for name in names)


def _number(name: str, votes: int) -> int:
    group, _, place = name.partition(".")
    if group == "votes":
        return len(HEAD) + int(place)
    if group == "kinds":
        return len(HEAD) + votes + int(place)
    return 1 + [head for head, _, _ in HEAD].index(name)


def labels(name: str, candidates: Sequence[ListedCandidate]) -> tuple[str, str]:
    """What the paper prints beside a box, in Vietnamese and English."""
    group, _, place = name.partition(".")
    if group == "votes":
        titled = candidates[int(place) - 1].titled
        return titled, titled
    if group == "kinds":
        return f"Loại phiếu bầu {int(place):02d} đại biểu", f"Ballots for {place}"
    return next((vi, en) for head, vi, en in HEAD if head == name)


def unlike(first: Figures, second: Figures, candidates: Sequence[ListedCandidate]) -> tuple[DifferingBox, ...]:
    """The differing boxes with number, label and both values, for the checker's eyes only."""
    left, right = values(first), values(second)
    boxes = []
    for name in differing(first, second):
        vi, en = labels(name, candidates)
        boxes.append(
            DifferingBox(
                box=name,
                number=_number(name, len(candidates)),
                label_vi=vi,
                label_en=en,
                first=left.get(name) or 0,
                second=right.get(name) or 0,
            )
        )
    return tuple(boxes)


def as_draft(figures: Figures) -> Draft:
    """An entry as the draft it came from."""
    return Draft.model_validate(figures.model_dump())


def digest(content: object) -> str:
    """SHA-256 over canonical JSON: keys sorted, no spaces, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def record_content(election: str, area: str, contest: str, version: int, figures: Figures) -> str:
    """The content hash of a count record: exactly what an approver approves."""
    return digest(
        {
            "election": election,
            "area": area,
            "contest": contest,
            "version": version,
            "figures": figures.model_dump(mode="json"),
        }
    )


def comparison_content(version: int, first: Figures, second: Figures) -> str:
    """The content hash of a comparison: exactly the two entries a checker saw."""
    both = {"first": first.model_dump(mode="json"), "second": second.model_dump(mode="json")}
    return digest({"version": version, **both})


def vector(figures: Figures) -> str | None:
    """A mark of the candidates' votes, to see the same sheet come twice; None where chance could make two alike."""
    if figures.valid < SMALL_RECORD or not any(figures.votes):
        return None
    return digest([figures.valid, *figures.votes])[:32]


SMALL_RECORD = 100
"""Below so many valid ballots two areas may well have the same votes by chance."""
