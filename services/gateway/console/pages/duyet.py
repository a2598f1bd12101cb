"""Approval of count records: what waits, chosen together, signed with one second factor for exactly these contents."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.base import Refusal, Severity, StaleVersion, Told
from services.contracts.candidates import ListedCandidate
from services.contracts.results import ApproveRecords, RecordRef, RecordView, RecordViews, WaitingApproval, batch_hash
from services.contracts.roles import Action
from services.contracts.vietnamese import percent
from services.gateway.console.acts import act, approve, key_of, number_of, require_commune
from services.gateway.console.boxes import Group as Boxes
from services.gateway.console.boxes import groups_of, texts_of, values_of
from services.gateway.console.pages.bien_ban import lists_here
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here

router = APIRouter()

DUYET: Final = HERE + "/bien-ban/duyet"
_NONE: Final = "khong"


@dataclass(frozen=True)
class Waiting:
    """A record that waits, and whether it is among those about to be signed."""

    view: RecordView
    number: str
    name: str
    groups: tuple[Boxes, ...]
    texts: dict[str, str]
    turnout: str
    blocked: bool
    own: bool
    chosen: bool


@router.get(DUYET)
async def waiting(
    visit: Annotated[Visit, Depends(here)], chon: Annotated[list[str] | None, Query()] = None
) -> Response:
    """The records of the commune that wait, with figures, people and hashes."""
    _require(visit)
    return await _page(visit, chon)


@router.post(DUYET)
async def sign(visit: Annotated[Visit, Depends(here)]) -> Response:
    """All or none: the code is bound to the hash of exactly these contents."""
    _require(visit)
    form = await visit.form()
    names = [str(name) for name in form.getlist("ban")]
    try:
        refs = await _unchanged(visit, names, form)
        content = batch_hash(tuple(ref.content for ref in refs))
        asked = act(visit, ApproveRecords, key=key_of(form), records=refs)
        approved = await approve(visit, asked, RecordViews, form, content)
    except Refusal as refused:
        return await _page(visit, [name.partition("@")[0] for name in names] or None, refused.told())
    return visit.page(
        "duyet-xong.html", approved=approved.records, content=content, at=visit.place.at(), number_of=number_of
    )


def _require(visit: Visit) -> None:
    visit.require(Action.APPROVE_RECORD)
    require_commune(visit)


async def _unchanged(visit: Visit, names: Iterable[str], form: FormData) -> tuple[RecordRef, ...]:
    """The records as they were read, `19777-012.NA@hash` each; what the page was signed for must be what it showed."""
    refs = []
    for name in names:
        record, _, content = name.partition("@")
        area, _, contest = record.partition(".")
        refs.append({"area": area, "contest": contest, "content": content})
    read = act(visit, ApproveRecords, key=key_of(form), records=refs).records
    if batch_hash(tuple(ref.content for ref in read)) != form.get("noi-dung"):
        raise StaleVersion(at=visit.words.clock(visit.place.at()))
    return read


async def _page(visit: Visit, chosen: list[str] | None, refused: Told | None = None) -> Response:
    found = await visit.ask(act(visit, WaitingApproval), RecordViews)
    lists = await lists_here(visit) if found.records else {}
    rows = [_row(visit, view, chosen, lists.get(view.constituency, ())) for view in found.records]
    to_sign = [row for row in rows if row.chosen]
    return visit.page(
        "duyet.html",
        refused.status if refused else 200,
        refused=refused,
        rows=rows,
        to_sign=to_sign,
        blocked=sum(1 for row in rows if row.blocked),
        content=batch_hash(tuple(row.view.content for row in to_sign)) if to_sign else "",
        none=_NONE,
    )


def _row(visit: Visit, view: RecordView, chosen: list[str] | None, candidates: tuple[ListedCandidate, ...]) -> Waiting:
    name = f"{view.area}.{view.contest}"
    blocked = any(finding.severity is Severity.BLOCK for finding in view.findings)
    own = visit.papers.name in {*view.entered_by, view.compared_by}
    picked = (not own) if chosen is None else name in chosen
    return Waiting(
        view,
        number_of(view.area),
        name,
        groups_of(candidates, len(view.figures.kinds), visit.words),
        texts_of(values_of(view.figures)),
        percent(view.figures.took_part, view.figures.voters),
        blocked,
        own,
        picked and not blocked,
    )
