"""Queries about reports of breaches."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from services.contracts import sharing as words
from services.identity.domain.breaches import is_late, notify_by
from services.identity.models import BreachRow
from services.kit.database import Transaction


def add(tx: Transaction, row: BreachRow) -> None:
    """A report stands, with its number."""
    tx.add(row)
    tx.flush()
    tx.session.refresh(row)


def held(tx: Transaction, id: UUID) -> BreachRow | None:
    """A report, locked until the end of the transaction."""
    return tx.scalars(select(BreachRow).where(BreachRow.id == id).with_for_update()).one_or_none()


def overdue(tx: Transaction, now: datetime) -> list[BreachRow]:
    """Reports that nobody took up in time and that a higher unit can have."""
    waiting = select(BreachRow).where(BreachRow.state == "reported", BreachRow.due_at <= now, BreachRow.handler != "vn")
    return list(tx.scalars(waiting.order_by(BreachRow.due_at).with_for_update(skip_locked=True)))


def reports(tx: Transaction, asked: words.BreachesOf, by: UUID | None, now: datetime) -> tuple[list[words.Breach], int]:
    """A page of the reports at and below a unit, of one person on demand; and how many there are."""
    below = or_(BreachRow.unit == asked.unit, BreachRow.unit.startswith(f"{asked.unit}/", autoescape=True))
    where: list[ColumnElement[bool]] = [BreachRow.election == asked.election, below]
    if by is not None:
        where.append(BreachRow.reported_by == by)
    if asked.state is not None:
        where.append(BreachRow.state == asked.state.value)
    total = tx.scalar(select(func.count()).select_from(BreachRow).where(*where))
    order = (func.array_position(["reported", "taken_up", "settled"], BreachRow.state), BreachRow.reported_at.desc())
    rows = tx.scalars(select(BreachRow).where(*where).order_by(*order).offset(asked.page.first).limit(asked.page.size))
    return [card(row, now) for row in rows], total


def by_state(tx: Transaction) -> list[tuple[str, int]]:
    """How many reports are in each state that is not the last."""
    rows = tx.execute(select(BreachRow.state, func.count()).group_by(BreachRow.state))
    counted = {state: number for state, number in rows}  # noqa: C416  a Row is no pair to the type checker
    return [(state, counted.get(state, 0)) for state in ("reported", "taken_up")]


def waiting_too_long(tx: Transaction, before: datetime) -> int:
    """Reports that should have gone to the next unit before that instant and have not."""
    late = (BreachRow.state == "reported", BreachRow.due_at < before, BreachRow.handler != "vn")
    return int(tx.scalar(select(func.count()).select_from(BreachRow).where(*late)))


def card(row: BreachRow, now: datetime) -> words.Breach:
    """A report as it is shown."""
    return words.Breach(
        breach=row.id, number=row.number, election=row.election, unit=row.unit, handler=row.handler,
        state=words.BreachState(row.state), what=row.what, noticed_at=row.noticed_at, accounts=row.accounts,
        machines=row.machines, action=row.action, phone=row.phone, personal_data=row.personal_data,
        notify_by=notify_by(row.noticed_at, personal_data=row.personal_data), reported_by=row.reporter,
        reported_at=row.reported_at, due_at=row.due_at, escalated=row.escalated,
        late=is_late(row.state, row.due_at, now), taken_by=row.taken_name, taken_at=row.taken_at,
        settled_by=row.settled_name, settled_at=row.settled_at, how=row.how,
    )  # fmt: skip
