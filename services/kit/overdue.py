"""Statements of calls nobody waits for any more are cut off: a slow one holds no connection past its deadline."""

import time
from typing import TYPE_CHECKING

from sqlalchemy import text

from services.kit.logs import Log
from services.kit.work import Work

if TYPE_CHECKING:
    from services.kit.database import Database

# A statement that began a moment ago belongs to somebody who got the connection since: it is left alone.
_CUT = text("""
    SELECT pg_cancel_backend(pid) FROM pg_stat_activity
    WHERE pid = ANY(CAST(:pids AS integer[])) AND state = 'active'
      AND query_start < clock_timestamp() - interval '30 milliseconds'
""")
_STEP = 0.1

_at_work: dict[int, Work] = {}


def enter(work: Work) -> None:
    """The work is being done, until its deadline at most."""
    if work.deadline is not None:
        _at_work[id(work)] = work


def leave(work: Work) -> None:
    """The work has ended."""
    _at_work.pop(id(work), None)


def late() -> list[int]:
    """The database processes that work past a deadline."""
    now = time.time()
    return [
        work.backend
        for work in list(_at_work.values())
        if work.backend is not None and work.deadline is not None and work.deadline < now
    ]


def watch(database: "Database", log: Log) -> None:
    """As long as the process lives; its statements run on a connection no door can take."""
    while True:
        time.sleep(_STEP)
        pids = late()
        if not pids:
            continue
        try:
            with database.transaction(read_only=True) as tx:
                tx.execute(_CUT, {"pids": pids})
        except Exception as error:  # noqa: BLE001  a database that is away runs no statement either
            log.warning("nothing cut off", error=type(error).__name__)
