"""The live stream: small notes of what changed where, only to who may hear of it, never more than a stream can hold."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from services.contracts.base import Envelope, Event, Grant
from services.contracts.identity import SessionEnded
from services.contracts.results import RecordAdvanced, TurnoutReported
from services.gateway.live import HEARD, RELOAD, Hub, Subscription
from services.gateway.notes import Note
from services.gateway.routes import live
from tests.gateway.fakes import PERSON, FakeHub, FakeLine

NOW = datetime(2026, 3, 15, 9, 42, tzinfo=UTC)
HERE = "dien-tap-4/vn/46/19777"


def note(unit: str = "vn/46/19777", topic: str = "results.turnout_reported", election: str = "dien-tap-4") -> Note:
    return Note(topic=topic, election=election, unit=unit, at=NOW)


def stream(unit: str = "vn/46/19777", scope: str = HERE) -> Subscription:
    return Subscription("dien-tap-4", unit, (Grant(role="secretary", scope=scope),), None)


def told(event: Event) -> bytes:
    data = event.model_dump(mode="json")
    letter = Envelope(id=uuid4(), topic=event.topic, aggregate=event.aggregate, version=1, at=NOW, data=data)
    return letter.model_dump_json().encode()


def turnout(unit: str = "vn/46/19777", area: str = "19777-012") -> TurnoutReported:
    return TurnoutReported(
        election="dien-tap-4", unit=unit, area=area, slot="16:00", took_part=1190, voters=1286, late=False, at=NOW
    )


def test_a_note_tells_where_and_what_and_no_figure() -> None:
    hub, heard = FakeHub(), stream()
    hub.join(heard, None)

    hub.hear(told(turnout()))

    [(_, one)] = heard.take()
    shown = one.model_dump(exclude_none=True)
    assert set(shown) == {"topic", "election", "unit", "area", "at"}
    assert "1190" not in one.model_dump_json()


def test_no_event_that_is_told_carries_a_name_or_a_figure_into_the_stream() -> None:
    assert set(Note.model_fields) == {"topic", "election", "unit", "area", "contest", "constituency", "state", "at"}


@pytest.mark.parametrize(
    ("asked", "granted", "happened", "hears"),
    [
        ("vn/46/19777", HERE, "vn/46/19777", True),
        ("vn/46", "dien-tap-4/vn/46", "vn/46/19777", True),
        ("vn", "dien-tap-4/vn", "vn/46/19777", True),
        ("vn", "*", "vn/46/19777", True),
        ("vn/46/19777", HERE, "vn", True),
        ("vn", HERE, "vn/46/19789", False),
        ("vn/46/19789", HERE, "vn/46/19789", False),
        ("vn/46/19777", HERE, "vn/46/19789", False),
        ("vn/46/19777", "dien-tap-3/vn/46/19777", "vn/46/19777", False),
        ("vn/4", "dien-tap-4/vn", "vn/46/19777", False),
    ],
)
def test_a_person_hears_of_the_unit_asked_for_and_of_what_their_role_reaches(asked, granted, happened, hears) -> None:
    assert stream(asked, granted).wants(note(happened)) is hears


def test_of_another_election_nothing_is_heard() -> None:
    assert not stream().wants(note(election="2026"))


def test_many_changes_of_one_place_wait_as_one_note() -> None:
    hub, heard = FakeHub(), stream()
    hub.join(heard, None)

    for _ in range(100):
        hub.hear(told(turnout()))

    assert len(heard.take()) == 1


def test_a_stream_that_cannot_follow_is_told_to_look_again() -> None:
    hub, heard = FakeHub(), stream("vn", "dien-tap-4/vn")
    hub.join(heard, None)

    for commune in range(5000):
        hub.tell(note(f"vn/46/{commune:05d}"))

    waiting = heard.take()
    assert len(waiting) <= 400
    assert RELOAD in {one.topic for _, one in waiting}


def test_who_comes_back_hears_what_was_told_meanwhile() -> None:
    hub, first, again = FakeHub(), stream(), stream()
    hub.join(first, None)
    hub.tell(note(topic="a.b"))
    [(number, _)] = first.take()
    hub.leave(first)
    hub.tell(note(topic="c.d"))

    hub.join(again, number)

    assert [one.topic for _, one in again.take()] == ["c.d"]


def test_an_unreadable_event_and_an_unknown_topic_change_nothing() -> None:
    hub, heard = FakeHub(), stream()
    hub.join(heard, None)
    strange = Envelope(id=uuid4(), topic="results.new_thing", aggregate="a", version=1, at=NOW, data={})

    for body in (b"", b"{}", b"\xff", strange.model_dump_json().encode(), told(turnout())[:-20]):
        hub.hear(body)

    assert heard.take() == []


def test_every_event_the_hub_hears_is_one_of_the_contracts_and_bound_once() -> None:
    assert len({kind.topic for kind in HEARD}) == len(HEARD)
    assert RecordAdvanced in HEARD


def test_the_end_of_a_session_closes_its_streams_only() -> None:
    session, hub = uuid4(), Hub("amqp://nobody/", 10)
    mine = Subscription("dien-tap-4", "vn", (), session)
    other = Subscription("dien-tap-4", "vn", (), uuid4())
    hub.join(mine, None)
    hub.join(other, None)
    hub.when(SessionEnded, lambda event: hub.end_session(event.session))

    hub.hear(told(SessionEnded(session=session, person=PERSON, reason="signed out")))

    assert (mine.closed, other.closed) == (True, False)


def test_the_stream_sends_notes_with_numbers_and_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    hub, heard = FakeHub(), stream()
    hub.join(heard, None)
    monkeypatch.setattr(live, "_BEAT", 0.05)
    monkeypatch.setattr(live, "_PAUSE", 0.01)

    class Asked:
        class app:  # noqa: N801
            class state:  # noqa: N801
                class gateway:  # noqa: N801
                    pass

    Asked.app.state.gateway.hub = hub

    async def story() -> list[bytes]:
        pieces = live._told(Asked, heard)
        seen = [await anext(pieces), await anext(pieces)]
        hub.tell(note())
        seen.append(await anext(pieces))
        heard.close()
        return [*seen, *[piece async for piece in pieces]]

    seen = asyncio.run(story())

    assert seen[1].startswith(b"event: nhip")
    number, event, data = seen[2].decode().strip().split("\n")
    assert (number, event) == ("id: 1", "event: doi")
    assert json.loads(data.removeprefix("data: "))["unit"] == "vn/46/19777"
    assert len(hub) == 0


@pytest.mark.parametrize(
    ("query", "status"),
    [("election=dien-tap-4&unit=vn/46", 401), ("election=dien-tap-4", 401), ("unit=vn", 422), ("election=x", 422)],
)
def test_the_stream_is_for_who_is_signed_in(client: TestClient, query: str, status: int) -> None:
    assert client.get(f"/api/v1/live?{query}").status_code == status


@pytest.mark.parametrize(
    "query", ["election=2026&unit=vn", "election=dien-tap-4&unit=99999", "election=dien-tap-4&unit=NA-46-01x"]
)
def test_the_stream_of_a_strange_election_or_unit_is_not_there(client: TestClient, line: FakeLine, query: str) -> None:
    line.sign_in("secretary", HERE)
    line.answers["units_below"] = lambda _request: {"units": []}

    answer = client.get(f"/api/v1/live?{query}", headers={"Authorization": "Bearer token"})

    assert (answer.status_code, answer.json()["code"]) == (404, "NotAllowed")


def test_a_full_hub_tells_when_to_come_back(client: TestClient, line: FakeLine, hub: FakeHub) -> None:
    line.sign_in("secretary", HERE)
    line.answers["units_below"] = lambda _request: {"units": []}
    for _ in range(10):
        hub.join(stream(), None)

    answer = client.get("/api/v1/live?election=dien-tap-4&unit=vn/46/19777", headers={"Authorization": "Bearer token"})

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
