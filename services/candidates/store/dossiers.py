"""Queries about dossiers and what was done with them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, or_, select

from services.candidates.models import DossierRow, DossierStepRow
from services.contracts.base import Unknown
from services.contracts.candidates import Contest, DossiersOf
from services.kit.actor import Actor
from services.kit.database import Transaction

_ENDED = ("withdrawn", "struck")


def other_contests(tx: Transaction, election: str, concealed: bytes, besides: UUID | None = None) -> list[Contest]:
    """The contests a person stands in; another dossier of the same person waits until this one is decided."""
    key = int.from_bytes(concealed[:8], "big", signed=True)
    tx.execute(select(func.pg_advisory_xact_lock(key)))
    wanted = select(DossierRow.contest).where(
        DossierRow.election == election, DossierRow.concealed == concealed, DossierRow.state.not_in(_ENDED)
    )
    if besides is not None:
        wanted = wanted.where(DossierRow.dossier != besides)
    return [Contest(contest) for contest in tx.scalars(wanted.order_by(DossierRow.contest))]


def filed_at(
    tx: Transaction, election: str, units: Collection[str], dossiers: Sequence[UUID], *, hold: bool
) -> list[DossierRow]:
    """The dossiers in the order asked, or Unknown when one was not filed at these units; held if they will change."""
    wanted = select(DossierRow).where(
        DossierRow.election == election, DossierRow.unit.in_(units), DossierRow.dossier.in_(dossiers)
    )
    if hold:
        wanted = wanted.order_by(DossierRow.dossier).with_for_update()
    rows = {row.dossier: row for row in tx.scalars(wanted)}
    for dossier in dossiers:
        if dossier not in rows:
            raise Unknown(what=f"hồ sơ {dossier}")
    return [rows[dossier] for dossier in dossiers]


def placed_in(tx: Transaction, election: str, codes: Collection[str]) -> list[DossierRow]:
    """Everybody placed in the constituencies, held until the end of the transaction."""
    wanted = select(DossierRow).where(
        DossierRow.election == election, DossierRow.constituency.in_(codes), DossierRow.state.not_in(_ENDED)
    )
    return list(tx.scalars(wanted.order_by(DossierRow.dossier).with_for_update()))


def _seen_from(unit: str) -> ColumnElement[bool]:
    """What a commission sees: filed at or below it; a province also what stands in its own constituencies."""
    seen = or_(DossierRow.unit == unit, DossierRow.unit.startswith(f"{unit}/", autoescape=True))
    province = unit.removeprefix("vn/")
    if len(province) == 2 and province.isdigit():
        seen = or_(seen, DossierRow.constituency.startswith(f"NA-{province}-"))
    return seen


def page_of(tx: Transaction, request: DossiersOf) -> tuple[Sequence[DossierRow], dict[str, int]]:
    """A page in the order of names, and how many there are by state (of the contest, whatever state is asked)."""
    near = [DossierRow.election == request.election, _seen_from(request.unit)]
    if request.contest is not None:
        near.append(DossierRow.contest == str(request.contest))
    counts = select(DossierRow.state, func.count()).where(*near).group_by(DossierRow.state)
    by_state: dict[str, int] = dict(tx.execute(counts).tuples().all())
    if request.state is not None:
        near.append(DossierRow.state == request.state)
    wanted = select(DossierRow).where(*near).order_by(DossierRow.order_key, DossierRow.dossier)
    page = wanted.offset(request.page.first).limit(request.page.size)
    return tx.scalars(page).all(), by_state


def seen(tx: Transaction, election: str, unit: str, dossier: UUID) -> DossierRow:
    """One dossier a commission may see, or Unknown."""
    wanted = select(DossierRow).where(DossierRow.election == election, DossierRow.dossier == dossier, _seen_from(unit))
    row: DossierRow | None = tx.scalar(wanted)
    if row is None:
        raise Unknown(what=f"hồ sơ {dossier}")
    return row


def record_steps(
    tx: Transaction,
    steps: Iterable[tuple[DossierRow, str, str]],
    by: Actor,
    ground: str = "",
    superseded: dict[str, Any] | None = None,
) -> None:
    """One row of history for each (dossier, act, state before); the dossier already shows the state after."""
    rows = [
        {
            "dossier": row.dossier,
            "number": row.version,
            "act": act,
            "before": before,
            "after": row.state,
            "content": row.content,
            "at": by.at,
            "by_id": by.person,
            "by_name": by.name,
            "ground": ground,
            "superseded": superseded,
        }
        for row, act, before in steps
    ]
    if rows:
        tx.flush()
        tx.execute(insert(DossierStepRow), rows)


def moved(row: DossierRow, state: str, at: datetime) -> None:
    """The dossier is in a new state as its next version."""
    row.state = state
    row.version += 1
    row.changed_at = at


def counted(tx: Transaction) -> list[tuple[str, str, str, int]]:
    """How many dossiers there are by election, contest and state."""
    columns = (DossierRow.election, DossierRow.contest, DossierRow.state)
    return [tuple(row) for row in tx.execute(select(*columns, func.count()).group_by(*columns))]


def listed_unconfirmed(tx: Transaction) -> int:
    """Listed dossiers that no second person confirmed as they stand: must be none."""
    wanted = select(func.count()).where(
        DossierRow.state.in_(("listed", "struck")),
        or_(
            DossierRow.confirmed_content.is_distinct_from(DossierRow.content),
            DossierRow.checked_content.is_distinct_from(DossierRow.content),
            DossierRow.confirmed_by_id == DossierRow.checked_by_id,
        ),
    )
    return int(tx.scalar(wanted))
