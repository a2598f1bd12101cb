"""Placement and official lists: who may be placed where, how many must stand, in what order, in what shares."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.candidates.domain.calendar import deadline
from services.candidates.domain.ordering import order_key
from services.candidates.domain.rules import RULES
from services.candidates.domain.states import DOSSIER_STATES, PLACE
from services.contracts.base import Finding
from services.contracts.candidates import CONTEST_NAMES, Constituency, Contest, ListedCandidate, Placement
from services.contracts.daytime import moment
from services.contracts.vietnamese import fold

_SURPLUS = {1: 1, 2: 1, 3: 2, 4: 3, 5: 3}


@dataclass(frozen=True)
class Standee:
    """What placing and listing need to know of a dossier."""

    dossier: UUID
    name: str
    contest: Contest
    state: str
    content_confirmed: bool


def least_candidates(contest: Contest, seats: int) -> int:
    """How many must stand at least (LBC 57.6, 58.3): S + 2, or for a Council S + 1, + 2 at three, + 3 from four."""
    return seats + (2 if contest is Contest.NA else _SURPLUS.get(seats, 3))


def ballot_order(candidates: Iterable[ListedCandidate]) -> tuple[ListedCandidate, ...]:
    """Given name, family name, middle name, earlier birth date (LBC 57); numbered from 1 and frozen so."""
    ordered = sorted(candidates, key=lambda one: (order_key(one.full_name, one.birth_date), str(one.dossier)))
    return tuple(one.model_copy(update={"order": place}) for place, one in enumerate(ordered, start=1))


def placement_findings(
    placements: Sequence[Placement],
    standees: Mapping[UUID, Standee],
    constituencies: Mapping[str, Constituency],
    published: frozenset[str],
) -> tuple[Finding, ...]:
    """All that stands against placing these dossiers in these constituencies."""
    found: list[Finding] = []
    for dossier, times in Counter(placement.dossier for placement in placements).items():
        if times > 1:
            found.append(RULES["DS12"].finding(name=standees[dossier].name, times=times))
    for row, placement in enumerate(placements):
        found += _one_placement(f"placements.{row}", placement, standees[placement.dossier], constituencies, published)
    return tuple(found)


def _one_placement(
    place: str,
    placement: Placement,
    standee: Standee,
    constituencies: Mapping[str, Constituency],
    published: frozenset[str],
) -> list[Finding]:
    own = CONTEST_NAMES[standee.contest][0]
    found = constituencies.get(placement.constituency)
    if found is None:
        return [RULES["DS1"].finding(place, constituency=placement.constituency, contest=own)]
    if found.contest is not standee.contest:
        return [RULES["DS13"].finding(place, name=standee.name, own=own, contest=CONTEST_NAMES[found.contest][0])]
    if found.code in published:
        return [RULES["DS3"].finding(place, constituency=found.code)]
    if not DOSSIER_STATES.allows(standee.state, PLACE):
        return [RULES["DS2"].finding(place, name=standee.name, state=DOSSIER_STATES.words[standee.state])]
    if not standee.content_confirmed:
        return [RULES["DS10"].finding(place, name=standee.name)]
    return []


def list_findings(constituency: Constituency, standees: Sequence[Standee], *, published: bool) -> tuple[Finding, ...]:
    """All that stands against publishing the list of one constituency."""
    code = constituency.code
    if published:
        return (RULES["DS3"].finding(code, constituency=code),)
    found = [RULES["DS10"].finding(code, name=one.name) for one in standees if not one.content_confirmed]
    least = least_candidates(constituency.contest, constituency.seats)
    if len(standees) < least:
        facts = {"seats": constituency.seats, "least": least, "found": len(standees)}
        found.append(RULES["DS5"].finding(code, constituency=code, **facts))
    return tuple(found)


def namesake_findings(names: Mapping[str, Sequence[str]]) -> tuple[Finding, ...]:
    """Full namesakes in one constituency, by constituency code."""
    return tuple(
        RULES["DS4"].finding(code, constituency=code, name=name)
        for code, people in sorted(names.items())
        for name, times in sorted(Counter(people).items())
        if times > 1
    )


def quota_findings(contest: Contest, women: int, minorities: int, total: int) -> tuple[Finding, ...]:
    """Shares of the official lists of one body: women 35%, and for the National Assembly ethnic minorities 18%."""
    found, name = [], CONTEST_NAMES[contest][0]
    if 100 * women < 35 * total:
        found.append(RULES["DS6"].finding(contest=name, found=women, total=total))
    if contest is Contest.NA and 100 * minorities < 18 * total:
        found.append(RULES["DS7"].finding(contest=name, found=minorities, total=total))
    return tuple(found)


def is_minority(ethnicity: str) -> bool:
    """Whether an ethnicity counts as a minority: every one but Kinh."""
    return fold(ethnicity) not in {"kinh", "viet", "viet (kinh)", "kinh (viet)"}


def time_findings(day: date, now: datetime, *, publishing: bool) -> tuple[Finding, ...]:
    """Placing before the third consultation and publishing after the last day are told, and bind nobody."""
    opens, closes = deadline(day, "consultation_3_opens"), deadline(day, "lists_published")
    if now < opens:
        return (RULES["DS8"].finding(opens=moment(opens)),)
    if publishing and now > closes:
        return (RULES["DS9"].finding(closes=moment(closes)),)
    return ()


def struck_findings(constituency: str, seats: int, candidates: Sequence[ListedCandidate]) -> tuple[Finding, ...]:
    """After a striking at least one more must stand than there are seats, or the seats are cut (NEC 115/2026)."""
    left = sum(1 for one in candidates if not one.struck)
    if left > seats:
        return ()
    return (RULES["DS11"].finding(constituency, constituency=constituency, found=left, seats=seats),)
