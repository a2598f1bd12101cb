"""Every exchange and queue of the system, declared by one command before any service starts; and who may touch which.

All queues are durable quorum queues with an explicit delivery limit and at-least-once dead-lettering into the
listener's own dead queue, except the request queues: a request lives as long as its caller's deadline, so they stay the
classic queues that stock nameko clients know. An event nobody hears goes to the small `<owner>.unheard` queue, so that
every event has a queue and an unroutable one always means a fault.
"""

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from services.contracts.base import Event
from services.kit.broker import ERRORS, RPC_EXCHANGE, connect, dead_queue, ear_queue, exchange_of, rpc_queue
from services.kit.entrypoints import Ear, marks_of
from services.kit.service import Service, service_class, service_names
from services.kit.settings import Settings


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


def declare(names: list[str] | None = None, *, users: bool = False) -> list[str]:
    """Everything is declared; one line for each service."""
    settings = Settings()
    classes = _classes(names)
    topics = _topics(classes)
    try:
        connection = connect(settings.broker_url, "topology")
        channel = connection.channel()
        channel.exchange_declare(RPC_EXCHANGE, "topic", durable=True, auto_delete=False)
        for owner in topics:
            channel.exchange_declare(exchange_of(owner), "topic", durable=True, auto_delete=False)
        heard = [topic for kind in classes for topic in _declare_service(channel, kind, topics, settings)]
        for owner, told in topics.items():
            _declare_unheard(channel, owner, told, set(heard))
        connection.close()
    except ERRORS as error:
        raise CannotDeclare(f"the broker refused: {str(error)[:300]}") from error
    lines = [f"{kind.name}: {len(marks_of(kind, Ear))} handlers" for kind in classes]
    return [*lines, *(_make_users([*(kind.name for kind in classes), "gateway"], settings) if users else [])]


def _declare_service(channel: Any, kind: type[Service], topics: dict[str, set[str]], settings: Settings) -> list[str]:
    """The queues of one service; the topics they hear."""
    queue = rpc_queue(kind.name)
    channel.queue_declare(queue, durable=True, auto_delete=False)
    channel.queue_bind(queue, RPC_EXCHANGE, f"{kind.name}.*")
    channel.queue_declare(
        dead_queue(kind.name),
        durable=True,
        auto_delete=False,
        arguments={"x-queue-type": "quorum", "x-delivery-limit": 1_000_000},
    )
    heard: list[str] = []
    for ear in marks_of(kind, Ear):
        name = ear_queue(kind.name, ear.key)
        arguments = _quorum(kind.name, settings.delivery_limit)
        channel.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)
        owners = topics if ear.everything else [ear.topic.partition(".")[0]]
        for owner in owners:
            channel.queue_bind(name, exchange_of(owner), ear.topic)
            heard.extend(topics[owner] if ear.everything else [ear.topic])
    return heard


def _declare_unheard(channel: Any, owner: str, told: set[str], heard: set[str]) -> None:
    queue = f"{owner}.unheard"
    channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-max-length": 1000})
    for topic in told:
        act = channel.queue_unbind if topic in heard else channel.queue_bind
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
