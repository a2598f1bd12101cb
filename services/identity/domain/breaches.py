"""Reports of breaches: which unit has one, until when it must be taken up, when others must be told."""

from datetime import datetime, timedelta

from services.contracts.base import Finding
from services.contracts.daytime import moment
from services.identity.domain.rules import RULES
from services.identity.domain.sharing import unit_above

NOTIFY = timedelta(hours=72)
"""From when a breach of personal data is noticed until the authority is told (91/2025/QH15; reliability 4.5)."""


def first_handler(unit: str) -> str:
    """The unit a report goes to: the one above.

    >>> first_handler("vn/46/19777/19777-012"), first_handler("vn/46/NA-46-01"), first_handler("vn")
    ('vn/46', 'vn', 'vn')
    """
    return unit_above(unit)


def next_handler(handler: str) -> str:
    """The unit that has a report which the former did not take up in time; the nation keeps what it has."""
    return unit_above(handler)


def is_late(state: str, due_at: datetime, now: datetime) -> bool:
    """Whether nobody took a report up in time."""
    return state == "reported" and now >= due_at


def notify_by(noticed_at: datetime, *, personal_data: bool) -> datetime | None:
    """Until when the authority must know."""
    return noticed_at + NOTIFY if personal_data else None


def findings_of(noticed_at: datetime, now: datetime) -> tuple[Finding, ...]:
    """Nothing is noticed before it happens."""
    if noticed_at <= now:
        return ()
    return (RULES["N611"].finding("noticed_at", at=moment(noticed_at)),)
