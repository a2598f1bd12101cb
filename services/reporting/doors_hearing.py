"""What reporting hears: copies kept by the hundred, and the counters of the communes they touch."""

from services.contracts.candidates import ConstituencyFixed, ElectionCalled, ListPublished
from services.contracts.results import (
    IncidentReported,
    PollingAdvanced,
    RecordAdvanced,
    ResultAdvanced,
    TurnoutReported,
)
from services.contracts.units import BodyFormed, UnitDefined
from services.contracts.voters import PollingAreaFixed, VoterListAdvanced
from services.kit.database import Transaction
from services.kit.entrypoints import on
from services.reporting.desk import Desk
from services.reporting.store import counters, heard


class HearingDoors(Desk):
    """Twice, late and out of order change nothing: the newest state of each aggregate is kept, counters follow."""

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

    @on(BodyFormed, batch=200)
    def on_body_formed(self, events: list[BodyFormed], tx: Transaction) -> None:
        heard.keep_bodies(tx, events)

    @on(PollingAreaFixed, batch=500)
    def on_polling_area_fixed(self, events: list[PollingAreaFixed], tx: Transaction) -> None:
        heard.keep_areas(tx, events)
        touched = {(event.election, heard.commune_of(event.area.code)) for event in events}
        counters.refresh_days(tx, touched)
        counters.refresh_counts(tx, touched)

    @on(VoterListAdvanced, batch=500)
    def on_voter_list_advanced(self, events: list[VoterListAdvanced], tx: Transaction) -> None:
        heard.keep_rights(tx, events)
        counters.refresh_days(tx, {(event.election, heard.commune_of(event.area)) for event in events})

    @on(PollingAdvanced, batch=500)
    def on_polling_advanced(self, events: list[PollingAdvanced], tx: Transaction) -> None:
        heard.keep_polling(tx, events)

    @on(TurnoutReported, batch=500)
    def on_turnout_reported(self, events: list[TurnoutReported], tx: Transaction) -> None:
        heard.keep_turnout(tx, events)
        counters.refresh_days(tx, {(event.election, heard.commune_of(event.area)) for event in events})

    @on(IncidentReported, batch=100)
    def on_incident_reported(self, events: list[IncidentReported], tx: Transaction) -> None:
        heard.keep_incidents(tx, events)
        counters.refresh_days(tx, {(event.election, heard.incident_commune(event)) for event in events})

    @on(RecordAdvanced, batch=500)
    def on_record_advanced(self, events: list[RecordAdvanced], tx: Transaction) -> None:
        heard.keep_records(tx, events, [envelope.version for envelope in tx.envelopes])
        counters.refresh_counts(tx, {(event.election, heard.commune_of(event.area)) for event in events})

    @on(ResultAdvanced, batch=100)
    def on_result_advanced(self, events: list[ResultAdvanced], tx: Transaction) -> None:
        heard.keep_results(tx, events, [envelope.version for envelope in tx.envelopes])
