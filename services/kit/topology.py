"""Every exchange and queue of the system, declared by one command before any service starts; and who may touch which.

All queues are durable quorum queues with an explicit delivery limit and at-least-once dead-lettering into the
listener's own dead queue, except the request queues: a request lives as long as its caller's deadline, so they stay the
classic queues that stock nameko clients know. An event nobody hears goes to the small `<owner>.unheard` queue, so that
every event has a queue and an unroutable one always means a fault.

A queue hears nothing before the broker has written it down. RabbitMQ keeps the name of a new quorum queue's log in a
file it writes late; one that is killed before forgets the log with every letter it has confirmed, and the queue answers
nobody any more (seen with 3.10).
"""

import importlib
import pkgutil
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from amqp.exceptions import PreconditionFailed  # type: ignore[import-untyped]  # amqp has no types

from services.contracts.base import Event
from services.kit.broker import ERRORS, RPC_EXCHANGE, Patience, connect, dead_queue, ear_queue, exchange_of, rpc_queue
from services.kit.entrypoints import Ear, marks_of
from services.kit.leftovers import KNOWN, Binding, remember, standing
from services.kit.service import Service, service_class, service_names
from services.kit.settings import Settings

_ANSWERS = 60.0  # seconds a broker has for all of it


class CannotDeclare(Exception):
    """What is in the way, in one sentence."""


def permissions(service: str) -> tuple[str, str, str]:
    """configure, write, read: a service tells only its own events and reads only its own queues.

    The gateway, which owns no data, may also listen live on every owner's exchange.
    """
    own = rf"rpc\.reply-{service}-.*|{service}\.live-.*"
    listens = r"|.*\.events" if service == "gateway" else ""
    configure = f"^({own})$"
    write = rf"^({own}|{RPC_EXCHANGE}|{service}\.events)$"
    read = rf"^({own}|{RPC_EXCHANGE}|{rpc_queue(service)}|{dead_queue(service)}|.*--{service}\..*{listens})$"
    return configure, write, read


def _classes(names: list[str] | None) -> list[type[Service]]:
    classes = []
    for name in names or service_names():
        try:
            classes.append(service_class(name))
        except ModuleNotFoundError as missing:
            raise CannotDeclare(f"{name}: {missing.name} does not exist") from missing
    return classes


def _topics(classes: list[type[Service]]) -> dict[str, set[str]]:
    """Every topic there is, by owner: those of the contracts and those that are heard."""
    import services.contracts

    for module in pkgutil.iter_modules(services.contracts.__path__):
        importlib.import_module(f"services.contracts.{module.name}")
    heard = {ear.topic for kind in classes for ear in marks_of(kind, Ear) if not ear.everything}
    topics: dict[str, set[str]] = defaultdict(set)
    for kind in classes:
        topics[kind.name] = set()
    for topic in heard | set(_told(Event)):
        topics[topic.partition(".")[0]].add(topic)
    return topics


def _told(kind: Any) -> Iterator[str]:
    for inner in kind.__subclasses__():
        if isinstance(getattr(inner, "topic", None), str):
            yield inner.topic
        yield from _told(inner)


def _quorum(service: str, limit: int) -> dict[str, Any]:
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": limit,
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead_queue(service),
        "x-dead-letter-strategy": "at-least-once",
    }


def bindings_of(kind: type[Service], topics: dict[str, set[str]]) -> list[Binding]:
    """Which queue of a service hears which topic on which exchange."""
    return [
        (ear_queue(kind.name, ear.key), exchange_of(owner), ear.topic)
        for ear in marks_of(kind, Ear)
        for owner in (topics if ear.everything else [ear.topic.partition(".")[0]])
    ]


def unheard_of(classes: list[type[Service]], topics: dict[str, set[str]]) -> dict[str, set[str]]:
    """By owner, the topics that no handler of these services hears."""
    ears = [ear for kind in classes for ear in marks_of(kind, Ear)]
    if any(ear.everything for ear in ears):
        return {owner: set() for owner in topics}
    heard = {ear.topic for ear in ears}
    return {owner: told - heard for owner, told in topics.items()}


def declare(names: list[str] | None = None, *, users: bool = False) -> list[str]:
    """Everything is declared; one line for each service, and for each queue whose handler is gone."""
    settings = Settings()
    classes = _classes(names)
    topics = _topics(classes)
    try:
        connection = connect(settings.broker_url, "topology")
        line = connection.connection  # amqp's own: kombu's would connect again where an error is wanted
        if _declare_queues(line, classes, settings):
            time.sleep(settings.queue_written)
        with Patience(line, _ANSWERS):
            done, problems = _bind_queues(line, classes, topics)
        connection.close()
    except ERRORS as error:
        raise CannotDeclare(f"the broker refused, or gave no answer: {str(error)[:300]}") from error
    if problems:
        raise CannotDeclare("; ".join(problems))
    lines = [f"{kind.name}: {len(marks_of(kind, Ear))} handlers" for kind in classes]
    made = _make_users([*(kind.name for kind in classes), "gateway"], settings) if users else []
    return [*lines, *done, *made]


def _quorum_queues(classes: list[type[Service]], limit: int) -> dict[str, dict[str, Any]]:
    """Every queue whose letters must not be lost, with its arguments."""
    kept = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}
    return {
        KNOWN: kept,
        **{dead_queue(kind.name): kept for kind in classes},
        **{ear_queue(kind.name, ear.key): _quorum(kind.name, limit) for kind in classes for ear in marks_of(kind, Ear)},
    }


def _declare_queues(line: Any, classes: list[type[Service]], settings: Settings) -> bool:
    """The queues are there, and those that are new hear nothing yet. Whether any of them is new."""
    with Patience(line, _ANSWERS):
        queues = _quorum_queues(classes, settings.delivery_limit)
        new = any(standing(line, queue)[0] is None for queue in queues)
        channel = line.channel()
        for queue, arguments in queues.items():
            _declare_queue(channel, queue, arguments)
        for kind in classes:
            _declare_queue(channel, rpc_queue(kind.name), {})
        channel.close()
    return new


def _bind_queues(
    line: Any, classes: list[type[Service]], topics: dict[str, set[str]]
) -> tuple[list[str], list[str]]:
    """Every queue hears what it is there for. What was done about left-over queues, and what stands in the way."""
    channel = line.channel()
    for exchange in (RPC_EXCHANGE, *(exchange_of(owner) for owner in topics)):
        channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
    bindings = {kind.name: bindings_of(kind, topics) for kind in classes}
    for service, heard in bindings.items():
        channel.queue_bind(rpc_queue(service), RPC_EXCHANGE, f"{service}.*")
        for queue, exchange, topic in heard:
            channel.queue_bind(queue, exchange, topic)
    unheard = unheard_of(classes, topics)
    for owner, told in topics.items():
        _declare_unheard(channel, owner, told, unheard[owner])
    channel.close()
    return remember(line, bindings)


def _declare_queue(channel: Any, queue: str, arguments: dict[str, Any]) -> None:
    try:
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments=arguments)
    except PreconditionFailed as other:
        found = re.search(r"inequivalent arg '(.+?)'.*received '?(.+?)'? but current is '?(.+?)'?$", str(other))
        differs = f"{found[1]} is {found[3]} at the broker and {found[2]} here" if found else str(other)[:200]
        raise CannotDeclare(
            f"queue {queue} exists with other arguments ({differs}): set them back, or stop the services, let the "
            "queue run empty, delete it, and run this again"
        ) from other


def _declare_unheard(channel: Any, owner: str, told: set[str], unheard: set[str]) -> None:
    queue = f"{owner}.unheard"
    _declare_queue(channel, queue, {"x-max-length": 1000})
    for topic in told:
        act = channel.queue_bind if topic in unheard else channel.queue_unbind
        act(queue, exchange_of(owner), topic)


def _make_users(names: list[str], settings: Settings) -> list[str]:
    """A broker user for each process, by the management API; its password is HP_<NAME>_BROKER_PASSWORD."""
    import os

    import httpx

    place = urlsplit(settings.broker_url)
    vhost = quote(unquote(place.path.removeprefix("/")) or "/", safe="")
    lines = []
    with httpx.Client(base_url=settings.broker_admin_url, timeout=10) as api:
        for name in names:
            password = os.environ.get(f"HP_{name.upper()}_BROKER_PASSWORD")
            if not password:
                raise CannotDeclare(f"HP_{name.upper()}_BROKER_PASSWORD is not set")
            configure, write, read = permissions(name)
            api.put(f"/api/users/{name}", json={"password": password, "tags": ""}).raise_for_status()
            allowed = {"configure": configure, "write": write, "read": read}
            api.put(f"/api/permissions/{vhost}/{name}", json=allowed).raise_for_status()
            lines.append(f"user {name}: made")
    return lines
