"""The person a request is from, as a door sees them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.contracts.base import Grant, NotAllowed, Passport, Policy

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, with what grants, at what instant; stamped once for each request."""

    person: UUID
    name: str
    session: UUID
    grants: tuple[Grant, ...]
    at: datetime
    policy: Policy
    approves: str | None = None
    machine: str = ""
    judged: list[str] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def of(cls, passport: Passport | None, policy: Policy, at: datetime) -> "Actor":
        """The holder of a passport; nobody when there is none."""
        if passport is None:
            return cls(person=NOBODY, name="", session=NOBODY, grants=(), at=at, policy=policy)
        return cls(
            person=passport.person,
            name=passport.name,
            session=passport.session,
            grants=passport.grants,
            at=at,
            policy=policy,
            approves=passport.approves,
            machine=passport.machine,
        )

    def may(self, action: str, scope: str) -> bool:
        """Whether any grant allows the action in the scope."""
        self.judged.append(scope)
        return any(self.policy.allows(grant, action, scope) for grant in self.grants)

    def may_somewhere(self, action: str) -> bool:
        """Whether any grant's role may take the action in some scope."""
        return any(action in self.policy.table.get(grant.role, {}) for grant in self.grants)

    def require(self, action: str, scope: str) -> None:
        """NotAllowed unless a grant allows the action in the scope."""
        if not self.may(action, scope):
            raise NotAllowed
