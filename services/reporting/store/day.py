"""Polling day as pages read it: one commune with its areas, or a whole level from the counters of communes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from services.contracts.results import Incident
from services.kit.database import Transaction


@dataclass(frozen=True)
class AreaFacts:
    """What is known of one area on the day."""

    area: str
    place: str
    contact: str
    phone: str
    voters: int
    opened_at: datetime | None
    closed_at: datetime | None
    slots: dict[str, list[int]]
    records: dict[str, str]
    incidents: int

    @property
    def last(self) -> str | None:
        return max(self.slots, default=None)

    @property
    def took_part(self) -> int:
        return self.slots[self.last][0] if self.last is not None else 0


@dataclass(frozen=True)
class UnitFacts:
    """The counters of one unit, summed from its communes."""

    areas: int = 0
    voters: int = 0
    took_part: int = 0
    late: int = 0
    incidents: int = 0


@dataclass(frozen=True)
class SlotSum:
    """The reports at one slot, added up."""

    areas: int
    took_part: int
    voters: int


_AREAS = text("""
    SELECT a.area, a.place, a.contact, a.phone, coalesce(r.na, 0) AS voters, p.opened_at, p.closed_at,
           coalesce(t.slots, '{}') AS slots, coalesce(k.states, '{}') AS records,
           (SELECT count(*) FROM incidents i WHERE i.election = a.election AND i.commune = a.commune AND i.open
               AND i.data->>'area' = a.area) AS incidents
    FROM areas a
    LEFT JOIN area_rights r ON r.election = a.election AND r.area = a.area
    LEFT JOIN polling p ON p.election = a.election AND p.area = a.area
    LEFT JOIN (SELECT area, jsonb_object_agg(slot, jsonb_build_array(took_part, voters)) AS slots FROM turnout
                WHERE election = :election AND commune = :commune GROUP BY area) t ON t.area = a.area
    LEFT JOIN (SELECT area, jsonb_object_agg(contest, state) AS states FROM records
                WHERE election = :election AND commune = :commune GROUP BY area) k ON k.area = a.area
    WHERE a.election = :election AND a.commune = :commune
    ORDER BY a.area
""")

_UNITS = text("""
    SELECT CASE WHEN :province = '' THEN province ELSE commune END AS unit, sum(areas) AS areas,
           sum(voters) AS voters, sum(took_part) AS took_part, sum(incidents) AS incidents,
           CASE WHEN :due = '' THEN 0 ELSE sum(areas - (
               SELECT coalesce(sum(CAST(value AS int)), 0) FROM jsonb_each_text(last) WHERE key >= :due)) END AS late
    FROM commune_days WHERE election = :election AND (:province = '' OR province = :province)
    GROUP BY 1
""")

_SLOTS = text("""
    SELECT key AS slot, sum(CAST(value->>0 AS bigint)) AS areas, sum(CAST(value->>1 AS bigint)) AS took_part,
           sum(CAST(value->>2 AS bigint)) AS voters
    FROM commune_days, jsonb_each(slots)
    WHERE election = :election AND (:province = '' OR province = :province) AND (:commune = '' OR commune = :commune)
    GROUP BY key
""")

_STATES = text("""
    SELECT CASE WHEN :province = '' THEN province ELSE commune END AS unit, key AS state, sum(CAST(value AS int)) AS n
    FROM commune_counts, jsonb_each_text(states)
    WHERE election = :election AND (:province = '' OR province = :province)
    GROUP BY 1, 2
""")

_INCIDENTS = text("""
    SELECT data FROM incidents
    WHERE election = :election AND (unit = :path OR unit LIKE :below) AND (open OR :settled)
    ORDER BY open DESC, (data->>'needs_decision') DESC, happened_at DESC LIMIT :most
""")

_CONSTITUENCIES = text("""
    SELECT contest, n, coalesce(declared, 0) AS declared
    FROM (SELECT contest, count(*) AS n FROM constituencies
          WHERE election = :election AND (path = :path OR path LIKE :below) GROUP BY 1) AS c
    LEFT JOIN (SELECT contest, count(*) AS declared FROM results
               WHERE election = :election AND state = 'declared' AND (path = :path OR path LIKE :below)
               GROUP BY 1) AS r USING (contest)
""")


def areas_of(tx: Transaction, election: str, commune: str) -> list[AreaFacts]:
    """Every area of a commune on the day."""
    rows = tx.execute(_AREAS, {"election": election, "commune": commune})
    return [AreaFacts(**row) for row in rows.mappings()]


def units_of(tx: Transaction, election: str, province: str, due: str) -> dict[str, UnitFacts]:
    """The units one level below: provinces of the nation (province ""), or communes of a province, by code."""
    rows = tx.execute(_UNITS, {"election": election, "province": province, "due": due})
    return {
        row["unit"]: UnitFacts(**{name: int(value) for name, value in row.items() if name != "unit"})
        for row in rows.mappings()
    }


def slots_of(tx: Transaction, election: str, province: str = "", commune: str = "") -> dict[str, SlotSum]:
    """What was reported at each slot."""
    rows = tx.execute(_SLOTS, {"election": election, "province": province, "commune": commune})
    return {row.slot: SlotSum(int(row.areas), int(row.took_part), int(row.voters)) for row in rows}


def states_of(tx: Transaction, election: str, province: str) -> dict[str, dict[str, int]]:
    """How many records of each unit one level below stand in each state."""
    found: dict[str, dict[str, int]] = {}
    for row in tx.execute(_STATES, {"election": election, "province": province}):
        found.setdefault(row.unit, {})[row.state] = int(row.n)
    return found


def incidents_within(
    tx: Transaction, election: str, path: str, most: int = 20, *, settled: bool = False
) -> tuple[Incident, ...]:
    """Open incidents at or below a unit, those that need a decision first; settled ones after them if wanted."""
    given: dict[str, Any] = {"election": election, "path": path, "below": f"{path}/%", "most": most, "settled": settled}
    return tuple(Incident.model_validate(data) for data in tx.scalars(_INCIDENTS, given))


def constituencies_of(tx: Transaction, election: str, path: str) -> tuple[dict[str, int], dict[str, int]]:
    """How many constituencies of each contest there are at or below a unit, and how many are declared."""
    rows = list(tx.execute(_CONSTITUENCIES, {"election": election, "path": path, "below": f"{path}/%"}))
    return {row.contest: row.n for row in rows}, {row.contest: row.declared for row in rows}
