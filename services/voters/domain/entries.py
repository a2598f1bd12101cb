"""One person: age, number, residence, and the right in each contest."""

from dataclasses import dataclass
from datetime import date

from services.contracts.base import Finding
from services.contracts.candidates import Sex
from services.contracts.voters import AddVoter, AreaKind, Rights
from services.voters.domain.rules import RULES

VOTING_AGE = 18
NO_COMMUNE_VOTE = {AreaKind.ARMED, AreaKind.DETENTION}
"""Soldiers at their unit and people held vote for the Assembly and the province only (LBC 29.3-29.5)."""


@dataclass(frozen=True)
class RightOf:
    """The contests an entry may vote in."""

    na: bool
    pc: bool
    cc: bool


def years_before(day: date, years: int) -> date:
    """The same day so many years before; 29 February becomes 28 where the year has none.

    >>> years_before(date(2026, 3, 15), 18)
    datetime.date(2008, 3, 15)
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def old_enough(birth_date: date, day: date) -> bool:
    """18 or over on election day (LBC 2)."""
    return birth_date <= years_before(day, VOTING_AGE)


def right_of(kind: AreaKind, temporary_since: date | None, day: date) -> RightOf:
    """All contests for residents; temporary ones of under 12 months have no commune vote (LBC 29)."""
    long_enough = temporary_since is None or temporary_since <= years_before(day, 1)
    return RightOf(na=True, pc=True, cc=long_enough and kind not in NO_COMMUNE_VOTE)


def number_fits_sex(number: str, sex: Sex) -> bool:
    """The fourth digit is even for men and odd for women."""
    return int(number[3]) % 2 == (0 if sex is Sex.MALE else 1)


def number_fits_year(number: str, birth_date: date) -> bool:
    """The fourth digit tells the century, the next two the year of birth."""
    return 1900 + 100 * (int(number[3]) // 2) + int(number[4:6]) == birth_date.year


def masked(number: str) -> str:
    """What of a number a finding may show."""
    return f"•••• •••• {number[-4:]}"


def person_findings(request: AddVoter, day: date) -> tuple[Finding, ...]:
    """Everything wrong with one person who is to be added."""
    found = []
    number = request.personal_number
    if not old_enough(request.birth_date, day):
        found.append(RULES["VL1"].finding("birth_date", day=f"{day:%d/%m/%Y}"))
    if not number_fits_sex(number, request.sex):
        found.append(RULES["VL28"].finding("personal_number", masked=masked(number)))
    if not number_fits_year(number, request.birth_date):
        found.append(RULES["VL29"].finding("personal_number", masked=masked(number)))
    if request.temporary_since is not None and request.temporary_since > day:
        found.append(RULES["VL32"].finding("temporary_since"))
    return tuple(found)


def with_entry(rights: Rights, right: RightOf, sex: Sex, step: int) -> Rights:
    """The totals with one entry more (step 1) or less (step -1)."""
    return Rights(
        na=rights.na + step * right.na,
        pc=rights.pc + step * right.pc,
        cc=rights.cc + step * right.cc,
        male=rights.male + step * (sex is Sex.MALE),
        female=rights.female + step * (sex is Sex.FEMALE),
    )
