"""Whether a one-time code opens an account."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.contracts.identity import CodeRefused
from services.identity.domain.states import ACCOUNT_STATES

_NOTHING = bytes(32)


@dataclass(frozen=True)
class Pending:
    """A person with their newest activation code, of which only the hash is known."""

    person: UUID
    name: str
    login: str
    state: str
    activation: UUID
    code_hash: bytes
    ends_at: datetime
    used_by: UUID | None


def opened(pending: Pending | None, typed: bytes, now: datetime, act: str = "activate") -> Pending:
    """The person whose code this is, while it holds and was not used; else CodeRefused, for every reason the same."""
    right = hmac.compare_digest(pending.code_hash if pending else _NOTHING, typed)
    if pending is None or not right or pending.used_by or now >= pending.ends_at:
        raise CodeRefused
    if not ACCOUNT_STATES.allows(pending.state, act):
        raise CodeRefused
    return pending


def was_used_by(pending: Pending | None, command: UUID, typed: bytes) -> bool:
    """Whether this very command used the code before: it is being repeated."""
    return pending is not None and pending.used_by == command and hmac.compare_digest(pending.code_hash, typed)
