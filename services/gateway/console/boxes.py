"""The boxes of a count record as forms 18 and 23 order them: numbers, labels, lines of the paper, what is in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from services.contracts.base import Finding, Severity
from services.contracts.candidates import ListedCandidate
from services.contracts.results import Draft, Figures
from services.contracts.vietnamese import number, percent
from services.gateway.console.numbers import typed
from services.gateway.console.words import Words

Values = Mapping[str, int | None]

_HEAD: Final = (
    ("voters", "Tổng số cử tri của khu vực bỏ phiếu", 13),
    ("took_part", "Số cử tri đã tham gia bỏ phiếu", 14),
    ("issued", "Số phiếu phát ra", 16),
    ("collected", "Số phiếu thu vào", 17),
    ("valid", "Số phiếu hợp lệ", 18),
    ("invalid", "Số phiếu không hợp lệ", 19),
)
_SHARES: Final = {"took_part": "voters", "valid": "collected", "invalid": "collected"}
_VOTES_LINE: Final = 20
_SEPARATE: Final = 0  # kinds of ballot stand on the tally sheet, not on a line of the record


@dataclass(frozen=True)
class Box:
    """A box: its name in the contract, its number, what stands beside it on the screen and on the paper, its line."""

    name: str
    number: int
    label: str
    printed: str
    line: int
    whole: str = ""

    @property
    def id(self) -> str:
        return f"o{self.number}"


@dataclass(frozen=True)
class Group:
    """Boxes under one heading of the paper."""

    heading: str
    boxes: tuple[Box, ...]


def groups_of(candidates: tuple[ListedCandidate, ...], seats: int, words: Words) -> tuple[Group, ...]:
    """All boxes of a record, grouped as the paper is."""
    head = tuple(
        Box(name, place, words.text(label), label, line, _SHARES.get(name, ""))
        for place, (name, label, line) in enumerate(_HEAD, start=1)
    )
    votes = tuple(
        Box(f"votes.{place}", len(head) + place, one.titled, one.titled, _VOTES_LINE)
        for place, one in enumerate(candidates, start=1)
    )
    after = len(head) + len(votes)
    kinds = tuple(
        Box(
            f"kinds.{place}",
            after + place,
            words.text("{number} đại biểu", number=f"{place:02d}"),
            f"Loại phiếu bầu {place:02d} đại biểu",
            _SEPARATE,
        )
        for place in range(1, seats + 1)
    )
    return (
        Group(words.text("Cử tri và phiếu"), head),
        Group(words.text("Số phiếu bầu cho mỗi người ứng cử"), votes),
        Group(words.text("Danh sách kiểm phiếu: loại phiếu bầu"), kinds),
    )


def bare_boxes(names: Iterable[str]) -> list[Box]:
    """The boxes of a form that came back, by their names alone."""
    held = set(names)
    order = [name for name, _, _ in _HEAD]
    order += [f"{group}.{place}" for group in ("votes", "kinds") for place in range(1, len(held) + 1)]
    return [Box(name, place, "", "", 0) for place, name in enumerate((n for n in order if n in held), start=1)]


def boxes_of(groups: Iterable[Group]) -> list[Box]:
    return [box for group in groups for box in group.boxes]


def values_of(figures: Figures | Draft) -> dict[str, int | None]:
    """What stands in each box; None in an empty one."""
    found: dict[str, int | None] = {name: getattr(figures, name) for name, _, _ in _HEAD}
    found |= {f"votes.{place}": count for place, count in enumerate(figures.votes, start=1)}
    return found | {f"kinds.{place}": count for place, count in enumerate(figures.kinds, start=1)}


def texts_of(values: Values) -> dict[str, str]:
    """The same as people read it: with dots; nothing in an empty box."""
    return {name: "" if count is None else number(count) for name, count in values.items()}


def draft_of(boxes: Iterable[Box], values: Values) -> Draft:
    """What was typed so far, as a draft."""
    return Draft.model_validate(_shaped(boxes, values))


def figures_of(boxes: Iterable[Box], values: Values) -> Figures:
    """What was typed, as figures; every box must hold a number."""
    return Figures.model_validate(_shaped(boxes, values))


def _shaped(boxes: Iterable[Box], values: Values) -> dict[str, object]:
    names = [box.name for box in boxes]
    shaped: dict[str, object] = {name: values.get(name) for name in names if "." not in name}
    for group in ("votes", "kinds"):
        shaped[group] = tuple(values.get(name) for name in names if name.startswith(f"{group}."))
    return shaped


@dataclass(frozen=True)
class Typed:
    """What stood in the boxes of a posted form: as typed, as read, and what cannot be read or is empty."""

    texts: dict[str, str]
    values: dict[str, int | None]
    faults: tuple[Finding, ...]


def read(boxes: Iterable[Box], form: Mapping[str, object]) -> Typed:
    """The boxes of a form. An empty box is not zero, and what cannot be read is not guessed."""
    texts: dict[str, str] = {}
    values: dict[str, int | None] = {}
    faults: list[Finding] = []
    for box in boxes:
        texts[box.name] = str(form.get(box.name, ""))[:40]
        try:
            values[box.name] = typed(texts[box.name])
        except ValueError:
            values[box.name] = None
            faults.append(_fault("A0", box, "Chỉ gõ chữ số, ví dụ 1286.", "Digits only, for example 1286."))
            continue
        if values[box.name] is None:
            vi, en = "Ô này còn trống. Nếu giấy ghi không, gõ 0.", "This box is empty. If the paper says none, type 0."
            faults.append(_fault("A1", box, vi, en))
    return Typed(texts, values, tuple(faults))


def _fault(code: str, box: Box, vi: str, en: str) -> Finding:
    return Finding(code=code, severity=Severity.BLOCK, places=(box.name,), vi=vi, en=en)


@dataclass(frozen=True)
class Found:
    """A finding beside the boxes it is about."""

    finding: Finding
    numbers: str
    first: str
    kind: str


_KINDS: Final = {Severity.BLOCK: "err", Severity.WARN: "warn", Severity.INFO: "info"}
_DIFFERS: Final = "D1"


def found_at(findings: Iterable[Finding], boxes: Iterable[Box]) -> list[Found]:
    """Findings, errors before differences before warnings, with the printed numbers of their boxes."""
    known = {box.name: box for box in boxes}
    ranks = {Severity.BLOCK: 0, Severity.WARN: 2, Severity.INFO: 3}
    shown = []
    for finding in sorted(_together(findings), key=lambda one: 1 if one.code == _DIFFERS else ranks[one.severity]):
        hits = sorted((known[place] for place in finding.places if place in known), key=lambda box: box.number)
        kind = "diff" if finding.code == _DIFFERS else _KINDS[finding.severity]
        shown.append(Found(finding, ", ".join(str(box.number) for box in hits), hits[0].id if hits else "", kind))
    return shown


def _together(findings: Iterable[Finding]) -> list[Finding]:
    """The same sentence about several boxes, each on its own, is said once."""
    held: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        known = held.get((finding.code, finding.vi))
        places = tuple(dict.fromkeys((*known.places, *finding.places))) if known else finding.places
        held[finding.code, finding.vi] = finding.model_copy(update={"places": places})
    return list(held.values())


def marks_of(findings: Iterable[Finding]) -> dict[str, str]:
    """The worst that is said of each box: err, diff or warn."""
    order = ("err", "diff", "warn", "info")
    marks: dict[str, str] = {}
    for finding in findings:
        kind = "diff" if finding.code == _DIFFERS else _KINDS[finding.severity]
        for place in finding.places:
            marks[place] = min(marks.get(place, "info"), kind, key=order.index)
    return marks


def heading_of(findings: Iterable[Finding], words: Words) -> str:
    """2 lỗi và 2 ô khác lần nhập 1."""
    held = tuple(findings)
    errors = sum(1 for one in held if one.severity is Severity.BLOCK)
    unlike = sum(len(one.places) for one in held if one.code == _DIFFERS)
    warnings = sum(1 for one in held if one.severity is Severity.WARN and one.code != _DIFFERS)
    parts = []
    if errors:
        parts.append(words.text("{n} lỗi", n=errors))
    if unlike:
        parts.append(words.text("{n} ô khác lần nhập 1", n=unlike))
    if warnings:
        parts.append(words.text("{n} cảnh báo", n=warnings))
    return words.text(" và ").join(parts)


def shares_of(values: Values) -> dict[str, str]:
    """The percentages of the form: computed, never typed. Line 19 is what line 18 leaves of the whole."""
    shares: dict[str, str] = {}
    for name, whole in _SHARES.items():
        part, of = values.get(name), values.get(whole)
        if part is not None and of and part <= of:
            shares[name] = percent(part, of)
    if "valid" in shares and "invalid" in shares:
        rest = 10_000 - int(shares["valid"].replace(",", ""))
        shares["invalid"] = f"{rest // 100},{rest % 100:02d}"
    return shares


def marked(one: str, other: str) -> Markup:
    """A figure with the digits marked in which it is unlike the other."""
    if len(one) != len(other):
        return Markup("<mark>{}</mark>").format(one)
    unlike = [place for place, (mine, theirs) in enumerate(zip(one, other, strict=True)) if mine != theirs]
    if not unlike:
        return Markup("{}").format(one)
    first, last = unlike[0], unlike[-1] + 1
    return Markup("{}<mark>{}</mark>{}").format(one[:first], one[first:last], one[last:])
