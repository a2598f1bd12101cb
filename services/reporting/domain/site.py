"""What a snapshot is made from: the facts as read in one transaction, before a page of it is written."""

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
    """Everything a snapshot may show."""

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
