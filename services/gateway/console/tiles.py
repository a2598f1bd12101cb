"""The tile map of the 34 provinces: 11 rows by 6 columns, north to south, with the two archipelagos."""

from dataclasses import dataclass
from typing import Final

from services.contracts.reporting import UnitLine
from services.contracts.vietnamese import percent
from services.gateway.console.charts import hundredths

ROWS: Final[tuple[tuple[tuple[int, str], ...], ...]] = (
    ((2, "12"), (3, "15"), (4, "08"), (5, "04")),
    ((1, "11"), (2, "14"), (3, "25"), (4, "19"), (5, "20")),
    ((3, "01"), (4, "24"), (5, "22")),
    ((2, "38"), (3, "37"), (4, "33"), (5, "31")),
    ((2, "40"), (3, "42")),
    ((4, "44"), (5, "46")),
    ((5, "48"), (6, "51")),
    ((5, "66"), (6, "52")),
    ((3, "80"), (4, "75"), (5, "68"), (6, "56")),
    ((2, "91"), (3, "82"), (4, "79")),
    ((2, "96"), (3, "92"), (4, "86")),
)
_CLASSES: Final = ((9500, "t5"), (8800, "t4"), (8000, "t3"), (7000, "t2"), (0, "t1"))
CALL_FROM: Final = 20
"""From so many late areas on a unit needs a call."""


@dataclass(frozen=True)
class Tile:
    """A province on the map: where, how dark, what it says."""

    row: int
    column: int
    code: str
    name: str
    shade: str
    share: str
    areas: int
    late: int
    call: bool


def tiles(units: tuple[UnitLine, ...], names: dict[str, str], shown: str) -> list[Tile]:
    """All 34 tiles in reading order; a province that has no line yet says so."""
    lines = {unit.code: unit for unit in units}
    return [
        _tile(row, column, code, names.get(code, code), lines.get(code), shown)
        for row, places in enumerate(ROWS, start=1)
        for column, code in places
    ]


def _tile(row: int, column: int, code: str, name: str, unit: UnitLine | None, shown: str) -> Tile:
    if unit is None or not unit.areas:
        return Tile(row, column, code, name, "t0", "", 0, 0, call=False)
    share = share_of(unit, shown)
    return Tile(row, column, code, name, shade_of(share), share, unit.areas, unit.late, call=unit.late >= CALL_FROM)


def share_of(unit: UnitLine, shown: str) -> str:
    """What a tile shows: turnout, areas that are on time, or approved records."""
    if shown == "cham":
        return percent(unit.areas - min(unit.late, unit.areas), unit.areas)
    if shown == "bien-ban":
        return percent(unit.records.by_state.get("approved", 0), unit.records.total)
    return unit.share


def shade_of(share: str) -> str:
    """One of five classes of one hue."""
    return next(shade for least, shade in _CLASSES if hundredths(share) >= least)
