"""What a snapshot shows, read in one transaction; area figures only of constituencies that are declared."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select, text

from services.contracts.candidates import Constituency, Contest, Election
from services.contracts.results import Figures
from services.kit.database import Transaction
from services.reporting.domain.site import AreaSheet, SiteFacts, UnitSum
from services.reporting.models import SnapshotRow, UnitRow
from services.reporting.store import places

_SUMS = text("""
    SELECT d.commune, d.province, k.contest, d.areas, coalesce(c.approved, 0) AS approved,
           coalesce(c.voters, 0) AS voters, coalesce(c.took_part, 0) AS took_part
    FROM commune_days d CROSS JOIN (VALUES ('NA'), ('PC'), ('CC')) AS k (contest)
    LEFT JOIN commune_counts c ON c.election = d.election AND c.commune = d.commune AND c.contest = k.contest
    WHERE d.election = :election ORDER BY d.commune
""")
_AREAS = text("""
    SELECT k.constituency, count(*) AS areas, count(r.area) AS approved
    FROM areas a
    CROSS JOIN LATERAL (VALUES ('NA', a.na), ('PC', a.pc), ('CC', a.cc)) AS k (contest, constituency)
    LEFT JOIN records r
        ON r.election = a.election AND r.area = a.area AND r.contest = k.contest AND r.state = 'approved'
    WHERE a.election = :election GROUP BY k.constituency
""")
_SHEETS = text("""
    SELECT r.area, a.place, r.commune, r.constituency, r.figures
    FROM records r
    JOIN areas a ON a.election = r.election AND a.area = r.area
    JOIN results s ON s.election = r.election AND s.constituency = r.constituency AND s.state = 'declared'
    WHERE r.election = :election AND r.constituency = ANY (CAST(:codes AS text[])) AND r.state = 'approved'
    ORDER BY r.constituency, r.area
""")
_LONGEST = text("""
    SELECT contest, max(jsonb_array_length(data -> 'candidates')) AS most FROM results
    WHERE election = :election AND state = 'declared' GROUP BY contest
""")


def next_number(tx: Transaction, election: str) -> int:
    """The number of the next snapshot: one more than the last."""
    last = tx.scalar(select(func.max(SnapshotRow.number)).where(SnapshotRow.election == election))
    return int(last or 0) + 1


def snapshots(tx: Transaction, election: str) -> list[SnapshotRow]:
    """The snapshots of an election, newest first."""
    wanted = select(SnapshotRow).where(SnapshotRow.election == election).order_by(SnapshotRow.number.desc())
    return list(tx.scalars(wanted))


def site_facts(tx: Transaction, election: Election, number: int, at: datetime) -> SiteFacts:
    """What a snapshot is made from, without what grows with candidates and records: that is `part_facts`."""
    given = {"election": election.election}
    units = list(tx.execute(select(UnitRow.code, UnitRow.path, UnitRow.name, UnitRow.title)))
    return SiteFacts(
        election=election,
        number=number,
        published_at=at,
        titles={unit.code: unit.title for unit in units},
        names={unit.code: unit.name for unit in units},
        parents={unit.code: unit.path.split("/")[-2] for unit in units if "/" in unit.path},
        constituencies=tuple(places.constituencies(tx, election.election)),
        lists={},
        results={},
        areas={row.constituency: (row.areas, row.approved) for row in tx.execute(_AREAS, given)},
        sums=tuple(
            UnitSum(
                commune=row.commune,
                province=row.province,
                contest=Contest(row.contest),
                areas=row.areas,
                approved=row.approved,
                voters=int(row.voters),
                took_part=int(row.took_part),
            )
            for row in tx.execute(_SUMS, given)
        ),
        sheets=(),
    )


def part_facts(tx: Transaction, whole: SiteFacts, part: Sequence[Constituency]) -> SiteFacts:
    """The same for some constituencies, with their lists, results and area figures."""
    election, codes = whole.election.election, [constituency.code for constituency in part]
    return replace(
        whole,
        constituencies=tuple(part),
        lists=places.official_lists(tx, election, codes),
        results={result.constituency: result for result in places.results_of(tx, election, codes)},
        sheets=tuple(
            AreaSheet(row.area, row.place, row.commune, row.constituency, Figures.model_validate(row.figures))
            for row in tx.execute(_SHEETS, {"election": election, "codes": codes})
        ),
    )


def longest_lists(tx: Transaction, election: str) -> dict[str, int]:
    """The most candidates a declared constituency of each contest has."""
    return {row.contest: row.most for row in tx.execute(_LONGEST, {"election": election})}
