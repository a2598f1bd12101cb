"""The voters service: its doors in three groups, what it watches, what must never be true."""

from services.contracts.roles import POLICY
from services.kit.database import Transaction
from services.kit.entrypoints import invariant, signal
from services.voters.doors_areas import AreaDoors
from services.voters.doors_imports import ImportDoors
from services.voters.doors_lists import ListDoors
from services.voters.store import entries


class VotersService(AreaDoors, ImportDoors, ListDoors):
    """Polling areas, voter lists, imports."""

    name = "voters"
    policy = POLICY

    @signal("hp_voter_lists", labels=("election", "province", "state"), seconds=30)
    def voter_lists(self, tx: Transaction) -> list[tuple[str, str, str, int]]:
        return entries.lists_by_province(tx)

    @invariant("lists whose totals are not the sums of their entries", seconds=300)
    def totals_unlike_entries(self, tx: Transaction) -> int:
        return entries.lists_unlike_entries(tx)
