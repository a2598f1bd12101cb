"""What stands in the two tiny services in the end, against what the client was told."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from deploy.chaos.checks import GAPS, UNTOLD, Counts, tally
from deploy.chaos.ground import Ground, until
from tests.kit.running import MIRROR, SHOP

_EFFECTS = "SELECT headers ->> 'causation', count(*) FROM outbox WHERE headers ? 'causation' GROUP BY 1"
_LETTERS = "SELECT aggregate, version, data ->> 'total' FROM outbox WHERE topic = 'shop.counter_changed'"
_HEARD = "SELECT aggregate, version, count(*) FROM lines WHERE handler = 'every' GROUP BY 1, 2"
_NUMBER = "SELECT count(*) FROM lines WHERE handler = 'every'"
_ORDER = "SELECT aggregate, version FROM lines WHERE handler = 'every' ORDER BY n"
_TWICE = """
    SELECT count(*) FROM (SELECT 1 FROM lines WHERE handler <> 'every' GROUP BY handler, aggregate, version
    HAVING count(*) > 1) AS twice
"""
_PARKED = "SELECT count(*) FROM parked WHERE redriven_at IS NULL"


@dataclass(frozen=True)
class Standing:
    """The letters of the shop and how often the mirror took each."""

    letters: dict[tuple[str, int], int]
    heard: dict[tuple[str, int], int]

    @property
    def newest(self) -> dict[str, tuple[int, int]]:
        """Of each counter its newest version with its total."""
        newest: dict[str, tuple[int, int]] = {}
        for (counter, version), total in self.letters.items():
            newest[counter] = max(newest.get(counter, (0, 0)), (version, total))
        return newest


def settled(ground: Ground, seconds: float = 60.0, but: str = "\0") -> float | None:
    """Seconds until every letter was told and heard; counters of which the name begins with `but` are let be."""
    return until(lambda: _is_settled(ground, but), seconds)


def _is_settled(ground: Ground, but: str) -> bool:
    stage = ground.stage
    letters = stage.one(SHOP, "SELECT count(*) FROM outbox WHERE topic = 'shop.counter_changed'")
    if stage.one(SHOP, UNTOLD) or stage.one(MIRROR, _NUMBER) < letters:
        return False
    standing = stands(ground)
    seen = dict(stage.rows(MIRROR, "SELECT counter, total FROM seen"))
    return all(
        seen.get(counter) == total for counter, (_, total) in standing.newest.items() if not counter.startswith(but)
    )


def rounds_taken(ground: Ground, counters: int) -> int:
    """How many rounds of letters, one to each counter with the round's number as total, every handler has taken."""
    (known, slowest), all_heard = (
        ground.stage.rows(MIRROR, "SELECT count(*), coalesce(min(total), 0) FROM seen")[0],
        ground.stage.one(MIRROR, _NUMBER),
    )
    return min(int(slowest) if known == counters else 0, int(all_heard) // counters)


def is_level(ground: Ground) -> bool:
    """Whether every letter that is ten seconds old was told and heard; newer ones may be on their way."""
    old = ground.stage.rows(
        SHOP, "SELECT count(*), count(told_at) FROM outbox WHERE created_at < clock_timestamp() - interval '10 seconds'"
    )
    (letters, told), heard = old[0], ground.stage.one(MIRROR, _NUMBER)
    return bool(letters == told and heard >= letters)


def stands(ground: Ground) -> Standing:
    letters = {(str(a), int(v)): int(total) for a, v, total in ground.stage.rows(SHOP, _LETTERS)}
    heard = {(str(a), int(v)): int(number) for a, v, number in ground.stage.rows(MIRROR, _HEARD)}
    return Standing(letters, heard)


def letters(ground: Ground) -> Counts:
    """Every committed letter against what the mirror took: its acknowledgement is its commit."""
    standing = stands(ground)
    names = {f"{counter} {version}": counter for counter, version in standing.letters}
    found = Counter({f"{counter} {version}": number for (counter, version), number in standing.heard.items()})
    return tally(names, names, found)


def commands(ground: Ground, attempted: set[str], acknowledged: set[str]) -> Counts:
    """The client's commands by their keys against the letters they caused, each of which is one effect."""
    found = Counter({str(name): int(number) for name, number in ground.stage.rows(SHOP, _EFFECTS)})
    return tally({f"add:{key}": "" for key in attempted}, {f"add:{key}": "" for key in acknowledged}, found)


def faults(ground: Ground) -> dict[str, int]:
    """Everything else that must be 0."""
    stage, standing = ground.stage, stands(ground)
    seen: dict[str, Any] = dict(stage.rows(MIRROR, "SELECT counter, total FROM seen"))
    totals: dict[str, Any] = dict(stage.rows(SHOP, "SELECT counter, total FROM counters"))
    return {
        "untold": int(stage.one(SHOP, UNTOLD)),
        "unheard": len(standing.letters.keys() - standing.heard.keys()),
        "heard_twice": sum(number > 1 for number in standing.heard.values()) + int(stage.one(MIRROR, _TWICE)),
        "gaps": int(stage.one(SHOP, GAPS)),
        "disordered": _disordered(stage.rows(MIRROR, _ORDER)),
        "read_model_unlike": sum(seen.get(counter) != total for counter, (_, total) in standing.newest.items()),
        "totals_unlike": sum(totals[counter] != standing.newest.get(counter, (0, 0))[1] for counter in totals),
        "parked": int(stage.one(SHOP, _PARKED)) + int(stage.one(MIRROR, _PARKED)),
    }


def _disordered(rows: list[tuple[Any, ...]]) -> int:
    """Letters that were taken after a newer one of their counter."""
    last: dict[str, int] = {}
    wrong = 0
    for counter, version in rows:
        wrong += version < last.get(counter, 0)
        last[counter] = max(version, last.get(counter, 0))
    return wrong
