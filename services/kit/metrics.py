"""Counters and timers of every door, gauges of what waits. Only this file knows prometheus."""

from collections.abc import Iterable
from typing import Any

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

DOOR = Histogram("hp_door_seconds", "Time a door took", ["service", "door", "outcome"], buckets=_BUCKETS)
POOL = Gauge("hp_pool_in_use", "Database connections taken", ["service"])
POOL_SIZE = Gauge("hp_pool_size", "Database connections there are", ["service"])
OLDEST = Gauge("hp_outbox_oldest_seconds", "Age of the oldest letter not yet told", ["service"])
UNTOLD = Gauge("hp_outbox_untold", "Letters not yet told (counted up to 100,000)", ["service"])
TOLD = Counter("hp_outbox_told_total", "Letters told and confirmed", ["service"])
STOPPED = Gauge("hp_outbox_stopped_aggregates", "Aggregates whose letters cannot be routed", ["service"])
PARKED = Gauge("hp_parked_waiting", "Parked letters nobody has dealt with", ["service"])
PARKINGS = Counter("hp_parked_total", "Letters parked", ["service", "handler"])
HEARD = Counter("hp_heard_total", "Letters heard, by what became of them", ["service", "handler", "outcome"])
RETRIES = Counter("hp_retries_total", "Letters tried again", ["service", "handler"])
LATE = Counter("hp_deadline_exceeded_total", "Calls refused or given up past their deadline", ["service", "side"])
LOST_REPLIES = Counter("hp_replies_lost_total", "Answers that could not be sent", ["service"])
SHED = Counter("hp_calls_shed_total", "Remote calls refused by the bulkhead or the breaker", ["service", "target"])
CROWDED = Counter("hp_calls_crowded_total", "Calls refused because enough were waiting", ["service"])
INVARIANT = Gauge("hp_invariant", "What must be 0", ["service", "invariant"])

_signals: dict[str, Gauge] = {}


def publish_signal(service: str, metric: str, labels: tuple[str, ...], rows: Iterable[Any]) -> None:
    """The rows (label values…, integer) as the present value of a service's own gauge; what is not in them is gone."""
    gauge = _signals.get(metric)
    if gauge is None:
        gauge = _signals[metric] = Gauge(metric, f"Signal of {service}", ["service", *labels])
    gauge.clear()
    for *values, amount in rows:
        gauge.labels(service, *map(str, values)).set(amount)


def page() -> bytes:
    """Everything, as Prometheus reads it."""
    return generate_latest(REGISTRY)
