"""Polling areas and the totals of their lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.voters import Area, Rights
from services.contracts.voters import AreaRow as AreaCard
from services.kit.database import Transaction
from services.voters.models import AreaRow, ImportRow

NOTHING = Rights()


def areas_below(tx: Transaction, election: str, unit: str) -> Sequence[AreaRow]:
    """The areas at or below a unit, by code."""
    here = or_(AreaRow.unit == unit, AreaRow.unit.like(f"{unit}/%"))
    return tx.scalars(select(AreaRow).where(AreaRow.election == election, here).order_by(AreaRow.code)).all()


def how_many_below(tx: Transaction, election: str, unit: str) -> int:
    """How many areas there are at or below a unit."""
    here = or_(AreaRow.unit == unit, AreaRow.unit.like(f"{unit}/%"))
    return int(tx.scalar(select(func.count()).select_from(AreaRow).where(AreaRow.election == election, here)))


def areas_held(tx: Transaction, election: str, unit: str) -> Sequence[AreaRow]:
    """The areas of one commune, held until the end of the transaction, in one order."""
    found = select(AreaRow).where(AreaRow.election == election, AreaRow.unit == unit).order_by(AreaRow.code)
    return tx.scalars(found.with_for_update()).all()


def area_held(tx: Transaction, election: str, unit: str, code: str) -> AreaRow | None:
    """One area of the commune, held."""
    found = select(AreaRow).where(AreaRow.election == election, AreaRow.unit == unit, AreaRow.code == code)
    return tx.scalars(found.with_for_update()).one_or_none()


def keep_areas(tx: Transaction, election: str, unit: str, areas: Sequence[Area]) -> None:
    """The set of a commune's areas; a list that stands is not touched."""
    rows = [
        {"election": election, "code": one.code, "unit": unit, "told": one.model_dump(mode="json")} for one in areas
    ]
    fresh = insert(AreaRow)
    tx.execute(
        fresh.on_conflict_do_update(index_elements=["election", "code"], set_={"told": fresh.excluded.told}), rows
    )


def drop_areas(tx: Transaction, rows: Sequence[AreaRow]) -> None:
    """Areas that the newest decision leaves out; none of them has a list."""
    for row in rows:
        tx.session.delete(row)


def set_totals(row: AreaRow, rights: Rights) -> None:
    """The totals of a list as its entries now are."""
    row.na, row.pc, row.cc, row.male, row.female = rights.na, rights.pc, rights.cc, rights.male, rights.female


def drafted(rows: Sequence[AreaRow], rights: Mapping[str, Rights], job: ImportRow, state: str) -> None:
    """Every list of the commune as the import wrote it."""
    for row in rows:
        set_totals(row, rights.get(row.code, NOTHING))
        row.state, row.import_job = state, job.id
        row.imported_by, row.imported_machine = job.by_id, job.by_machine
        row.last_serial = row.na


def rights_of(row: AreaRow) -> Rights:
    """The totals of a list."""
    return Rights(na=row.na, pc=row.pc, cc=row.cc, male=row.male, female=row.female)


def card(row: AreaRow) -> AreaCard:
    """The area as it is shown."""
    return AreaCard(
        area=Area.model_validate(row.told),
        state=row.state,
        rights=rights_of(row),
        posted_at=row.posted_at,
        closed_at=row.closed_at,
    )


def sign(tx: Transaction, rows: Sequence[AreaRow], column: str, document: str, by: UUID, at: datetime) -> None:
    """Posted or closed: who, when, by which document."""
    codes = [row.code for row in rows]
    if not rows:
        return
    values = {f"{column}_at": at, f"{column}_by": by, f"{column}_document": document, "state": column}
    tx.execute(update(AreaRow).where(AreaRow.election == rows[0].election, AreaRow.code.in_(codes)).values(**values))
