"""What voters heard of elections and constituencies."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from services.contracts.candidates import ConstituencyFixed, ElectionCalled
from services.kit.database import Transaction
from services.voters.domain.areas import Home
from services.voters.models import HeardConstituency, HeardElection


def keep_election(tx: Transaction, event: ElectionCalled) -> None:
    """The election as told last, and the partition its entries go to."""
    told = event.election
    row = {"election": told.election, "day": told.day, "clock": told.clock.model_dump(mode="json")}
    fresh = insert(HeardElection).values(row)
    tx.execute(fresh.on_conflict_do_update(index_elements=["election"], set_={"day": told.day, "clock": row["clock"]}))
    name = f"entries_{told.election.replace('-', '_')}"
    if tx.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
        # Both parts are of the pattern of ElectionId: letters, digits and hyphens only.
        tx.execute(text(f"CREATE TABLE {name} PARTITION OF entries FOR VALUES IN ('{told.election}')"))


def election(tx: Transaction, id: str) -> HeardElection | None:
    """The election, if it was told."""
    return tx.get(HeardElection, id)


def keep_constituencies(tx: Transaction, events: Sequence[ConstituencyFixed]) -> None:
    """Constituencies as told last."""
    rows = [
        {
            "election": event.election,
            "code": event.constituency.code,
            "contest": str(event.constituency.contest),
            "communes": list(event.constituency.communes),
        }
        for event in events
    ]
    fresh = insert(HeardConstituency)
    kept = {name: fresh.excluded[name] for name in ("contest", "communes")}
    tx.execute(fresh.on_conflict_do_update(index_elements=["election", "code"], set_=kept), rows)


def homes(tx: Transaction, election: str, commune: str, codes: set[str]) -> dict[str, Home]:
    """The constituencies of a commune, and those named, by code."""
    rows = tx.scalars(
        select(HeardConstituency).where(
            HeardConstituency.election == election,
            HeardConstituency.communes.contains([commune]) | HeardConstituency.code.in_(codes),
        )
    )
    return {row.code: Home(row.code, row.contest, tuple(row.communes)) for row in rows}
