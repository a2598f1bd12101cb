"""The ledger of evidence: how it stands, who watches it, a check made here, a root on paper compared, downloads."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.responses import Response

from services.contracts.base import NotAllowed, Page, Refusal, Told
from services.contracts.candidates import CONTEST_NAMES, Contest
from services.contracts.ledger import (
    CheckpointAt,
    Evidence,
    EvidenceOf,
    Evidences,
    FigureEvidence,
    FigureOf,
    Growth,
    LatestCheckpoint,
    LedgerCard,
    LedgerState,
    NoSuchCheckpoint,
    NotAWitnessKey,
    Proof,
    RegisterWitness,
    SignedCheckpoint,
    Witnessed,
)
from services.contracts.results import Records, RecordsOf, Results, ResultsOf
from services.contracts.roles import Action
from services.gateway.console.acts import act, key_of, line_of, number_of
from services.gateway.console.evidence import (
    LATER,
    OK,
    WRONG,
    Checked,
    Memory,
    Row,
    Wanted,
    accepted,
    judged,
    refused,
    same_as_paper,
    sums,
    witnessed,
)
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here
from services.kit.proofs import Broken, Checkpoint, Note

router = APIRouter()

PAGE: Final = HERE + "/so-bang-chung"
_LATE: Final = timedelta(minutes=15)
_AT_ONCE, _MOST, _SHOWN = 500, 5000, 200
_GROUPS: Final = re.compile(r"[0-9a-f]{12,64}")


@dataclass
class Outcome:
    """What a check has found: the ledger itself, then the unit's aggregates, those with something to do first."""

    about: list[Checked] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    left_out: int = 0

    def count(self, kind: str) -> int:
        """How many things came out so."""
        return sum(one.kind == kind for one in [*self.about, *(row.checked for row in self.rows)])

    @property
    def shown(self) -> list[Row]:
        """The rows a page has room for; what is wrong is always among the first."""
        order = {WRONG: 0, LATER: 1, OK: 2}
        return sorted(self.rows, key=lambda row: order[row.checked.kind])[:_SHOWN]


@router.get(PAGE)
async def ledger(visit: Annotated[Visit, Depends(here)], kiem: str = "", co: str = "", goc: str = "") -> Response:
    """How the ledger stands; with `kiem` it is checked, with `co` and `goc` the root on a paper record is compared."""
    visit.require(Action.READ_LEDGER)
    return await _page(visit, kiem=kiem, co=co, goc=goc)


@router.post(PAGE)
async def register(visit: Annotated[Visit, Depends(here)]) -> Response:
    """A witness may cosign from now on."""
    visit.require(Action.REGISTER_WITNESS)
    form = await visit.form()
    key = line_of(form, "khoa", 200)
    try:
        asked = RegisterWitness.model_validate({"key": key_of(form), "witness": key})
        await visit.ask(asked, Witnessed)
    except ValidationError:
        return await _page(visit, told=NotAWitnessKey().told(), khoa=key)
    except Refusal as told:
        return await _page(visit, told=told.told(), khoa=key)
    return visit.go(f"{visit.address}/so-bang-chung")


async def _page(visit: Visit, told: Told | None = None, **typed: str) -> Response:
    kiem, co, goc, khoa = (typed.get(name, "") for name in ("kiem", "co", "goc", "khoa"))
    card = await visit.ask(act(visit, LedgerState), LedgerCard)
    outcome = await _checked(visit, card) if kiem and card.size else None
    paper = await _paper(visit, co, goc) if co or goc else None
    now = datetime.now(UTC)
    late = {one.name for one in card.witnesses if one.size < card.size and (one.at is None or now - one.at > _LATE)}
    return visit.page(
        "so-bang-chung.html",
        told.status if told else 200,
        refused=told,
        may_register=visit.may(Action.REGISTER_WITNESS),
        local=visit.place.known.clock.at if visit.place.known else _as_is,
        card=card,
        outcome=outcome,
        paper=paper,
        typed={"co": co[:20], "goc": goc[:100], "khoa": khoa},
        late=late,
        signed=sum(one.size == card.size for one in card.witnesses) if card.size else 0,
        figure=_figure(visit),
    )


@router.get(PAGE + "/diem-kiem-tra")
async def note(visit: Annotated[Visit, Depends(here)]) -> Response:
    """The newest checkpoint as a file, with every signature."""
    visit.require(Action.READ_LEDGER)
    told = await visit.ask(LatestCheckpoint(), SignedCheckpoint)
    return _file(told.note.encode(), f"diem-kiem-tra-{told.size}.txt", "text/plain; charset=utf-8")


@router.get(PAGE + "/khoa")
async def keys(visit: Annotated[Visit, Depends(here)]) -> Response:
    """The public keys as a file: the ledger's, then those of its witnesses."""
    visit.require(Action.READ_LEDGER)
    card = await visit.ask(act(visit, LedgerState), LedgerCard)
    told = await visit.ask(LatestCheckpoint(), SignedCheckpoint)
    lines = [told.key, *(one.key for one in card.witnesses if one.key)]
    return _file("".join(f"{line}\n" for line in lines).encode(), "khoa.txt", "text/plain; charset=utf-8")


@router.get(PAGE + "/bang-chung")
async def evidence(visit: Annotated[Visit, Depends(here)], giu: int = 0) -> Response:
    """All that proves the result of this constituency, for the verifier; `giu`: the size of a checkpoint one holds."""
    visit.require(Action.READ_LEDGER)
    code = _figure(visit)
    if not code:
        raise NotAllowed
    told = await visit.ask(act(visit, FigureOf, constituency=code, held=max(0, giu)), FigureEvidence)
    return _file(told.model_dump_json().encode(), f"bang-chung-{code}.json", "application/json")


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)


def _as_is(at: datetime) -> datetime:
    return at


def _figure(visit: Visit) -> str:
    return visit.place.code if visit.place.level == "constituency" else ""


def memory_of(visit: Visit) -> Memory:
    """What this gateway has seen of the ledger since it started."""
    state = visit.request.app.state
    if not hasattr(state, "ledger_memory"):
        state.ledger_memory, state.ledger_turn = Memory(visit.gateway.settings.ledger_key), asyncio.Lock()
    held: Memory = state.ledger_memory
    return held


async def _accept(visit: Visit, text: str, key: str) -> tuple[Note, Checkpoint | None]:
    """The note when it only adds to what this gateway has seen, and what that was; Broken when it does not."""
    memory = memory_of(visit)
    async with visit.request.app.state.ledger_turn:
        before, gap = memory.seen, memory.must_prove(text)
        steps = await _steps(visit, *gap) if gap else ()
        return memory.accept(text, key, steps), before


async def _steps(visit: Visit, old: int, size: int) -> tuple[str, ...]:
    """The proof that one checkpoint continues another; a ledger that no longer knows the later one has none."""
    try:
        return (await visit.ask(Growth(old=old, size=size), Proof)).hashes
    except NoSuchCheckpoint:
        return ()


async def _checked(visit: Visit, card: LedgerCard) -> Outcome:
    """The checkpoint, its witnesses, and every aggregate of this unit."""
    outcome = Outcome()
    try:
        told = await visit.ask(LatestCheckpoint(), SignedCheckpoint)
        note, before = await _accept(visit, told.note, told.key)
        outcome.about += [*accepted(note, before), *witnessed(note, card.witnesses)]
        wanted = await _wanted(visit)
        outcome.left_out = max(0, len(wanted) - _MOST)
        await _judge(visit, outcome, wanted[:_MOST], told.key)
    except Broken as why:
        outcome.about.append(refused(why))
    return outcome


async def _judge(visit: Visit, outcome: Outcome, wanted: list[Wanted], key: str) -> None:
    found: dict[str, Evidence] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        part = wanted[first : first + _AT_ONCE]
        names = tuple(one.aggregate for one in part)
        told = await visit.ask(act(visit, EvidenceOf, aggregates=names), Evidences)
        note, _ = await _accept(visit, told.note, key)
        known = {name: one for one in told.entries for name in names if f'"aggregate":"{name}"' in one.line}
        outcome.rows += [judged(one, known.get(one.aggregate), note.checkpoint) for one in part]
        found |= known
    result = found.get(f"result/{visit.election}/{_figure(visit)}")
    records = [one for name, one in found.items() if name.startswith("record/")]
    if result is not None and not any(row.checked.kind == WRONG for row in outcome.rows):
        outcome.about.append(sums(result, records))


async def _wanted(visit: Visit) -> list[Wanted]:
    """The unit's own, as far as the person may read it.

    Of the nation the National Assembly's results, of a province those of two contests, below it records too.
    """
    wanted: list[Wanted] = []
    level = visit.place.level
    if visit.may(Action.READ_RESULT):
        contest = Contest.NA if level == "nation" else None
        told = await visit.ask(act(visit, ResultsOf, contest=contest), Results)
        wanted += [
            Wanted(
                f"result/{visit.election}/{one.constituency}", f"Kết quả {one.constituency}",
                f"Result {one.constituency}", f"/{visit.election}/{one.constituency}/ket-qua", one.state, one.content,
            )
            for one in told.results
            if level != "province" or one.contest is not Contest.CC
        ]  # fmt: skip
    if visit.may(Action.READ_PROGRESS) and level in {"commune", "constituency"}:
        first = 0
        while first < _MOST:
            page = await visit.ask(act(visit, RecordsOf, page=Page(first=first, size=1000)), Records)
            wanted += [_record(visit, one.area, one.contest, one.state) for one in page.records]
            first += 1000
            if len(page.records) < 1000:
                break
    return wanted


def _record(visit: Visit, area: str, contest: Contest, state: str) -> Wanted:
    vi, en = CONTEST_NAMES[contest]
    return Wanted(
        f"record/{visit.election}/{area}/{contest}",
        f"Biên bản khu vực {number_of(area)} ({area[:5]}), {vi}",
        f"Record of area {number_of(area)} ({area[:5]}), {en}",
        state=state,
    )


async def _paper(visit: Visit, co: str, goc: str) -> Checked:
    """Whether the size and the groups of the root on a paper record are the ledger's."""
    size = "".join(letter for letter in co if letter not in ". ,\u00a0")
    groups = "".join(goc.split()).lower()
    if not size.isdecimal() or not size.isascii() or int(size[:15]) == 0 or not _GROUPS.fullmatch(groups):
        return Checked(
            WRONG, "Gõ cỡ sổ bằng chữ số và ba nhóm bốn ký tự của gốc (0-9, A-F) đúng như trên biên bản.",
            "Type the size in digits and the three groups of four (0-9, A-F) as the paper has them.",
        )  # fmt: skip
    try:
        told = await visit.ask(CheckpointAt(size=int(size[:15])), SignedCheckpoint)
    except NoSuchCheckpoint:
        return Checked(
            WRONG,
            f"Khác. Sổ chưa bao giờ có điểm kiểm tra cỡ {size}. Xem lại số đã gõ; nếu giấy đúng như đã gõ, báo ngay.",
            f"Different. The ledger never had a checkpoint of size {size}. "
            "Check what you typed; if the paper says so, report it now.",
        )
    try:
        newest = await visit.ask(LatestCheckpoint(), SignedCheckpoint)
        now, _ = await _accept(visit, newest.note, newest.key)
        later = (memory_of(visit).seen or now.checkpoint).size
        steps = await _steps(visit, told.size, later) if told.size < later else ()
        return same_as_paper(Note.read(told.note), memory_of(visit), groups, steps)
    except Broken as why:
        return refused(why)
