"""A further role, an ended one, a hand-over: what is wrong with it, and which roles one person may not join."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.contracts.base import EVERYWHERE, Finding
from services.contracts.identity import NewAccount
from services.contracts.roles import POLICY, Action, Role
from services.identity.domain.accounts import (
    Giver,
    Spot,
    about_expiry,
    about_place,
    acting_grants,
    in_form,
    may_handle,
    role_words,
    scope_of,
)
from services.identity.domain.rules import RULES

COUNTING = frozenset(
    {
        Action.ENTER_RECORD, Action.COMPARE_RECORD, Action.APPROVE_RECORD, Action.REOPEN_RECORD, Action.PREPARE_RESULT,
        Action.DECLARE_RESULT, Action.PUBLISH_SNAPSHOT,
    }
)  # fmt: skip
"""What power over counts is: to enter, compare, approve, re-open, prepare, declare, publish."""

ADMINISTERING = frozenset({Action.CREATE_ACCOUNTS, Action.CHANGE_ACCOUNTS})
"""What power over accounts is."""


@dataclass(frozen=True)
class Held:
    """A role somebody holds, by the id of its grant; `election` is None for a role of the system."""

    id: UUID
    role: Role
    election: str | None
    unit: str
    expires_at: datetime | None = None

    @property
    def scope(self) -> str:
        return EVERYWHERE if self.election is None else f"{self.election}/{self.unit}"


@dataclass(frozen=True)
class Holder:
    """A person with an account and the roles they hold now."""

    person: UUID
    login: str
    name: str
    state: str
    roles: tuple[Held, ...]


@dataclass(frozen=True)
class Wish:
    """A role a person is to get in a unit of an election."""

    role: Role
    place: str
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Acting:
    """Who acts, for which election and unit, when; and which units there are."""

    giver: Giver
    scope: str
    known: Collection[str]
    now: datetime

    @property
    def election(self) -> str:
        return self.scope.partition("/")[0]


def counts(role: Role) -> bool:
    """Whether a role has a part in counting.

    >>> counts(Role.APPROVER), counts(Role.ACCOUNT_ADMIN)
    (True, False)
    """
    return not COUNTING.isdisjoint(POLICY.table.get(role, {}))


def administers(role: Role) -> bool:
    """Whether a role administers accounts."""
    return not ADMINISTERING.isdisjoint(POLICY.table.get(role, {}))


def clash(role: Role, election: str | None, held: Sequence[Held]) -> Held | None:
    """The held role that may not stand beside a further one: accounts and counts never in one hand in one election."""
    for other in held:
        same = election is None or other.election is None or other.election == election
        opposed = (administers(role) and counts(other.role)) or (counts(role) and administers(other.role))
        if same and opposed:
            return other
    return None


def giving(wish: Wish, holder: Holder, acting: Acting) -> tuple[Finding, ...]:
    """Everything wrong with giving a person a further role."""
    spot = in_form(holder.login)
    if holder.state == "closed":
        return (RULES["A311"].finding("person", **spot.facts),)
    basic = about_place(spot, _asked(holder, wish), acting.scope, acting.giver, acting.known)
    basic += about_expiry(spot, wish.expires_at, acting.now)
    return basic or tuple(_beside(spot, wish, holder.roles, acting.election))


def ending(held: Held, holder: Holder, acting: Acting, *, closing: bool = False) -> tuple[Finding, ...]:
    """What forbids the actor to end a role; in the words of closing when the whole account is to end."""
    spot, role = in_form(holder.login), role_words(held.role)
    election = held.election or acting.election
    by = acting_grants(acting.giver, election, held.unit)
    if not by:
        rule = RULES["A313" if closing else "A302"]
        return (rule.finding("person" if closing else "grant", path=held.unit, **role, **spot.facts),)
    if not may_handle(by, held.role, f"{election}/{held.unit}"):
        return (RULES["A303"].finding("grant", path=held.unit, **role, **spot.facts),)
    return ()


def closing(holder: Holder, acting: Acting) -> tuple[Finding, ...]:
    """What forbids the actor to close an account: every role of it must be within reach."""
    return tuple(finding for held in holder.roles for finding in ending(held, holder, acting, closing=True))


def expiring(held: Held, holder: Holder, expires_at: datetime | None, acting: Acting) -> tuple[Finding, ...]:
    """Everything wrong with a new expiry of a role."""
    return (*ending(held, holder, acting), *about_expiry(in_form(holder.login), expires_at, acting.now))


def handing(roles: Sequence[Held], former: Holder, receiver: Holder, place: str, acting: Acting) -> tuple[Finding, ...]:
    """Everything wrong with giving a person's roles in a unit to another person."""
    spot = in_form(former.login)
    if former.person == receiver.person:
        return (RULES["A316"].finding("to", **spot.facts),)
    if not roles:
        return (RULES["A314"].finding("place", path=place, **spot.facts),)
    ends = [finding for held in roles for finding in ending(held, former, acting)]
    gives = [f for held in roles for f in giving(Wish(held.role, held.unit, held.expires_at), receiver, acting)]
    return tuple(dict.fromkeys((*ends, *gives)))


def _asked(holder: Holder, wish: Wish) -> NewAccount:
    return NewAccount(login=holder.login, name=holder.name, role=wish.role, unit=wish.place)


def _beside(spot: Spot, wish: Wish, held: Sequence[Held], election: str) -> Iterator[Finding]:
    """What the roles a person holds already say to a further one."""
    scope, role = scope_of(wish.role, election, wish.place), role_words(wish.role)
    if any(other.role == wish.role and other.scope == scope for other in held):
        yield RULES["A309"].finding("role", path=wish.place, **role, **spot.facts)
        return
    other = clash(wish.role, None if scope == EVERYWHERE else election, held)
    if other is not None:
        vi, en = role_words(other.role).values()
        facts = {**role, "other_vi": vi, "other_en": en, "path": other.unit, **spot.facts}
        yield RULES["A312"].finding("role", **facts)
