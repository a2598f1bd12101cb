"""The AsyncAPI and OpenRPC documents are the wire: `make contracts` renews them, and a difference is read by somebody."""

import json
import re

import pytest

from deploy.wire import DOORS, EVENTS, asyncapi, documents, events_of, openrpc, services
from services.contracts.base import Event
from services.kit.entrypoints import Ear, doors_of, marks_of


@pytest.mark.parametrize("path", [EVENTS, DOORS], ids=lambda path: path.name)
def test_the_document_is_the_wire_as_it_is(path) -> None:
    assert path.read_text(encoding="utf-8") == documents()[path]


def pointed_at(document, reference):
    found = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


@pytest.mark.parametrize("path", [EVENTS, DOORS], ids=lambda path: path.name)
def test_every_reference_of_a_document_leads_somewhere(path) -> None:
    text = path.read_text(encoding="utf-8")
    references = set(re.findall(r'"\$ref": "([^"]+)"', text))

    assert references
    assert all(pointed_at(json.loads(text), reference) for reference in references)


def told() -> set[type[Event]]:
    return {event for kind in services() for event in events_of(kind.name)}


def test_every_event_has_a_channel_a_teller_and_its_hearers() -> None:
    document = asyncapi()
    heard = {(kind.name, ear.topic) for kind in services() for ear in marks_of(kind, Ear)}

    assert set(document["channels"]) == {event.topic for event in told()}
    for event in told():
        owner = event.topic.partition(".")[0]
        operations = {
            (one["action"], one["tags"][0]["name"])
            for one in document["operations"].values()
            if one["channel"]["$ref"] == f"#/channels/{event.topic}"
        }
        assert operations == {
            ("send", owner),
            *(("receive", name) for name, topic in heard if topic in {event.topic, "#"}),
        }
        assert document["components"]["messages"][event.__name__]["summary"]


def test_every_door_is_listed_with_its_permission_its_refusals_and_whether_it_may_be_repeated() -> None:
    listed = {method["name"]: method for method in openrpc()["methods"]}
    doors = {f"{kind.name}.{door.name}": door for kind in services() for door in doors_of(kind).values()}

    assert set(listed) == set(doors)
    for name, door in doors.items():
        method = listed[name]
        refusals = {one["$ref"].rsplit("/", 1)[1] for one in method["errors"]}
        assert method["x-permission"] == door.may
        assert ("NotSignedIn" in refusals) is not door.public
        assert ("KeyReused" in refusals) is method["x-idempotent-by-key"] is door.remembers
        assert {"BadRequest", "TooLate", "Unavailable", "Unexpected"} <= refusals
        assert method["summary"], name


def test_both_documents_have_the_shape_their_readers_need() -> None:
    events, doors = asyncapi(), openrpc()

    assert (events["asyncapi"], doors["openrpc"]) == ("3.0.0", "1.3.2")
    assert set(events) == {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}
    assert set(doors) == {"openrpc", "info", "methods", "components"}
    assert {operation["action"] for operation in events["operations"].values()} == {"send", "receive"}
    assert all(method["params"][0]["name"] == "request" and method["result"]["schema"] for method in doors["methods"])
    assert all(isinstance(error["code"], int) and error["message"] for error in doors["components"]["errors"].values())
