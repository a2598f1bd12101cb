"""After the last kill: is every promise kept? Effects against the ledger, versions, letters, the read model."""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass

from deploy.chaos.client import STATES, Load
from deploy.chaos.election import Election
from deploy.chaos.stack import Attacked
from deploy.local.layout import PROCESSES, SERVICES

UNTOLD = "SELECT count(*) FROM outbox WHERE told_at IS NULL"
_PARKED = "SELECT count(*) FROM parked"
GAPS = """
    SELECT count(*) FROM (
        SELECT aggregate, count(*) AS letters, min(version) AS first, max(version) AS last
        FROM outbox GROUP BY aggregate
    ) AS told FULL JOIN versions AS v USING (aggregate)
    WHERE letters IS DISTINCT FROM last OR first IS DISTINCT FROM 1 OR v.version IS DISTINCT FROM last
"""
_TOLD = """
    SELECT topic, aggregate, max(version) FROM outbox
    WHERE topic IN ('results.turnout_reported', 'results.record_advanced', 'results.polling_advanced') GROUP BY 1, 2
"""
_HEARD = "SELECT split_part(handler, '--', 1), aggregate, version FROM heard WHERE handler LIKE 'results.%%'"
_FOUND = """
    SELECT reason, area || ' ' || slot, version, took_part FROM turnout_reports
    WHERE reason LIKE %(mine)s ORDER BY area, slot, version
"""
_LETTERS = """
    SELECT count(*) FROM (
        SELECT 'turnout/' || election || '/' || area || '/' || slot AS aggregate, version::bigint, took_part::text
        FROM turnout_reports
    ) AS fact FULL JOIN (
        SELECT aggregate, version, data ->> 'took_part' AS took_part
        FROM outbox WHERE topic = 'results.turnout_reported'
    ) AS letter USING (aggregate, version, took_part)
    WHERE fact.aggregate IS NULL OR letter.aggregate IS NULL
"""
_TURNOUT = "SELECT area, slot, took_part, voters, at FROM turnout{} WHERE election = %(election)s"
_RECORDS = "SELECT area || '/' || contest, state FROM records WHERE election = %(election)s"
_ENTRIES = """
    SELECT area || '/' || contest, first_figures, second_figures FROM records
    WHERE election = %(election)s AND state = 'waiting'
"""
_ADVANCES = """
    SELECT data ->> 'area' || '/' || (data ->> 'contest') || ' ' || (data ->> 'state') FROM outbox
    WHERE topic = 'results.record_advanced' AND data ->> 'election' = %(election)s
"""
_COMMUNES = "SELECT commune, slots FROM commune_days WHERE election = %(election)s"


@dataclass
class Counts:
    """What Jepsen's total queue counts; `recovered` was never acknowledged and stands nevertheless."""

    attempted: int
    acknowledged: int
    ok: int
    lost: int
    unexpected: int
    duplicated: int
    recovered: int


def awaited_records(stack: Attacked, election: Election) -> set[str]:
    """The count records nobody has touched yet, as "area/contest"."""
    rows = stack.rows("results", _RECORDS, election=election.election)
    return {str(key) for key, state in rows if state == "awaited"}


async def settle(stack: Attacked, limit: float) -> float | None:
    """Seconds until every process is ready, every letter told, and heard by reporting; None if that never came."""
    began = time.monotonic()
    while time.monotonic() - began < limit:
        if await asyncio.to_thread(_is_settled, stack):
            return time.monotonic() - began
        await asyncio.sleep(0.5)
    return None


def _is_settled(stack: Attacked) -> bool:
    try:
        if not all(map(stack.is_ready, PROCESSES)) or stack.everywhere(UNTOLD):
            return False
        return not unheard(stack)
    except OSError:
        return False
    except Exception as error:
        if type(error).__module__.startswith("psycopg"):  # the database is still on its way back
            return False
        raise


def unheard(stack: Attacked) -> int:
    """Aggregates of results whose newest version reporting has not heard."""
    told = {(topic, aggregate): version for topic, aggregate, version in stack.rows("results", _TOLD)}
    heard = {(topic, aggregate): version for topic, aggregate, version in stack.rows("reporting", _HEARD)}
    return sum(heard.get(key) != version for key, version in told.items())


def count(stack: Attacked, election: Election, load: Load) -> Counts:
    """The ledger's effects against the tables of results."""
    ledger = load.ledger
    found = Counter(str(row[0]) for row in _reports(stack, load))
    touched = {on for on in ledger.attempted.values() if "/" in on}
    for (advance,) in stack.rows("results", _ADVANCES, election=election.election):
        record, state = str(advance).split(" ")
        if record in touched and state in STATES:
            found[str(advance)] += 1
    return tally(ledger.attempted, ledger.acknowledged, found)


def tally(attempted: dict[str, str], acknowledged: dict[str, str], found: Counter[str]) -> Counts:
    """The seven numbers."""
    return Counts(
        attempted=len(attempted),
        acknowledged=len(acknowledged),
        ok=sum(found[effect] == 1 for effect in acknowledged),
        lost=sum(found[effect] == 0 for effect in acknowledged),
        unexpected=sum(effect not in attempted for effect in found),
        duplicated=sum(number > 1 for number in found.values()),
        recovered=sum(effect in attempted and effect not in acknowledged for effect in found),
    )


def _reports(stack: Attacked, load: Load) -> list[tuple[str, str, int, int]]:
    return [(str(a), str(b), int(c), int(d)) for a, b, c, d in stack.rows("results", _FOUND, mine=f"{load.run} %")]


def faults(stack: Attacked, election: Election, load: Load) -> dict[str, int]:
    """Everything else that must be 0."""
    return {
        "disordered": _disordered(stack, load),
        "gaps": stack.everywhere(GAPS),
        "letters_unlike_facts": stack.number("results", _LETTERS),
        "untold": stack.everywhere(UNTOLD),
        "unheard": unheard(stack),
        "parked": stack.everywhere(_PARKED),
        "unroutable": stack.said(lambda line: '"letter not told"' in line and "no queue for it" in line),
        "incidents": stack.said(lambda line: '"event": "incident"' in line),
        "read_model_unlike": _read_model_unlike(stack, election),
        "entries_unlike": _entries_unlike(stack, election, load),
        "sums_unlike": _sums_unlike(stack, election, load),
        "refused": len(load.ledger.refused),
        "kept_back": load.statuses["rows kept back"],
    }


def _disordered(stack: Attacked, load: Load) -> int:
    """Polling areas and slots whose reports stand in another order than the one they were acknowledged in."""
    stands: dict[str, list[str]] = {}
    for effect, on, _, _ in _reports(stack, load):
        if effect in load.ledger.acknowledged:
            stands.setdefault(on, []).append(effect)
    return sum(load.ledger.order.get(on) != effects for on, effects in stands.items())


def _read_model_unlike(stack: Attacked, election: Election) -> int:
    """Rows by which reporting's copy and the facts of results differ."""
    of = {"election": election.election}
    facts = set(stack.rows("results", _TURNOUT.format("_reports") + " AND current", **of))
    copies = set(stack.rows("reporting", _TURNOUT.format(""), **of))
    records = set(stack.rows("results", _RECORDS, **of)) ^ set(stack.rows("reporting", _RECORDS, **of))
    return len(facts ^ copies) + len(records)


def _entries_unlike(stack: Attacked, election: Election, load: Load) -> int:
    """Records of this run whose two entries are not what the paper says, or that are not where two entries lead."""
    mine = {on for effect, on in load.ledger.acknowledged.items() if effect.endswith(f" {STATES[-1]}")}
    entries = {str(row[0]): row[1:] for row in stack.rows("results", _ENTRIES, election=election.election)}
    return sum(entries.get(key) != (election.papers[key], election.papers[key]) for key in mine)


def _sums_unlike(stack: Attacked, election: Election, load: Load) -> int:
    """Slots of communes whose sum in reporting is not the one the client's own figures add up to."""
    if len(load.final) < sum(len(commune.areas) for commune in election.communes) * len(election.slots):
        return _sums_unlike_facts(stack, election)
    return _differing(stack, election, load.final)


def _sums_unlike_facts(stack: Attacked, election: Election) -> int:
    """The same against the facts of results, where this run has not reported every area at every slot itself."""
    query = _TURNOUT.format("_reports") + " AND current"
    rows = stack.rows("results", query, election=election.election)
    return _differing(stack, election, {f"{area} {slot}": int(figure) for area, slot, figure, _, _ in rows})


def _differing(stack: Attacked, election: Election, figures: dict[str, int]) -> int:
    own: Counter[tuple[str, str]] = Counter()
    for on, figure in figures.items():
        area, slot = on.split(" ")
        own[area[:5], slot] += figure
    told = {
        (str(commune), slot): int(cell[1])
        for commune, slots in stack.rows("reporting", _COMMUNES, election=election.election)
        for slot, cell in slots.items()
    }
    return sum(own[key] != told.get(key, 0) for key in own.keys() | told.keys())


def quiet(stack: Attacked) -> dict[str, int]:
    """Letters by service: what was told in all."""
    return {service: stack.number(service, "SELECT count(*) FROM outbox") for service in SERVICES}


def as_words(counts: dict[str, object]) -> str:
    """Numbers as `name=value`, for the verdict line."""
    return " ".join(f"{name}={json.dumps(value)}" for name, value in counts.items())
