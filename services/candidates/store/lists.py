"""Queries about official lists."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, insert, or_, select, text

from services.candidates.models import ConstituencyRow, ListRow
from services.contracts.base import TooMuchAtOnce
from services.contracts.candidates import Constituency, Contest, ListedCandidate
from services.kit.actor import Actor
from services.kit.database import Transaction

MOST_AROUND = 2000
"""Lists in one answer: more than any province has."""

_SHARES = text("""
    SELECT count(*) AS total,
           count(*) FILTER (WHERE line ->> 'sex' = 'female') AS women,
           coalesce(array_agg(line ->> 'ethnicity'), '{}') AS ethnicities
    FROM official_lists, jsonb_array_elements(candidates) AS line
    WHERE election = :election AND contest = :contest AND stands
      AND (path = :unit OR starts_with(path, :unit || '/')) AND NOT (line ->> 'struck')::boolean
""")


def published(tx: Transaction, election: str, codes: Collection[str]) -> frozenset[str]:
    """Those constituencies whose official list stands."""
    wanted = select(ListRow.constituency).where(
        ListRow.election == election, ListRow.constituency.in_(codes), ListRow.stands
    )
    return frozenset(tx.scalars(wanted))


def publish(
    tx: Transaction,
    election: str,
    lists: Sequence[tuple[Constituency, Sequence[ListedCandidate]]],
    document: str,
    by: Actor,
) -> None:
    """The lists stand as their first versions."""
    rows = [
        {
            "election": election,
            "constituency": constituency.code,
            "version": 1,
            "stands": True,
            "contest": str(constituency.contest),
            "path": constituency.path,
            "seats": constituency.seats,
            "candidates": [one.model_dump(mode="json") for one in candidates],
            "document": document,
            "published_at": by.at,
            "changed_at": by.at,
            "changed_by": by.person,
        }
        for constituency, candidates in lists
    ]
    tx.execute(insert(ListRow), rows)


def standing(tx: Transaction, election: str, unit: str, code: str) -> ListRow | None:
    """The list that stands in a constituency of a commission, held until the end of the transaction."""
    near = ListRow.contest == "NA" if unit == "vn" else ListRow.path.regexp_match(f"^{unit}/[^/]+$")
    wanted = select(ListRow).where(ListRow.election == election, ListRow.constituency == code, ListRow.stands, near)
    row: ListRow | None = tx.scalar(wanted.with_for_update())
    return row


def supersede(
    tx: Transaction, row: ListRow, candidates: Sequence[ListedCandidate], document: str, by: Actor
) -> ListRow:
    """A new version stands in the place of the old one, which stays as history."""
    row.stands = False
    tx.flush()
    fresh = ListRow(
        election=row.election,
        constituency=row.constituency,
        version=row.version + 1,
        stands=True,
        contest=row.contest,
        path=row.path,
        seats=row.seats,
        candidates=[one.model_dump(mode="json") for one in candidates],
        document=document,
        published_at=row.published_at,
        changed_at=by.at,
        changed_by=by.person,
    )
    tx.add(fresh)
    return fresh


def around(tx: Transaction, election: str, unit: str, contest: Contest | None) -> Sequence[ListRow]:
    """The lists that stand at or below a unit or contain it; more than an answer holds are refused."""
    parts = unit.split("/")
    near = or_(ListRow.path == unit, ListRow.path.startswith(f"{unit}/", autoescape=True))
    if len(parts) > 2 and parts[2].isdigit():
        holding = select(ConstituencyRow.code).where(
            ConstituencyRow.election == election, ConstituencyRow.communes.contains([parts[2]])
        )
        near = or_(near, ListRow.constituency.in_(holding))
    wanted = select(ListRow).where(ListRow.election == election, ListRow.stands, near)
    if contest is not None:
        wanted = wanted.where(ListRow.contest == str(contest))
    found = tx.scalars(wanted.order_by(ListRow.contest, ListRow.constituency).limit(MOST_AROUND + 1)).all()
    if len(found) > MOST_AROUND:
        raise TooMuchAtOnce(most=MOST_AROUND)
    return found


def shares(tx: Transaction, election: str, unit: str, contest: Contest) -> tuple[int, int, list[str]]:
    """How many stand on the lists of one body, how many of them women, and everybody's ethnicity."""
    tx.flush()
    row = tx.execute(_SHARES, {"election": election, "unit": unit, "contest": str(contest)}).one()
    return row.total, row.women, list(row.ethnicities)


def how_many(tx: Transaction, election: str) -> int:
    """How many lists stand in the election."""
    return int(tx.scalar(select(func.count()).select_from(ListRow).where(ListRow.election == election, ListRow.stands)))


_APART = text("""
    SELECT count(*) FROM (
        SELECT l.election, l.constituency, (line ->> 'dossier')::uuid AS dossier,
               CASE WHEN (line ->> 'struck')::boolean THEN 'struck' ELSE 'listed' END AS state
        FROM official_lists l, jsonb_array_elements(l.candidates) AS line WHERE l.stands
    ) AS lines
    FULL JOIN (SELECT * FROM dossiers WHERE state IN ('listed', 'struck')) AS d
           ON (d.dossier, d.election, d.constituency, d.state)
            = (lines.dossier, lines.election, lines.constituency, lines.state)
    WHERE d.dossier IS NULL OR lines.dossier IS NULL
""")


def apart_from_dossiers(tx: Transaction) -> int:
    """Lines of standing lists without their dossier, and listed dossiers without a line: must be none."""
    return int(tx.scalar(_APART))
