"""What several doors of candidates need: the election they are asked about, the key, and refusals with findings."""

from collections.abc import Iterable
from functools import cached_property
from typing import cast

from services.candidates.models import ElectionRow
from services.candidates.settings import CandidatesSettings
from services.candidates.store import elections
from services.contracts.base import Finding, HasFindings, Severity, Unknown
from services.kit.concealed import Concealer
from services.kit.database import Transaction
from services.kit.service import Service


class Desk(Service):
    """The ground the doors of candidates stand on."""

    settings_type = CandidatesSettings

    @cached_property
    def concealer(self) -> Concealer:
        """What conceals and reveals personal numbers in this process."""
        return cast("CandidatesSettings", self.settings).concealer()

    @property
    def digest_key(self) -> bytes:
        """Requests hold personal numbers: the hash kept for repeats is keyed, or a number could be guessed from it."""
        return cast("CandidatesSettings", self.settings).digest_key()

    @staticmethod
    def election_held(tx: Transaction, id: str, *, hold: bool = False) -> ElectionRow:
        """The election asked about, or Unknown."""
        row = elections.election(tx, id, hold=hold)
        if row is None:
            raise Unknown(what=f"cuộc bầu cử {id}")
        return row


def require_nothing_blocks(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings when none of them blocks; else all of them as one refusal, and nothing was stored."""
    every = tuple(findings)
    blocking = sum(1 for finding in every if finding.severity is Severity.BLOCK)
    if blocking:
        raise HasFindings(findings=every, number=blocking)
    return every
