"""A service in the hands of a test: its doors as plain methods through the real pipeline, without a broker."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc.jwk import OKPKey
from sqlalchemy import text

from services.contracts.base import Envelope, Event, Passport
from services.kit.database import Database
from services.kit.entrypoints import Ear, Invariant, Remote, RpcDoor, Signal, Timer, doors_of, marks_of
from services.kit.hearing import hear as hear_letters
from services.kit.passports import Verifier, sign
from services.kit.pipeline import Call, answer
from services.kit.service import Service
from services.kit.timing import measure, tick
from services.kit.work import current, require_no_transaction


class Guarded:
    """A stand-in for a remote service that keeps the rule: ask first, then use tx."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)

        def ask(*args: Any, **kwargs: Any) -> Any:
            require_no_transaction()
            return method(*args, **kwargs)

        return ask if callable(method) else method


class Hands:
    """`results.submit_entry(request, by=token)`; timers as `results.tick()`; `results.service` is the object itself."""

    def __init__(self, kind: type[Service], db: Database, key: OKPKey, jwks: Path, **given: Any) -> None:
        self._key = key
        self.db = db
        self.service = kind()
        self.service.settings = given.pop("settings", None) or kind.settings_type(database_url=db.url)
        self.service.db = db
        self.service.verifier = Verifier(jwks)
        self.service.start = lambda work: work()
        self.service.line = self._no_line
        for name, stand_in in given.items():
            if not isinstance(getattr(kind, name, None), Remote):
                raise TypeError(f"{kind.__name__} has no remote called {name}")
            setattr(self.service, name, Guarded(stand_in))
        self._doors = doors_of(kind)
        self._timers = {mark.name: mark for mark in marks_of(kind, Timer)}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in self._doors:
            return self._door(self._doors[name])
        if name in self._timers:
            return lambda: tick(self.service, self._timers[name])
        raise AttributeError(f"{self.service.name} has no door {name}")

    def invariants(self) -> dict[str, int]:
        """Every invariant of the service and its present count, which should be 0."""
        return {mark.sentence: measure(self.service, mark) for mark in marks_of(type(self.service), Invariant)}

    def signals(self) -> dict[str, int]:
        """Every signal of the service and the sum of its rows."""
        return {mark.metric: measure(self.service, mark) for mark in marks_of(type(self.service), Signal)}

    def hear(self, what: Event | Envelope | list[Any], version: int | None = None) -> list[Envelope]:
        """Deliver through the inbox to every handler of the event; a version of None is the next one."""
        came = what if isinstance(what, list) else [what]
        letters = [one if isinstance(one, Envelope) else self._envelope(one, version) for one in came]
        ears = [ear for ear in marks_of(type(self.service), Ear) if ear.everything or ear.topic == letters[0].topic]
        if not ears:
            raise LookupError(f"{self.service.name} does not hear {letters[0].topic}")
        for ear in ears:
            for group in [letters] if ear.batch else [[letter] for letter in letters]:
                hear_letters(self.service, ear, group)
        return letters

    def _envelope(self, event: Event, version: int | None) -> Envelope:
        known = self._versions.get((event.topic, event.aggregate), 0)
        self._versions[event.topic, event.aggregate] = version = known + 1 if version is None else version
        return Envelope(
            id=uuid4(),
            topic=event.topic,
            aggregate=event.aggregate,
            version=version,
            at=datetime.now(UTC),
            data=event.model_dump(mode="json"),
        )

    @property
    def _versions(self) -> dict[tuple[str, str], int]:
        versions: dict[tuple[str, str], int] = self.db.__dict__.setdefault("test_versions", {})
        return versions

    def _door(self, door: RpcDoor) -> Callable[..., Any]:
        def ask(request: Any, by: str | Passport | None = None) -> Any:
            work = current.get()
            token = sign(by, self._key) if isinstance(by, Passport) else by
            if token is None and work is not None:
                token = work.token
            body = request if isinstance(request, bytes) else request.model_dump_json().encode()
            return door.reply.validate_json(answer(self.service, door, Call(body, token)))

        return ask

    def _no_line(self, remote: Remote) -> Any:
        raise LookupError(f"give the test a stand-in for {remote.api.__name__}: hands(…, {remote.service}=…)")


def told(db: Database) -> list[Envelope]:
    """What the database's service has told, in order."""
    rows = "SELECT id, topic, aggregate, version, created_at AS at, data, headers FROM outbox ORDER BY seq"
    with db.engine.connect() as connection:
        return [
            Envelope(
                id=row.id,
                topic=row.topic,
                aggregate=row.aggregate,
                version=row.version,
                at=row.at,
                actor=row.headers.get("actor"),
                causation=row.headers.get("causation"),
                data=row.data,
            )
            for row in connection.execute(text(rows))
        ]
