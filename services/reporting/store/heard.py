"""What others told, kept by the hundred: one statement a batch, newest state of each aggregate."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert

from services.contracts.candidates import ConstituencyFixed, ElectionCalled, ListPublished
from services.contracts.results import (
    IncidentReported,
    PollingAdvanced,
    RecordAdvanced,
    RecordState,
    ResultAdvanced,
    ResultState,
    TurnoutReported,
)
from services.contracts.units import BodyFormed, UnitDefined
from services.contracts.voters import PollingAreaFixed, VoterListAdvanced
from services.kit.database import Transaction
from services.reporting.models import (
    AreaRow,
    Base,
    BodyRow,
    ConstituencyRow,
    DocumentRow,
    ElectionRow,
    IncidentRow,
    ListRow,
    PollingRow,
    RecordRow,
    ResultRow,
    RightsRow,
    TurnoutRow,
    UnitRow,
)

SETTLED = "settled"


def _keep(tx: Transaction, table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Each row as it now is, in the order of its key: two batches never wait for each other in a circle."""
    if not rows:
        return
    keys = [column.name for column in table.__table__.primary_key]
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    ordered = sorted(rows, key=lambda row: [str(row[key]) for key in keys])
    tx.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), ordered)


def keep_units(tx: Transaction, events: Sequence[UnitDefined]) -> None:
    _keep(
        tx,
        UnitRow,
        [
            {"code": unit.code, "path": unit.path, "kind": unit.kind, "name": unit.name, "title": unit.title}
            for unit in events
        ],
    )


def keep_election(tx: Transaction, event: ElectionCalled) -> None:
    election = event.election
    _keep(tx, ElectionRow, [{"election": election.election, "data": election.model_dump(mode="json")}])


def keep_constituencies(tx: Transaction, events: Sequence[ConstituencyFixed]) -> None:
    _keep(
        tx,
        ConstituencyRow,
        [
            {
                "election": event.election,
                "code": event.constituency.code,
                "contest": event.constituency.contest,
                "path": event.constituency.path,
                "seats": event.constituency.seats,
                "data": event.constituency.model_dump(mode="json"),
            }
            for event in events
        ],
    )


def keep_lists(tx: Transaction, events: Sequence[ListPublished]) -> None:
    _keep(
        tx,
        ListRow,
        [
            {"election": event.election, "constituency": event.constituency, "data": event.model_dump(mode="json")}
            for event in events
        ],
    )


def keep_bodies(tx: Transaction, events: Sequence[BodyFormed]) -> None:
    _keep(
        tx,
        BodyRow,
        [
            {"election": event.election, "path": event.body.path, "data": event.body.model_dump(mode="json")}
            for event in events
        ],
    )


def keep_areas(tx: Transaction, events: Sequence[PollingAreaFixed]) -> None:
    _keep(
        tx,
        AreaRow,
        [
            {
                "election": event.election,
                "area": event.area.code,
                "commune": commune_of(event.area.code),
                "province": event.unit.split("/")[1],
                **event.area.model_dump(mode="json", include={"place", "contact", "phone", "na", "pc", "cc"}),
            }
            for event in events
        ],
    )


def keep_rights(tx: Transaction, events: Sequence[VoterListAdvanced]) -> None:
    _keep(
        tx,
        RightsRow,
        [
            {
                "election": event.election,
                "area": event.area,
                "state": event.state,
                "na": event.rights.na,
                "pc": event.rights.pc,
                "cc": event.rights.cc,
            }
            for event in events
        ],
    )


def keep_polling(tx: Transaction, events: Sequence[PollingAdvanced]) -> None:
    _keep(
        tx,
        PollingRow,
        [
            {
                "election": event.election,
                "area": event.area,
                "opened_at": event.opened_at,
                "closed_at": event.closed_at,
                "opening_witnesses": list(event.opening_witnesses),
                "count_witnesses": list(event.count_witnesses),
            }
            for event in events
        ],
    )


def keep_turnout(tx: Transaction, events: Sequence[TurnoutReported]) -> None:
    _keep(
        tx,
        TurnoutRow,
        [
            {
                "election": event.election,
                "area": event.area,
                "slot": event.slot,
                "commune": commune_of(event.area),
                "took_part": event.took_part,
                "voters": event.voters,
                "at": event.at,
            }
            for event in events
        ],
    )


def keep_incidents(tx: Transaction, events: Sequence[IncidentReported]) -> None:
    _keep(
        tx,
        IncidentRow,
        [
            {
                "election": event.election,
                "unit": event.incident.unit,
                "number": event.incident.number,
                "commune": incident_commune(event),
                "open": event.incident.state != SETTLED,
                "happened_at": event.incident.happened_at,
                "data": event.incident.model_dump(mode="json"),
            }
            for event in events
        ],
    )


def keep_records(tx: Transaction, events: Sequence[RecordAdvanced], versions: Sequence[int]) -> None:
    """Records as they now stand; a document made from an older version of one is superseded (F17)."""
    rows = [
        {
            "election": event.election,
            "area": event.area,
            "contest": event.contest,
            "commune": commune_of(event.area),
            "constituency": event.constituency,
            "state": event.state,
            "version": version,
            "figures": _figures(event),
            "content": event.content,
            "hands": [hand.model_dump(mode="json") for hand in event.hands],
            "at": event.at,
        }
        for event, version in zip(events, versions, strict=True)
    ]
    _keep(tx, RecordRow, rows)
    told = zip(events, versions, strict=True)
    _supersede(tx, [(one.election, record_fact(one.area, one.contest), version, None) for one, version in told])


def keep_results(tx: Transaction, events: Sequence[ResultAdvanced], versions: Sequence[int]) -> None:
    """Results as they now stand; a document of other content than the newest version has is superseded (F17)."""
    rows = [
        {
            "election": event.result.election,
            "constituency": event.result.constituency,
            "contest": event.result.contest,
            "path": event.result.path,
            "state": event.result.state,
            "seats": event.result.seats,
            "elected": event.result.elected,
            "version": version,
            "content": event.result.content,
            "hands": [hand.model_dump(mode="json") for hand in event.hands],
            "data": event.result.model_dump(mode="json"),
        }
        for event, version in zip(events, versions, strict=True)
    ]
    _keep(tx, ResultRow, rows)
    facts = []
    for event, version in zip(events, versions, strict=True):
        held = event.result
        same = held.content if held.state in {ResultState.PREPARED, ResultState.DECLARED} else None
        facts.append((held.election, result_fact(held.constituency), version, same))
    _supersede(tx, facts)


def _supersede(tx: Transaction, facts: Iterable[tuple[str, str, int, str | None]]) -> None:
    """Documents made from an older version of a fact are superseded, unless its content is still the very same."""
    statement = (
        update(DocumentRow)
        .where(
            DocumentRow.election == bindparam("of_election"),
            DocumentRow.fact == bindparam("of_fact"),
            DocumentRow.fact_version < bindparam("newest"),
            DocumentRow.content != bindparam("same"),
            ~DocumentRow.superseded,
        )
        .values(superseded=True)
        .execution_options(synchronize_session=False)
    )
    rows = [
        {"of_election": election, "of_fact": fact, "newest": version, "same": same or ""}
        for election, fact, version, same in facts
    ]
    if rows:
        tx.session.connection().execute(statement, rows)


def _figures(event: RecordAdvanced) -> dict[str, Any] | None:
    if event.state != RecordState.APPROVED or event.figures is None:
        return None
    return event.figures.model_dump(mode="json")


def commune_of(area: str) -> str:
    """The commune an area's code begins with."""
    return area[:5]


def incident_commune(event: IncidentReported) -> str:
    """The commune an incident happened in; empty above the communes."""
    parts = event.incident.unit.split("/")
    return parts[2] if len(parts) > 2 else ""


def record_fact(area: str, contest: str) -> str:
    """The name of a record as the fact a document is made from."""
    return f"record/{area}/{contest}"


def result_fact(constituency: str) -> str:
    """The name of a result as the fact a document is made from."""
    return f"result/{constituency}"
