"""Jobs of publication: ordered, taken by one worker, told how far they came, ended once."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, text, update

from services.contracts.base import Finding, Job
from services.contracts.reporting import PublicationAdvanced, Snapshot
from services.kit.database import Actor, Transaction
from services.reporting.domain.states import OPEN, PUBLICATION_STATES, PublicationAct, PublicationState
from services.reporting.models import PublicationRow, SnapshotRow

KIND = "publication"
FAULTS = ("CB1", "CB2")
"""Findings a publication ends with when something broke, not when somebody may not publish."""
ABANDONED = timedelta(seconds=20)
"""A job nobody has touched for so long lost its worker."""
_AS_OF_NOW = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


class Lost(Exception):
    """Another worker has the job now; whatever this one still holds is to be thrown away."""


def as_of_now(tx: Transaction) -> None:
    """Everything this transaction reads from here on is as it is now, however long it reads."""
    tx.execute(_AS_OF_NOW)


def order(tx: Transaction, id: UUID, election: str, by: Actor) -> PublicationRow:
    """A new job, waiting for a worker."""
    row = PublicationRow(
        id=id, election=election, state=PublicationState.WAITING, attempt=0, done=0, total=0, by_id=by.person,
        by_name=by.name, by_machine=by.machine, ordered_at=by.at, touched_at=by.at,
    )  # fmt: skip
    tx.add(row)
    tx.flush()
    return row


_HANDS_MET = text("""
    WITH hands AS (
        SELECT hands FROM records WHERE election = :election AND state = 'approved'
        UNION ALL SELECT hands FROM results WHERE election = :election AND state IN ('prepared', 'declared')
    )
    SELECT EXISTS (SELECT FROM hands WHERE hands @> CAST(:person AS jsonb)),
           EXISTS (SELECT FROM hands WHERE :machine <> '' AND hands @> CAST(:at AS jsonb))
""")


def hands_met(tx: Transaction, election: str, person: UUID, machine: str) -> tuple[bool, bool]:
    """Whether this person, and whether this machine, had a hand in what would be published of the election."""
    asked = {
        "election": election,
        "person": json.dumps([{"person": str(person)}]),
        "machine": machine,
        "at": json.dumps([{"machine": machine}]),
    }
    by_person, by_machine = tx.execute(_HANDS_MET, asked).one()
    return by_person, by_machine


def open_job(tx: Transaction, election: str) -> PublicationRow | None:
    """The job of an election that has not ended, if there is one."""
    wanted = select(PublicationRow).where(PublicationRow.election == election, PublicationRow.ended_at.is_(None))
    row: PublicationRow | None = tx.scalars(wanted).one_or_none()
    return row


def waits(tx: Transaction, now: datetime) -> bool:
    """Whether any job wants a worker."""
    return bool(tx.scalar(select(exists().where(*_wanting(now)))))


def take(tx: Transaction, now: datetime) -> PublicationRow | None:
    """The oldest job that waits or lost its worker, now this worker's; printing begins anew, opening goes on."""
    oldest = select(PublicationRow).where(*_wanting(now)).order_by(PublicationRow.ordered_at).limit(1)
    row: PublicationRow | None = tx.scalars(oldest.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    row.attempt, row.touched_at = row.attempt + 1, now
    if row.state != PublicationState.PLACED:
        row.state = PUBLICATION_STATES.advance(row.state, PublicationAct.PRINT)
        row.done = 0
    return row


def touch(tx: Transaction, id: UUID, attempt: int, now: datetime, done: int, total: int) -> None:
    """The worker is alive and so far; Lost when the job is another's by now."""
    mine = (PublicationRow.id == id, PublicationRow.attempt == attempt, PublicationRow.ended_at.is_(None))
    changed = tx.execute(update(PublicationRow).where(*mine).values(touched_at=now, done=done, total=total))
    if changed.rowcount != 1:
        raise Lost


def held(tx: Transaction, id: UUID, attempt: int) -> PublicationRow:
    """The job, locked until the transaction ends; Lost when it is another worker's by now or has ended."""
    row = tx.get(PublicationRow, id, with_for_update=True, populate_existing=True)
    if row is None or row.attempt != attempt or row.ended_at is not None:
        raise Lost
    return row


def placed(row: PublicationRow, snapshot: Snapshot, now: datetime) -> None:
    """The snapshot lies under its number, signed; only `latest` does not name it yet."""
    row.state = PUBLICATION_STATES.advance(row.state, PublicationAct.PLACE)
    row.snapshot, row.done, row.total = snapshot.model_dump(mode="json"), snapshot.files, snapshot.files
    row.touched_at = now


def opened(tx: Transaction, row: PublicationRow, now: datetime) -> Snapshot:
    """The public reads the snapshot."""
    snapshot = Snapshot.model_validate(row.snapshot)
    row.state = PUBLICATION_STATES.advance(row.state, PublicationAct.OPEN)
    row.ended_at = row.touched_at = now
    tx.add(SnapshotRow(election=row.election, number=snapshot.number, data=snapshot.model_dump(mode="json")))
    return snapshot


def failed(row: PublicationRow, finding: Finding, now: datetime) -> None:
    """The job ended and nothing was published."""
    row.state = PUBLICATION_STATES.advance(row.state, PublicationAct.FAIL)
    row.finding, row.ended_at, row.touched_at = finding.model_dump(mode="json"), now, now


def publication(tx: Transaction, election: str, id: UUID) -> PublicationRow | None:
    row = tx.get(PublicationRow, id)
    return row if row is not None and row.election == election else None


def publications(tx: Transaction, election: str, most: int) -> list[PublicationRow]:
    """The jobs of an election, newest first."""
    wanted = select(PublicationRow).where(PublicationRow.election == election)
    return list(tx.scalars(wanted.order_by(PublicationRow.ordered_at.desc()).limit(most)))


def broken_off(tx: Transaction) -> list[str]:
    """Elections whose newest publication ended by a fault; one refused by a rule is its publisher's matter."""
    each = select(PublicationRow.election, PublicationRow.finding["code"].astext.label("code"))
    newest = each.distinct(PublicationRow.election).order_by(PublicationRow.election, PublicationRow.ordered_at.desc())
    last = newest.subquery()
    return list(tx.scalars(select(last.c.election).where(last.c.code.in_(FAULTS))))


def oldest_open(tx: Transaction) -> datetime | None:
    """When the job that has been open longest was ordered."""
    since: datetime | None = tx.scalar(
        select(func.min(PublicationRow.ordered_at)).where(PublicationRow.ended_at.is_(None))
    )
    return since


def card(row: PublicationRow) -> Job:
    """The job as it is told."""
    return Job(
        id=row.id,
        kind=KIND,
        state=row.state,
        stage=PUBLICATION_STATES.words[row.state],
        done=row.done,
        total=row.total,
        written=row.done if row.state == PublicationState.PUBLISHED else 0,
        findings=() if row.finding is None else (Finding.model_validate(row.finding),),
        started_at=row.ordered_at,
        ended_at=row.ended_at,
    )


def told(row: PublicationRow) -> PublicationAdvanced:
    """The job as an event."""
    snapshot = row.snapshot or {}
    return PublicationAdvanced(
        election=row.election,
        job=row.id,
        state=row.state,
        ordered_by=row.by_name,
        files=snapshot.get("files", 0),
        number=snapshot.get("number", 0),
    )


def _wanting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    lost = PublicationRow.touched_at < now - ABANDONED
    waiting = PublicationRow.state == PublicationState.WAITING
    return (PublicationRow.ended_at.is_(None), or_(waiting, PublicationRow.state.in_(OPEN) & lost))
