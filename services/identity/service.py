"""The identity service: its doors in four groups."""

from services.contracts.roles import POLICY
from services.identity.doors_account_files import AccountFileDoors
from services.identity.doors_bodies import BodyDoors
from services.identity.doors_breaches import BreachDoors
from services.identity.doors_duties import DutyDoors
from services.identity.doors_entry import EntryDoors
from services.identity.doors_ledger import LedgerDoors
from services.identity.doors_mine import MineDoors
from services.identity.doors_passkeys import PasskeyDoors
from services.identity.doors_places import PlaceDoors
from services.identity.doors_recovery import RecoveryDoors
from services.identity.doors_reviews import ReviewDoors
from services.identity.doors_sharing import SharingDoors


class IdentityService(
    PlaceDoors,
    RecoveryDoors,
    MineDoors,
    PasskeyDoors,
    AccountFileDoors,
    ReviewDoors,
    EntryDoors,
    LedgerDoors,
    SharingDoors,
    BreachDoors,
    BodyDoors,
    DutyDoors,
):
    """Units and bodies, accounts and roles, sign-in and passports, the ledger of what happened."""

    name = "identity"
    policy = POLICY
