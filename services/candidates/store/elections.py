"""Queries about elections and the units they are held in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.candidates.models import ElectionRow, UnitRow
from services.contracts.candidates import CallElection
from services.contracts.units import UnitDefined
from services.kit.database import Transaction


def election(tx: Transaction, id: str, *, hold: bool = False) -> ElectionRow | None:
    """An election, held until the end of the transaction if it will change."""
    return tx.get(ElectionRow, id, with_for_update=True if hold else None)


def all_elections(tx: Transaction) -> Sequence[ElectionRow]:
    """Every election, the one called last first."""
    return tx.scalars(select(ElectionRow).order_by(ElectionRow.called_at.desc(), ElectionRow.election)).all()


def add_election(
    tx: Transaction, request: CallElection, *, rehearsal: bool, at: datetime, by: UUID
) -> ElectionRow | None:
    """The new election, or None when there is one of that id."""
    fresh = {
        "election": request.election,
        "title": request.title,
        "day": request.day,
        "rehearsal": rehearsal,
        "slots": list(request.slots),
        "clock_real_at": at,
        "clock_shown_at": at,
        "clock_speed": 1,
        "called_at": at,
        "called_by": by,
    }
    adding = insert(ElectionRow).values(fresh).on_conflict_do_nothing().returning(ElectionRow.election)
    return election(tx, request.election) if tx.scalar(adding) else None


def save_units(tx: Transaction, events: Sequence[UnitDefined]) -> None:
    """Units as they were told last."""
    fresh = insert(UnitRow)
    kept = {name: fresh.excluded[name] for name in ("path", "kind", "title")}
    rows = [{"code": unit.code, "path": unit.path, "kind": str(unit.kind), "title": unit.title} for unit in events]
    tx.execute(fresh.on_conflict_do_update(index_elements=["code"], set_=kept), rows)


def all_units(tx: Transaction) -> Sequence[UnitRow]:
    """Every unit that was told."""
    return tx.scalars(select(UnitRow)).all()
