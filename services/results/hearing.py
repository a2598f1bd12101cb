"""What results hears from identity, candidates and voters; most of it by the hundred."""

from services.contracts.candidates import ConstituencyFixed, ElectionCalled, ListPublished
from services.contracts.units import UnitDefined
from services.contracts.voters import PollingAreaFixed, VoterListAdvanced
from services.kit.database import Transaction
from services.kit.entrypoints import on
from services.results import totals
from services.results.doors import Doors
from services.results.sheets import advanced
from services.results.store import heard


class Hearing(Doors):
    """Small copies of what others own, as much as deciding takes."""

    @on(UnitDefined, batch=500)
    def on_unit_defined(self, events: list[UnitDefined], tx: Transaction) -> None:
        heard.keep_units(tx, events)

    @on(ElectionCalled)
    def on_election_called(self, event: ElectionCalled, tx: Transaction) -> None:
        heard.keep_election(tx, event)

    @on(ConstituencyFixed, batch=200)
    def on_constituency_fixed(self, events: list[ConstituencyFixed], tx: Transaction) -> None:
        heard.keep_constituencies(tx, events)

    @on(ListPublished, batch=100)
    def on_list_published(self, events: list[ListPublished], tx: Transaction) -> None:
        heard.keep_lists(tx, events)

    @on(PollingAreaFixed, batch=200)
    def on_polling_area_fixed(self, events: list[PollingAreaFixed], tx: Transaction) -> None:
        """An area's three count records are awaited from the moment it stands."""
        at = max(envelope.at for envelope in tx.envelopes)
        before = heard.touched_by(tx, events)
        records = heard.keep_areas(tx, events)
        tx.emit_all(advanced(record, at) for record in records)
        totals.settle(tx, [*before, *heard.touched_by(tx, events)], at)

    @on(VoterListAdvanced, batch=500)
    def on_voter_list_advanced(self, events: list[VoterListAdvanced], tx: Transaction) -> None:
        heard.keep_voter_lists(tx, events)
