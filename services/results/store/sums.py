"""Sums of approved records by commune and constituency, the results above them, and what must always agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select, text, tuple_

from services.contracts.base import TooMuchAtOnce
from services.kit.database import Transaction
from services.results.models import CommuneSum, HeardConstituency, HeardList, HeardUnit, ResultRow

MOST_RESULTS = 2000
"""Results in one answer: more than any province has."""

_REFRESH = text("""
    WITH touched AS (
        SELECT DISTINCT election, constituency, unit
        FROM unnest(CAST(:elections AS text[]), CAST(:constituencies AS text[]), CAST(:units AS text[]))
          AS t (election, constituency, unit)
    ), heads AS (
        SELECT r.election, r.constituency, r.unit, count(*) AS areas,
               count(*) FILTER (WHERE state = 'approved') AS approved,
               coalesce(sum(voters) FILTER (WHERE state = 'approved'), 0) AS voters,
               coalesce(sum(took_part) FILTER (WHERE state = 'approved'), 0) AS took_part,
               coalesce(sum(issued) FILTER (WHERE state = 'approved'), 0) AS issued,
               coalesce(sum(collected) FILTER (WHERE state = 'approved'), 0) AS collected,
               coalesce(sum(valid) FILTER (WHERE state = 'approved'), 0) AS valid,
               coalesce(sum(invalid) FILTER (WHERE state = 'approved'), 0) AS invalid
        FROM records r JOIN touched USING (election, constituency, unit) GROUP BY 1, 2, 3
    ), ballots AS (
        SELECT election, constituency, unit, array_agg(votes ORDER BY place) AS votes FROM (
            SELECT r.election, r.constituency, r.unit, v.place, sum(v.votes)::bigint AS votes
            FROM records r JOIN touched USING (election, constituency, unit),
                 unnest(r.votes) WITH ORDINALITY AS v (votes, place)
            WHERE r.state = 'approved' GROUP BY 1, 2, 3, 4) AS columns
        GROUP BY 1, 2, 3
    )
    INSERT INTO commune_sums (election, constituency, unit, areas, approved, voters, took_part, issued, collected,
                              valid, invalid, votes)
    SELECT election, constituency, unit, areas, approved, voters, took_part, issued, collected, valid, invalid,
           coalesce(ballots.votes, '{}')
    FROM heads LEFT JOIN ballots USING (election, constituency, unit)
    ORDER BY election, constituency, unit
    ON CONFLICT (election, constituency, unit) DO UPDATE
      SET areas = excluded.areas, approved = excluded.approved, voters = excluded.voters,
          took_part = excluded.took_part, issued = excluded.issued, collected = excluded.collected,
          valid = excluded.valid, invalid = excluded.invalid, votes = excluded.votes
""")
_LEFT = text("""
    DELETE FROM commune_sums s
    USING unnest(CAST(:elections AS text[]), CAST(:constituencies AS text[])) AS t (election, constituency)
    WHERE s.election = t.election AND s.constituency = t.constituency AND NOT EXISTS (
        SELECT FROM records r
        WHERE r.election = s.election AND r.constituency = s.constituency AND r.unit = s.unit)
""")

Pair = tuple[str, str]
"""An election and a constituency."""


def lock_results(tx: Transaction, pairs: Iterable[Pair]) -> dict[Pair, ResultRow]:
    """The results of constituencies, locked in one order everywhere: two approvals add up one after the other."""
    wanted = sorted(set(pairs))
    statement = (
        select(ResultRow)
        .where(tuple_(ResultRow.election, ResultRow.constituency).in_(wanted))
        .order_by(ResultRow.election, ResultRow.constituency)
        .with_for_update()
    )
    return {(row.election, row.constituency): row for row in tx.scalars(statement)} if wanted else {}


def refresh_sums(tx: Transaction, touched: Iterable[tuple[str, str, str]]) -> None:
    """The sums of (election, constituency, commune) are what their records say now."""
    keys = sorted(set(touched))
    if not keys:
        return
    elections, constituencies, units = (list(column) for column in zip(*keys, strict=True))
    tx.flush()
    tx.execute(_REFRESH, {"elections": elections, "constituencies": constituencies, "units": units})


def forget_left(tx: Transaction, pairs: Iterable[Pair]) -> None:
    """Sums of communes that no longer have an area in a constituency are gone."""
    keys = sorted(set(pairs))
    if keys:
        tx.execute(_LEFT, {"elections": [key[0] for key in keys], "constituencies": [key[1] for key in keys]})


def counted(tx: Transaction, pairs: Iterable[Pair]) -> dict[Pair, tuple[int, int]]:
    """How many areas each constituency has and how many of its records are approved."""
    found: dict[Pair, tuple[int, int]] = {}
    for row in sums_of(tx, pairs):
        areas, approved = found.get((row.election, row.constituency), (0, 0))
        found[row.election, row.constituency] = areas + row.areas, approved + row.approved
    return found


def sums_of(tx: Transaction, pairs: Iterable[Pair]) -> Sequence[CommuneSum]:
    """The commune lines of constituencies."""
    wanted = sorted(set(pairs))
    if not wanted:
        return ()
    statement = (
        select(CommuneSum)
        .where(tuple_(CommuneSum.election, CommuneSum.constituency).in_(wanted))
        .order_by(CommuneSum.election, CommuneSum.constituency, CommuneSum.unit)
        .execution_options(populate_existing=True)
    )
    return tx.scalars(statement).all()


@dataclass(frozen=True)
class Standing:
    """A constituency with its list and its result row."""

    row: ResultRow
    constituency: HeardConstituency
    list: HeardList


def standings_of(tx: Transaction, pairs: Iterable[Pair]) -> list[Standing]:
    """The results of these constituencies that have an official list."""
    wanted = sorted(set(pairs))
    if not wanted:
        return []
    return _standings(tx, tuple_(ResultRow.election, ResultRow.constituency).in_(wanted))


def standings_within(tx: Transaction, election: str, unit: str, contest: str | None) -> list[Standing]:
    """The results at or below a unit, by code, of one contest or all; more than an answer holds are refused."""
    inside = or_(HeardConstituency.path == unit, HeardConstituency.path.like(f"{unit}/%"))
    where = and_(HeardConstituency.election == election, inside)
    where = where if contest is None else and_(where, HeardConstituency.contest == contest)
    if int(tx.scalar(select(func.count()).select_from(HeardConstituency).where(where))) > MOST_RESULTS:
        raise TooMuchAtOnce(most=MOST_RESULTS)
    return _standings(tx, and_(where, ResultRow.election == election))


def _standings(tx: Transaction, where: object) -> list[Standing]:
    statement = (
        select(ResultRow, HeardConstituency, HeardList)
        .join(
            HeardConstituency,
            and_(HeardConstituency.election == ResultRow.election, HeardConstituency.code == ResultRow.constituency),
        )
        .join(
            HeardList,
            and_(HeardList.election == ResultRow.election, HeardList.constituency == ResultRow.constituency),
        )
        .where(where)  # type: ignore[arg-type]  # a composed condition of SQLAlchemy
        .order_by(HeardConstituency.code)
    )
    return [Standing(*row) for row in tx.execute(statement)]


def titles_of(tx: Transaction, paths: Iterable[str]) -> dict[str, str]:
    """The titles of units."""
    found = tx.execute(select(HeardUnit.path, HeardUnit.title).where(HeardUnit.path.in_(list(set(paths)))))
    return dict(tuple(row) for row in found)


_DIFFERENT = text("""
    WITH facts AS (
        SELECT election, constituency, unit, count(*) AS areas,
               count(*) FILTER (WHERE state = 'approved') AS approved,
               sum(voters) FILTER (WHERE state = 'approved') AS voters,
               sum(took_part) FILTER (WHERE state = 'approved') AS took_part,
               sum(issued) FILTER (WHERE state = 'approved') AS issued,
               sum(collected) FILTER (WHERE state = 'approved') AS collected,
               sum(valid) FILTER (WHERE state = 'approved') AS valid,
               sum(invalid) FILTER (WHERE state = 'approved') AS invalid,
               sum((SELECT sum(v) FROM unnest(votes) AS v)) FILTER (WHERE state = 'approved') AS votes
        FROM records
        WHERE CAST(:election AS text) IS NULL OR (election = :election AND constituency = :constituency)
        GROUP BY 1, 2, 3
    ), sums AS (
        SELECT *, (SELECT sum(v) FROM unnest(votes) AS v) AS named FROM commune_sums
        WHERE CAST(:election AS text) IS NULL OR (election = :election AND constituency = :constituency)
    )
    SELECT count(*) FROM facts f FULL JOIN sums s USING (election, constituency, unit)
    WHERE (coalesce(f.areas, 0), coalesce(f.approved, 0), coalesce(f.voters, 0), coalesce(f.took_part, 0),
           coalesce(f.issued, 0), coalesce(f.collected, 0), coalesce(f.valid, 0), coalesce(f.invalid, 0),
           coalesce(f.votes, 0))
       IS DISTINCT FROM
          (coalesce(s.areas, 0), coalesce(s.approved, 0), coalesce(s.voters, 0), coalesce(s.took_part, 0),
           coalesce(s.issued, 0), coalesce(s.collected, 0), coalesce(s.valid, 0), coalesce(s.invalid, 0),
           coalesce(s.named, 0))
""")


def sums_unlike_facts(tx: Transaction, pair: Pair | None = None) -> int:
    """How many commune lines (of one constituency, or all) differ from the sums of their records; must be 0."""
    election, constituency = pair or (None, None)
    return int(tx.scalar(_DIFFERENT, {"election": election, "constituency": constituency}))
