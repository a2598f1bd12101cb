"""What a snapshot is made from: the facts as read in one transaction, before a page of it is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.contracts.candidates import Constituency, Contest, Election, ListPublished
from services.contracts.results import Figures, Result


@dataclass(frozen=True)
class UnitSum:
    """Approved records of a contest in a commune, and the areas it has."""

    commune: str
    province: str
    contest: Contest
    areas: int
    approved: int
    voters: int
    took_part: int


@dataclass(frozen=True)
class AreaSheet:
    """An area of a constituency whose result is declared, with the figures of its record."""

    area: str
    place: str
    commune: str
    constituency: str
    figures: Figures


@dataclass(frozen=True)
class SiteFacts:
    """Everything a snapshot may show: of the whole country, or of some of its constituencies.

    `lists`, `results` and `sheets` are of the constituencies held here; all the rest is of the whole country.
    """

    election: Election
    number: int
    published_at: datetime
    titles: dict[str, str]
    names: dict[str, str]
    parents: dict[str, str]
    constituencies: tuple[Constituency, ...]
    lists: dict[str, ListPublished]
    results: dict[str, Result]
    areas: dict[str, tuple[int, int]]
    sums: tuple[UnitSum, ...]
    sheets: tuple[AreaSheet, ...]


def slices(facts: SiteFacts, areas: int, most: int) -> Iterator[tuple[Constituency, ...]]:
    """The constituencies in runs of at most so many, with hardly more areas than that: what is held at once."""
    run: list[Constituency] = []
    held = 0
    for constituency in facts.constituencies:
        here, _ = facts.areas.get(constituency.code, (0, 0))
        if run and (held + here > areas or len(run) == most):
            yield tuple(run)
            run, held = [], 0
        run.append(constituency)
        held += here
    if run:
        yield tuple(run)
