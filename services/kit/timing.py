"""What happens around timers, signals and invariants: their own transaction, one process at a time."""

import zlib
from typing import TYPE_CHECKING

from sqlalchemy import text

from services.kit import metrics
from services.kit.entrypoints import Invariant, Signal, Timer
from services.kit.work import Work, current

if TYPE_CHECKING:
    from services.kit.service import Service

_ALONE = text("SELECT pg_try_advisory_xact_lock(2, :door)")


def tick(service: "Service", timer: Timer) -> bool:
    """One turn of a timer door, unless another process is in it."""
    work = Work()
    reset = current.set(work)
    try:
        with service.db.transaction(cause=timer.name, trace=work.trace) as tx:
            work.tx = tx
            if not tx.scalar(_ALONE, {"door": zlib.crc32(timer.name.encode()) - 2**31}):
                return False
            getattr(service, timer.name)(tx)
            return True
    finally:
        current.reset(reset)


def measure(service: "Service", mark: Signal | Invariant) -> int:
    """The signal's or the invariant's present value, published; the sum of its rows."""
    with service.db.transaction(read_only=True) as tx:
        rows = getattr(service, mark.name)(tx)
        if isinstance(rows, int):
            rows = [(rows,)]
        rows = [tuple(row) for row in rows]
    if isinstance(mark, Invariant):
        broken = sum(int(row[-1]) for row in rows)
        metrics.INVARIANT.labels(service.name, mark.sentence).set(broken)
        return broken
    metrics.publish_signal(service.name, mark.metric, mark.labels, rows)
    return sum(int(row[-1]) for row in rows)
