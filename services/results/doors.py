"""What every group of doors of results stands on: its name, policy and settings, the clock of an election, receipts."""

from datetime import datetime, timedelta
from typing import ClassVar

from services.contracts.base import Policy, Unknown
from services.contracts.candidates import Clock
from services.contracts.roles import POLICY
from services.kit.database import Transaction
from services.kit.service import Service
from services.kit.settings import Settings
from services.results.models import HeardElection
from services.results.settings import ResultsSettings
from services.results.store import polling as days
from services.results.store import records


class Doors(Service):
    """The service results, without doors yet."""

    name = "results"
    policy: ClassVar[Policy] = POLICY
    settings_type: ClassVar[type[Settings]] = ResultsSettings
    settings: ResultsSettings

    @property
    def gross(self) -> bool:
        """Whether "ballots issued" counts exchanged ones too (forms.md 12.1)."""
        return self.settings.issued == "gross"

    @property
    def grace(self) -> timedelta:
        """How long after its slot a turnout report is in time."""
        return timedelta(minutes=self.settings.turnout_grace_minutes)

    @property
    def idle(self) -> timedelta:
        """How long a claim may lie untouched before it is anybody's."""
        return timedelta(minutes=self.settings.claim_minutes)


def election_of(tx: Transaction, election: str) -> HeardElection:
    """The election, or Unknown."""
    found = days.election_of(tx, election)
    if found is None:
        raise Unknown(what=election)
    return found


def shown(election: HeardElection, real: datetime) -> datetime:
    """A real instant on the election's own clock: what people of a rehearsal see, and what is written down."""
    return Clock.model_validate(election.clock).at(real)


def receipt(tx: Transaction, unit: str, number: int | None = None) -> str:
    """A receipt number, such as 46-19777-0412; the next one unless it was drawn before."""
    drawn = records.receipt_number(tx) if number is None else number
    return f"{'-'.join(unit.split('/')[1:3]) or unit}-{drawn:04d}"
