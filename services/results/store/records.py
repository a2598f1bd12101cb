"""Count records: one record with all that is known beside it, the next for a typist, the status board, old versions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, inspect, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.contracts.base import Page
from services.contracts.results import Draft, Figures
from services.kit.database import Transaction
from services.results.models import (
    AreaRow,
    BallotUseRow,
    DraftRow,
    HeardConstituency,
    HeardElection,
    HeardList,
    HeardVoterList,
    RecordRow,
    RecordVersion,
    receipt_numbers,
)

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Sheet:
    """A record and what was heard about its area, constituency, list, voters and form 32; a person's own draft."""

    record: RecordRow
    area: AreaRow
    election: HeardElection
    constituency: HeardConstituency | None
    list: HeardList | None
    voters: HeardVoterList | None
    use: BallotUseRow | None
    draft: DraftRow | None
    number: int | None = None


def _sheets(person: UUID | None) -> Select[*tuple[Any, ...]]:
    mine = RecordRow.election, RecordRow.area
    return (
        select(RecordRow, AreaRow, HeardElection, HeardConstituency, HeardList, HeardVoterList, BallotUseRow, DraftRow)
        .join(AreaRow, and_(AreaRow.election == mine[0], AreaRow.code == mine[1]))
        .join(HeardElection, HeardElection.election == mine[0])
        .outerjoin(
            HeardConstituency,
            and_(HeardConstituency.election == mine[0], HeardConstituency.code == RecordRow.constituency),
        )
        .outerjoin(HeardList, and_(HeardList.election == mine[0], HeardList.constituency == RecordRow.constituency))
        .outerjoin(HeardVoterList, and_(HeardVoterList.election == mine[0], HeardVoterList.area == mine[1]))
        .outerjoin(
            BallotUseRow,
            and_(
                BallotUseRow.election == mine[0],
                BallotUseRow.area == mine[1],
                BallotUseRow.contest == RecordRow.contest,
                BallotUseRow.current,
            ),
        )
        .outerjoin(
            DraftRow,
            and_(
                DraftRow.election == mine[0],
                DraftRow.area == mine[1],
                DraftRow.contest == RecordRow.contest,
                DraftRow.person == person,
            ),
        )
    )


def sheet_of(
    tx: Transaction, key: Key, person: UUID | None = None, *, lock: bool = False, numbered: bool = False
) -> Sheet | None:
    """A record with all beside it; locked when it is about to change, with a receipt number when it is handed over."""
    sheets = _sheets(person).add_columns(receipt_numbers.next_value()) if numbered else _sheets(person)
    statement = sheets.where(RecordRow.election == key[0], RecordRow.area == key[1], RecordRow.contest == key[2])
    row = tx.execute(statement.with_for_update(of=RecordRow) if lock else statement).one_or_none()
    return None if row is None else Sheet(*row)


def sheets_of(tx: Transaction, election: str, keys: Sequence[tuple[str, str]], *, lock: bool = False) -> list[Sheet]:
    """The records of (area, contest) pairs with all beside them, in one order everywhere."""
    statement = (
        _sheets(None)
        .where(RecordRow.election == election, tuple_(RecordRow.area, RecordRow.contest).in_(list(keys)))
        .order_by(RecordRow.area, RecordRow.contest)
    )
    rows = tx.execute(statement.with_for_update(of=RecordRow) if lock else statement)
    return [Sheet(*row) for row in rows]


def waiting_in(tx: Transaction, election: str, unit: str) -> list[Sheet]:
    """The records of a commune that wait for approval, by area and contest."""
    statement = (
        _sheets(None)
        .where(RecordRow.election == election, RecordRow.unit == unit, RecordRow.state == "waiting")
        .order_by(RecordRow.area, RecordRow.contest)
    )
    return [Sheet(*row) for row in tx.execute(statement)]


def all_of(tx: Transaction, keys: Iterable[Sequence[str]]) -> list[RecordRow]:
    """The records of these keys."""
    wanted = [tuple(key) for key in keys]
    if not wanted:
        return []
    found = select(RecordRow).where(tuple_(RecordRow.election, RecordRow.area, RecordRow.contest).in_(wanted))
    return list(tx.scalars(found.order_by(RecordRow.area, RecordRow.contest)))


_NEIGHBOURS = text("""
    SELECT 'sibling' AS kind, contest, area, voters, took_part FROM records
    WHERE election = :election AND area = ANY(CAST(:areas AS text[])) AND content IS NOT NULL
    UNION ALL
    (SELECT 'twin', contest, area, 0, 0 FROM records
     WHERE election = :election AND constituency = :constituency AND vector = :vector
       AND area <> ALL(CAST(:areas AS text[])) LIMIT 1)
""")


@dataclass(frozen=True)
class Neighbour:
    """Agreed figures of the same area in a contest, or another area with the same votes."""

    kind: str
    contest: str
    area: str
    voters: int
    took_part: int


def neighbours_of(tx: Transaction, record: RecordRow, vector: str | None) -> list[Neighbour]:
    """The area's agreed records, and one area of the constituency with this very vector of votes."""
    asked = {
        "election": record.election,
        "areas": [record.area],
        "constituency": record.constituency,
        "vector": vector,
    }
    return [Neighbour(*row) for row in tx.execute(_NEIGHBOURS, asked)]


def agreed_in(tx: Transaction, election: str, areas: Sequence[str]) -> list[Neighbour]:
    """The agreed records of areas."""
    asked = {"election": election, "areas": list(areas), "constituency": "", "vector": None}
    return [Neighbour(*row) for row in tx.execute(_NEIGHBOURS, asked)]


_NEXT_ORDER = case(
    (RecordRow.state.in_(("entering_first", "entering_second")), 0),
    (RecordRow.state.in_(("reopened", "returned")), 1),
    (RecordRow.state == "entered_first", 2),
    else_=3,
)


@dataclass(frozen=True)
class Typist:
    """Who asks for the next record, and on which machine."""

    person: UUID
    machine: str = ""


def next_for(tx: Transaction, election: str, unit: str, typist: Typist, idle_since: datetime) -> Key | None:
    """The record this person should take: the own open one, then the re-opened, the second entries, the awaited.

    Skips what another process is just giving out, records without an official list, and second entries of records
    whose first entry was made by this person or on this machine.
    """
    mine = RecordRow.claimed_by == typist.person
    others = and_(
        RecordRow.first_by != typist.person,
        or_(RecordRow.first_machine == "", RecordRow.first_machine != typist.machine),
    )
    free = or_(
        RecordRow.state.in_(("awaited", "returned", "reopened")),
        and_(RecordRow.state == "entered_first", others),
        and_(RecordRow.state.in_(("entering_first", "entering_second")), mine),
        and_(RecordRow.state == "entering_first", RecordRow.claimed_at < idle_since),
        and_(
            RecordRow.state == "entering_second",
            RecordRow.claimed_at < idle_since,
            others,
        ),
    )
    statement = (
        select(RecordRow.election, RecordRow.area, RecordRow.contest)
        .join(
            HeardList,
            and_(HeardList.election == RecordRow.election, HeardList.constituency == RecordRow.constituency),
        )
        .where(RecordRow.election == election, RecordRow.unit == unit, RecordRow.state != "approved", free)
        .order_by(case((mine, 0), else_=1), _NEXT_ORDER, RecordRow.area, RecordRow.contest)
        .limit(1)
        .with_for_update(of=RecordRow, skip_locked=True)
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def keep_draft(tx: Transaction, key: Key, person: UUID, draft: Draft, at: datetime) -> None:
    """The person's draft of the record is this now."""
    kept = {"draft": draft.model_dump(mode="json"), "saved_at": at}
    statement = insert(DraftRow).values(election=key[0], area=key[1], contest=key[2], person=person, **kept)
    tx.execute(statement.on_conflict_do_update(index_elements=("election", "area", "contest", "person"), set_=kept))


def draft_done(tx: Transaction, sheet: Sheet) -> None:
    """The draft has become an entry."""
    if sheet.draft is not None:
        tx.session.delete(sheet.draft)


def receipt_number(tx: Transaction) -> int:
    return int(tx.scalar(select(receipt_numbers.next_value())))


def figures_of(record: RecordRow) -> Figures | None:
    """The agreed figures; None before two entries agree."""
    if record.content is None:
        return None
    return Figures.model_validate(
        {
            "voters": record.voters,
            "took_part": record.took_part,
            "issued": record.issued,
            "collected": record.collected,
            "valid": record.valid,
            "invalid": record.invalid,
            "votes": record.votes,
            "kinds": record.kinds,
        }
    )


def agree_on(record: RecordRow, figures: Figures, content: str) -> None:
    """The figures stand in their columns, from which everything is summed."""
    for name in ("voters", "took_part", "issued", "collected", "valid", "invalid"):
        setattr(record, name, getattr(figures, name))
    record.votes, record.kinds, record.content = list(figures.votes), list(figures.kinds), content


_KEPT = {"election", "area", "contest", "constituency", "unit", "state", "version", "changed_at"}
_HANDS = ("first", "second", "compared", "approved")
_EMPTY = {f"{hand}_{what}": "" for hand in _HANDS for what in ("name", "machine")} | {"tellings": 0, "findings": 0}


@dataclass(frozen=True)
class Superseding:
    """Why a version no longer stands: who said so, when, for what reason, with which document."""

    person: UUID
    name: str
    at: datetime
    reason: str
    document: str = ""


def supersede(tx: Transaction, record: RecordRow, why: Superseding) -> None:
    """The version is kept as it stood; the record is empty again under the next number."""
    columns = [column.key for column in inspect(RecordRow).column_attrs]
    tx.add(
        RecordVersion(
            election=record.election,
            area=record.area,
            contest=record.contest,
            version=record.version,
            stood={name: _plain(getattr(record, name)) for name in columns},
            reason=why.reason,
            document=why.document,
            superseded_by=why.person,
            superseded_name=why.name,
            at=why.at,
        )
    )
    for name in columns:
        if name not in _KEPT:
            setattr(record, name, _EMPTY.get(name))
    record.version += 1
    record.reason, record.document = why.reason, why.document


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value


@dataclass(frozen=True)
class BoardRow:
    """A line of the status board."""

    record: RecordRow
    place: str


@dataclass(frozen=True)
class Board:
    """Which records the status board shows: a unit or a constituency, a contest, a state."""

    election: str
    unit: str
    constituency: str | None
    contest: str | None
    state: str | None


def _shown(board: Board) -> list[ColumnElement[bool]]:
    shown = [RecordRow.election == board.election]
    if board.constituency is not None:
        shown.append(RecordRow.constituency == board.constituency)
    elif board.unit.count("/") == 2:
        shown.append(RecordRow.unit == board.unit)
    elif board.unit.count("/") == 3:
        parent, area = board.unit.rsplit("/", 1)
        shown += [RecordRow.unit == parent, RecordRow.area == area]
    elif board.unit != "vn":
        shown.append(RecordRow.unit.like(f"{board.unit}/%"))
    if board.contest is not None:
        shown.append(RecordRow.contest == board.contest)
    return shown


def stands_at(tx: Transaction, election: str, constituency: str, path: str) -> bool:
    """Whether the constituency is the one of that path: a path of one's own unit may name a stranger's code."""
    found = tx.get(HeardConstituency, (election, constituency))
    return found is not None and found.path == path


def board_rows(tx: Transaction, board: Board, order: Sequence[str], page: Page) -> list[BoardRow]:
    """A page of records, those that need a person first."""
    rank = case({state: place for place, state in enumerate(order)}, value=RecordRow.state)
    state = [] if board.state is None else [RecordRow.state == board.state]
    statement = (
        select(RecordRow, AreaRow.place)
        .join(AreaRow, and_(AreaRow.election == RecordRow.election, AreaRow.code == RecordRow.area))
        .where(*_shown(board), *state)
        .order_by(rank, RecordRow.area, RecordRow.contest)
        .offset(page.first)
        .limit(page.size)
    )
    return [BoardRow(record, place) for record, place in tx.execute(statement)]


def board_states(tx: Transaction, board: Board) -> dict[str, int]:
    """How many records stand in each state."""
    statement = select(RecordRow.state, func.count()).where(*_shown(board)).group_by(RecordRow.state)
    return dict(tuple(row) for row in tx.execute(statement))
