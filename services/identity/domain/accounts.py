"""Who may be given which role where, and by whom: one fixed table, and the findings of a list of new accounts."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.contracts import accounts as contract
from services.contracts.accounts import ONLY_FROM_ABOVE, SYSTEM_ROLES
from services.contracts.base import EVERYWHERE, Finding, Grant
from services.contracts.daytime import VIETNAM
from services.contracts.identity import NewAccount
from services.contracts.roles import POLICY, ROLE_NAMES, Action, Role
from services.identity.domain.paths import LEVEL_NAMES, Level, agrees, holds, level, unit_path
from services.identity.domain.rules import RULES

ROLE_LEVELS: Mapping[Role, frozenset[Level]] = {
    role: frozenset(Level(name) for name in levels) for role, levels in contract.ROLE_LEVELS.items()
}
"""At which levels a role exists."""


@dataclass(frozen=True)
class Giver:
    """Who gives the roles: their login, the grants they act by, and when (None: expiries are judged elsewhere)."""

    login: str
    grants: tuple[Grant, ...]
    at: datetime | None = None


@dataclass(frozen=True)
class Spot:
    """Where a wish for a role stands, in two languages, and the places its findings point at."""

    vi: str
    en: str
    login: tuple[str, ...] = ("login",)
    unit: tuple[str, ...] = ("unit",)
    role: tuple[str, ...] = ("role",)
    expiry: tuple[str, ...] = ("expires_at",)

    @property
    def facts(self) -> dict[str, str]:
        return {"who_vi": self.vi, "who_en": self.en}


def in_list(row: int, login: str) -> Spot:
    """A row of a request, counted from 1."""
    at = f"accounts.{row - 1}"
    vi, en = f"Dòng {row} ({login})", f"Row {row} ({login})"
    return Spot(vi, en, (f"{at}.login",), (f"{at}.unit",), (f"{at}.role",), (f"{at}.expires_at",))


def in_form(login: str) -> Spot:
    """The one account a form is about."""
    return Spot(f"Tài khoản {login}", f"Account {login}", unit=("place",))


def scope_of(role: Role, election: str, unit: str) -> str:
    """The scope a role is granted in.

    >>> scope_of(Role.TYPIST, "dien-tap-1", "vn/46/19777")
    'dien-tap-1/vn/46/19777'
    """
    return EVERYWHERE if role in SYSTEM_ROLES else f"{election}/{unit}"


def units_named(accounts: Sequence[NewAccount]) -> set[str]:
    """The administrative units the accounts stand in."""
    return {unit_path(account.unit) for account in accounts}


def findings_of(
    accounts: Sequence[NewAccount],
    scope: str,
    giver: Giver,
    taken: Collection[str],
    known: Collection[str],
    spots: Sequence[Spot] | None = None,
) -> tuple[Finding, ...]:
    """Everything wrong with a list of new accounts, row by row (counted from 1 unless `spots` says where they stand).

    `scope` is the election and unit acted for, `taken` the logins in use, `known` the paths of all units.
    """
    times = Counter(account.login for account in accounts)
    found: list[Finding] = []
    for row, account in enumerate(accounts, start=1):
        spot = spots[row - 1] if spots else in_list(row, account.login)
        found += _about_login(spot, account, giver, taken, times[account.login])
        found += about_place(spot, account, scope, giver, known)
        found += about_expiry(spot, account.expires_at, giver.at) if giver.at else ()
    return tuple(found)


def about_place(
    spot: Spot, account: NewAccount, scope: str, giver: Giver, known: Collection[str]
) -> tuple[Finding, ...]:
    """What is wrong with a role in a unit: no such unit, not at that level, not in the giver's reach."""
    return (*_about_unit(spot, account, known), *_about_role(spot, account, scope, giver))


def about_expiry(spot: Spot, expires_at: datetime | None, now: datetime) -> tuple[Finding, ...]:
    """What is wrong with the instant a role is to end: it has passed."""
    if expires_at is None or expires_at > now:
        return ()
    day = expires_at.astimezone(VIETNAM)
    return (RULES["A310"].finding(*spot.expiry, day=f"{day.day}/{day.month}/{day.year}", **spot.facts),)


def _about_login(
    spot: Spot, account: NewAccount, giver: Giver, taken: Collection[str], times: int
) -> Iterator[Finding]:
    facts = {**spot.facts, "login": account.login}
    if account.login == giver.login:
        yield RULES["A304"].finding(*spot.login, **facts)
    elif account.login in taken:
        yield RULES["A305"].finding(*spot.login, **facts)
    if times > 1:
        yield RULES["A306"].finding(*spot.login, times=times, **facts)


def _about_unit(spot: Spot, account: NewAccount, known: Collection[str]) -> Iterator[Finding]:
    unit = unit_path(account.unit)
    if not agrees(account.unit):
        yield RULES["A308"].finding(*spot.unit, path=account.unit, **spot.facts)
    elif unit not in known and level(unit) is not Level.NATION:
        yield RULES["A307"].finding(*spot.unit, unit=unit, **spot.facts)


def _about_role(spot: Spot, account: NewAccount, scope: str, giver: Giver) -> Iterator[Finding]:
    at, role = level(account.unit), role_words(account.role)
    if at not in ROLE_LEVELS[account.role]:
        vi, en = LEVEL_NAMES[at]
        yield RULES["A301"].finding(*spot.role, **role, level_vi=vi, level_en=en, **spot.facts)
    election, _, unit = scope.partition("/")
    acting = acting_grants(giver, election, account.unit)
    if not acting or not holds(unit, account.unit):
        yield RULES["A302"].finding(*spot.unit, path=account.unit, **spot.facts)
    elif not may_handle(acting, account.role, f"{election}/{account.unit}"):
        yield RULES["A303"].finding(*spot.role, **role, path=account.unit, **spot.facts)


def acting_grants(giver: Giver, election: str, unit: str) -> list[Grant]:
    """The grants by which somebody administers the accounts of a unit."""
    return [grant for grant in giver.grants if POLICY.allows(grant, Action.CREATE_ACCOUNTS, f"{election}/{unit}")]


def may_handle(acting: Sequence[Grant], role: Role, wanted: str) -> bool:
    """Whether one of the grants stands high enough to give or end the role in the scope `wanted`."""
    return role not in ONLY_FROM_ABOVE or any(_stands_above(grant, role, wanted) for grant in acting)


def role_words(role: Role) -> dict[str, str]:
    """The facts that name a role in a sentence."""
    vi, en = ROLE_NAMES[role]
    return {"role_vi": vi, "role_en": en}


def _stands_above(grant: Grant, role: Role, wanted: str) -> bool:
    if grant.scope == EVERYWHERE:
        return True
    return role not in SYSTEM_ROLES and wanted.startswith(f"{grant.scope}/")
