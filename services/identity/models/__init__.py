"""The tables of identity."""

from services.identity.models.base import Base
from services.identity.models.entry import AuthenticatorRow, ChallengeRow, GuessRow, PasswordRow, SessionRow
from services.identity.models.ledger import CheckpointRow, CosignatureRow, LedgerNodeRow, LedgerRow, WitnessKeyRow
from services.identity.models.people import AccountRow, ActivationRow, GrantRow, PersonRow
from services.identity.models.places import BodyRow, MemberRow, UnitRow

__all__ = [
    "AccountRow",
    "ActivationRow",
    "AuthenticatorRow",
    "Base",
    "BodyRow",
    "ChallengeRow",
    "CheckpointRow",
    "CosignatureRow",
    "GrantRow",
    "GuessRow",
    "LedgerNodeRow",
    "LedgerRow",
    "MemberRow",
    "PasswordRow",
    "PersonRow",
    "SessionRow",
    "UnitRow",
    "WitnessKeyRow",
]
