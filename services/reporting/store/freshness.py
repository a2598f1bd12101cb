"""How fresh this service is, and the election's own signals by province."""

from datetime import datetime

from sqlalchemy import text

from services.kit.database import Transaction

_TABLES = (
    "units", "elections", "constituencies", "official_lists", "bodies", "areas", "area_rights", "polling", "turnout",
    "incidents", "records", "results", "documents", "snapshots",
)  # fmt: skip
_COUNTS = text(" UNION ALL ".join(f"SELECT '{table}' AS name, count(*) AS n FROM {table}" for table in _TABLES))  # noqa: S608  constants
_HEARD = text("SELECT max(at) FROM inbox")
_REPORTED = text("""
    SELECT election, province, key AS slot, sum(CAST(value->>0 AS int)) AS n
    FROM commune_days, jsonb_each(slots) GROUP BY 1, 2, 3
""")
_RECORDS = text("""
    SELECT election, province, contest, key AS state, sum(CAST(value AS int)) AS n
    FROM commune_counts, jsonb_each_text(states) GROUP BY 1, 2, 3, 4
""")


def heard_at(tx: Transaction) -> datetime | None:
    """When the newest letter was heard."""
    newest: datetime | None = tx.scalar(_HEARD)
    return newest


def counts(tx: Transaction) -> dict[str, int]:
    """How many of each kind are held."""
    return {row.name: row.n for row in tx.execute(_COUNTS)}


def reported_by_province(tx: Transaction) -> list[tuple[str, str, str, int]]:
    """Areas that reported at each slot."""
    return [(row.election, row.province, row.slot, int(row.n)) for row in tx.execute(_REPORTED)]


def records_by_province(tx: Transaction) -> list[tuple[str, str, str, str, int]]:
    """Records in each state."""
    return [(row.election, row.province, row.contest, row.state, int(row.n)) for row in tx.execute(_RECORDS)]
