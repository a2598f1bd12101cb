"""Polling day: areas, turnout reports, incidents, form 32."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, func, or_, select, text, tuple_, update

from services.kit.database import Transaction
from services.results.models import (
    AreaRow,
    BallotUseRow,
    HeardElection,
    HeardList,
    HeardVoterList,
    IncidentRow,
    RecordRow,
    TurnoutReport,
)


def election_of(tx: Transaction, election: str) -> HeardElection | None:
    return tx.get(HeardElection, election)


def areas_of(
    tx: Transaction, election: str, unit: str, codes: Iterable[str], *, lock: bool = False
) -> dict[str, AreaRow]:
    """The areas of a commune by code; those that are not of it are not found."""
    statement = (
        select(AreaRow)
        .where(AreaRow.election == election, AreaRow.unit == unit, AreaRow.code.in_(list(codes)))
        .order_by(AreaRow.code)
    )
    found = tx.scalars(statement.with_for_update() if lock else statement)
    return {area.code: area for area in found}


def voter_lists_of(tx: Transaction, election: str, codes: Iterable[str]) -> dict[str, HeardVoterList]:
    found = tx.scalars(
        select(HeardVoterList).where(HeardVoterList.election == election, HeardVoterList.area.in_(list(codes)))
    )
    return {row.area: row for row in found}


def candidate_names(tx: Transaction, election: str, constituencies: Iterable[str]) -> dict[str, set[str]]:
    """The names on the official lists of constituencies."""
    found = tx.scalars(
        select(HeardList).where(HeardList.election == election, HeardList.constituency.in_(list(constituencies)))
    )
    return {row.constituency: {candidate["full_name"] for candidate in row.candidates} for row in found}


def reports_of(tx: Transaction, election: str, codes: Sequence[str]) -> dict[str, list[TurnoutReport]]:
    """The standing reports of areas, by slot."""
    found: dict[str, list[TurnoutReport]] = {code: [] for code in codes}
    statement = (
        select(TurnoutReport)
        .where(TurnoutReport.election == election, TurnoutReport.area.in_(list(codes)), TurnoutReport.current)
        .order_by(TurnoutReport.slot)
    )
    for report in tx.scalars(statement):
        found[report.area].append(report)
    return found


def add_reports(tx: Transaction, election: str, slot: str, rows: Sequence[dict[str, Any]]) -> None:
    """New reports of a slot stand; those before them are superseded."""
    if not rows:
        return
    areas = [row["area"] for row in rows]
    tx.execute(
        update(TurnoutReport)
        .where(
            TurnoutReport.election == election,
            TurnoutReport.slot == slot,
            TurnoutReport.area.in_(areas),
            TurnoutReport.current,
        )
        .values(current=False),
    )
    tx.execute(TurnoutReport.__table__.insert(), rows)  # type: ignore[attr-defined]  # the table of a mapped class


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(3, hashtext(:key))")


def next_incident(tx: Transaction, election: str, unit: str) -> int:
    """The next number of a unit's incidents; one process at a time."""
    tx.execute(_ONE_AT_A_TIME, {"key": f"{election}/{unit}"})
    last = tx.scalar(
        select(func.max(IncidentRow.number)).where(IncidentRow.election == election, IncidentRow.unit == unit)
    )
    return int(last or 0) + 1


def incident_for_update(tx: Transaction, election: str, unit: str, number: int) -> IncidentRow | None:
    return tx.get(IncidentRow, (election, unit, number), with_for_update=True)


def incidents_within(tx: Transaction, election: str, unit: str) -> list[IncidentRow]:
    """The incidents at or below a unit, newest first."""
    statement = select(IncidentRow).where(
        IncidentRow.election == election, or_(IncidentRow.unit == unit, IncidentRow.unit.like(f"{unit}/%"))
    )
    newest = statement.order_by(IncidentRow.reported_at.desc(), IncidentRow.unit, IncidentRow.number.desc())
    return list(tx.scalars(newest.limit(1000)))


def uses_of(tx: Transaction, election: str, area: str) -> dict[str, BallotUseRow]:
    """The standing form 32 of an area by contest."""
    found = tx.scalars(
        select(BallotUseRow).where(BallotUseRow.election == election, BallotUseRow.area == area, BallotUseRow.current)
    )
    return {use.contest: use for use in found}


def approved_issued(tx: Transaction, election: str, area: str) -> dict[str, int]:
    """Ballots issued as the approved records of an area say, by contest."""
    statement = select(RecordRow.contest, RecordRow.issued).where(
        RecordRow.election == election, RecordRow.area == area, RecordRow.state == "approved"
    )
    return {contest: int(issued or 0) for contest, issued in tx.execute(statement)}


def uses_for(tx: Transaction, election: str, keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which (area, contest) pairs have a form 32."""
    statement = select(BallotUseRow.area, BallotUseRow.contest).where(
        and_(BallotUseRow.election == election, BallotUseRow.current),
        tuple_(BallotUseRow.area, BallotUseRow.contest).in_(list(keys)),
    )
    return {(area, contest) for area, contest in tx.execute(statement)}
