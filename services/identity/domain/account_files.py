"""A file of accounts: what each row asks for, logins made up where none was given, everything wrong at once."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from services.contracts.accounts import FILE_COLUMNS, FileRow
from services.contracts.base import Finding
from services.contracts.daytime import VIETNAM
from services.contracts.identity import NewAccount
from services.contracts.roles import ROLE_NAMES, Role
from services.contracts.vietnamese import fold, name_parts
from services.identity.domain.accounts import ROLE_LEVELS, Giver, Spot, acting_grants, findings_of, may_handle
from services.identity.domain.paths import Level, level, unit_path
from services.identity.domain.rules import RULES

NAME, LOGIN, ROLE, UNIT, PHONE, EXPIRY = FILE_COLUMNS
_LOGIN = re.compile(r"[a-z0-9][a-z0-9.\-]{2,63}")
_PHONE = re.compile(r"[0-9 +.()\-]{0,20}")
_SEAT = re.compile(r"(NA|PC)-(\d{2})-\d{2}|CC-(\d{5})-\d{2}")
_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_LONGEST_NAME, _LONGEST_SLUG = 200, 40
_MOST_SHOWN = 60

_ROLES = {fold(word): role for role, both in ROLE_NAMES.items() for word in (*both, role.value)}


@dataclass(frozen=True)
class Raw:
    """A row as it stands in the file: its line, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Facts:
    """What a file is judged against.

    `scope` is the election and unit acted for, `units` path and name of each administrative unit named by its code,
    `taken` the logins in use.
    """

    scope: str
    giver: Giver
    units: Mapping[str, tuple[str, str]]
    taken: Collection[str]
    now: datetime

    @property
    def election(self) -> str:
        return self.scope.partition("/")[0]

    @property
    def unit(self) -> str:
        return self.scope.partition("/")[2]


@dataclass
class Judged:
    """The rows as understood, the accounts they make, what is wrong."""

    rows: list[FileRow] = field(default_factory=list)
    accounts: list[NewAccount] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def codes_named(rows: Iterable[Raw], unit: str) -> set[str]:
    """The codes of the administrative units a file names, and of the unit acted for."""
    own = unit_path(unit).rpartition("/")[2]
    return {own} | {code for row in rows if (code := administrative(code_of(row.cells[UNIT])))}


def code_of(typed: str) -> str:
    """A code as it is written, with the zeros a spreadsheet drops.

    >>> code_of("4"), code_of(" na-46-01 "), code_of("vn/46/19777")
    ('04', 'NA-46-01', '19777')
    """
    last = typed.strip().rpartition("/")[2]
    if last.isascii() and last.isdigit():
        return last.zfill(2 if len(last) <= 2 else 5)
    return "vn" if last.lower() == "vn" else last.upper()


def administrative(code: str) -> str:
    """The code of the administrative unit a code stands in: its own, or that of the constituency's unit."""
    seat = _SEAT.fullmatch(code)
    return (seat.group(2) or seat.group(3)) if seat else code


def endings_needed(rows: Iterable[Raw], units: Mapping[str, tuple[str, str]], unit: str) -> set[str]:
    """How the logins that must be made up will end."""
    nameless = (row for row in rows if not row.cells[LOGIN])
    found = (_place(row.cells[UNIT], units, unit) for row in nameless)
    return {f".{slug}" for place in found if place for slug in [_slug_of(place, units)]}


def judge(rows: Sequence[Raw], facts: Facts) -> Judged:
    """What a file asks for; `accounts` are good only when nothing blocks."""
    judged, spots = Judged(), []
    given = {row.cells[LOGIN].lower() for row in rows if row.cells[LOGIN]}
    used = set(facts.taken) | given
    for raw in rows:
        place = _place(raw.cells[UNIT], facts.units, facts.unit)
        row = _understood(raw, place, facts, used)
        wrong = list(_about_cells(raw, row, place, facts))
        judged.rows.append(row)
        judged.findings += wrong
        if not wrong and row.role is not None:
            judged.accounts.append(_account(raw, row, row.role))
            spots.append(_spot(raw.line, row.login))
    known = {path for path, _ in facts.units.values()}
    judged.findings += findings_of(judged.accounts, facts.scope, facts.giver, facts.taken, known, spots)
    return judged


def end_of(day: date) -> datetime:
    """The instant a role given until the end of a day ends."""
    return datetime.combine(day + timedelta(days=1), time(), VIETNAM)


def _understood(raw: Raw, place: str, facts: Facts, used: set[str]) -> FileRow:
    name, login = " ".join(raw.cells[NAME].split()), raw.cells[LOGIN].lower()
    suggested = not login and _is_name(name) and bool(place)
    if suggested:
        login = _free(name, _slug_of(place, facts.units), used)
        used.add(login)
    return FileRow(
        line=raw.line, login=login, name=name[: _LONGEST_NAME + 1], role=_ROLES.get(fold(raw.cells[ROLE])),
        unit=place or raw.cells[UNIT][:_MOST_SHOWN], expires_on=_day(raw.cells[EXPIRY]), suggested=suggested,
    )  # fmt: skip


def _about_cells(raw: Raw, row: FileRow, place: str, facts: Facts) -> Iterator[Finding]:
    cells, today = raw.cells, facts.now.astimezone(VIETNAM).date()
    if not _is_name(row.name):
        yield _wrong("A324", raw, NAME)
    if row.role is None:
        vi, en = _allowed(place, facts)
        yield _wrong("A325", raw, ROLE, allowed_vi=vi, allowed_en=en)
    if not place:
        yield _wrong("A326", raw, UNIT)
    if cells[LOGIN] and not _LOGIN.fullmatch(row.login):
        yield _wrong("A327", raw, LOGIN)
    if cells[EXPIRY] and (row.expires_on is None or row.expires_on <= today):
        yield _wrong("A328", raw, EXPIRY)
    if not _PHONE.fullmatch(cells[PHONE]):
        yield _wrong("A329", raw, PHONE)


def _wrong(code: str, raw: Raw, column: str, **facts: object) -> Finding:
    shown = raw.cells[column][:_MOST_SHOWN]
    return RULES[code].finding(f"line {raw.line}", column, line=raw.line, found=shown, **facts)


def _account(raw: Raw, row: FileRow, role: Role) -> NewAccount:
    ends = end_of(row.expires_on) if row.expires_on else None
    return NewAccount(login=row.login, name=row.name, role=role, unit=row.unit, phone=raw.cells[PHONE], expires_at=ends)


def _spot(line: int, login: str) -> Spot:
    at = f"line {line}"
    return Spot(f"Dòng {line} ({login})", f"Line {line} ({login})", (at, LOGIN), (at, UNIT), (at, ROLE))


def _allowed(place: str, facts: Facts) -> tuple[str, str]:
    """The roles that exist in the unit and that the giver may give there, in words."""
    where = place or facts.unit
    by = acting_grants(facts.giver, facts.election, where)
    found = [
        ROLE_NAMES[role]
        for role in Role
        if level(where) in ROLE_LEVELS[role] and may_handle(by, role, f"{facts.election}/{where}")
    ]
    return ", ".join(vi for vi, _ in found), ", ".join(en for _, en in found)


def _place(typed: str, units: Mapping[str, tuple[str, str]], own: str) -> str:
    """The path a code names, the unit acted for when none is given; empty when there is no such unit."""
    if not typed:
        return own
    code = code_of(typed)
    if code == "vn":
        return code
    path, _ = units.get(administrative(code), ("", ""))
    if not path or not _SEAT.fullmatch(code):
        return path
    return f"{path}/{code}" if level(path) is (Level.COMMUNE if code.startswith("CC") else Level.PROVINCE) else ""


def _slug_of(place: str, units: Mapping[str, tuple[str, str]]) -> str:
    """How the logins of a unit end."""
    code = place.rpartition("/")[2]
    if _SEAT.fullmatch(code):
        return code.lower()
    _, name = units.get(code, ("", ""))
    return _plain(name)[:_LONGEST_SLUG].strip("-") or code


def _free(name: str, slug: str, used: Collection[str]) -> str:
    """A login nobody has: the given name and the unit, numbered from 2 when taken."""
    given = _plain(name_parts(name)[2])[:20].strip("-") or "nguoi"
    login, number = f"{given}.{slug}", 1
    while login in used:
        number += 1
        login = f"{given}-{number}.{slug}"
    return login


def _plain(text: str) -> str:
    """Small letters and digits without marks, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def _is_name(text: str) -> bool:
    letters = sum(letter.isalpha() for letter in text)
    return letters >= 2 and len(text) <= _LONGEST_NAME and all(sign.isalpha() or sign in " '.-’" for sign in text)


def _day(typed: str) -> date | None:
    """A day as people write it, or as ISO 8601 does; None for what is no day."""
    found = _DAY.fullmatch(typed)
    try:
        if found:
            day, month, year = (int(part) for part in found.groups())
            return date(year, month, day)
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        return None
