"""Counters by commune, always recomputed from the facts of the communes touched; thrown away and rebuilt at will."""

from collections.abc import Iterable

from sqlalchemy import text

from services.kit.database import Transaction

_LOCK = text("""
    SELECT pg_advisory_xact_lock(:kind, h)
    FROM (SELECT DISTINCT hashtext(:election || c) AS h FROM unnest(CAST(:communes AS text[])) AS t (c) ORDER BY 1) AS k
""")

_DAYS = """
    WITH facts AS (
        SELECT a.commune, max(a.province) AS province, count(*) AS areas, coalesce(sum(r.na), 0) AS voters
        FROM areas a LEFT JOIN area_rights r ON r.election = a.election AND r.area = a.area
        WHERE a.election = :election AND (:everywhere OR a.commune = ANY (CAST(:communes AS text[])))
        GROUP BY a.commune
    ), reports AS (
        SELECT t.commune, t.area, t.slot, t.took_part, t.voters,
               row_number() OVER (PARTITION BY t.area ORDER BY t.slot DESC) AS place
        FROM turnout t JOIN areas a ON a.election = t.election AND a.area = t.area
        WHERE t.election = :election AND (:everywhere OR t.commune = ANY (CAST(:communes AS text[])))
    ), slots AS (
        SELECT commune, jsonb_object_agg(slot, jsonb_build_array(areas, took_part, voters)) AS slots,
               coalesce(jsonb_object_agg(slot, newest) FILTER (WHERE newest > 0), '{}') AS last,
               sum(newest_sum) AS took_part
        FROM (
            SELECT commune, slot, count(*) AS areas, sum(took_part) AS took_part, sum(voters) AS voters,
                   count(*) FILTER (WHERE place = 1) AS newest,
                   coalesce(sum(took_part) FILTER (WHERE place = 1), 0) AS newest_sum
            FROM reports GROUP BY commune, slot
        ) AS by_slot GROUP BY commune
    ), trouble AS (
        SELECT commune, count(*) AS incidents FROM incidents
        WHERE election = :election AND open AND (:everywhere OR commune = ANY (CAST(:communes AS text[])))
        GROUP BY commune
    )
    SELECT CAST(:election AS text) AS election, f.commune, f.province, f.areas, f.voters,
           coalesce(s.took_part, 0) AS took_part, coalesce(s.slots, '{}') AS slots, coalesce(s.last, '{}') AS last,
           coalesce(i.incidents, 0) AS incidents
    FROM facts f LEFT JOIN slots s USING (commune) LEFT JOIN trouble i USING (commune)
"""

_COUNTS = """
    SELECT CAST(:election AS text) AS election, commune, contest, max(province) AS province,
           jsonb_object_agg(state, n) AS states, coalesce(sum(n) FILTER (WHERE state = 'approved'), 0) AS approved,
           sum(voters) AS voters, sum(took_part) AS took_part, sum(issued) AS issued, sum(collected) AS collected,
           sum(valid) AS valid, sum(invalid) AS invalid
    FROM (
        SELECT r.commune, r.contest, r.state, max(a.province) AS province, count(*) AS n,
               coalesce(sum(CAST(figures->>'voters' AS bigint)), 0) AS voters,
               coalesce(sum(CAST(figures->>'took_part' AS bigint)), 0) AS took_part,
               coalesce(sum(CAST(figures->>'issued' AS bigint)), 0) AS issued,
               coalesce(sum(CAST(figures->>'collected' AS bigint)), 0) AS collected,
               coalesce(sum(CAST(figures->>'valid' AS bigint)), 0) AS valid,
               coalesce(sum(CAST(figures->>'invalid' AS bigint)), 0) AS invalid
        FROM records r JOIN areas a ON a.election = r.election AND a.area = r.area
        WHERE r.election = :election AND (:everywhere OR r.commune = ANY (CAST(:communes AS text[])))
        GROUP BY r.commune, r.contest, r.state
    ) AS by_state
    GROUP BY commune, contest
"""

_DAY_COLUMNS = "election, commune, province, areas, voters, took_part, slots, last, incidents"
_COUNT_COLUMNS = (
    "election, commune, contest, province, states, approved, voters, took_part, issued, collected, valid, invalid"
)


def _write(table: str, columns: str, key: str, facts: str) -> str:
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns.split(", ") if name not in key.split(", "))
    return (
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM ({facts}) AS f ORDER BY {key} "  # noqa: S608  constants
        f"ON CONFLICT ({key}) DO UPDATE SET {changed}"
    )


_WRITE_DAYS = text(_write("commune_days", _DAY_COLUMNS, "election, commune", _DAYS))
_WRITE_COUNTS = text(_write("commune_counts", _COUNT_COLUMNS, "election, commune, contest", _COUNTS))


def refresh_days(tx: Transaction, touched: Iterable[tuple[str, str]]) -> None:
    """The counters of polling day of these (election, commune) again say what their facts say."""
    for election, communes in _by_election(touched):
        given = {"election": election, "communes": communes}
        tx.execute(_LOCK, given | {"kind": 11})
        tx.execute(_WRITE_DAYS, given | {"everywhere": False})


def refresh_counts(tx: Transaction, touched: Iterable[tuple[str, str]]) -> None:
    """The counters of the count of these (election, commune) again say what their records say."""
    for election, communes in _by_election(touched):
        given = {"election": election, "communes": communes}
        tx.execute(_LOCK, given | {"kind": 12})
        tx.execute(_WRITE_COUNTS, given | {"everywhere": False})


def rebuild(tx: Transaction) -> None:
    """Every counter thrown away and made again from the facts."""
    tx.execute(text("LOCK TABLE commune_days, commune_counts IN SHARE ROW EXCLUSIVE MODE"))
    tx.execute(text("DELETE FROM commune_days"))
    tx.execute(text("DELETE FROM commune_counts"))
    for election in list(tx.scalars(text("SELECT election FROM elections"))):
        given = {"election": election, "communes": [], "everywhere": True}
        tx.execute(_WRITE_DAYS, given)
        tx.execute(_WRITE_COUNTS, given)


def differing(tx: Transaction) -> int:
    """How many counters say other than their facts: 0, always."""
    days = _differing("commune_days", _DAY_COLUMNS, "election, commune", _DAYS)
    counts = _differing("commune_counts", _COUNT_COLUMNS, "election, commune, contest", _COUNTS)
    wrong = 0
    for election in list(tx.scalars(text("SELECT election FROM elections"))):
        given = {"election": election, "communes": [], "everywhere": True}
        wrong += int(tx.scalar(text(days), given)) + int(tx.scalar(text(counts), given))
    return wrong


def _differing(table: str, columns: str, key: str, facts: str) -> str:
    """How many rows of the table are not what the facts make, or are missing, or are too many: the facts made once."""
    kept = f"SELECT {columns} FROM {table} WHERE election = :election"  # noqa: S608  constants
    made, held = (", ".join(f"{side}.{name}" for name in columns.split(", ")) for side in ("made", "kept"))
    return (
        f"SELECT count(*) FROM (SELECT {columns} FROM ({facts}) AS f) AS made FULL JOIN ({kept}) AS kept "  # noqa: S608
        f"USING ({key}) WHERE ROW({made}) IS DISTINCT FROM ROW({held})"
    )


def _by_election(touched: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    elections: dict[str, set[str]] = {}
    for election, commune in touched:
        if commune:
            elections.setdefault(election, set()).add(commune)
    return [(election, sorted(elections[election])) for election in sorted(elections)]
