"""What the present piece of work is: its passport, deadline and trace, carried along every call it makes."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from random import getrandbits
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.kit.database import Transaction


def new_trace() -> str:
    """A W3C traceparent that starts a trace."""
    return f"00-{getrandbits(128):032x}-{_span()}-01"


def next_span(traceparent: str) -> str:
    """The same trace, a new span; a fresh trace when the text is not a traceparent."""
    parts = traceparent.split("-")
    if [len(part) for part in parts] != [2, 32, 16, 2]:
        return new_trace()
    return f"{parts[0]}-{parts[1]}-{_span()}-{parts[3]}"


def _span() -> str:
    return f"{getrandbits(64):016x}"  # a name that nobody must guess or not: it needs no question to the system


@dataclass(slots=True)
class Work:
    """One door being served."""

    token: str | None = None
    deadline: float | None = None  # unix seconds
    trace: str = field(default_factory=new_trace)
    tx: "Transaction | None" = None
    backend: int | None = None  # the database process that works for it now

    @property
    def trace_id(self) -> str:
        return self.trace.split("-")[1]

    def remaining(self) -> float | None:
        """Seconds until the deadline, None when there is none."""
        return None if self.deadline is None else self.deadline - time.time()


current: ContextVar[Work | None] = ContextVar("current_work", default=None)


def require_no_transaction() -> None:
    """A question to another service is asked before the transaction, never inside it."""
    work = current.get()
    if work is not None and work.tx is not None and work.tx.used:
        raise RuntimeError("a remote call inside a transaction: ask first, then use tx")
