"""Import jobs: accepted, claimed by one worker, told how far they came."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update

from services.contracts.base import Finding, Job
from services.contracts.voters import ImportVoters
from services.kit.database import Actor, Transaction
from services.voters.domain.states import ImportState
from services.voters.models import ImportRow

ABANDONED = timedelta(seconds=30)
"""A job nobody has touched for so long lost its worker; it is read again from the start."""
_OPEN = (ImportState.READING, ImportState.CHECKING, ImportState.WRITING)


def accept(tx: Transaction, request: ImportVoters, id: UUID, by: Actor) -> ImportRow:
    """The job, waiting for its turn."""
    row = ImportRow(
        id=id,
        election=request.election,
        unit=request.unit,
        file=request.file,
        file_name=request.file_name,
        state=ImportState.WAITING,
        done=0,
        total=0,
        written=0,
        findings=[],
        more_findings=0,
        by_id=by.person,
        by_name=by.name,
        by_machine=by.machine,
        started_at=by.at,
        touched_at=by.at,
    )
    tx.add(row)
    return row


def next_job(tx: Transaction, now: datetime, at_once: int) -> UUID | None:
    """The oldest job that waits or lost its worker, taken now; None when enough are under way."""
    lost = ImportRow.touched_at < now - ABANDONED
    under_way = select(func.count()).where(ImportRow.state.in_(_OPEN), ~lost)
    if int(tx.scalar(under_way)) >= at_once:
        return None
    waiting = or_(ImportRow.state == ImportState.WAITING, ImportRow.state.in_(_OPEN) & lost)
    oldest = select(ImportRow).where(waiting).order_by(ImportRow.started_at).limit(1)
    row: ImportRow | None = tx.scalars(oldest.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    row.state, row.touched_at, row.done, row.total = ImportState.READING, now, 0, 0
    return row.id


def job(tx: Transaction, id: UUID) -> ImportRow | None:
    """A job."""
    return tx.get(ImportRow, id)


def still_open(tx: Transaction, id: UUID) -> bool:
    """Whether the job has not ended; it cannot end elsewhere before this transaction does."""
    found = select(ImportRow.id).where(ImportRow.id == id, ImportRow.ended_at.is_(None))
    return tx.scalars(found.with_for_update()).one_or_none() is not None


def advance(tx: Transaction, id: UUID, now: datetime, **values: Any) -> None:
    """How far the job came."""
    tx.execute(update(ImportRow).where(ImportRow.id == id).values(touched_at=now, **values))


def end(
    tx: Transaction, id: UUID, now: datetime, state: ImportState, findings: Sequence[Finding], *, more: int = 0
) -> None:
    """The job ended: written or refused, with everything that was found."""
    listed = [finding.model_dump(mode="json") for finding in findings]
    advance(tx, id, now, state=state, ended_at=now, findings=listed, more_findings=more)


def imports_of(tx: Transaction, election: str, unit: str) -> Sequence[ImportRow]:
    """The imports of a unit, newest first, without their findings when there are many."""
    found = select(ImportRow).where(ImportRow.election == election, ImportRow.unit == unit)
    return tx.scalars(found.order_by(ImportRow.started_at.desc()).limit(100)).all()


def card(row: ImportRow) -> Job:
    """The job as it is told."""
    return Job(
        id=row.id,
        kind="voter_import",
        state=row.state,
        stage=row.state,
        done=row.done,
        total=row.total,
        written=row.written,
        findings=tuple(Finding.model_validate(found) for found in row.findings),
        more_findings=row.more_findings,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
