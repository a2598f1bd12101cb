"""The tables of identity."""

from services.identity.models.base import Base
from services.identity.models.duties import (
    ConflictRow,
    HeardAreaRow,
    HeardCandidateRow,
    HeardConstituencyRow,
    HeardElectionRow,
    OpeningRow,
    SealedKeyRow,
)
from services.identity.models.entry import (
    AuthenticatorRow,
    ChallengeRow,
    FormerTokenRow,
    GuessRow,
    PasswordRow,
    SessionRow,
)
from services.identity.models.ledger import CheckpointRow, CosignatureRow, LedgerNodeRow, LedgerRow, WitnessKeyRow
from services.identity.models.passkeys import (
    CeremonyRow,
    DisownedRow,
    PasskeyRow,
    RecoveryAskRow,
    RecoveryConfirmationRow,
    RecoveryRow,
)
from services.identity.models.people import AccountRow, ActivationRow, GrantRow, PersonRow
from services.identity.models.places import BodyRow, MemberRow, UnitRow
from services.identity.models.reviews import ActRow, CampaignRow, ConfirmationRow
from services.identity.models.sharing import (
    ActDoneRow,
    AnnouncementRow,
    BreachRow,
    MachineRow,
    NetworkRow,
    SharedMachineRow,
    SharingRow,
    SightingRow,
)

__all__ = [
    "AccountRow",
    "ActDoneRow",
    "ActRow",
    "ActivationRow",
    "AnnouncementRow",
    "AuthenticatorRow",
    "Base",
    "BodyRow",
    "BreachRow",
    "CampaignRow",
    "CeremonyRow",
    "ChallengeRow",
    "CheckpointRow",
    "ConfirmationRow",
    "ConflictRow",
    "CosignatureRow",
    "DisownedRow",
    "FormerTokenRow",
    "GrantRow",
    "GuessRow",
    "HeardAreaRow",
    "HeardCandidateRow",
    "HeardConstituencyRow",
    "HeardElectionRow",
    "LedgerNodeRow",
    "LedgerRow",
    "MachineRow",
    "MemberRow",
    "NetworkRow",
    "OpeningRow",
    "PasskeyRow",
    "PasswordRow",
    "PersonRow",
    "RecoveryAskRow",
    "RecoveryConfirmationRow",
    "RecoveryRow",
    "SealedKeyRow",
    "SessionRow",
    "SharedMachineRow",
    "SharingRow",
    "SightingRow",
    "UnitRow",
    "WitnessKeyRow",
]
