"""What other services told, kept in small tables of our own; a newer telling replaces an older one."""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import text

from services.contracts.candidates import ConstituencyFixed, ElectionCalled, ListPublished
from services.contracts.units import UnitDefined
from services.contracts.voters import PollingAreaFixed, VoterListAdvanced
from services.kit.database import Transaction
from services.results.models import RecordRow
from services.results.store.records import all_of

_UNITS = text("""
    INSERT INTO units (path, title)
    SELECT path, title FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (path text, title text)
    ON CONFLICT (path) DO UPDATE SET title = excluded.title
""")
_ELECTION = text("""
    INSERT INTO elections (election, day, slots, clock)
    VALUES (:election, :day, :slots, CAST(:clock AS jsonb))
    ON CONFLICT (election) DO UPDATE SET day = excluded.day, slots = excluded.slots, clock = excluded.clock
""")
_CONSTITUENCIES = text("""
    INSERT INTO constituencies (election, code, contest, path, told)
    SELECT election, code, contest, path, told FROM jsonb_to_recordset(CAST(:rows AS jsonb))
      AS r (election text, code text, contest text, path text, told jsonb)
    ON CONFLICT (election, code) DO UPDATE SET contest = excluded.contest, path = excluded.path, told = excluded.told
""")
_RESULTS = text("""
    INSERT INTO results (election, constituency)
    SELECT election, code FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (election text, code text)
    ON CONFLICT DO NOTHING
""")
_RESULTS_OF_AREAS = text("""
    INSERT INTO results (election, constituency)
    SELECT DISTINCT election, code FROM jsonb_to_recordset(CAST(:rows AS jsonb))
      AS r (election text, na text, pc text, cc text), unnest(ARRAY[na, pc, cc]) AS code ORDER BY 1, 2
    ON CONFLICT DO NOTHING
""")
_TOUCHED = text("""
    WITH units AS (
        SELECT DISTINCT election, unit FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (election text, unit text)
    )
    SELECT election, constituency, unit FROM records JOIN units USING (election, unit)
    UNION
    SELECT election, constituency, unit FROM commune_sums JOIN units USING (election, unit)
""")
_LISTS = text("""
    INSERT INTO official_lists (election, constituency, seats, candidates)
    SELECT election, constituency, seats, candidates FROM jsonb_to_recordset(CAST(:rows AS jsonb))
      AS r (election text, constituency text, seats bigint, candidates jsonb)
    ON CONFLICT (election, constituency) DO UPDATE SET seats = excluded.seats, candidates = excluded.candidates
""")
_AREAS = text("""
    INSERT INTO areas (election, code, unit, place, na, pc, cc)
    SELECT election, code, unit, place, na, pc, cc FROM jsonb_to_recordset(CAST(:rows AS jsonb))
      AS r (election text, code text, unit text, place text, na text, pc text, cc text)
    ON CONFLICT (election, code) DO UPDATE
      SET unit = excluded.unit, place = excluded.place, na = excluded.na, pc = excluded.pc, cc = excluded.cc
""")
_RECORDS = text("""
    INSERT INTO records AS had (election, area, contest, constituency, unit)
    SELECT election, code, contest, CASE contest WHEN 'NA' THEN na WHEN 'PC' THEN pc ELSE cc END, unit
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
      AS r (election text, code text, unit text, na text, pc text, cc text), unnest(ARRAY['NA', 'PC', 'CC']) AS contest
    ON CONFLICT (election, area, contest) DO UPDATE SET constituency = excluded.constituency, unit = excluded.unit
      WHERE had.state = 'awaited' AND had.first_by IS NULL AND had.constituency <> excluded.constituency
    RETURNING election, area, contest
""")
_VOTER_LISTS = text("""
    INSERT INTO voter_lists (election, area, state, rights)
    SELECT election, area, state, rights FROM jsonb_to_recordset(CAST(:rows AS jsonb))
      AS r (election text, area text, state text, rights jsonb)
    ON CONFLICT (election, area) DO UPDATE SET state = excluded.state, rights = excluded.rights
""")


def _rows(rows: Iterable[object]) -> dict[str, str]:
    return {"rows": json.dumps(list(rows), ensure_ascii=False)}


def keep_units(tx: Transaction, events: Sequence[UnitDefined]) -> None:
    tx.execute(_UNITS, _rows({"path": event.path, "title": event.title} for event in events))


def keep_election(tx: Transaction, event: ElectionCalled) -> None:
    election = event.election
    tx.execute(
        _ELECTION,
        {
            "election": election.election,
            "day": election.day,
            "slots": list(election.slots),
            "clock": election.clock.model_dump_json(),
        },
    )


def keep_constituencies(tx: Transaction, events: Sequence[ConstituencyFixed]) -> None:
    rows = _rows(
        {
            "election": event.election,
            "code": event.constituency.code,
            "contest": event.constituency.contest,
            "path": event.constituency.path,
            "told": event.constituency.model_dump(mode="json"),
        }
        for event in events
    )
    tx.execute(_CONSTITUENCIES, rows)
    tx.execute(_RESULTS, rows)


def keep_lists(tx: Transaction, events: Sequence[ListPublished]) -> None:
    tx.execute(
        _LISTS,
        _rows(
            {
                "election": event.election,
                "constituency": event.constituency,
                "seats": event.seats,
                "candidates": [candidate.model_dump(mode="json") for candidate in event.candidates],
            }
            for event in events
        ),
    )


def keep_areas(tx: Transaction, events: Sequence[PollingAreaFixed]) -> list[RecordRow]:
    """The areas stand and each has its three records; those that are new or moved to another constituency."""
    rows = _rows(
        {
            "election": event.election,
            "unit": event.unit,
            "code": event.area.code,
            "place": event.area.place,
            "na": event.area.na,
            "pc": event.area.pc,
            "cc": event.area.cc,
        }
        for event in events
    )
    tx.execute(_AREAS, rows)
    tx.execute(_RESULTS_OF_AREAS, rows)
    keys = [tuple(row) for row in tx.execute(_RECORDS, rows)]
    return all_of(tx, keys)


def touched_by(tx: Transaction, events: Sequence[PollingAreaFixed]) -> list[tuple[str, str, str]]:
    """The (election, constituency, commune) whose sums the areas' communes have a part in, before or now."""
    rows = _rows({"election": event.election, "unit": event.unit} for event in events)
    return [(election, constituency, unit) for election, constituency, unit in tx.execute(_TOUCHED, rows)]


def keep_voter_lists(tx: Transaction, events: Sequence[VoterListAdvanced]) -> None:
    tx.execute(
        _VOTER_LISTS,
        _rows(
            {
                "election": event.election,
                "area": event.area,
                "state": event.state,
                "rights": event.rights.model_dump(mode="json"),
            }
            for event in events
        ),
    )
