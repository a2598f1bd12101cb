"""Queries about bodies against candidates: what was heard, who matches, what stands, which bodies are missing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, delete, func, or_, select, text, tuple_, union_all, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.candidates import ConstituencyFixed, ElectionCalled, ListPublished
from services.contracts.vietnamese import fold
from services.contracts.voters import PollingAreaFixed
from services.identity.domain.conflicts import Change, Key, Known, Match
from services.identity.models import (
    BodyRow,
    ConflictRow,
    HeardAreaRow,
    HeardCandidateRow,
    HeardConstituencyRow,
    HeardElectionRow,
    MemberRow,
)
from services.kit.database import Transaction

MOST = 500


@dataclass(frozen=True)
class Missing:
    """A body that does not stand."""

    path: str
    kind: str
    title: str


def keep_election(tx: Transaction, event: ElectionCalled) -> None:
    """The election as it was told last."""
    told = event.election
    kept = {"day": told.day, "clock": told.clock.model_dump(mode="json")}
    fresh = insert(HeardElectionRow).values(election=told.election, **kept)
    tx.execute(fresh.on_conflict_do_update(index_elements=["election"], set_=kept))


def election_of(tx: Transaction, election: str) -> HeardElectionRow | None:
    return tx.get(HeardElectionRow, election)


def day_of(tx: Transaction, election: str) -> date | None:
    """The election's day; None while nobody has told it."""
    row = election_of(tx, election)
    return row.day if row else None


def keep_constituencies(tx: Transaction, events: Sequence[ConstituencyFixed]) -> None:
    """The constituencies as they were told last."""
    fresh = insert(HeardConstituencyRow)
    kept = {"path": fresh.excluded.path, "title": fresh.excluded.title}
    rows = [
        {
            "election": event.election,
            "code": event.constituency.code,
            "path": event.constituency.path,
            "title": event.constituency.title,
        }
        for event in events
    ]
    tx.execute(fresh.on_conflict_do_update(index_elements=["election", "code"], set_=kept), rows)


def keep_areas(tx: Transaction, events: Sequence[PollingAreaFixed]) -> None:
    """The polling areas as they were told last."""
    fresh = insert(HeardAreaRow)
    kept = {name: fresh.excluded[name] for name in ("na", "pc", "cc")}
    rows = [
        {
            "election": event.election,
            "path": f"{event.unit}/{event.area.code}",
            "na": event.area.na,
            "pc": event.area.pc,
            "cc": event.area.cc,
        }
        for event in events
    ]
    tx.execute(fresh.on_conflict_do_update(index_elements=["election", "path"], set_=kept), rows)


def keep_lists(tx: Transaction, events: Sequence[ListPublished]) -> None:
    """Who stands in the constituencies now: those of the newest lists who were not struck."""
    lists = [(event.election, event.constituency) for event in events]
    former = tuple_(HeardCandidateRow.election, HeardCandidateRow.constituency).in_(lists)
    tx.execute(delete(HeardCandidateRow).where(former).execution_options(synchronize_session=False))
    rows = [
        {
            "election": event.election,
            "constituency": event.constituency,
            "dossier": one.dossier,
            "name": one.full_name,
            "folded": fold(one.full_name),
            "born": one.birth_date,
        }
        for event in events
        for one in event.candidates
        if not one.struck
    ]
    if rows:
        tx.execute(insert(HeardCandidateRow), rows)


_NOT_FOLDED = text("""
    SELECT m.body, m.place, m.name FROM members m JOIN bodies b ON b.id = m.body
    WHERE m.folded = '' AND b.superseded_at IS NULL
""")


def fold_names(tx: Transaction) -> None:
    """Names written by a version that did not fold them are folded before anybody is compared."""
    for body, place, name in tx.execute(_NOT_FOLDED).all():
        one = update(MemberRow).where(MemberRow.body == body, MemberRow.place == place)
        tx.execute(one.values(folded=fold(name) or "-").execution_options(synchronize_session=False))


def matches(
    tx: Transaction, election: str, paths: Collection[str] = (), constituencies: Collection[str] = ()
) -> list[Match]:
    """Members of the bodies at the paths, or of any body of the constituencies, with the name of a candidate there."""
    tx.flush()
    fold_names(tx)
    asked = []
    if paths:
        asked.append(_matching(election).where(BodyRow.path.in_(list(paths))))
    if constituencies:
        asked.append(_matching(election).where(HeardCandidateRow.constituency.in_(list(constituencies))))
    return [Match(*row) for one in asked for row in tx.execute(one)]


def _matching(election: str) -> Select[*tuple[Any, ...]]:
    """Members with a candidate's folded name and no other birth date, on a body of the candidate's constituency."""
    area, seat = HeardAreaRow, HeardConstituencyRow
    places = union_all(
        select(seat.path, seat.code).where(seat.election == election),
        *(select(area.path, code).where(area.election == election) for code in (area.na, area.pc, area.cc)),
    ).subquery("places")
    same_day = or_(MemberRow.born.is_(None), MemberRow.born == HeardCandidateRow.born)
    return (
        select(
            BodyRow.path,
            BodyRow.title,
            HeardCandidateRow.constituency,
            HeardCandidateRow.dossier,
            MemberRow.name,
            HeardCandidateRow.name,
            MemberRow.born.is_not(None),
        )
        .join(places, places.c.code == HeardCandidateRow.constituency)
        .join(BodyRow, and_(BodyRow.election == election, BodyRow.path == places.c.path))
        .join(MemberRow, and_(MemberRow.body == BodyRow.id, MemberRow.folded == HeardCandidateRow.folded))
        .where(HeardCandidateRow.election == election, BodyRow.superseded_at.is_(None), same_day)
        .order_by(BodyRow.path, HeardCandidateRow.constituency, HeardCandidateRow.dossier, MemberRow.place)
    )


def known(
    tx: Transaction, election: str, paths: Collection[str] = (), constituencies: Collection[str] = ()
) -> dict[Key, Known]:
    """The conflicts that stand at the paths or in the constituencies."""
    here = ConflictRow.path.in_(list(paths)) | ConflictRow.constituency.in_(list(constituencies))
    rows = tx.scalars(select(ConflictRow).where(ConflictRow.election == election, here).with_for_update())
    return {match.key: Known(match, row.state) for row in rows for match in [match_of(row)]}


def match_of(row: ConflictRow) -> Match:
    """What was matched when the row was last changed."""
    return Match(row.path, row.title, row.constituency, row.dossier, row.member, row.candidate, row.sure)


def keep_change(tx: Transaction, election: str, change: Change, at: datetime) -> ConflictRow:
    """The conflict as it has become; an explanation that no longer holds is gone."""
    match = change.match
    key = (election, match.path, match.dossier, match.constituency)
    row = tx.get(ConflictRow, key)
    if row is None:
        row = ConflictRow(
            election=election, path=match.path, dossier=match.dossier, constituency=match.constituency, found_at=at
        )
        tx.add(row)
    row.title, row.member, row.candidate, row.sure = match.title, match.member, match.candidate, match.sure
    row.state, row.changed_at = change.state, at
    if change.state == "open":
        row.explanation, row.explained_by, row.explained_name = "", None, ""
    return row


def conflict_held(tx: Transaction, election: str, path: str, dossier: UUID) -> list[ConflictRow]:
    """The conflicts of one candidate on one body, about to change."""
    here = select(ConflictRow).where(
        ConflictRow.election == election, ConflictRow.path == path, ConflictRow.dossier == dossier
    )
    return list(tx.scalars(here.with_for_update()))


def conflicts_below(tx: Transaction, election: str, unit: str) -> tuple[list[ConflictRow], int]:
    """The conflicts at or below a unit, open and sure ones first; and how many are open."""
    below = (ConflictRow.path == unit) | ConflictRow.path.startswith(f"{unit}/", autoescape=True)
    wanted = select(ConflictRow).where(ConflictRow.election == election, below)
    order = (ConflictRow.state != "open", ConflictRow.state, ~ConflictRow.sure, ConflictRow.path)
    rows = list(tx.scalars(wanted.order_by(*order).limit(MOST)))
    counted = select(func.count()).select_from(wanted.where(ConflictRow.state == "open").subquery())
    return rows, int(tx.scalar(counted))


def open_conflicts(tx: Transaction) -> int:
    """How many conflicts nobody has settled or explained."""
    return int(tx.scalar(text("SELECT count(*) FROM conflicts WHERE state = 'open'")))


_MISSING = text("""
    WITH needed AS (
        SELECT path, 'commission' AS kind, 'Ủy ban bầu cử ' || title AS title FROM units WHERE path <> 'vn'
        UNION ALL
        SELECT path, 'board', 'Ban bầu cử ' || lower(left(title, 1)) || substr(title, 2)
        FROM heard_constituencies WHERE election = :election
        UNION ALL
        SELECT path, 'team', 'Tổ bầu cử khu vực ' || substring(path from '[^/]+$')
        FROM heard_areas WHERE election = :election
    ), missing AS (
        SELECT path, kind, title FROM needed n
        WHERE (path = :unit OR path LIKE :below) AND NOT EXISTS (
            SELECT FROM bodies b WHERE b.election = :election AND b.path = n.path AND b.superseded_at IS NULL
        )
    )
    SELECT kind, count(*), (array_agg(path ORDER BY path))[1:500], (array_agg(title ORDER BY path))[1:500]
    FROM missing GROUP BY kind ORDER BY array_position(ARRAY['commission', 'board', 'team'], kind)
""")


def missing_bodies(tx: Transaction, election: str, unit: str) -> tuple[list[Missing], dict[str, int]]:
    """The first of the bodies at or below a unit that do not stand, those due first; and how many of each kind."""
    groups = tx.execute(_MISSING, {"election": election, "unit": unit, "below": f"{unit}/%"}).all()
    rows = [
        Missing(path, kind, title)
        for kind, _, paths, titles in groups
        for path, title in zip(paths, titles, strict=True)
    ]
    return rows[:MOST], {kind: int(count) for kind, count, _, _ in groups}
