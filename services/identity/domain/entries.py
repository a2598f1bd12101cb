"""What the ledger holds of an event: one line of canonical JSON, and the content apart from it.

The line has no personal data: who acted is a person id, what was told is there as a salted digest. So a whole ledger
can be handed out, and the content of single entries can be opened, or be forgotten, without the tree changing.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.contracts.base import Envelope

SALT = 16

OPEN_TOPICS = frozenset(
    {
        "candidates.list_published",
        "results.record_advanced",
        "results.result_advanced",
        "reporting.snapshot_published",
    }
)
"""What these events tell is published or about to be; nothing else leaves the ledger in the clear."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the ledger keeps it."""

    id: UUID
    topic: str
    aggregate: str
    line: str
    salt: bytes
    content: str


def entry_of(envelope: Envelope, salt: bytes) -> Entry:
    """The entry of an event; the salt (16 random bytes) hides what could be guessed from its digest."""
    content = _canonical(envelope.data)
    told = {
        "id": str(envelope.id),
        "topic": envelope.topic,
        "aggregate": envelope.aggregate,
        "version": envelope.version,
        "at": envelope.at.isoformat(),
        "actor": envelope.actor,
        "causation": envelope.causation,
        "digest": hashlib.sha256(salt + content.encode()).hexdigest(),
    }
    return Entry(envelope.id, envelope.topic, envelope.aggregate, _canonical(told), salt, content)


def may_be_opened(topic: str, content: str, election: str, unit: str) -> bool:
    """The content may be shown to somebody who watches a unit of an election."""
    if topic not in OPEN_TOPICS:
        return False
    told = json.loads(content)
    told = told.get("result", told)
    place = str(told.get("path") or told.get("unit") or "vn")
    within = place == unit or place.startswith(f"{unit}/") or _home_of(told) == unit
    return bool(told.get("election") == election) and within


def concerns(content: str, election: str, unit: str) -> bool:
    """What was told is about the unit or one below it, in that election or in none."""
    told = json.loads(content)
    named = list(_named(told, ("election",)))
    if named and election not in named:
        return False
    paths = [place.removeprefix(f"{election}/") for place in _named(told, ("unit", "path", "scope"))]
    return unit == "vn" or any(place == unit or place.startswith(f"{unit}/") for place in paths)


def _named(told: Any, names: tuple[str, ...]) -> Iterator[str]:
    """The texts under these names, however deep."""
    if isinstance(told, dict):
        yield from (value for name, value in told.items() if name in names and isinstance(value, str))
    for value in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _named(value, names)


def _home_of(told: dict[str, Any]) -> str:
    """The unit path of the constituency a record counts in; only that very path opens records of several communes.

    >>> _home_of({"constituency": "NA-46-01", "unit": "vn/46/19777"})
    'vn/46/NA-46-01'
    """
    code = str(told.get("constituency") or "")
    kind, _, rest = code.partition("-")
    if not rest:
        return ""
    home = told.get("unit") if kind == "CC" else f"vn/{rest.split('-')[0]}"
    return f"{home}/{code}"


def _canonical(value: Any) -> str:
    """One text for one value: keys in order, no spaces, letters as themselves."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
