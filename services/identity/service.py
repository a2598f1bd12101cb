"""The identity service: its doors in four groups."""

from services.contracts.roles import POLICY
from services.identity.doors_accounts import AccountDoors
from services.identity.doors_entry import EntryDoors
from services.identity.doors_ledger import LedgerDoors
from services.identity.doors_places import PlaceDoors


class IdentityService(PlaceDoors, AccountDoors, EntryDoors, LedgerDoors):
    """Units and bodies, accounts and roles, sign-in and passports, the ledger of what happened."""

    name = "identity"
    policy = POLICY
