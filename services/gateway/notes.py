"""What the live stream says of an event: what changed where and into which state. No figure, no name."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from pydantic import AwareDatetime

from services.contracts.base import Event, Message
from services.contracts.candidates import DossierAdvanced, ElectionCalled, ListPublished
from services.contracts.identity import BreachChanged, ReviewAdvanced, SharingFound
from services.contracts.reporting import DocumentIssued, SnapshotPublished
from services.contracts.results import (
    BallotUseRecorded,
    IncidentReported,
    PollingAdvanced,
    RecordAdvanced,
    ResultAdvanced,
    TurnoutReported,
)
from services.contracts.voters import ImportAdvanced, PollingAreaFixed, VoterListAdvanced


class Note(Message):
    """A change: its topic, election and unit, and what in the unit it is about."""

    topic: str
    election: str
    unit: str
    area: str | None = None
    contest: str | None = None
    constituency: str | None = None
    state: str | None = None
    at: AwareDatetime

    @property
    def scope(self) -> str:
        return f"{self.election}/{self.unit}"

    @property
    def key(self) -> tuple[str, str, str]:
        """Notes of one key replace each other."""
        return self.topic, self.scope, self.constituency or ""


Fields = dict[str, Any]


def _area(event: Any) -> Fields:
    return {"election": event.election, "unit": event.unit, "area": event.area}


def _seat_path(code: str) -> str:
    """The province of a constituency; a commune's own needs the commune, which its event does not carry."""
    parts = code.split("-")
    return f"vn/{parts[1]}" if parts[0] in {"NA", "PC"} else "vn"


def _result(event: ResultAdvanced) -> Fields:
    result = event.result
    fields = {"election": result.election, "unit": result.path, "contest": result.contest}
    return {**fields, "constituency": result.constituency, "state": result.state}


def _list(event: ListPublished) -> Fields:
    fields = {"election": event.election, "unit": _seat_path(event.constituency), "contest": event.contest}
    return {**fields, "constituency": event.constituency}


_FIELDS: Final[dict[type[Event], Callable[[Any], Fields]]] = {
    ElectionCalled: lambda event: {"election": event.election.election, "unit": "vn"},
    ListPublished: _list,
    DossierAdvanced: lambda event: {"election": event.election, "unit": event.unit, "state": event.state},
    PollingAreaFixed: lambda event: {"election": event.election, "unit": event.unit, "area": event.area.code},
    VoterListAdvanced: lambda event: {**_area(event), "state": event.state},
    ImportAdvanced: lambda event: {"election": event.election, "unit": event.unit, "state": event.state},
    PollingAdvanced: lambda event: {**_area(event), "state": event.state},
    TurnoutReported: _area,
    IncidentReported: lambda event: {
        "election": event.election, "unit": event.incident.unit, "area": event.incident.area,
        "state": event.incident.state,
    },
    BallotUseRecorded: _area,
    RecordAdvanced: lambda event: {
        **_area(event), "contest": event.contest, "constituency": event.constituency, "state": event.state,
    },
    ResultAdvanced: _result,
    DocumentIssued: lambda event: {"election": event.election, "unit": event.document.unit},
    SnapshotPublished: lambda event: {"election": event.election, "unit": "vn"},
    ReviewAdvanced: lambda event: {"election": event.election, "unit": event.unit},
    SharingFound: lambda event: (
        {"election": event.election, "unit": event.unit, "state": event.state} if event.election else {}
    ),
    BreachChanged: lambda event: {"election": event.election, "unit": event.handler, "state": event.state},
}  # fmt: skip


def note_of(event: Event, at: datetime) -> Note | None:
    """The note of an event; None for what only the gateway itself needs to know, or what is of no one election."""
    fields = _FIELDS.get(type(event))
    told = fields(event) if fields else {}
    return Note(topic=event.topic, at=at, **told) if told else None
