"""The service results: all its doors, what it watches, what must never be true."""

from services.kit.database import Transaction
from services.kit.entrypoints import invariant, signal
from services.results.doors_approval import ApprovalDoors
from services.results.doors_comparison import ComparisonDoors
from services.results.doors_entry import EntryDoors
from services.results.doors_polling import PollingDoors
from services.results.doors_results import ResultDoors
from services.results.hearing import Hearing
from services.results.store import signals, sums

_BY_PROVINCE = ("election", "province")


class ResultsService(Hearing, PollingDoors, EntryDoors, ComparisonDoors, ApprovalDoors, ResultDoors):
    """Polling day, count records, who is elected."""

    @signal("hp_turnout_reports", labels=_BY_PROVINCE)
    def turnout_reports(self, tx: Transaction) -> signals.Rows:
        return signals.reports(tx)

    @signal("hp_turnout_late", labels=_BY_PROVINCE)
    def turnout_late(self, tx: Transaction) -> signals.Rows:
        return signals.late(tx, self.settings.turnout_grace_minutes)

    @signal("hp_record_entries", labels=_BY_PROVINCE)
    def record_entries(self, tx: Transaction) -> signals.Rows:
        return signals.entries(tx)

    @signal("hp_records_compared", labels=_BY_PROVINCE)
    def records_compared(self, tx: Transaction) -> signals.Rows:
        return signals.compared(tx)

    @signal("hp_records_approved", labels=_BY_PROVINCE)
    def records_approved(self, tx: Transaction) -> signals.Rows:
        return signals.approved(tx)

    @invariant("sums of communes unlike their approved records")
    def sums_unlike_records(self, tx: Transaction) -> int:
        return sums.sums_unlike_facts(tx)

    @invariant("approved records in which one person took two parts")
    def records_approved_alone(self, tx: Transaction) -> int:
        return signals.approved_alone(tx)

    @invariant("approved records that do not balance")
    def records_approved_unbalanced(self, tx: Transaction) -> int:
        return signals.approved_unbalanced(tx)
