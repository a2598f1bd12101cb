"""Recovery of an account by two people of the unit above: who may confirm, what they approve, how long it holds."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.contracts.base import EVERYWHERE, Grant, SamePerson
from services.contracts.passkeys import NotAbove
from services.contracts.roles import POLICY, Action

LIFE = timedelta(days=3)
"""A recovery nobody decides lapses; so does a code nobody uses."""


@dataclass(frozen=True)
class Recovery:
    """A recovery as it stands."""

    id: UUID
    person: UUID
    login: str
    name: str
    state: str
    asked_at: datetime
    ends_at: datetime
    address: str
    device: str
    reason: str
    opened_by: UUID | None
    confirmed_by: tuple[UUID, ...]

    @property
    def content(self) -> str:
        """What both second factors approve: this recovery of this account, whoever opened it and why."""
        at = self.asked_at.astimezone(UTC).isoformat()
        told = "\n".join((str(self.id), str(self.person), self.login, at, self.reason))
        return hashlib.sha256(f"hom-phieu/recovery\n{told}".encode()).hexdigest()


def stands_above(mine: Collection[Grant], theirs: Collection[str]) -> bool:
    """Whether somebody reaches every role of another strictly from above; over the whole system only from there.

    >>> admin = Grant(role="account_admin", scope="2026/vn/46")
    >>> stands_above([admin], ["2026/vn/46/19777"]), stands_above([admin], ["2026/vn/46"])
    (True, False)
    """
    above = [grant.scope for grant in mine if Action.RECOVER_ACCOUNTS in POLICY.table.get(grant.role, {})]
    if EVERYWHERE in above:
        return True
    return bool(theirs) and all(any(scope.startswith(f"{over}/") for over in above) for scope in theirs)


def require_may_confirm(recovery: Recovery, person: UUID, mine: Collection[Grant], theirs: Collection[str]) -> None:
    """NotAbove unless the person stands above the holder and is not the holder; SamePerson when they did already."""
    if person == recovery.person or not stands_above(mine, theirs):
        raise NotAbove
    if person in recovery.confirmed_by:
        raise SamePerson(did="xác nhận khôi phục này")
