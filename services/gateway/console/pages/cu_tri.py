"""Voter lists of a commune: areas with their lists, posting and closing, imports from a file with their jobs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.contracts.base import Finding, Job, NotAllowed, Refusal, Severity, Told
from services.contracts.roles import Action
from services.contracts.vietnamese import percent
from services.contracts.voters import (
    AreaRow,
    Areas,
    AreasOf,
    CloseLists,
    ImportOf,
    Imports,
    ImportsOf,
    ImportVoters,
    ListStanding,
    PostLists,
    Rights,
)
from services.gateway.console.acts import act, key_of, line_of, number_of, require_commune
from services.gateway.console.places import HERE
from services.gateway.console.uploads import upload_form
from services.gateway.console.visits import Visit, here

router = APIRouter()

CU_TRI: Final = HERE + "/cu-tri"
NHAP_TEP: Final = CU_TRI + "/nhap-tep"
_LOOKS: Final = {
    "empty": ("wait", "wait", "Chưa lập", "Not drawn up"),
    "drafted": ("q2", "work", "Đã lập, chưa niêm yết", "Drafted, not posted"),
    "posted": ("ring", "work", "Đã niêm yết", "Posted"),
    "closed": ("ok", "ok", "Đã khóa", "Closed"),
}
_AT: Final = {"waiting": 1, "reading": 1, "checking": 2, "writing": 3, "written": 4}
_STANDING: Final = {"posted", "closed"}
_ENDED: Final = {"written", "refused", "failed"}
_SHOWN_LINES: Final = 6


@dataclass(frozen=True)
class Listed:
    """A polling area and its list."""

    row: AreaRow
    number: str
    look: tuple[str, str, str, str]


@router.get(CU_TRI)
async def lists(visit: Annotated[Visit, Depends(here)]) -> Response:
    """How many voters, which lists stand, what is the next act."""
    return await _lists_page(visit)


@router.post(CU_TRI)
async def advance(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Post or close the lists of all polling areas, by document."""
    require_commune(visit)
    form = await visit.form()
    asked: PostLists | CloseLists
    if form.get("viec") == "niem-yet":
        visit.require(Action.POST_LIST)
        asked = act(visit, PostLists, key=key_of(form), document=line_of(form, "document"))
    else:
        visit.require(Action.CLOSE_LIST)
        asked = act(visit, CloseLists, key=key_of(form), document=line_of(form, "document"))
    try:
        await visit.ask(asked, ListStanding)
    except Refusal as refused:
        return await _lists_page(visit, refused.told())
    return visit.go(f"{visit.address}/cu-tri")


async def _lists_page(visit: Visit, refused: Told | None = None) -> Response:
    visit.require(Action.READ_VOTERS)
    require_commune(visit)
    found = await visit.ask(act(visit, AreasOf), Areas)
    imports = await visit.ask(act(visit, ImportsOf), Imports)
    states = {row.state for row in found.areas}
    rows = [Listed(row, number_of(row.area.code), _look(row.state)) for row in found.areas]
    return visit.page(
        "cu-tri.html",
        refused.status if refused else 200,
        refused=refused,
        rows=rows,
        whole=_sum(row.rights for row in found.areas),
        by_state=[
            (_look(state), sum(1 for row in rows if row.row.state == state)) for state in _LOOKS if state in states
        ],
        next_act=_next(visit, states),
        imports=list(zip(imports.jobs, imports.names, imports.people, strict=False))[:5],
        may_import=visit.may(Action.IMPORT_VOTERS) and not states & _STANDING,
    )


def _look(state: str) -> tuple[str, str, str, str]:
    return _LOOKS.get(state, ("info", "ink", state, state))


def _sum(parts: Iterable[Rights]) -> Rights:
    whole = Rights()
    for part in parts:
        whole = Rights(
            na=whole.na + part.na,
            pc=whole.pc + part.pc,
            cc=whole.cc + part.cc,
            male=whole.male + part.male,
            female=whole.female + part.female,
        )
    return whole


def _next(visit: Visit, states: set[str]) -> str:
    """The act of the signer that is due: the lists of all areas go the same way together."""
    if states == {"drafted"} and visit.may(Action.POST_LIST):
        return "niem-yet"
    if states == {"posted"} and visit.may(Action.CLOSE_LIST):
        return "khoa"
    return ""


@router.get(NHAP_TEP)
async def imports(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Choose a file; what was imported before."""
    return await _imports_page(visit)


@router.post(NHAP_TEP)
async def upload(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Store the file and hand it to the service; its job has a page of its own."""
    visit.require(Action.IMPORT_VOTERS)
    require_commune(visit)
    form = await upload_form(visit)
    sent = form.get("file")
    try:
        if not isinstance(sent, UploadFile) or not sent.filename:
            return await _imports_page(visit, no_file=True)
        name = await run_in_threadpool(visit.gateway.files.put, sent.file)
        asked = act(visit, ImportVoters, key=key_of(form), file=name, file_name=sent.filename[-400:])
        job = await visit.ask(asked, Job)
    except Refusal as refused:
        return await _imports_page(visit, refused.told())
    finally:
        await form.close()
    return visit.go(f"{visit.address}/cu-tri/nhap-tep/{job.id}")


async def _imports_page(visit: Visit, refused: Told | None = None, *, no_file: bool = False) -> Response:
    visit.require(Action.READ_VOTERS)
    require_commune(visit)
    found = await visit.ask(act(visit, ImportsOf), Imports)
    states = {row.state for row in (await visit.ask(act(visit, AreasOf), Areas)).areas}
    return visit.page(
        "nhap-tep.html",
        refused.status if refused else 422 if no_file else 200,
        refused=refused,
        no_file=no_file,
        imports=list(zip(found.jobs, found.names, found.people, strict=False)),
        may_import=visit.may(Action.IMPORT_VOTERS) and not states & _STANDING,
        standing=bool(states & _STANDING),
        most=visit.gateway.settings.gateway_upload // 1_000_000,
    )


@dataclass(frozen=True)
class Kind:
    """All findings of one code: the sentence, how many, their lines."""

    code: str
    severity: Severity
    sentence: str
    count: int
    lines: str
    findings: tuple[tuple[str, str], ...]


@router.get(NHAP_TEP + "/{job}")
async def job(visit: Annotated[Visit, Depends(here)], job: str, loc: str = "") -> Response:
    """How far, what is wrong, has anything been written."""
    visit.require(Action.READ_VOTERS)
    require_commune(visit)
    found = await visit.ask(act(visit, ImportOf, job=_uuid(job)), Job)
    kinds = _kinds(visit, found.findings)
    severities = {one: sum(kind.count for kind in kinds if kind.severity is one) for one in Severity}
    return visit.page(
        "nhap-tep-viec.html",
        job=found,
        short=str(found.id)[:8],
        kinds=[kind for kind in kinds if not loc or kind.severity == loc],
        severities=severities,
        all_found=len(found.findings),
        chosen=loc,
        stages=_stages(visit, found),
        share=percent(found.done, found.total),
        ended=found.state in _ENDED,
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise NotAllowed from wrong


def _stages(visit: Visit, job: Job) -> list[tuple[str, str, str]]:
    """Name, note and where it stands of each stage."""
    words = visit.words
    at = _AT.get(job.state, 4 if job.state == "written" else _AT.get(job.stage, 2))
    names = (words.text("Tải lên"), words.text("Đọc tệp"), words.text("Kiểm tra"), words.text("Ghi"))
    rows = words.text("{n} dòng", n=job.total) if job.total else ""
    written = words.text("{n} dòng đã ghi", n=job.written) if job.written else words.text("tất cả hoặc không dòng nào")
    notes = (words.text("đã nhận"), rows, words.text("mọi dòng, mọi quy tắc"), written)
    here_now = "bad" if job.state in {"refused", "failed"} else "now"
    where = ["done" if place < at else here_now if place == at else "next" for place in range(len(names))]
    return list(zip(names, notes, where, strict=True))


def _kinds(visit: Visit, findings: tuple[Finding, ...]) -> list[Kind]:
    """Findings by code, errors first, the most frequent first."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.code, []).append(finding)
    kinds = [_kind(visit, code, held) for code, held in groups.items()]
    return sorted(kinds, key=lambda kind: (list(Severity).index(kind.severity), -kind.count, kind.code))


def _kind(visit: Visit, code: str, held: list[Finding]) -> Kind:
    words = visit.words
    numbers = [place.removeprefix("line ") for one in held for place in one.places[:1] if place.startswith("line ")]
    shown = ", ".join(numbers[:_SHOWN_LINES]) + (" …" if len(numbers) > _SHOWN_LINES else "")
    lines = words.text("dòng {numbers}", numbers=shown) if numbers else words.text("cả tệp")
    each = tuple(
        (
            one.places[0].removeprefix("line ") if one.places and one.places[0].startswith("line ") else "",
            words.told(one),
        )
        for one in held
    )
    return Kind(code, held[0].severity, words.told(held[0]), len(held), lines, each)
