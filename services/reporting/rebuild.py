"""Throws every counter away and makes it again from the facts heard: `python -m services.reporting.rebuild`."""

import sys
import time

from services.kit.database import Database
from services.reporting.settings import ReportingSettings
from services.reporting.store import counters


def main() -> int:
    """The counters say again what their facts say; the verdict counts those that do not."""
    began = time.monotonic()
    database = Database(ReportingSettings().database_url, pool=1)
    try:
        with database.transaction() as tx:
            counters.rebuild(tx)
        with database.transaction(read_only=True) as tx:
            differing = counters.differing(tx)
    finally:
        database.close()
    seconds = int(time.monotonic() - began)
    sys.stdout.write(f"verdict: {'miss' if differing else 'ok'} differing={differing} seconds={seconds}\n")
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
