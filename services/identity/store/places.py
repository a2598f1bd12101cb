"""Queries about units and bodies."""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.units import Body, BodyKind, Member, MemberRole, Unit, UnitKind
from services.contracts.vietnamese import fold
from services.identity.models import BodyRow, MemberRow, UnitRow
from services.kit.database import Transaction


def one_change_at_a_time(tx: Transaction, what: str) -> None:
    """Until the end of the transaction nobody else changes the same: what stands now still stands when it is saved."""
    tx.execute(select(func.pg_advisory_xact_lock(zlib.crc32(what.encode()))))


def all_units(tx: Transaction) -> dict[str, Unit]:
    """Every unit by code."""
    return {row.code: _unit(row) for row in tx.scalars(select(UnitRow))}


def units_below(tx: Transaction, path: str) -> tuple[Unit, ...]:
    """The unit at a path and all below it, parents first."""
    wanted = or_(UnitRow.path == path, UnitRow.path.startswith(f"{path}/", autoescape=True))
    return tuple(_unit(row) for row in tx.scalars(select(UnitRow).where(wanted).order_by(UnitRow.path)))


def known_paths(tx: Transaction, paths: Collection[str]) -> set[str]:
    """Those of the paths where a unit stands."""
    return set(tx.scalars(select(UnitRow.path).where(UnitRow.path.in_(paths))))


def save_units(tx: Transaction, units: Sequence[Unit]) -> None:
    """The units stand as given, new or changed."""
    if not units:
        return
    fresh = insert(UnitRow)
    kept = {name: fresh.excluded[name] for name in ("path", "kind", "name", "title")}
    rows = [{**unit.model_dump(include=set(Unit.model_fields)), "kind": unit.kind.value} for unit in units]
    tx.execute(fresh.on_conflict_do_update(index_elements=["code"], set_=kept), rows)


def bodies_around(tx: Transaction, election: str, unit: str) -> tuple[Body, ...]:
    """The bodies standing at a unit and one level below it, by path."""
    below = BodyRow.path.regexp_match(f"^{unit}(/[^/]+)?$")
    return _bodies(tx, tx.scalars(_standing(election).where(below).order_by(BodyRow.path)).all())


def bodies_at(tx: Transaction, election: str, paths: Collection[str]) -> dict[str, Body]:
    """The bodies standing at the paths, by path."""
    rows = tx.scalars(_standing(election).where(BodyRow.path.in_(paths))).all()
    return {body.path: body for body in _bodies(tx, rows)}


def save_bodies(tx: Transaction, election: str, bodies: Sequence[Body], by: UUID, at: datetime) -> None:
    """The bodies stand; those that stood at their paths are superseded."""
    if not bodies:
        return
    former = BodyRow.path.in_([body.path for body in bodies])
    tx.execute(
        update(BodyRow)
        .where(BodyRow.election == election, former, BodyRow.superseded_at.is_(None))
        .values(superseded_at=at)
        .execution_options(synchronize_session=False)
    )
    ids = {body.path: uuid4() for body in bodies}
    tx.execute(insert(BodyRow), [_body_row(body, election, by, at, ids[body.path]) for body in bodies])
    members = [row for body in bodies for row in _member_rows(body, ids[body.path])]
    if members:
        tx.execute(insert(MemberRow), members)


def _standing(election: str) -> Select[BodyRow]:
    return select(BodyRow).where(BodyRow.election == election, BodyRow.superseded_at.is_(None))


def _body_row(body: Body, election: str, by: UUID, at: datetime, id: UUID) -> dict[str, object]:
    return {
        "id": id,
        "election": election,
        "path": body.path,
        "kind": body.kind.value,
        "title": body.title,
        "document": body.document,
        "formed_on": body.formed_on,
        "armed_unit": body.armed_unit,
        "formed_by": by,
        "formed_at": at,
    }


def _member_rows(body: Body, id: UUID) -> Iterable[dict[str, object]]:
    for place, member in enumerate(body.members):
        yield {
            "body": id,
            "place": place,
            "name": member.name,
            "role": member.role.value,
            "phone": member.phone,
            "born": member.born,
            "login": member.login,
            "folded": fold(member.name),
        }


def _bodies(tx: Transaction, rows: Sequence[BodyRow]) -> tuple[Body, ...]:
    members: dict[UUID, list[Member]] = {row.id: [] for row in rows}
    wanted = select(MemberRow).where(MemberRow.body.in_(members)).order_by(MemberRow.body, MemberRow.place)
    for member in tx.scalars(wanted):
        members[member.body].append(
            Member(
                name=member.name,
                role=MemberRole(member.role),
                phone=member.phone,
                born=member.born,
                login=member.login,
            )
        )
    return tuple(_body(row, members) for row in rows)


def _body(row: BodyRow, members: Mapping[UUID, Sequence[Member]]) -> Body:
    return Body(
        path=row.path,
        kind=BodyKind(row.kind),
        title=row.title,
        members=tuple(members[row.id]),
        document=row.document,
        formed_on=row.formed_on,
        armed_unit=row.armed_unit,
    )


def _unit(row: UnitRow) -> Unit:
    return Unit(code=row.code, path=row.path, kind=UnitKind(row.kind), name=row.name, title=row.title)
