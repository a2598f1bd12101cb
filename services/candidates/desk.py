"""What several doors of candidates need: the key of personal numbers and the election they are asked about."""

from services.candidates.models import ElectionRow
from services.candidates.store import elections
from services.contracts.base import Unknown
from services.kit.concealed import ConcealingService
from services.kit.database import Transaction


class Desk(ConcealingService):
    """The ground the doors of candidates stand on."""

    @staticmethod
    def election_held(tx: Transaction, id: str, *, hold: bool = False) -> ElectionRow:
        """The election asked about, or Unknown."""
        row = elections.election(tx, id, hold=hold)
        if row is None:
            raise Unknown(what=f"cuộc bầu cử {id}")
        return row
