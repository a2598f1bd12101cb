"""Who may be given which role where, and by whom: one fixed table, and the findings of a list of new accounts."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.contracts.base import EVERYWHERE, Finding, Grant
from services.contracts.identity import NewAccount
from services.contracts.roles import POLICY, ROLE_NAMES, Action, Role
from services.identity.domain.paths import LEVEL_NAMES, Level, agrees, holds, level, unit_path
from services.identity.domain.rules import RULES

_COMMISSIONS = frozenset({Level.NATION, Level.PROVINCE, Level.COMMUNE})
_BOARDS = frozenset({Level.PROVINCE_SEATS, Level.COMMUNE_SEATS})

ROLE_LEVELS: Mapping[Role, frozenset[Level]] = {
    Role.SYSTEM_ADMIN: frozenset({Level.NATION}),
    Role.ACCOUNT_ADMIN: _COMMISSIONS,
    Role.NATION_OFFICER: frozenset({Level.NATION}),
    Role.PROVINCE_OFFICER: frozenset({Level.PROVINCE}),
    Role.PERSONNEL: _COMMISSIONS,
    Role.PERSONNEL_CONFIRMER: _COMMISSIONS,
    Role.COMMISSION_HEAD: _COMMISSIONS,
    Role.LIST_OFFICER: frozenset({Level.COMMUNE}),
    Role.LIST_SIGNER: frozenset({Level.COMMUNE}),
    Role.SECRETARY: frozenset({Level.PROVINCE, Level.COMMUNE}),
    Role.TYPIST: frozenset({Level.COMMUNE}),
    Role.CHECKER: frozenset({Level.COMMUNE}),
    Role.APPROVER: frozenset({Level.COMMUNE}),
    Role.BOARD_SECRETARY: _BOARDS,
    Role.BOARD_HEAD: _BOARDS,
    Role.PUBLISHER: _COMMISSIONS,
    Role.OPERATIONS: frozenset({Level.NATION}),
}
"""At which levels a role exists. A typist types for a commune, the head of a Board declares for a constituency."""

SYSTEM_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.OPERATIONS})
"""Roles of the system itself: they hold in every election and unit."""

ONLY_FROM_ABOVE = frozenset({Role.SYSTEM_ADMIN, Role.ACCOUNT_ADMIN, Role.OPERATIONS})
"""Roles that nobody can give in their own unit, only somebody whose grant stands above it."""


@dataclass(frozen=True)
class Giver:
    """Who gives the roles: their login and the grants they act by."""

    login: str
    grants: tuple[Grant, ...]


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
    accounts: Sequence[NewAccount], scope: str, giver: Giver, taken: Collection[str], known: Collection[str]
) -> tuple[Finding, ...]:
    """Everything wrong with a list of new accounts, row by row (rows count from 1).

    `scope` is the election and unit acted for, `taken` the logins in use, `known` the paths of all units.
    """
    times = Counter(account.login for account in accounts)
    found: list[Finding] = []
    for row, account in enumerate(accounts, start=1):
        found += _about_login(row, account, giver, taken, times[account.login])
        found += _about_unit(row, account, known)
        found += _about_role(row, account, scope, giver)
    return tuple(found)


def _about_login(row: int, account: NewAccount, giver: Giver, taken: Collection[str], times: int) -> Iterator[Finding]:
    place, facts = f"accounts.{row - 1}.login", {"row": row, "login": account.login}
    if account.login == giver.login:
        yield RULES["A304"].finding(place, **facts)
    elif account.login in taken:
        yield RULES["A305"].finding(place, **facts)
    if times > 1:
        yield RULES["A306"].finding(place, times=times, **facts)


def _about_unit(row: int, account: NewAccount, known: Collection[str]) -> Iterator[Finding]:
    place, facts = f"accounts.{row - 1}.unit", {"row": row, "login": account.login}
    unit = unit_path(account.unit)
    if not agrees(account.unit):
        yield RULES["A308"].finding(place, path=account.unit, **facts)
    elif unit not in known and level(unit) is not Level.NATION:
        yield RULES["A307"].finding(place, unit=unit, **facts)


def _about_role(row: int, account: NewAccount, scope: str, giver: Giver) -> Iterator[Finding]:
    place, at = f"accounts.{row - 1}", level(account.unit)
    facts = {"row": row, "login": account.login}
    role = f"{ROLE_NAMES[account.role][0]} / {ROLE_NAMES[account.role][1]}"
    if at not in ROLE_LEVELS[account.role]:
        named = " / ".join(LEVEL_NAMES[at])
        yield RULES["A301"].finding(f"{place}.role", role=role, level=named, **facts)
    election, _, unit = scope.partition("/")
    wanted = f"{election}/{account.unit}"
    acting = [grant for grant in giver.grants if POLICY.allows(grant, Action.CREATE_ACCOUNTS, wanted)]
    if not acting or not holds(unit, account.unit):
        yield RULES["A302"].finding(f"{place}.unit", path=account.unit, **facts)
    elif account.role in ONLY_FROM_ABOVE and not any(_stands_above(grant, account, wanted) for grant in acting):
        yield RULES["A303"].finding(f"{place}.role", role=role, path=account.unit, **facts)


def _stands_above(grant: Grant, account: NewAccount, wanted: str) -> bool:
    if grant.scope == EVERYWHERE:
        return True
    return account.role not in SYSTEM_ROLES and wanted.startswith(f"{grant.scope}/")
