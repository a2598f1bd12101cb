"""Documents, and the facts each form is made from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, text

from services.contracts.results import Figures, Incident
from services.kit.database import Transaction
from services.reporting.models import AreaRow, DocumentRow, IncidentRow, PollingRow, RecordRow

_LOCK = text("SELECT pg_advisory_xact_lock(13, hashtext(:name))")


@dataclass(frozen=True)
class RecordFact:
    """An approved record with the version it was read at."""

    constituency: str
    figures: Figures
    content: str
    version: int


@dataclass(frozen=True)
class PollingFact:
    """Opening and closing of an area."""

    opened_at: datetime | None = None
    closed_at: datetime | None = None
    opening_witnesses: tuple[str, ...] = ()
    count_witnesses: tuple[str, ...] = ()


def hold(tx: Transaction, name: str) -> None:
    """One at a time by this name, until the transaction ends."""
    tx.execute(_LOCK, {"name": name})


def area_exists(tx: Transaction, election: str, area: str) -> bool:
    return tx.get(AreaRow, (election, area)) is not None


def approved_record(tx: Transaction, election: str, area: str, contest: str) -> RecordFact | None:
    """The record, locked until the document is stored, when it is approved."""
    row = tx.get(RecordRow, (election, area, contest), with_for_update=True)
    if row is None or row.figures is None or row.content is None:
        return None
    return RecordFact(
        constituency=row.constituency,
        figures=Figures.model_validate(row.figures),
        content=row.content,
        version=row.version,
    )


def polling(tx: Transaction, election: str, area: str) -> PollingFact:
    row = tx.get(PollingRow, (election, area))
    if row is None:
        return PollingFact()
    return PollingFact(
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        opening_witnesses=tuple(row.opening_witnesses),
        count_witnesses=tuple(row.count_witnesses),
    )


def incidents_in(tx: Transaction, election: str, area: str) -> list[Incident]:
    """The incidents of an area in the order they happened."""
    rows = tx.scalars(
        select(IncidentRow.data)
        .where(IncidentRow.election == election, IncidentRow.commune == area[:5])
        .where(IncidentRow.data["area"].as_string() == area)
        .order_by(IncidentRow.happened_at, IncidentRow.number)
    )
    return [Incident.model_validate(row) for row in rows]


def document(tx: Transaction, election: str, document_id: UUID) -> DocumentRow | None:
    row = tx.get(DocumentRow, document_id)
    return row if row is not None and row.election == election else None


def documents_within(tx: Transaction, election: str, path: str, most: int) -> list[DocumentRow]:
    """Documents issued at or below a unit, newest first."""
    wanted = select(DocumentRow).where(DocumentRow.election == election)
    if path != "vn":
        wanted = wanted.where(or_(DocumentRow.unit == path, DocumentRow.unit.startswith(f"{path}/", autoescape=True)))
    return list(tx.scalars(wanted.order_by(DocumentRow.issued_at.desc(), DocumentRow.document).limit(most)))


def keep_document(tx: Transaction, row: DocumentRow) -> None:
    """A document stands; older ones made from the same fact in another version are superseded."""
    older = tx.scalars(
        select(DocumentRow).where(
            DocumentRow.election == row.election,
            DocumentRow.fact == row.fact,
            DocumentRow.content != row.content,
            ~DocumentRow.superseded,
        )
    )
    for held in older:
        held.superseded = True
    tx.add(row)
    tx.flush()
