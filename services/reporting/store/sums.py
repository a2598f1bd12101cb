"""Summaries of approved records: area → commune → province → nation, by contest."""

from dataclasses import dataclass

from sqlalchemy import TextClause, text

from services.contracts.results import Totals
from services.kit.database import Transaction

_FIGURES = ("voters", "took_part", "issued", "collected", "valid", "invalid")
_SUMS = ", ".join(f"coalesce(sum(c.{name}), 0) AS {name}" for name in _FIGURES)
_TYPED = ", ".join(f"coalesce(CAST(r.figures->>'{name}' AS bigint), 0) AS {name}" for name in _FIGURES)

_LEVEL = """
    SELECT {unit} AS unit, sum(d.areas) AS all_areas, coalesce(sum(c.approved), 0) AS areas, {sums}
    FROM commune_days d
    LEFT JOIN commune_counts c ON c.election = d.election AND c.commune = d.commune AND c.contest = :contest
    WHERE d.election = :election AND (:province = '' OR d.province = :province)
    GROUP BY 1
"""
_PROVINCES = text(_LEVEL.format(unit="d.province", sums=_SUMS))
_COMMUNES = text(_LEVEL.format(unit="d.commune", sums=_SUMS))
_AREAS = text(f"""
    SELECT a.area AS unit, 1 AS all_areas, CASE WHEN r.state = 'approved' THEN 1 ELSE 0 END AS areas, {_TYPED}
    FROM areas a LEFT JOIN records r ON r.election = a.election AND r.area = a.area AND r.contest = :contest
    WHERE a.election = :election AND a.commune = :commune ORDER BY a.area
""")  # noqa: S608  constants
_SEATS = text("""
    SELECT unit, seats, coalesce(elected, 0) AS elected
    FROM (SELECT split_part(path, '/', :part) AS unit, sum(seats) AS seats FROM constituencies
          WHERE election = :election AND contest = :contest AND (path = :path OR path LIKE :below) GROUP BY 1) AS c
    LEFT JOIN (SELECT split_part(path, '/', :part) AS unit, sum(elected) AS elected FROM results
               WHERE election = :election AND contest = :contest AND state = 'declared'
                     AND (path = :path OR path LIKE :below) GROUP BY 1) AS r USING (unit)
""")
_DRIFT = text("""
    SELECT count(*) FROM (
        SELECT r.contest, coalesce(sum(CAST(figures->>'voters' AS bigint)), 0) AS voters,
               coalesce(sum(CAST(figures->>'took_part' AS bigint)), 0) AS took_part,
               coalesce(sum(CAST(figures->>'valid' AS bigint)), 0) AS valid,
               count(*) FILTER (WHERE r.state = 'approved') AS approved
        FROM records r JOIN areas a ON a.election = r.election AND a.area = r.area
        WHERE r.election = :election GROUP BY r.contest
    ) AS facts FULL JOIN (
        SELECT contest, sum(voters) AS voters, sum(took_part) AS took_part, sum(valid) AS valid,
               sum(approved) AS approved
        FROM commune_counts WHERE election = :election GROUP BY contest
    ) AS kept USING (contest)
    WHERE (facts.voters, facts.took_part, facts.valid, facts.approved)
          IS DISTINCT FROM (kept.voters, kept.took_part, kept.valid, kept.approved)
""")


@dataclass(frozen=True)
class Line:
    """One unit of a summary."""

    areas: int
    totals: Totals


def provinces(tx: Transaction, election: str, contest: str) -> dict[str, Line]:
    """Every province with areas, by code."""
    return _lines(tx, _PROVINCES, {"election": election, "contest": contest, "province": ""})


def communes(tx: Transaction, election: str, contest: str, province: str) -> dict[str, Line]:
    """Every commune of a province with areas, by code."""
    return _lines(tx, _COMMUNES, {"election": election, "contest": contest, "province": province})


def areas(tx: Transaction, election: str, contest: str, commune: str) -> dict[str, Line]:
    """Every area of a commune, by code."""
    return _lines(tx, _AREAS, {"election": election, "contest": contest, "commune": commune})


def seats(tx: Transaction, election: str, contest: str, path: str) -> dict[str, tuple[int, int]]:
    """Seats and elected deputies (declared) of the constituencies in each unit one level below a path, by code."""
    given = {"election": election, "contest": contest, "path": path, "below": f"{path}/%", "part": path.count("/") + 2}
    return {row.unit: (int(row.seats), int(row.elected)) for row in tx.execute(_SEATS, given)}


def drifting(tx: Transaction, election: str) -> int:
    """Contests whose national summary is not the sum of the approved records: 0, always."""
    return int(tx.scalar(_DRIFT, {"election": election}))


def _lines(tx: Transaction, statement: TextClause, given: dict[str, str]) -> dict[str, Line]:
    found = {}
    for row in tx.execute(statement, given).mappings():
        sums = {name: int(row[name]) for name in ("areas", *_FIGURES)}
        found[row["unit"]] = Line(areas=int(row["all_areas"]), totals=Totals(**sums))
    return found
