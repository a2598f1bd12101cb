"""What happens around every handler: claimed in the inbox, newest version only, effect and claim commit together."""

from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from services.contracts.base import Envelope, Event
from services.kit import metrics
from services.kit.database import Transaction
from services.kit.entrypoints import Ear
from services.kit.failpoints import failpoint
from services.kit.work import Work, current, new_trace

if TYPE_CHECKING:
    from services.kit.service import Service

_CLAIM = """
    INSERT INTO inbox (handler, id)
    SELECT %(handler)s, id FROM unnest(%(ids)s::uuid[]) AS t (id) ORDER BY id
    ON CONFLICT DO NOTHING RETURNING id
"""
_NEWEST = """
    INSERT INTO heard AS h (handler, aggregate, version)
    SELECT %(handler)s, a, v FROM unnest(%(aggregates)s::text[], %(versions)s::bigint[]) AS t (a, v) ORDER BY a
    ON CONFLICT (handler, aggregate) DO UPDATE SET version = excluded.version WHERE h.version < excluded.version
    RETURNING aggregate
"""


def hear(service: "Service", ear: Ear, envelopes: list[Envelope]) -> int:
    """Apply what is new among the letters, in order of arrival, in one transaction. The number applied."""
    work = Work(trace=new_trace())
    reset = current.set(work)
    try:
        with service.db.transaction(cause=str(envelopes[0].id), trace=work.trace) as tx:
            work.tx = tx
            fresh = _first_heard(tx, ear, envelopes)
            chosen = fresh if ear.every else _newest(tx, ear, fresh)
            tx.envelopes = chosen
            if chosen:
                _deliver(service, ear, chosen, tx)
            failpoint("after receive before commit")
    finally:
        current.reset(reset)
    _count(service, ear, len(envelopes), len(fresh), len(chosen))
    return len(chosen)


def _first_heard(tx: Transaction, ear: Ear, envelopes: list[Envelope]) -> list[Envelope]:
    unique = {envelope.id: envelope for envelope in envelopes}
    claimed = {row[0] for row in tx.drive(_CLAIM, {"handler": ear.key, "ids": list(unique)})}
    return [envelope for envelope in unique.values() if envelope.id in claimed]


def _newest(tx: Transaction, ear: Ear, fresh: list[Envelope]) -> list[Envelope]:
    """The newest letter of each aggregate, unless a newer one was heard before."""
    newest: dict[str, Envelope] = {}
    for envelope in fresh:
        known = newest.get(envelope.aggregate)
        if known is None or known.version < envelope.version:
            newest[envelope.aggregate] = envelope
    if not newest:
        return []
    versions = [envelope.version for envelope in newest.values()]
    asked = {"handler": ear.key, "aggregates": list(newest), "versions": versions}
    ahead = {row[0] for row in tx.drive(_NEWEST, asked)}
    return [envelope for envelope in fresh if envelope.aggregate in ahead and newest[envelope.aggregate] is envelope]


def _deliver(service: "Service", ear: Ear, chosen: list[Envelope], tx: Transaction) -> None:
    handler = getattr(service, ear.name)
    events: list[Any] = [event_of(ear, envelope) for envelope in chosen]
    if ear.batch is not None:
        handler(events, tx)
    else:
        handler(events[0], tx)


def event_of(ear: Ear, envelope: Envelope) -> Event | Envelope:
    """What the handler takes: the event, or the envelope itself where everything is heard."""
    return envelope if ear.everything else ear.event.model_validate_json(to_json(envelope.data))


def _count(service: "Service", ear: Ear, came: int, fresh: int, applied: int) -> None:
    for outcome, number in (("applied", applied), ("duplicate", came - fresh), ("older", fresh - applied)):
        if number:
            metrics.HEARD.labels(service.name, ear.key, outcome).inc(number)
