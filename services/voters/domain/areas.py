"""Polling areas: codes, numbering, constituencies, sizes (LBC 11)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.contracts.base import Finding
from services.contracts.voters import Area, AreaKind, Rights
from services.voters.domain.rules import RULES

LEAST, MOST, LEAST_OWN = 300, 4000, 50


@dataclass(frozen=True)
class Home:
    """A constituency as this service heard of it."""

    code: str
    contest: str
    communes: tuple[str, ...]


def area_findings(
    commune: str, areas: Sequence[Area], homes: Mapping[str, Home], kept: Mapping[str, Area]
) -> list[Finding]:
    """Everything wrong with the whole set of a commune's areas. `kept`: those that already have a list."""
    found: list[Finding] = []
    times = Counter(area.code for area in areas)
    for place, area in enumerate(areas):
        where = f"areas.{place}.code"
        if not area.code.startswith(f"{commune}-"):
            found.append(RULES["KV1"].finding(where, area=area.code, commune=commune))
        elif times[area.code] > 1:
            found.append(RULES["KV2"].finding(where, area=area.code, times=times[area.code]))
        if area.code in kept and _belonging(area) != _belonging(kept[area.code]):
            found.append(RULES["KV8"].finding(where, area=area.code))
        found += _homes(commune, place, area, homes)
    found += _numbering(commune, times)
    found += [RULES["KV7"].finding(area=code) for code in sorted(kept - times.keys())]
    return found + _without_areas(commune, areas, homes)


def _homes(commune: str, place: int, area: Area, homes: Mapping[str, Home]) -> list[Finding]:
    found = []
    for contest, code in (("NA", area.na), ("PC", area.pc), ("CC", area.cc)):
        where = f"areas.{place}.{contest.lower()}"
        home = homes.get(code)
        if home is None:
            found.append(RULES["KV4"].finding(where, area=area.code, constituency=code))
        elif home.contest != contest or commune not in home.communes:
            found.append(RULES["KV5"].finding(where, area=area.code, constituency=code))
    return found


def _belonging(area: Area) -> tuple[str, ...]:
    return area.kind, area.na, area.pc, area.cc


def _numbering(commune: str, codes: Mapping[str, int]) -> list[Finding]:
    own = {code for code in codes if code.startswith(f"{commune}-")}
    wanted = [f"{commune}-{number:03d}" for number in range(1, len(own) + 1)]
    return [RULES["KV3"].finding("areas", area=code) for code in wanted if code not in own]


def _without_areas(commune: str, areas: Sequence[Area], homes: Mapping[str, Home]) -> list[Finding]:
    used = {area.cc for area in areas}
    own = sorted(code for code, home in homes.items() if home.contest == "CC" and home.communes == (commune,))
    return [RULES["KV6"].finding("areas", constituency=code) for code in own if code not in used]


def size_findings(areas: Sequence[Area], rights: Mapping[str, Rights]) -> list[Finding]:
    """Areas outside 300 to 4,000 voters without a reason, own areas under 50, areas with nobody (LBC 11; VL5)."""
    found = []
    for area in areas:
        voters = rights[area.code].na if area.code in rights else 0
        least = LEAST if area.kind is AreaKind.COMMON else 0 if area.kind is AreaKind.REMOTE else LEAST_OWN
        if voters == 0:
            found.append(RULES["VL34"].finding(area.code, area=area.code))
        elif not least <= voters <= MOST:
            found.append(RULES["VL5"].finding(area.code, area=area.code, voters=voters, least=least, most=MOST))
    return found
