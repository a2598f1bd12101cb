"""Whether a dossier may be received: age, contest and desk, number of dossiers, shape of the personal number."""

from collections.abc import Sequence
from datetime import date

from services.candidates.domain.content import age_on
from services.candidates.domain.rules import RULES
from services.contracts.base import Finding
from services.contracts.candidates import CONTEST_NAMES, Contest, Identity, Nominator, ReceiveDossier, Sex

OLD_ENOUGH, MOST_DOSSIERS = 21, 2
_PLACES = range(1, 97)
_DESKS = {
    Contest.NA: ("HĐBCQG hoặc UBBC tỉnh, thành phố", "the NEC or a provincial Commission"),
    Contest.PC: ("UBBC tỉnh, thành phố", "the provincial Commission"),
    Contest.CC: ("UBBC xã, phường, đặc khu", "the commune Commission"),
}
_DEPTHS = {Contest.NA: (1, 2), Contest.PC: (2,), Contest.CC: (3,)}


def receipt_findings(request: ReceiveDossier, day: date, others: Sequence[Contest]) -> tuple[Finding, ...]:
    """Everything wrong with a dossier at the desk; `others` are the contests the same person stands in already."""
    return (
        *desk_findings(request),
        *person_findings(request.identity, day),
        *limit_findings(request.contest, others),
    )


def desk_findings(request: ReceiveDossier) -> tuple[Finding, ...]:
    """Each dossier is filed with the Commission of its own contest (LBC 36)."""
    contest, found = request.contest, []
    if len(request.unit.split("/")) not in _DEPTHS[contest] or "-" in request.unit:
        desk_vi, desk_en = _DESKS[contest]
        name = CONTEST_NAMES[contest][0]
        found.append(RULES["UC3"].finding("unit", "contest", contest=name, desk_vi=desk_vi, desk_en=desk_en))
    elif (request.nominator is Nominator.CENTRAL) != (request.unit == "vn"):
        found.append(RULES["UC10"].finding("nominator", "unit"))
    if request.nominator is not Nominator.SELF and not request.nominated_by:
        found.append(RULES["UC11"].finding("nominated_by"))
    return tuple(found)


def person_findings(identity: Identity, day: date) -> tuple[Finding, ...]:
    """Old enough on election day, a name of letters, a number that fits the person."""
    found = []
    age = age_on(identity.birth_date, day)
    if age < OLD_ENOUGH:
        found.append(RULES["UC1"].finding("identity.birth_date", age=max(age, 0)))
    if not all(letter.isalpha() or letter in " .'’-" for letter in identity.full_name):
        found.append(RULES["UC9"].finding("identity.full_name", name=identity.full_name))
    return (*found, *number_findings(identity))


def number_findings(identity: Identity) -> tuple[Finding, ...]:
    """Three digits of place, one of century and sex, two of the year (domain.md 5.3)."""
    digits, born, found = identity.personal_number, identity.birth_date, []
    if int(digits[:3]) not in _PLACES:
        found.append(RULES["UC8"].finding("identity.personal_number"))
    century = (born.year // 100 - 19) * 2 + (identity.sex is Sex.FEMALE)
    if digits[3] != str(century):
        found.append(RULES["UC5"].finding("identity.personal_number", "identity.sex", "identity.birth_date"))
    if digits[4:6] != f"{born.year % 100:02d}":
        found.append(RULES["UC6"].finding("identity.personal_number", "identity.birth_date", year=born.year))
    return tuple(found)


def limit_findings(contest: Contest, others: Sequence[Contest]) -> tuple[Finding, ...]:
    """One dossier in a contest, and two in all: two Councils, or the National Assembly and one Council (LBC 36.3)."""
    if contest in others:
        return (RULES["UC2"].finding("contest", contest=CONTEST_NAMES[contest][0]),)
    if len(others) >= MOST_DOSSIERS:
        names = ", ".join(CONTEST_NAMES[other][0] for other in sorted(others))
        return (RULES["UC4"].finding("contest", contests=names),)
    return ()
