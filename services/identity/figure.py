"""Proves one published figure down to the people behind it, offline: `python -m services.identity.verify figure …`.

Needs only the standard library and `cryptography`. `--bundle` is what the door `figure_evidence` answers, or
`python -m services.identity.bundle figure` writes; `--published` the downloaded snapshot, or one constituency's JSON
of it. What is trusted comes from elsewhere: `--keys`, and `--held`, a checkpoint from a witness or a paper record.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from services.kit.proofs import LOG, WITNESS, Broken, Checkpoint, Key, Note, grows, includes, opens

_SUMS = ("voters", "took_part", "issued", "collected", "valid", "invalid")
_SUM_WORDS = {
    "voters": "cử tri", "took_part": "cử tri đã bầu", "issued": "phiếu phát ra", "collected": "phiếu thu vào",
    "valid": "phiếu hợp lệ", "invalid": "phiếu không hợp lệ",
}  # fmt: skip
_FRESH = {"awaited", "returned", "reopened"}
_COMPARED = {"differs", "faulty"}


@dataclass
class Report:
    """What is said on the way, and everything that is wrong, each with its place."""

    said: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Trust:
    """What the asker brings along: keys, checkpoints held from before, how many witnesses must have signed."""

    keys: Sequence[Key]
    held: Sequence[Note] = ()
    witnesses: int = 0


@dataclass(frozen=True)
class Published:
    """What the public reads of a constituency; of a whole snapshot also the manifest that names the file's hash."""

    figure: Mapping[str, Any]
    file: bytes
    name: str = ""
    manifest: bytes = b""


@dataclass(frozen=True)
class Entry:
    """An entry of the ledger whose content is shown."""

    place: int
    aggregate: str
    version: int
    actor: str
    content: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The entry as a person finds it."""
        kind, *parts = self.aggregate.split("/")
        words = {"record": "biên bản khu vực", "result": "kết quả", "snapshot": "bản công bố số"}
        return f"mục {self.place} ({words.get(kind, kind)} {' '.join(parts[1:])})"


def prove(bundle: Any, wanted: str, trust: Trust, published: Published | None = None) -> Report:
    """Everything there is to say of a figure; `wrong` stays empty only when every step holds."""
    report = Report()
    try:
        note = Note.read(bundle["note"])
        _judge_checkpoint(report, note, trust, bundle)
        entries = list(_entries(report, bundle["entries"], note.checkpoint))
        if published is not None and published.figure.get("constituency") != wanted:
            report.wrong.append(f"bản công bố: tệp là của {published.figure.get('constituency')}, không phải {wanted}")
        _judge_figure(report, wanted, _histories(report, entries), published)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, Broken) as unreadable:
        report.wrong.append(f"không đọc được bằng chứng: {type(unreadable).__name__} {unreadable}")
    return report


def _judge_checkpoint(report: Report, note: Note, trust: Trust, bundle: Any) -> None:
    told = note.checkpoint
    logs = [key for key in trust.keys if key.kind == LOG and key.name == told.origin]
    if not any(note.is_signed_by(key) for key in logs):
        report.wrong.append("điểm kiểm tra: không có chữ ký của khóa sổ mà ông/bà tin")
    seen = {key.name for key in trust.keys if key.kind == WITNESS and note.is_signed_by(key)}
    if len(seen) < trust.witnesses:
        report.wrong.append(f"điểm kiểm tra: mới có {len(seen)} nhân chứng ký, ông/bà cần {trust.witnesses}")
    for held in trust.held:
        if not any(held.is_signed_by(key) for key in logs):
            report.wrong.append("điểm kiểm tra ông/bà giữ không có chữ ký của khóa sổ mà ông/bà tin")
        if not _continues(held.checkpoint, told, bundle):
            report.wrong.append(
                f"điểm kiểm tra: sổ {told.size} mục này không nối tiếp điểm kiểm tra {held.checkpoint.size} mục "
                "ông/bà giữ"
            )
    root = told.root.hex().upper()
    report.said.append(f"Sổ có {told.size} mục, gốc {root[:4]} {root[4:8]} {root[8:12]}, {len(seen)} nhân chứng đã ký.")


def _continues(held: Checkpoint, told: Checkpoint, bundle: Any) -> bool:
    if held.origin != told.origin or held.size > told.size:
        return False
    same = held.size in (0, told.size)
    if not same and bundle.get("old") != held.size:
        raise Broken(f"bằng chứng không nối với điểm kiểm tra {held.size} mục; xuất lại với --held {held.size}")
    return grows(held, told, [] if same else [bytes.fromhex(step) for step in bundle["growth"]])


def _entries(report: Report, told: Sequence[Any], checkpoint: Checkpoint) -> Iterator[Entry]:
    """Every entry; one that the checkpoint does not hold, or that held another content, is named."""
    for one in told:
        line = json.loads(one["line"])
        content = json.loads(one["content"])
        place, version = int(one["place"]), int(line["version"])
        entry = Entry(place, str(line["aggregate"]), version, str(line["actor"] or ""), content)
        path = [bytes.fromhex(step) for step in one["proof"]]
        if not includes(one["line"].encode(), place, path, checkpoint):
            report.wrong.append(f"{entry.name}: không nằm trong sổ mà điểm kiểm tra đã ký")
        elif not opens(one["line"].encode(), one["salt"], one["content"]):
            report.wrong.append(f"{entry.name}: nội dung không phải điều đã được ghi vào sổ")
        yield entry


def _histories(report: Report, entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """The entries of each aggregate in order; a version left out is named."""
    histories: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.aggregate, entry.version)):
        histories.setdefault(entry.aggregate, []).append(entry)
    for history in histories.values():
        for before, after in pairwise(history):
            if after.version != before.version + 1:
                report.wrong.append(f"{after.name}: thiếu mục ngay trước nó (bản {after.version - 1})")
    return histories


def _judge_figure(
    report: Report, wanted: str, histories: Mapping[str, list[Entry]], published: Published | None
) -> None:
    newest = next((history[-1] for name, history in histories.items() if _is_result(name, wanted)), None)
    if newest is None:
        report.wrong.append(f"kết quả {wanted}: bằng chứng không có mục nào của kết quả này")
        return
    result = newest.content["result"]
    if result["state"] != "declared":
        report.wrong.append(f"{newest.name}: sổ chưa ghi kết quả này là đã công bố")
    _say_result(report, newest, result)
    if published is None:
        report.said.append("Chưa đối chiếu với bản công bố: thêm --published để đối chiếu.")
    else:
        _judge_published(report, newest, result, published)
        _judge_snapshot(report, histories, published)
    _judge_people_of_result(report, histories[newest.aggregate])
    election = str(result["election"])
    records = {
        name: history
        for name, history in histories.items()
        if name.startswith(f"record/{election}/") and history[-1].content.get("constituency") == wanted
    }
    _judge_sum(report, newest, result, [history[-1] for history in records.values()])
    people = {person for history in records.values() for person in _judge_people(report, history)}
    if not report.wrong:
        report.said.append(
            f"Con số của {wanted} đúng bằng tổng của {len(records)} biên bản do {len(people)} người nhập, đối chiếu và "
            f"phê duyệt; không mục nào bị sửa, bớt hay đổi chỗ từ khi được ghi."
        )


def _is_result(aggregate: str, wanted: str) -> bool:
    return aggregate.startswith("result/") and aggregate.endswith(f"/{wanted}")


def _votes(candidates: Sequence[Any]) -> dict[int, tuple[str, int]]:
    return {
        int(line["candidate"]["order"]): (str(line["candidate"]["full_name"]), line["votes"]) for line in candidates
    }


def _say_result(report: Report, newest: Entry, result: Mapping[str, Any]) -> None:
    report.said.append(f"Kết quả {result['constituency']} ({result['title']}) là mục {newest.place} của sổ:")
    elected = {int(line["candidate"]["order"]) for line in result["candidates"] if line["elected"]}
    for order, (name, votes) in sorted(_votes(result["candidates"]).items()):
        report.said.append(f"  {order}. {name}: {votes} phiếu{', trúng cử' if order in elected else ''}")


def _judge_published(report: Report, newest: Entry, result: Mapping[str, Any], published: Published) -> None:
    """Each published figure is the one the ledger holds."""
    figure, held = published.figure, _votes(result["candidates"])
    if figure.get("election") != result["election"]:
        report.wrong.append(f"bản công bố: là của cuộc bầu cử {figure.get('election')}, sổ ghi {result['election']}")
    said = _votes(figure.get("candidates", ()))
    for order in sorted(held.keys() | said.keys()):
        if said.get(order) != held.get(order):
            name, votes = held.get(order) or said[order]
            report.wrong.append(
                f"bản công bố: ứng cử viên {order} ({name}) được công bố {said.get(order, ('', 'không có'))[1]} phiếu, "
                f"{newest.name} ghi {votes if order in held else 'không có'}"
            )
    totals = figure.get("totals", {})
    for name in _SUMS:
        if totals.get(name) != result["totals"][name]:
            report.wrong.append(
                f"bản công bố: {_SUM_WORDS[name]} được công bố {totals.get(name)}, "
                f"{newest.name} ghi {result['totals'][name]}"
            )
    if _elected(figure.get("candidates", ())) != _elected(result["candidates"]):
        report.wrong.append(f"bản công bố: những người trúng cử không phải những người {newest.name} ghi")
    if figure.get("content") != result["content"]:
        report.wrong.append(f"bản công bố: mã nội dung không phải mã {newest.name} ghi")


def _elected(candidates: Sequence[Any]) -> set[int]:
    return {int(line["candidate"]["order"]) for line in candidates if line["elected"]}


def _judge_snapshot(report: Report, histories: Mapping[str, list[Entry]], published: Published) -> None:
    """The file is the one the manifest names, and the manifest the one the ledger holds."""
    if not published.manifest:
        return
    signed = json.loads(published.manifest)
    named = signed["files"].get(published.name, {}).get("sha256")
    if named != hashlib.sha256(published.file).hexdigest():
        report.wrong.append(f"bản công bố: tệp {published.name} đã bị đổi sau khi công bố")
    number, manifest = signed["number"], hashlib.sha256(published.manifest).hexdigest()
    known = histories.get(f"snapshot/{signed['election']}/{number}")
    if not known:
        report.wrong.append(f"bản công bố: sổ không có bản công bố số {number}")
    elif known[-1].content["snapshot"]["manifest"] != manifest:
        report.wrong.append(f"bản công bố: danh mục tệp không phải danh mục mà {known[-1].name} ghi")
    else:
        by = known[-1].content["snapshot"]["published_by"]
        report.said.append(f"Bản công bố số {number} là mục {known[-1].place} của sổ; người công bố: {by}.")


def _judge_sum(report: Report, newest: Entry, result: Mapping[str, Any], records: Sequence[Entry]) -> None:
    """The approved records sum to the result, box by box."""
    for entry in records:
        if entry.content["state"] != "approved":
            report.wrong.append(f"{entry.name}: biên bản chưa được phê duyệt")
    counted = [entry.content["figures"] for entry in records if entry.content["state"] == "approved"]
    if len(counted) != result["areas"]:
        report.wrong.append(
            f"{newest.name}: tính trên {result['areas']} khu vực, bằng chứng có {len(counted)} biên bản"
        )
    for name in _SUMS:
        total = sum(figures[name] for figures in counted)
        if total != result["totals"][name]:
            report.wrong.append(
                f"{newest.name}: {_SUM_WORDS[name]} là {result['totals'][name]}, "
                f"cộng {len(counted)} biên bản được {total}"
            )
    for seat, (order, (name, votes)) in enumerate(sorted(_votes(result["candidates"]).items())):
        total = sum(figures["votes"][seat] for figures in counted)
        if total != votes:
            report.wrong.append(
                f"{newest.name}: ứng cử viên {order} ({name}) có {votes} phiếu, "
                f"cộng {len(counted)} biên bản được {total}"
            )


def _judge_people_of_result(report: Report, history: Sequence[Entry]) -> None:
    acted = {entry.content["result"]["state"]: entry for entry in history}
    prepared, declared = acted.get("prepared"), history[-1]
    told = declared.content["result"]
    report.said.append(
        f"  Lập biên bản: {_person(told['prepared_by'], prepared.actor if prepared else '')}; "
        f"ký: {_person(told['declared_by'], declared.actor)}."
    )
    if prepared and prepared.actor and prepared.actor == declared.actor:
        report.wrong.append(f"{declared.name}: người ký cũng là người lập")


def _judge_people(report: Report, history: Sequence[Entry]) -> set[str]:
    """Who typed, compared and approved a record, and that nobody did two of these; their ids."""
    acted = _who_acted(history)
    last = history[-1]
    told = last.content
    typists = [
        _person(name, acted.get(act, "")) for act, name in zip(("first", "second"), told["entered_by"], strict=False)
    ]
    compared = _person(told["compared_by"], acted.get("compared", "")) if told["compared_by"] else "hai lần nhập khớp"
    report.said.append(
        f"Khu vực {told['area']}, mục {last.place}: nhập {' và '.join(typists)}; đối chiếu: {compared}; "
        f"phê duyệt: {_person(told['approved_by'], acted.get('approved', ''))}."
    )
    known = [person for person in acted.values() if person]
    if len(known) != len(set(known)):
        report.wrong.append(f"{last.name}: một người đã làm hai trong các việc nhập, đối chiếu, phê duyệt")
    if told["state"] == "approved" and not acted.get("approved"):
        report.wrong.append(f"{last.name}: sổ không ghi ai phê duyệt")
    return set(known)


def _who_acted(history: Sequence[Entry]) -> dict[str, str]:
    """The ids behind the states a record has gone through since it was last typed anew."""
    acted: dict[str, str] = {}
    before = ""
    for entry in history:
        state = str(entry.content["state"])
        if state in _FRESH:
            acted = {}
        elif state == "entered_first":
            acted["first"] = entry.actor
        elif state == "approved":
            acted["approved"] = entry.actor
        elif before in _COMPARED and state == "waiting":
            acted["compared"] = entry.actor
        elif state in _COMPARED or (state == "waiting" and "second" not in acted):
            acted["second"] = entry.actor
        before = state
    return acted


def _person(name: str, person: str) -> str:
    return f"{name or 'không ghi tên'} (mã {person[:8] if person else 'không ghi'})"


def add_trust(parser: argparse.ArgumentParser) -> None:
    """The options that say what is trusted."""
    parser.add_argument("--keys", type=Path, required=True, help="the public keys you trust, one a line")
    parser.add_argument("--held", type=Path, action="append", default=[], help="a checkpoint you hold from before")
    parser.add_argument("--witnesses", type=int, default=0, help="how many witnesses must have seen the checkpoint")


def trusted(given: argparse.Namespace) -> tuple[list[Key], list[Note]]:
    """The keys and the held checkpoints the options name."""
    keys = [Key.read(line) for line in given.keys.read_text(encoding="utf-8").splitlines() if line.strip()]
    return keys, [Note.read(file.read_text(encoding="utf-8")) for file in given.held]


def published_at(place: Path, wanted: str) -> Published:
    """The figure in a snapshot's folder, or in the one file of it."""
    if place.is_file():
        return Published(json.loads(place.read_bytes()), place.read_bytes())
    file = next(iter(sorted(place.glob(f"*/{wanted}.json"))), None)
    if file is None:
        raise Broken(f"bản công bố không có tệp {wanted}.json")
    content = file.read_bytes()
    name = file.relative_to(place).as_posix()
    return Published(json.loads(content), content, name, (place / "manifest.json").read_bytes())


def main(arguments: Sequence[str]) -> int:
    """The way from the figure to the people, what is wrong, and the verdict on one line."""
    parser = argparse.ArgumentParser(prog="verify figure", description="Proves one published figure offline.")
    parser.add_argument("--bundle", type=Path, required=True, help="the evidence of the figure, a JSON file")
    parser.add_argument("--figure", required=True, help="the constituency, as NA-46-01")
    parser.add_argument("--published", type=Path, default=None, help="the snapshot's folder, or the figure's JSON file")
    add_trust(parser)
    given = parser.parse_args(arguments)
    try:
        keys, held = trusted(given)
        published = published_at(given.published, given.figure) if given.published else None
        bundle = json.loads(given.bundle.read_text(encoding="utf-8"))
        report = prove(bundle, given.figure, Trust(keys, held, given.witnesses), published)
    except (OSError, ValueError, Broken, RecursionError) as unreadable:
        report = Report(wrong=[f"không đọc được: {unreadable}"])
    for line in (*report.said, *(f"SAI: {fault}" for fault in report.wrong)):
        sys.stdout.write(f"{line}\n")
    word = "broken" if report.wrong else "ok"
    sys.stdout.write(f"verdict: {word} figure={given.figure} faults={len(report.wrong)}\n")
    return 1 if report.wrong else 0
