"""What the doors of voters share: settings, the election and the commune they are asked about."""

from datetime import datetime
from typing import cast

from services.contracts.base import Unknown
from services.contracts.voters import VoterListAdvanced
from services.kit.concealed import ConcealingService
from services.kit.database import Transaction
from services.voters.models import AreaRow, HeardElection
from services.voters.settings import VotersSettings
from services.voters.store import areas, heard

COMMUNE_PARTS = 3


class Desk(ConcealingService):
    """The ground the doors of voters stand on."""

    settings_type = VotersSettings

    @property
    def own_settings(self) -> VotersSettings:
        return cast("VotersSettings", self.settings)


def election_held(tx: Transaction, id: str) -> HeardElection:
    """The election asked about, or Unknown."""
    row = heard.election(tx, id)
    if row is None:
        raise Unknown(what=f"cuộc bầu cử {id}")
    return row


def commune_of(unit: str) -> str:
    """The code of the commune a path names; Unknown for any other unit."""
    parts = unit.split("/")
    if len(parts) != COMMUNE_PARTS or "-" in parts[2]:
        raise Unknown(what=f"xã, phường, đặc khu {unit}")
    return parts[2]


def list_told(row: AreaRow, at: datetime) -> VoterListAdvanced:
    """The event that tells a list as it now stands."""
    return VoterListAdvanced(
        election=row.election,
        unit=row.unit,
        area=row.code,
        state=row.state,
        rights=areas.rights_of(row),
        at=at,
    )
