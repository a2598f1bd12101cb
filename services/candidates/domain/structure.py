"""Whether rows that read well make a lawful structure: 34 provinces, 3,321 communes, 182 constituencies, 500 seats."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.candidates.domain.calendar import reference
from services.candidates.domain.council_seats import may_declare, seat_kind, seat_rules
from services.candidates.domain.rules import RULES
from services.candidates.domain.structure_rows import Row, Unit, read_rows
from services.contracts.base import Finding, Severity
from services.contracts.candidates import Constituency, Contest
from services.contracts.vietnamese import number

PROVINCES, COMMUNES, NA_CONSTITUENCIES, NA_SEATS = 34, 3321, 182, 500
MOST_FINDINGS = 1_000
"""Of one file; how many more there are is the last."""
WITHOUT_COMMUNE_COUNCIL = {"20333"}
"""Đặc khu Hoàng Sa: it belongs to a constituency of the province, and nobody can vote there for a commune Council."""


@dataclass(frozen=True)
class Standing:
    """What stood before a file is loaded: constituencies of its scope, and those with candidates placed or listed."""

    constituencies: Mapping[str, Constituency] = field(default_factory=dict)
    in_use: frozenset[str] = frozenset()


def province_kinds() -> dict[str, str]:
    """The kind each province had on election day."""
    return {row["code"]: row["kind"] for row in reference("provinces")}


def communes_needed(scope: str) -> int:
    """How many communes must be known before a file of the scope can be checked."""
    if scope == "vn":
        return COMMUNES
    return next((int(row["communes"]) for row in reference("provinces") if scope == f"vn/{row['code']}"), COMMUNES)


def check_structure(
    content: bytes, scope: str, units: Mapping[str, Unit], standing: Standing
) -> tuple[list[Constituency], list[Finding]]:
    """The constituencies of a file and all findings at once; sums are judged only when every row is right by itself."""
    rows, findings = read_rows(content, scope, units)
    findings += _repeated_codes(rows) + _repeated_communes(rows)
    if not _blocking(findings):
        findings += _whole(rows, scope, units)
    if not _blocking(findings):
        findings += _against_standing(rows, standing)
    return [row.constituency for row in rows], _listed(sorted(findings, key=_place))


def _listed(findings: list[Finding]) -> list[Finding]:
    more = len(findings) - MOST_FINDINGS
    return findings if more <= 0 else [*findings[:MOST_FINDINGS], RULES["DB26"].finding(more=number(more))]


def _blocking(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.BLOCK for finding in findings)


def _place(finding: Finding) -> tuple[int, str]:
    line = finding.places[0].removeprefix("line ") if finding.places else ""
    return (int(line) if line.isdigit() else 0, finding.code)


def _repeated_codes(rows: list[Row]) -> list[Finding]:
    first: dict[str, int] = {}
    found = []
    for row in rows:
        code = row.constituency.code
        if first.setdefault(code, row.line) != row.line:
            found.append(RULES["DB12"].finding(row.place, code=code, first=first[code]))
    return found


def _repeated_communes(rows: list[Row]) -> list[Finding]:
    """Each commune is in one constituency of the National Assembly and one of its province's Council."""
    owner: dict[tuple[Contest, str], str] = {}
    found = []
    for row in rows:
        own = row.constituency
        if own.contest is Contest.CC:
            continue
        for commune in own.communes:
            other = owner.setdefault((own.contest, commune), own.code)
            if other != own.code or own.communes.count(commune) > 1:
                found.append(RULES["DB13"].finding(row.place, commune=commune, code=own.code, other=other))
    return found


def _whole(rows: list[Row], scope: str, units: Mapping[str, Unit]) -> list[Finding]:
    found = _ordinals(rows)
    contest = Contest.NA if scope == "vn" else Contest.PC
    found += _uncovered(rows, contest, scope, units)
    found += _national_sums(rows) if scope == "vn" else _council_findings(rows, scope, units)
    return found


def _ordinals(rows: list[Row]) -> list[Finding]:
    numbered: dict[tuple[Contest, str], list[int]] = defaultdict(list)
    for row in rows:
        numbered[row.constituency.contest, row.unit.code].append(row.constituency.ordinal)
    return [
        RULES["DB14"].finding(
            contest=contest, unit=unit, found=", ".join(map(str, sorted(ordinals))), count=len(ordinals)
        )
        for (contest, unit), ordinals in numbered.items()
        if sorted(ordinals) != list(range(1, len(ordinals) + 1))
    ]


def _uncovered(rows: list[Row], contest: Contest, scope: str, units: Mapping[str, Unit]) -> list[Finding]:
    """The communes that no constituency of the contest holds, by province."""
    covered = {code for row in rows if row.constituency.contest is contest for code in row.constituency.communes}
    missing: dict[str, list[str]] = defaultdict(list)
    for unit in units.values():
        if len(unit.code) == 5 and unit.path.startswith(f"{scope}/") and unit.code not in covered:
            missing[unit.path.split("/")[1]].append(unit.code)
    return [
        RULES["DB15"].finding(
            contest=contest,
            unit=_titled(units, province),
            count=len(codes),
            communes=" ".join(sorted(codes)[:10]) + (" …" if len(codes) > 10 else ""),
        )
        for province, codes in sorted(missing.items())
    ]


def _titled(units: Mapping[str, Unit], code: str) -> str:
    return f"{units[code].title} ({code})" if code in units else code


def _national_sums(rows: list[Row]) -> list[Finding]:
    """Constituencies and seats of every province are those of the NEC's resolution 85, and so the nation's sums."""
    number_of = Counter(row.unit.code for row in rows)
    seats_of: Counter[str] = Counter()
    for row in rows:
        seats_of[row.unit.code] += row.constituency.seats
    found = []
    for province in reference("provinces"):
        code, unit = province["code"], f"{province['name']} ({province['code']})"
        expected, seats = int(province["na_constituencies"]), int(province["na_seats"])
        if number_of[code] != expected:
            found.append(RULES["DB16"].finding(unit=unit, found=number_of[code], expected=expected))
        elif seats_of[code] != seats:
            found.append(RULES["DB17"].finding(unit=unit, found=seats_of[code], expected=seats))
    sums = (
        (len(number_of), PROVINCES, "tỉnh, thành phố (provinces)"),
        (len(rows), NA_CONSTITUENCIES, "đơn vị bầu cử (constituencies)"),
        (seats_of.total(), NA_SEATS, "đại biểu (seats)"),
        (sum(len(row.constituency.communes) for row in rows), COMMUNES, "xã, phường, đặc khu (communes)"),
    )
    wrong = [(is_now, must, what) for is_now, must, what in sums if is_now != must]
    return found + [
        RULES["DB18"].finding(found=f"{number(is_now)} {what}", expected=number(must)) for is_now, must, what in wrong
    ]


def _council_findings(rows: list[Row], scope: str, units: Mapping[str, Unit]) -> list[Finding]:
    """Every Council of the province has constituencies whose seats are the number the law gives it."""
    councils: dict[str, list[Row]] = {
        unit.code: []
        for unit in units.values()
        if (unit.path == scope or unit.path.startswith(f"{scope}/")) and unit.code not in WITHOUT_COMMUNE_COUNCIL
    }
    for row in rows:
        councils.setdefault(row.unit.code, []).append(row)
    province_kind = units[scope.rsplit("/", 1)[-1]].kind
    found = []
    for code, own in sorted(councils.items()):
        found += _one_council(units[code], own, province_kind)
    return found


def _one_council(unit: Unit, rows: list[Row], province_kind: str) -> list[Finding]:
    title = f"{unit.title} ({unit.code})"
    if not rows:
        return [RULES["DB22"].finding(unit=title)]
    place = rows[0].place
    if len({(row.council_kind, row.council_population) for row in rows}) > 1:
        return [RULES["DB20"].finding(place, unit=title)]
    declared, population = rows[0].council_kind, rows[0].council_population
    if not may_declare(unit.kind, declared):
        return [RULES["DB19"].finding(place, unit=title, kind=unit.kind, declared=declared)]
    seats = sum(row.constituency.seats for row in rows)
    expected = seat_rules()[seat_kind(unit.code, declared, province_kind)].seats(population)
    if seats != expected:
        facts = {"population": number(population), "expected": expected, "found": seats}
        return [RULES["DB21"].finding(place, unit=title, **facts)]
    return []


def _against_standing(rows: list[Row], standing: Standing) -> list[Finding]:
    """What was fixed may be fixed anew, but nothing vanishes and nothing moves under candidates already placed."""
    now = {row.constituency.code: row for row in rows}
    found = [RULES["DB23"].finding(code=code) for code in sorted(standing.constituencies) if code not in now]
    for code in sorted(standing.in_use & now.keys()):
        before, after = standing.constituencies[code], now[code].constituency
        if (before.seats, sorted(before.communes)) != (after.seats, sorted(after.communes)):
            found.append(RULES["DB24"].finding(now[code].place, code=code))
    return found
