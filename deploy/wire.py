"""`make contracts`: every event as an AsyncAPI document and every door as an OpenRPC listing, read off the contracts.

What is written is what the code does: messages come from `services/contracts`, permissions and idempotency from the
marks on the doors, listeners from the marks on the handlers. A test compares the files with the code, so a difference
in either file is a change of the wire that somebody read.
"""

import importlib
import json
from collections.abc import Iterator
from inspect import getdoc, isclass
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from services.contracts import base
from services.kit.broker import RPC_EXCHANGE, ear_queue, exchange_of, rpc_queue
from services.kit.entrypoints import Ear, RpcDoor, doors_of, marks_of
from services.kit.faults import Unexpected
from services.kit.service import Service, service_class, service_names

FOLDER = Path(__file__).resolve().parents[1] / "services" / "contracts"
EVENTS, DOORS = FOLDER / "asyncapi.json", FOLDER / "openrpc.json"
VERSION = "1"
_REF = "#/components/schemas/{model}"
_ALWAYS = (base.BadRequest, base.TooLate, base.Unavailable, Unexpected)
_RULES = (
    base.Unknown, base.HasFindings, base.StepNotAllowed, base.StaleVersion, base.SamePerson, base.StepUpNeeded,
)  # fmt: skip

_EVENTS_TEXT = """Facts, told once each has been committed. A letter is an `Envelope` around the whole new state of
one aggregate; `version` counts per owner and aggregate, 1, 2, 3 …, without gaps. Exchange `<owner>.events` (topic,
durable), routing key = topic, persistent, mandatory, confirmed; header `nameko.traceparent`. At least once and not
always in order: a listener keeps the `id`s it has taken and, where only the state counts, the newest `version`. A
field that is not known is ignored; a missing one has the default written here; fields are added with a default and
never change their meaning."""

_DOORS_TEXT = """Questions and acts, asked over RabbitMQ as nameko does it: exchange `nameko-rpc`, queue
`rpc-<service>`, routing key `<service>.<door>`, body `{"args": [request], "kwargs": {}}` (or the request as the
only keyword argument), reply `{"result": …, "error": null | {"exc_type", "exc_path", "exc_args", "value"}}` to
`reply_to` with the `correlation_id`. Headers: `nameko.passport` (a signed token: who asks; every door needs it but
those marked public), `nameko.deadline` (unix milliseconds; past it nothing is begun; absent: the door has no
deadline of its own, and whatever it asks of others has the kit's five seconds), `nameko.traceparent`. A refusal is
an error whose `exc_type` is its code, `value` its English sentence and `exc_args[0]` a `Told` in JSON: both
languages, facts, findings. An act carries a `key`; the same key with the same request is answered again and done
once, with another request it is `KeyReused`.

The stock client: `ClusterRpcProxy({"AMQP_URI": …}, context_data={"passport": token}, timeout=20)` from
`nameko.standalone.rpc`, then `cluster.results.records_of({"election": "2026", "unit": "vn/46"})`; a refusal is
raised as `RemoteError` with `exc_type` and `value`."""


def services() -> list[type[Service]]:
    return [service_class(name) for name in service_names()]


def _one_line(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _text_of(kind: type) -> str:
    return _one_line(getdoc(kind) or "")


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _public(model: type[base.Message], mode: str, refs: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = refs[model, mode]
    return found


def events_of(service: str) -> list[type[base.Event]]:
    """The events a service owns, in the order they are written down, in whichever file of the contracts."""
    importlib.import_module(f"services.contracts.{service}")
    words = [kind for kind in base.Event.__subclasses__() if kind.__module__.startswith("services.contracts.")]
    return [kind for kind in words if kind.topic.partition(".")[0] == service]


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of every event: who tells it, who hears it, in which queue."""
    told = [(kind.name, event) for kind in services() for event in events_of(kind.name)]
    models: list[tuple[type[base.Message], Any]] = [(base.Envelope, "serialization")]
    models += [(event, "serialization") for _, event in told]
    refs, schemas = models_json_schema(models, ref_template=_REF)
    topics = {event.topic: event for _, event in told}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Hòm Phiếu: events", "version": VERSION, "description": _one_line(_EVENTS_TEXT)},
        "defaultContentType": "application/json",
        "channels": {topic: _channel(owner, topics[topic]) for owner, event in told for topic in [event.topic]},
        "operations": {
            **{f"{owner}.tells.{event.__name__}": _operation("send", event, owner) for owner, event in told},
            **{name: operation for kind in services() for name, operation in _hearing(kind, topics)},
        },
        "components": {
            "messages": {event.__name__: _message(event, refs) for _, event in told},
            "schemas": schemas["$defs"],
        },
    }


def _channel(owner: str, event: type[base.Event]) -> dict[str, Any]:
    return {
        "address": event.topic,
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": exchange_of(owner), "type": "topic", "durable": True, "autoDelete": False},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _message(event: type[base.Event], refs: dict[Any, Any]) -> dict[str, Any]:
    told = {"topic": {"const": event.topic}, "data": _public(event, "serialization", refs)}
    return {
        "name": event.topic,
        "title": event.__name__,
        "summary": _text_of(event),
        "payload": {"allOf": [_public(base.Envelope, "serialization", refs), {"type": "object", "properties": told}]},
    }


def _operation(action: str, event: type[base.Event], service: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{event.topic}"},
        "tags": [{"name": service}],
        "messages": [{"$ref": f"#/channels/{event.topic}/messages/{event.__name__}"}],
    }


def _hearing(kind: type[Service], topics: dict[str, type[base.Event]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each handler with the queue it hears; who hears everything hears each event."""
    for ear in marks_of(kind, Ear):
        for event in topics.values() if ear.everything else [ear.event]:
            yield (
                f"{kind.name}.{ear.name}.{event.__name__}",
                {
                    **_operation("receive", event, kind.name),
                    "x-queue": ear_queue(kind.name, ear.key),
                    "x-batch": ear.batch or 1,
                    "x-versions": "every" if ear.every else "newest",
                },
            )


def openrpc() -> dict[str, Any]:
    """The OpenRPC listing of every door: request, reply, refusals, permission, idempotency."""
    doors = [(kind, door) for kind in services() for _, door in sorted(doors_of(kind).items())]
    models: list[tuple[type[base.Message], Any]] = [(base.Told, "serialization")]
    models += [(door.request, "validation") for _, door in doors]
    models += [(_reply(door), "serialization") for _, door in doors]
    refs, schemas = models_json_schema(list(dict.fromkeys(models)), ref_template=_REF)
    refusals = sorted({one for kind, door in doors for one in _refusals(kind, door)}, key=lambda one: one.__name__)
    return {
        "openrpc": "1.3.2",
        "info": {"title": "Hòm Phiếu: doors", "version": VERSION, "description": _one_line(_DOORS_TEXT)},
        "methods": [_method(kind, door, refs) for kind, door in doors],
        "components": {
            "schemas": schemas["$defs"],
            "errors": {one.__name__: _error(one) for one in refusals},
        },
    }


def _reply(door: RpcDoor) -> type[base.Message]:
    kind: type[base.Message] = door._hints["return"]  # noqa: SLF001  the model behind the door's TypeAdapter
    return kind


def _method(kind: type[Service], door: RpcDoor, refs: dict[Any, Any]) -> dict[str, Any]:
    asked, answered = _public(door.request, "validation", refs), _public(_reply(door), "serialization", refs)
    return {
        "name": f"{kind.name}.{door.name}",
        "tags": [{"name": kind.name}],
        "summary": _text_of(door.request),
        "paramStructure": "either",
        "params": [{"name": "request", "required": True, "schema": asked}],
        "result": {"name": _reply(door).__name__, "schema": answered},
        "errors": [{"$ref": f"#/components/errors/{one.__name__}"} for one in _refusals(kind, door)],
        "x-queue": rpc_queue(kind.name),
        "x-exchange": RPC_EXCHANGE,
        "x-permission": door.may,
        "x-public": door.public,
        "x-own": door.own,
        "x-scope": "the door judges the unit it finds" if door.judges else "election/unit of the request",
        "x-reads-only": door.reads,
        "x-idempotent-by-key": door.remembers,
    }


def _refusals(kind: type[Service], door: RpcDoor) -> list[type[base.Refusal]]:
    """What the kit may refuse this door with, the usual rules, and every refusal its owner has a word for."""
    homes = {f"services.contracts.{kind.name}", door.request.__module__} - {base.__name__}
    modules = map(importlib.import_module, sorted(homes))
    own = [one for module in modules for one in vars(module).values() if isclass(one) and one.__module__ in homes]
    passport = [] if door.public else [base.NotSignedIn, base.NotAllowed]
    repeated = [base.KeyReused] if door.remembers else []
    mine = [one for one in own if issubclass(one, base.Refusal)]
    found = [*_ALWAYS, *passport, *repeated, *_RULES, *mine]
    return sorted(set(found), key=lambda one: one.__name__)


def _error(kind: type[base.Refusal]) -> dict[str, Any]:
    return {"code": kind.status, "message": kind.en, "data": {"code": kind.__name__, "vi": kind.vi, "en": kind.en}}


def documents() -> dict[Path, str]:
    """Both files as they should be."""
    return {EVENTS: _written(asyncapi()), DOORS: _written(openrpc())}


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
