"""Entries of voter lists: written by column, looked up by concealed number."""

from collections.abc import Iterable, Sequence

import psycopg
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from services.contracts.voters import AddVoter, FoundPerson, StrikeVoter, Voter
from services.kit.database import Actor, Transaction
from services.voters.domain.entries import RightOf
from services.voters.lines import COLUMNS
from services.voters.models import AreaRow, Entry, EntryChange

_CHUNK = 1 << 20
_ELSEWHERE = text("""
    SELECT t.line, t.tail, e.area FROM recheck AS t
    JOIN entries AS e ON e.election = :election AND e.concealed = t.concealed AND e.active
    WHERE NOT (e.area = ANY(CAST(:own AS text[]))) ORDER BY t.line
""")


class OnAnotherList(Exception):
    """A person stands on an active line of another list: the database's constraint says so."""


class NotNow(Exception):
    """Another import was in the way, or the database went away; the same work succeeds a moment later."""


def replace_entries(tx: Transaction, election: str, areas: Sequence[str], rows: bytes) -> None:
    """The drafts of these areas are replaced by the rows, in this transaction."""
    tx.execute(delete(Entry).where(Entry.election == election, Entry.area.in_(areas)))
    into = f"COPY entries ({', '.join(COLUMNS)}) FROM STDIN WITH (FORMAT csv)"
    try:
        with tx.cursor() as cursor, cursor.copy(into) as copy:
            for start in range(0, len(rows), _CHUNK):
                copy.write(rows[start : start + _CHUNK])
    except psycopg.errors.UniqueViolation:
        raise OnAnotherList from None  # the driver's error quotes the line: names and dates stay out of logs
    except psycopg.errors.QueryCanceled:
        raise  # the time limit of a statement: no use in doing it again
    except psycopg.OperationalError:
        raise NotNow from None


def on_other_lists(
    tx: Transaction, election: str, own: Sequence[str], numbers: Iterable[tuple[int, str, str]]
) -> list[tuple[int, str, str]]:
    """(line, last four digits, area) of every number (line, hex, tail) that stands on a list outside these areas."""
    tx.execute(text("CREATE TEMPORARY TABLE recheck (line bigint, concealed bytea, tail text) ON COMMIT DROP"))
    with tx.cursor() as cursor, cursor.copy("COPY recheck FROM STDIN") as copy:
        for row in numbers:
            copy.write_row(row)
    found = tx.execute(_ELSEWHERE, {"election": election, "own": list(own)})
    return [(int(row.line), str(row.tail), str(row.area)) for row in found]


def numbers_of(tx: Transaction, election: str, areas: Sequence[str]) -> set[bytes]:
    """The concealed numbers of all active entries of these areas."""
    found = select(Entry.concealed).where(Entry.election == election, Entry.area.in_(areas), Entry.active)
    return {bytes(block) for block in tx.scalars(found)}


def area_of(tx: Transaction, election: str, concealed: bytes) -> str | None:
    """The area on whose list the person is."""
    found = select(Entry.area).where(Entry.election == election, Entry.concealed == concealed, Entry.active)
    area: str | None = tx.scalars(found).one_or_none()
    return area


def add_entry(tx: Transaction, area: AreaRow, request: AddVoter, right: RightOf, concealed: bytes) -> Entry:
    """The person with the next serial of the area; OnAnotherList when an import was faster."""
    entry = Entry(
        election=area.election,
        area=area.code,
        serial=area.last_serial + 1,
        active=True,
        household="",
        full_name=request.full_name,
        birth_date=request.birth_date,
        sex=str(request.sex),
        ethnicity=request.ethnicity,
        concealed=concealed,
        temporary_since=request.temporary_since,
        address=request.address,
        na=right.na,
        pc=right.pc,
        cc=right.cc,
        note="",
    )
    tx.add(entry)
    area.last_serial += 1
    try:
        tx.flush()
    except IntegrityError:
        raise OnAnotherList from None
    return entry


def entry_held(tx: Transaction, election: str, area: str, serial: int) -> Entry | None:
    """One active entry, held."""
    found = select(Entry).where(Entry.election == election, Entry.area == area, Entry.serial == serial, Entry.active)
    return tx.scalars(found.with_for_update()).one_or_none()


def keep_change(tx: Transaction, request: AddVoter | StrikeVoter, entry: Entry, kind: str, by: Actor) -> None:
    """Why a posted list changed, by which document, by whom."""
    tx.add(
        EntryChange(
            election=entry.election,
            area=entry.area,
            serial=entry.serial,
            kind=kind,
            reason=request.reason,
            document=request.document,
            by_id=by.person,
            by_name=by.name,
            at=by.at,
        )
    )


def strike(entry: Entry, note: str) -> None:
    """The line stays and no longer counts."""
    entry.active, entry.note = False, note


def page(tx: Transaction, election: str, area: str, after: int, size: int) -> Sequence[Entry]:
    """A page of the list, struck lines included, by serial."""
    found = select(Entry).where(Entry.election == election, Entry.area == area, Entry.serial > after)
    return tx.scalars(found.order_by(Entry.serial).limit(size)).all()


def voter(entry: Entry) -> Voter:
    """The entry as posted."""
    return Voter.model_validate(
        {
            name: getattr(entry, name)
            for name in ("serial", "full_name", "birth_date", "sex", "ethnicity", "address", "note")
        }
        | {name: entry.active and getattr(entry, name) for name in ("na", "pc", "cc")}
    )


def found_persons(tx: Transaction, election: str, concealed: Sequence[str]) -> list[FoundPerson]:
    """What the register holds under each concealed number, in the order asked."""
    blocks = [bytes.fromhex(block) for block in concealed]
    rows = tx.scalars(select(Entry).where(Entry.election == election, Entry.concealed.in_(blocks), Entry.active))
    known = {bytes(row.concealed): row for row in rows}
    return [_found(known.get(block)) for block in blocks]


def _found(row: Entry | None) -> FoundPerson:
    if row is None:
        return FoundPerson(found=False)
    return FoundPerson.model_validate(
        {"found": True}
        | {name: getattr(row, name) for name in ("full_name", "birth_date", "sex", "ethnicity", "address", "area")}
    )


_UNLIKE = text("""
    SELECT count(*) FROM areas AS a LEFT JOIN (
        SELECT election, area, count(*) AS na, count(*) FILTER (WHERE cc) AS cc,
               count(*) FILTER (WHERE sex = 'male') AS male
        FROM entries WHERE active GROUP BY election, area
    ) AS e ON e.election = a.election AND e.area = a.code
    WHERE (a.na, a.cc, a.male) IS DISTINCT FROM (coalesce(e.na, 0), coalesce(e.cc, 0), coalesce(e.male, 0))
""")


def lists_unlike_entries(tx: Transaction) -> int:
    """Areas whose totals are not the sums over their active entries."""
    return int(tx.scalar(_UNLIKE))


_BY_PROVINCE = text("""
    SELECT election, split_part(unit, '/', 2), state, count(*) FROM areas GROUP BY 1, 2, 3
""")


def lists_by_province(tx: Transaction) -> list[tuple[str, str, str, int]]:
    """How many lists stand in each state, by election and province."""
    return [(row[0], row[1], row[2], int(row[3])) for row in tx.execute(_BY_PROVINCE)]
