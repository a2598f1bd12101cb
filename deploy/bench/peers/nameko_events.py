"""Stock nameko: an event handler whose effect stands once, in one transaction. `nameko run nameko_events`.

nameko-sqlalchemy gives the session, as in nameko's own examples; an exception puts the event back on its queue.
"""

import os

from nameko.events import event_handler
from nameko_sqlalchemy import Database
from sqlalchemy import text
from sqlalchemy.orm import declarative_base

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"  # else the driver's compiled wait would block every other worker

Base = declarative_base()
CLAIM = text("INSERT INTO inbox (handler, id) VALUES ('on_reported', :id) ON CONFLICT DO NOTHING RETURNING id")
UPSERT = text(
    "INSERT INTO tallies (station, total) VALUES (:station, :total)"
    " ON CONFLICT (station) DO UPDATE SET total = excluded.total"
)


class Tally:
    """Keeps the newest total of every station."""

    name = "stock_tally"
    db = Database(Base)

    @event_handler("office", "reported", requeue_on_error=True)
    def on_reported(self, letter: dict) -> None:
        """The inbox row and the effect commit together; the event is acknowledged after."""
        with self.db.get_session() as session:
            if session.execute(CLAIM, {"id": letter["id"]}).first() is not None:
                session.execute(UPSERT, letter["data"])
            session.commit()
