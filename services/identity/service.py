"""The identity service: its doors in three groups."""

from services.contracts.roles import POLICY
from services.identity.doors_accounts import AccountDoors
from services.identity.doors_entry import EntryDoors
from services.identity.doors_places import PlaceDoors


class IdentityService(PlaceDoors, AccountDoors, EntryDoors):
    """Units and bodies, accounts and roles, sign-in and passports."""

    name = "identity"
    policy = POLICY
