"""Whether election bodies are composed as the law asks: kind, place, size and roles."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from services.contracts.base import Finding, UnitPath
from services.contracts.units import Body, BodyKind, MemberRole
from services.identity.domain.paths import Level, agrees, holds, level, unit_path
from services.identity.domain.rules import RULES

_KIND_AT = {
    Level.NATION: BodyKind.COUNCIL,
    Level.PROVINCE: BodyKind.COMMISSION,
    Level.COMMUNE: BodyKind.COMMISSION,
    Level.AREA: BodyKind.TEAM,
    Level.PROVINCE_SEATS: BodyKind.BOARD,
    Level.COMMUNE_SEATS: BodyKind.BOARD,
}
_ARMED_TEAM = (5, 9)
_SIZES = {  # forms 11 [1]
    Level.NATION: (15, 21),
    Level.PROVINCE: (23, 37),
    Level.COMMUNE: (9, 17),
    Level.AREA: (11, 21),
    Level.COMMUNE_SEATS: (9, 15),
}
_BOARD_SIZES = {"NA": (9, 17), "PC": (11, 15)}


def size_limits(path: str, *, armed_unit: bool) -> tuple[int, int]:
    """The least and the most people the body at a path may have (forms 11 [1]).

    >>> size_limits("vn/46/PC-46-01", armed_unit=False)
    (11, 15)
    """
    at = level(path)
    if at is Level.PROVINCE_SEATS:
        return _BOARD_SIZES[path.rpartition("/")[2][:2]]
    if at is Level.AREA and armed_unit:
        return _ARMED_TEAM
    return _SIZES[at]


@dataclass(frozen=True)
class Deadline:
    """By how many days before election day a kind of body is formed, and under which article."""

    days: int
    source: str

    def day(self, election_day: date) -> date:
        return election_day - timedelta(days=self.days)


DEADLINES: Mapping[BodyKind, Deadline] = MappingProxyType(
    {  # forms 11 [1]
        BodyKind.COMMISSION: Deadline(105, "LBC 22"),
        BodyKind.BOARD: Deadline(70, "LBC 24"),
        BodyKind.TEAM: Deadline(43, "LBC 25"),
    }
)
"""The law's days for forming bodies; for the Council the law names none."""


def late_findings(bodies: Sequence[Body], election_day: date | None) -> Iterator[Finding]:
    """Bodies whose founding document is of a day after the law's; nothing while the election's day is unknown."""
    for row, body in enumerate(bodies):
        deadline = DEADLINES.get(body.kind)
        if deadline is None or election_day is None or body.formed_on <= deadline.day(election_day):
            continue
        yield RULES["B213"].finding(
            f"bodies.{row}.formed_on",
            title=body.title,
            formed=f"{body.formed_on:%d/%m/%Y}",
            due=f"{deadline.day(election_day):%d/%m/%Y}",
            source=deadline.source,
        )


def login_findings(bodies: Sequence[Body], known: Collection[str]) -> Iterator[Finding]:
    """Members linked to accounts that do not exist."""
    for row, body in enumerate(bodies):
        for place, member in enumerate(body.members):
            if member.login and member.login not in known:
                yield RULES["B214"].finding(
                    f"bodies.{row}.members.{place}.login", title=body.title, login=member.login, name=member.name
                )


def logins_named(bodies: Sequence[Body]) -> set[str]:
    """The accounts the members are linked to."""
    return {member.login for body in bodies for member in body.members if member.login}


def told(body: Body) -> Body:
    """The body as everybody may hear of it: without birth dates and accounts of its members."""
    members = tuple(member.model_copy(update={"born": None, "login": ""}) for member in body.members)
    return body.model_copy(update={"members": members})


def findings_of(bodies: Sequence[Body], unit: UnitPath, known: Collection[str]) -> tuple[Finding, ...]:
    """Everything the law or the map says against the bodies, formed from a unit; `known` are the paths of all units."""
    found = [*_repeated(bodies)]
    for row, body in enumerate(bodies):
        place = f"bodies.{row}"
        found += _about_place(body, place, unit, known)
        found += _about_members(body, f"{place}.members")
    return tuple(found)


def units_named(bodies: Sequence[Body]) -> set[str]:
    """The administrative units the bodies stand in."""
    return {unit_path(body.path) for body in bodies}


def _repeated(bodies: Sequence[Body]) -> Iterator[Finding]:
    times = Counter(body.path for body in bodies)
    for path, count in times.items():
        if count > 1:
            places = [f"bodies.{row}.path" for row, body in enumerate(bodies) if body.path == path]
            yield RULES["B208"].finding(*places, path=path, times=count)


def _about_place(body: Body, place: str, unit: UnitPath, known: Collection[str]) -> Iterator[Finding]:
    title, at = body.title, f"{place}.path"
    if not holds(unit, body.path):
        yield RULES["B210"].finding(at, title=title, path=body.path, unit=unit)
    if _KIND_AT[level(body.path)] is not body.kind:
        yield RULES["B206"].finding(f"{place}.kind", title=title, kind=body.kind.value, path=body.path)
    if body.armed_unit and level(body.path) is not Level.AREA:
        yield RULES["B212"].finding(f"{place}.armed_unit", title=title)
    stands_in = unit_path(body.path)
    if not agrees(body.path):
        yield RULES["B207"].finding(at, title=title, path=body.path)
    elif stands_in not in known and stands_in != "vn":
        yield RULES["B209"].finding(at, title=title, unit=stands_in)


def _about_members(body: Body, place: str) -> Iterator[Finding]:
    """Size, roles and names of one body."""
    low, high = size_limits(body.path, armed_unit=body.armed_unit)
    people = len(body.members)
    if not low <= people <= high:
        rule = RULES["B202" if level(body.path) is Level.NATION else "B201"]
        yield rule.finding(place, title=body.title, found=people, low=low, high=high)
    roles = Counter(member.role for member in body.members)
    if roles[MemberRole.HEAD] != 1:
        yield RULES["B203"].finding(place, title=body.title, found=roles[MemberRole.HEAD])
    if level(body.path) is Level.AREA:
        yield from _about_team_roles(body, place, roles)
    for name, times in Counter(member.name for member in body.members).items():
        if times > 1:
            yield RULES["B211"].finding(place, title=body.title, name=name, times=times)


def _about_team_roles(body: Body, place: str, roles: Counter[MemberRole]) -> Iterator[Finding]:
    if roles[MemberRole.DEPUTY]:
        yield RULES["B204"].finding(place, title=body.title, found=roles[MemberRole.DEPUTY])
    if roles[MemberRole.SECRETARY] != 1:
        yield RULES["B205"].finding(place, title=body.title, found=roles[MemberRole.SECRETARY])
