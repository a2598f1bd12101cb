"""What former versions said is kept and must be understood for as long as they may stand beside this one.

`kept.jsonl` holds a body of every event, request and reply of each shape it ever had; `make contracts` adds the shapes of
today and changes none. A line may only be deleted by somebody who knows that no process says it any more.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from deploy.wire import events_of, services
from services.contracts.base import Envelope, Event, Request
from services.kit.entrypoints import Ear, doors_of, marks_of
from tests.contracts.examples import example_of

KEPT = Path(__file__).with_name("kept.jsonl")
_ONCE_IN = {"units": "identity"}  # files made of a part of another, whose messages were kept under its name


def named(kind) -> str:
    """A message by its file and its name: two owners may use one word."""
    file = kind.__module__.rpartition(".")[2]
    return f"{_ONCE_IN.get(file, file)}.{kind.__name__}"


EVENTS = {named(event): event for kind in services() for event in events_of(kind.name)}
DOORS = [door for kind in services() for door in doors_of(kind).values()]
REQUESTS = {named(door.request): door.request for door in DOORS}
REPLIES = {named(door._hints["return"]): door._hints["return"] for door in DOORS}
KINDS = EVENTS | REQUESTS | REPLIES


def said() -> list[tuple[str, dict]]:
    lines = KEPT.read_text(encoding="utf-8").splitlines() if KEPT.exists() else []
    return [(line["message"], line["body"]) for line in map(json.loads, lines)]


def keep_todays() -> None:
    """`make contracts`: what this version says is kept beside what former ones said."""
    known = said()
    with KEPT.open("a", encoding="utf-8") as file:
        for name, kind in sorted(KINDS.items()):
            body = example_of(kind, full=True)
            if (name, body) not in known:
                file.write(json.dumps({"message": name, "body": body}, ensure_ascii=False, sort_keys=True) + "\n")


def test_everything_this_version_says_is_kept_for_the_next() -> None:
    known = said()

    missing = [name for name, kind in KINDS.items() if (name, example_of(kind, full=True)) not in known]

    assert not missing, "make contracts keeps it"


def shared(one, other):
    """What both know, however deep: a field that came or went says nothing about those that stayed."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: shared(one[key], other[key]) for key in one if key in other}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [shared(*pair) for pair in zip(one, other, strict=True)]
    return one


@pytest.mark.parametrize(("name", "body"), said(), ids=lambda value: value if isinstance(value, str) else "")
def test_what_was_once_said_is_understood(name, body) -> None:
    kind = KINDS[name]

    understood = json.loads(kind.model_validate_json(json.dumps(body)).model_dump_json())

    assert shared(understood, body) == shared(body, understood)


@pytest.mark.parametrize("kind", [*EVENTS.values(), *REPLIES.values()], ids=named)
def test_a_field_of_the_next_version_is_ignored_and_one_that_was_optional_has_its_default(kind) -> None:
    body = example_of(kind)

    assert kind.model_validate({**body, "of_the_next_version": {"a": [1]}}) == kind.model_validate(body)


@pytest.mark.parametrize("kind", REQUESTS.values(), ids=named)
def test_a_request_with_a_field_of_the_next_version_is_refused_by_name(kind) -> None:
    with pytest.raises(ValidationError) as refused:
        kind.model_validate({**example_of(kind), "of_the_next_version": 1})

    assert issubclass(kind, Request)
    assert [(fault["type"], fault["loc"]) for fault in refused.value.errors()] == [
        ("extra_forbidden", ("of_the_next_version",))
    ]


def envelope(name, body, version) -> Envelope:
    event = EVENTS[name].model_validate_json(json.dumps(body))
    return Envelope(
        id=UUID(int=version), topic=event.topic, aggregate=event.aggregate, version=version, at=datetime.now(UTC),
        data={**body, "of_the_next_version": True},
    )  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in services() if marks_of(kind, Ear)], ids=lambda kind: kind.name)
def test_every_handler_takes_the_letters_of_every_version(kind, own_database, hands, tmp_path, passport_keys) -> None:
    """Each alone, in the order they were kept, on a database that knows nothing yet."""
    db = own_database(kind.name)
    settings = kind.settings_type(database_url=db.url, files_url=str(tmp_path))
    doors = hands(kind, db, settings=settings)
    topics = {ear.topic for ear in marks_of(kind, Ear)}
    letters = [(name, body) for name, body in said() if name in EVENTS]

    for number, (name, body) in enumerate(letters, start=1):
        if topics & {EVENTS[name].topic, "#"}:
            doors.hear([envelope(name, body, number)])

    assert letters
    assert all(issubclass(EVENTS[name], Event) for name, _ in letters)


if __name__ == "__main__":
    keep_todays()
