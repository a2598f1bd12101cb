"""Bodies of a unit: who sits in them, who is missing since when, a candidate among them; forming one or anew."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.responses import Response

from services.contracts.base import Finding, NotAllowed, Refusal, Told, Unknown
from services.contracts.duties import (
    BodiesMissing,
    Conflict,
    Conflicts,
    ConflictsOf,
    ConflictState,
    ExplainConflict,
    MissingBodies,
)
from services.contracts.roles import Action
from services.contracts.units import Bodies, BodiesFormed, BodiesOf, Body, BodyKind, FormBodies, Member, MemberRole
from services.gateway.console.acts import act, key_of, line_of
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here

router = APIRouter()

_NGUOI: Final = HERE + "/nguoi"
_NOTE: Final = 4000
_MOST_MEMBERS: Final = 40
_FREE_ROWS: Final = 3
_FIELDS: Final = ("name", "role", "born", "phone", "login")
_ROWS_OF: Final = {BodyKind.COMMISSION: 9, BodyKind.BOARD: 9, BodyKind.TEAM: 11, BodyKind.COUNCIL: 15}
KINDS: Final = {
    BodyKind.COUNCIL: ("Hội đồng bầu cử quốc gia", "National Election Council"),
    BodyKind.COMMISSION: ("Ủy ban bầu cử", "Election Commission"),
    BodyKind.BOARD: ("Ban bầu cử", "Election Board"),
    BodyKind.TEAM: ("Tổ bầu cử", "Election Team"),
}
_HEADS: Final = {
    BodyKind.COUNCIL: (("Chủ tịch", "Chair"), ("Phó Chủ tịch", "Deputy chair")),
    BodyKind.COMMISSION: (("Chủ tịch", "Chair"), ("Phó Chủ tịch", "Deputy chair")),
    BodyKind.BOARD: (("Trưởng Ban", "Head of the Board"), ("Phó Trưởng Ban", "Deputy head")),
    BodyKind.TEAM: (("Tổ trưởng", "Head of the Team"), ("", "")),
}


@dataclass(frozen=True)
class Row:
    """A member as typed: nothing is lost when it is refused."""

    name: str = ""
    role: str = MemberRole.MEMBER.value
    born: str = ""
    phone: str = ""
    login: str = ""


@dataclass(frozen=True)
class Draft:
    """A body as it is typed into the form."""

    path: str
    kind: BodyKind
    title: str
    document: str
    formed_on: str
    armed: bool
    rows: tuple[Row, ...]
    standing: bool


@router.get(_NGUOI)
async def bodies(visit: Annotated[Visit, Depends(here)], sua: str = "", xem: str = "", xong: int = -1) -> Response:
    """Every body here and one level below; the form of one of them when it is asked for."""
    visit.require(Action.FORM_BODIES)
    return await _page(visit, Asked(form=sua, shown=xem, formed=xong))


@router.post(_NGUOI)
async def settle(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Form or re-form a body, or explain that a member is another person of a candidate's name."""
    visit.require(Action.FORM_BODIES)
    form = await visit.form()
    if form.get("viec") == "giai-trinh":
        return await _explain(visit, form)
    draft = _typed(form)
    try:
        formed = await visit.ask(act(visit, FormBodies, key=key_of(form), bodies=(_body(draft),)), BodiesFormed)
    except Refusal as refused:
        return await _page(visit, Asked(form=draft.path, refused=refused.told(), draft=draft))
    if formed.findings:
        return await _page(visit, Asked(shown=draft.path, formed=formed.formed, findings=formed.findings))
    return visit.go(f"{visit.address}/nguoi?xem={draft.path}&xong={formed.formed}")


async def _explain(visit: Visit, form: FormData) -> Response:
    try:
        asked = act(
            visit,
            ExplainConflict,
            key=key_of(form),
            path=line_of(form, "path"),
            dossier=line_of(form, "dossier"),
            explanation=line_of(form, "explanation", _NOTE),
        )
        await visit.ask(asked, Conflict)
    except Refusal as refused:
        return await _page(visit, Asked(refused=refused.told()))
    return visit.go(f"{visit.address}/nguoi")


@dataclass(frozen=True)
class Asked:
    """What the page is to show beside its tables."""

    form: str = ""
    shown: str = ""
    formed: int = -1
    refused: Told | None = None
    draft: Draft | None = None
    findings: tuple[Finding, ...] = ()


async def _page(visit: Visit, asked: Asked) -> Response:
    found = await visit.ask(act(visit, BodiesOf), Bodies)
    missing = await _missing(visit)
    conflicts = await visit.ask(act(visit, ConflictsOf), Conflicts)
    standing = {body.path: body for body in found.bodies}
    if asked.form and not asked.draft and asked.form not in standing and asked.form not in _paths(missing):
        raise NotAllowed
    draft = asked.draft or _draft(visit, asked.form, standing, missing)
    return visit.page(
        "nguoi.html",
        asked.refused.status if asked.refused else 200,
        bodies=found.bodies,
        missing=missing,
        conflicts=[one for one in conflicts.conflicts if one.state is not ConflictState.SETTLED],
        settled=sum(one.state is ConflictState.SETTLED for one in conflicts.conflicts),
        open_conflicts=conflicts.open,
        shown=standing.get(asked.shown),
        formed=asked.formed,
        told=asked.findings,
        refused=asked.refused,
        draft=draft,
        roles=_roles(draft.kind) if draft else (),
        boxes=_boxes(draft) if draft else {},
        kinds=KINDS,
        role_words=_role_words,
        unit_title=visit.place.units.title,
        by_kind=[(KINDS[BodyKind(kind)], count) for kind, count in missing.by_kind.items()],
    )


async def _missing(visit: Visit) -> MissingBodies:
    """Who has not been formed; nobody while identity has not heard of the election."""
    try:
        return await visit.ask(act(visit, BodiesMissing), MissingBodies)
    except Unknown:
        return MissingBodies(missing=(), total=0, late=0, by_kind={})


def _paths(missing: MissingBodies) -> set[str]:
    return {one.path for one in missing.missing}


def _draft(visit: Visit, path: str, standing: dict[str, Body], missing: MissingBodies) -> Draft | None:
    """The form of a body that stands, or an empty one for a body that is missing."""
    if path in standing:
        body = standing[path]
        rows = tuple(_row(member) for member in body.members)
        day = visit.words.day(body.formed_on) if visit.words.language == "vi" else body.formed_on.isoformat()
        kept = (*rows, *(Row(),) * _FREE_ROWS)[:_MOST_MEMBERS]
        return Draft(path, body.kind, body.title, body.document, day, body.armed_unit, kept, standing=True)
    lacking = next((one for one in missing.missing if one.path == path), None)
    if lacking is None:
        return None
    kind = BodyKind(lacking.kind)
    roles = [MemberRole.HEAD, MemberRole.SECRETARY if kind is BodyKind.TEAM else MemberRole.DEPUTY]
    rows = tuple(Row(role=role.value) for role in roles) + (Row(),) * (_ROWS_OF[kind] - len(roles))
    return Draft(path, kind, lacking.title, "", "", armed=False, rows=rows, standing=False)


def _row(member: Member) -> Row:
    born = f"{member.born.day}/{member.born.month}/{member.born.year}" if member.born else ""
    return Row(member.name, member.role.value, born, member.phone, member.login)


def _typed(form: FormData) -> Draft:
    """The body as it was typed; rows without a name are left out when it is sent."""
    kinds = {kind.value: kind for kind in BodyKind}
    rows = tuple(
        Row(**{field: line_of(form, f"{field}-{place}", 400) for field in _FIELDS})
        for place in range(_MOST_MEMBERS)
        if f"name-{place}" in form
    )
    return Draft(
        path=line_of(form, "path"),
        kind=kinds.get(line_of(form, "kind"), BodyKind.TEAM),
        title=line_of(form, "title", 200),
        document=line_of(form, "document"),
        formed_on=line_of(form, "formed_on", 20),
        armed=form.get("armed") == "1",
        rows=rows,
        standing=form.get("standing") == "1",
    )


def _body(draft: Draft) -> dict[str, object]:
    members = [
        {"name": row.name, "role": row.role, "born": _day(row.born) or None, "phone": row.phone, "login": row.login}
        for row in draft.rows
        if row.name
    ]
    return {
        "path": draft.path,
        "kind": draft.kind,
        "title": draft.title,
        "members": members,
        "document": draft.document,
        "formed_on": _day(draft.formed_on),
        "armed_unit": draft.armed,
    }


def _day(typed: str) -> date | str:
    """A day typed as 31/1/2026 or 2026-01-31; what is none is left for the contract to refuse."""
    parts = typed.replace(".", "/").split("/")
    try:
        return date(int(parts[2]), int(parts[1]), int(parts[0])) if len(parts) == 3 else date.fromisoformat(typed)
    except ValueError:
        return typed


def _boxes(draft: Draft) -> dict[str, str]:
    """Where each place of a finding is on the page; rows left empty are not counted in what was sent."""
    boxes = {f"bodies.0.{name}": name for name in ("title", "document", "formed_on", "path", "kind")}
    boxes["bodies.0.members"] = "name-0"
    named = [place for place, row in enumerate(draft.rows) if row.name]
    for sent, place in enumerate(named):
        boxes |= {f"bodies.0.members.{sent}.{field}": f"{field}-{place}" for field in _FIELDS}
    return boxes


def _roles(kind: BodyKind) -> tuple[tuple[str, tuple[str, str]], ...]:
    """The places a body of the kind has; a Team has no deputy (LBC 25)."""
    return tuple(
        (role.value, _role_words(kind, role))
        for role in MemberRole
        if not (kind is BodyKind.TEAM and role is MemberRole.DEPUTY)
    )


def _role_words(kind: BodyKind, role: MemberRole) -> tuple[str, str]:
    head, deputy = _HEADS[kind]
    words = {
        MemberRole.HEAD: head,
        MemberRole.DEPUTY: deputy,
        MemberRole.SECRETARY: ("Thư ký", "Secretary"),
        MemberRole.MEMBER: ("Ủy viên", "Member"),
    }
    return words[role]
