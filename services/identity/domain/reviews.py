"""Account reviews: when a unit is late, what sums up where, what may be confirmed by whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.contracts.accounts import Reviewed, ReviewLine
from services.contracts.base import Finding
from services.contracts.daytime import VIETNAM
from services.identity.domain.rules import RULES


@dataclass(frozen=True)
class Campaign:
    """A review of all accounts at and below a unit, to be finished by the end of a day."""

    id: UUID
    election: str
    unit: str
    name: str
    due: date
    opened_by: UUID
    opened_name: str
    opened_at: datetime


@dataclass(frozen=True)
class Counts:
    """Accounts of a unit in a review: still open, confirmed, closed since it was opened."""

    open: int = 0
    confirmed: int = 0
    closed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.open + other.open, self.confirmed + other.confirmed, self.closed + other.closed)


def day_of(at: datetime) -> date:
    """The day in Việt Nam at an instant."""
    return at.astimezone(VIETNAM).date()


def is_late(due: date, left: int, today: date) -> bool:
    """Whether the day has passed and accounts are open.

    >>> is_late(date(2026, 2, 1), 3, date(2026, 2, 1)), is_late(date(2026, 2, 1), 3, date(2026, 2, 2))
    (False, True)
    """
    return left > 0 and today > due


def opening(due: date, today: date, standing: Iterable[Campaign]) -> tuple[Finding, ...]:
    """Everything wrong with opening a review; `standing` are the unit's own reviews."""
    if due < today:
        return (RULES["R401"].finding("due", day=_shown(due)),)
    return tuple(
        RULES["R402"].finding("name", name=each.name, day=_shown(each.due)) for each in standing if each.due >= today
    )


def confirming(
    accounts: Sequence[Reviewed], asked: Mapping[tuple[str, UUID], str], person: UUID
) -> tuple[Finding, ...]:
    """Everything wrong with confirming accounts; `asked` are the logins of those the review asks about here."""
    found: list[Finding] = []
    for row, account in enumerate(accounts, start=1):
        place, login = f"accounts.{row - 1}", asked.get((account.unit, account.person))
        if login is None:
            found.append(RULES["R404"].finding(place, row=row, path=account.unit))
        elif account.person == person:
            found.append(RULES["R403"].finding(place, login=login))
    return tuple(found)


def lines(
    counts: Mapping[str, Counts], campaign: Campaign, unit: str, today: date, *, deep: bool
) -> tuple[ReviewLine, ...]:
    """The unit itself and each unit directly below with all of its own (or every unit alone), late ones first."""
    sums: dict[str, Counts] = {}
    for place, each in counts.items():
        if place == unit or place.startswith(f"{unit}/"):
            under = place if deep else child_of(unit, place)
            sums[under] = sums.get(under, Counts()) + each
    found = [
        ReviewLine(
            unit=place, confirmed=n.confirmed, closed=n.closed, open=n.open, late=is_late(campaign.due, n.open, today)
        )
        for place, n in sums.items()
    ]
    return tuple(sorted(found, key=lambda line: (not line.late, -line.open, line.unit)))


def child_of(unit: str, place: str) -> str:
    """The unit itself, or the one directly below it that holds the place.

    >>> child_of("vn", "vn/46/19777")
    'vn/46'
    """
    if place == unit:
        return unit
    return f"{unit}/{place.removeprefix(f'{unit}/').split('/', 1)[0]}"


def late_findings(found: Iterable[ReviewLine], due: date) -> tuple[Finding, ...]:
    """One finding for each unit that is late."""
    late = (line for line in found if line.late)
    return tuple(RULES["R405"].finding(line.unit, path=line.unit, day=_shown(due), open=line.open) for line in late)


def _shown(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"
