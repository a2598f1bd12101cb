"""Break-glass: who may hold a key, which role is lent where, when an opening is over or its review late."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.contracts.base import Finding, Grant
from services.contracts.daytime import moment
from services.contracts.duties import GLASS_MINUTES, GLASS_ROLES, JOIN_MINUTES, REVIEW_HOURS
from services.contracts.roles import POLICY, ROLE_NAMES, Action, Role
from services.identity.domain.accounts import ROLE_LEVELS
from services.identity.domain.paths import level
from services.identity.domain.rules import RULES

JOIN_WITHIN = timedelta(minutes=JOIN_MINUTES)
LASTS = timedelta(minutes=GLASS_MINUTES)
REVIEW_WITHIN = timedelta(hours=REVIEW_HOURS)


@dataclass(frozen=True)
class Holder:
    """Somebody named to hold a key: None as person when there is no account under the login."""

    login: str
    person: UUID | None = None
    name: str = ""
    active: bool = False
    grants: tuple[Grant, ...] = ()


def holder_findings(holders: Sequence[Holder], election: str, unit: str) -> tuple[Finding, ...]:
    """Three different people with active accounts, each with a role that holds keys here; all that is wrong at once."""
    return tuple(_about_holders(holders, f"{election}/{unit}", unit))


def _about_holders(holders: Sequence[Holder], scope: str, unit: str) -> Iterator[Finding]:
    for login, times in Counter(holder.login for holder in holders).items():
        if times > 1:
            yield RULES["G501"].finding("holders", login=login, times=times)
    for place, holder in enumerate(holders):
        at = f"holders.{place}"
        if not holder.active:
            yield RULES["G502"].finding(at, login=holder.login)
        elif not any(POLICY.allows(grant, Action.HOLD_KEY, scope) for grant in holder.grants):
            yield RULES["G503"].finding(at, login=holder.login, unit=unit)


def role_findings(role: Role, unit: str) -> tuple[Finding, ...]:
    """Only hands of the count are lent, and only where such a hand exists."""
    vi, en = ROLE_NAMES[role]
    if role not in GLASS_ROLES:
        names = [ROLE_NAMES[each] for each in GLASS_ROLES]
        roles, roles_en = (", ".join(name[place] for name in names) for place in (0, 1))
        return (RULES["G504"].finding("role", role=vi, role_en=en, roles=roles, roles_en=roles_en),)
    if level(unit) not in ROLE_LEVELS[role]:
        return (RULES["G505"].finding("role", role=vi, role_en=en, unit=unit),)
    return ()


def reviewed_from(mine: Collection[Grant], election: str, unit: str) -> bool:
    """Whether somebody with these roles stands above the unit an opening was in; above the nation stands nobody.

    >>> officer = Grant(role="province_officer", scope="2026/vn/46")
    >>> reviewed_from([officer], "2026", "vn/46/19777"), reviewed_from([officer], "2026", "vn/46")
    (True, False)
    """
    scope = f"{election}/{unit}"
    reviewing = [grant.scope for grant in mine if POLICY.allows(grant, Action.REVIEW_OPENING, scope)]
    return bool(reviewing) if level(unit) == "nation" else any(over != scope for over in reviewing)


def review_findings(state: str, over_at: datetime | None, now: datetime) -> tuple[Finding, ...]:
    """An opening that is over and was not reviewed within a day."""
    if state != "over" or over_at is None or now <= over_at + REVIEW_WITHIN:
        return ()
    due = over_at + REVIEW_WITHIN
    return (RULES["G506"].finding("review", over=moment(over_at), due=moment(due)),)
