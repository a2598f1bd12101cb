"""What the doors of voters share: settings, the concealer, the election and the commune they are asked about."""

from datetime import datetime
from functools import cached_property
from typing import cast

from services.contracts.base import Finding, HasFindings, Severity, Unknown
from services.contracts.voters import VoterListAdvanced
from services.kit.concealed import Concealer
from services.kit.database import Transaction
from services.kit.service import Service
from services.voters.models import AreaRow, HeardElection
from services.voters.settings import VotersSettings
from services.voters.store import areas, heard

COMMUNE_PARTS = 3


class Desk(Service):
    """The ground the doors of voters stand on."""

    settings_type = VotersSettings

    @property
    def own_settings(self) -> VotersSettings:
        return cast("VotersSettings", self.settings)

    @cached_property
    def concealer(self) -> Concealer:
        """What conceals personal numbers in this process."""
        return self.own_settings.concealer()


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


def require_nothing_blocks(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings when none of them blocks; else all as one refusal, and nothing was stored."""
    blocking = sum(finding.severity is Severity.BLOCK for finding in findings)
    if blocking:
        raise HasFindings(findings=findings, number=blocking)
    return findings
