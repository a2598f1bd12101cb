"""The doors a service declares: rpc, on, every, signal, invariant; and remote, a line to another service.

A declaration only marks the function; `services.kit.pipeline` serves it and `services.kit.wire` hangs it on the bus, so
a door is an ordinary method in tests and between doors.

`@on(Event)` with the base class itself hears every event of every owner (the ledger): it needs `every=True` and takes
`Envelope`s where other handlers take the event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter

from services.contracts.base import Command, Event, Query, Request

Door = TypeVar("Door", bound=Callable[..., Any])
Api = TypeVar("Api")

MARKS = "kit_marks"


@dataclass(frozen=True)
class Mark:
    """A declaration on a method of a service class."""

    function: Callable[..., Any]

    @property
    def name(self) -> str:
        return self.function.__name__


@dataclass(frozen=True)
class RpcDoor(Mark):
    """A question or an act others may ask for."""

    may: str | None
    public: bool
    judges: bool
    own: bool
    remember: bool

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.function)

    @cached_property
    def request(self) -> type[Request]:
        return cast("type[Request]", self._hints["request"])

    @cached_property
    def reply(self) -> TypeAdapter[Any]:
        return TypeAdapter(self._hints["return"])

    @cached_property
    def reads(self) -> bool:
        return issubclass(self.request, Query)

    @cached_property
    def remembers(self) -> bool:
        return self.remember and issubclass(self.request, Command)


@dataclass(frozen=True)
class Ear(Mark):
    """A handler of an event. Its key is stable: queue, inbox and parking are named after it."""

    event: type[Event]
    batch: int | None
    every: bool

    @property
    def everything(self) -> bool:
        return self.event is Event

    @property
    def topic(self) -> str:
        return "#" if self.everything else self.event.topic

    @property
    def key(self) -> str:
        return f"{'every' if self.everything else self.topic}--{self.name}"


@dataclass(frozen=True)
class Timer(Mark):
    """A door that opens by itself."""

    seconds: float


@dataclass(frozen=True)
class Signal(Mark):
    """A gauge a service computes from its own rows."""

    metric: str
    labels: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Invariant(Mark):
    """A count that must be 0."""

    sentence: str
    seconds: float


def _mark(function: Door, mark: Mark) -> Door:
    marks = [*getattr(function, MARKS, []), mark]
    setattr(function, MARKS, marks)
    return function


def rpc(
    *,
    may: str | None = None,
    public: bool = False,
    own: bool = False,
    judges: bool = False,
    remember: bool | None = None,
) -> Callable[[Door], Door]:
    """A door others may ask. `may` is the action judged on `request.scope` before the door opens.

    `judges=True`: the unit is known only after loading, so the kit asks whether the person may do it anywhere and the
    door itself must call `by.require(action, scope)`; a door that does not is an error. `public=True`: no passport is
    needed. `own=True`: a passport is needed and no role, for the door only shows or changes what is the asker's own.
    Answers of commands are kept for repeats; those of public doors are not (they carry secrets) unless
    `remember=True`.
    """
    if [may is not None, public, own].count(True) != 1:
        raise TypeError("a door needs exactly one of: a permission (may=…), public=True, own=True")

    def declare(function: Door) -> Door:
        kept = (not public) if remember is None else remember
        return _mark(function, RpcDoor(function, str(may) if may else None, public, judges, own, kept))

    return declare


def on(event: type[Event], *, batch: int | None = None, every: bool = False) -> Callable[[Door], Door]:
    """A handler: the newest version of each aggregate, once; `every=True`: every version."""
    if event is Event and not every:
        raise TypeError("who hears everything hears every version: on(Event, every=True)")
    return lambda function: _mark(function, Ear(function, event, batch, every))


def every(seconds: float) -> Callable[[Door], Door]:
    """A timer door `(self, tx)`: one process at a time, committed after each tick."""
    return lambda function: _mark(function, Timer(function, seconds))


def signal(metric: str, *, labels: tuple[str, ...] = (), seconds: float = 15) -> Callable[[Door], Door]:
    """A gauge: `(self, tx) -> rows of (label values…, integer)`; without labels one integer will do."""
    return lambda function: _mark(function, Signal(function, metric, labels, seconds))


def invariant(sentence: str, *, seconds: float = 60) -> Callable[[Door], Door]:
    """A check `(self, tx) -> int` that must answer 0; exported as hp_invariant."""
    return lambda function: _mark(function, Invariant(function, sentence, seconds))


MarkKind = TypeVar("MarkKind", bound=Mark)


def marks_of(service: type, kind: type[MarkKind]) -> list[MarkKind]:
    """The declarations of one kind on a service class, its mixins included, by name."""
    return [
        mark
        for name in sorted(dir(service))
        for mark in getattr(getattr(service, name, None), MARKS, ())
        if isinstance(mark, kind)
    ]


def doors_of(service: type) -> dict[str, RpcDoor]:
    """The doors of a service by name."""
    return {mark.name: mark for mark in marks_of(service, RpcDoor)}


@dataclass(frozen=True)
class Remote:
    """A line to another service; each method of its Api is a question with a deadline."""

    api: type
    timeout: float | None

    @property
    def service(self) -> str:
        return self.api.__name__.removesuffix("Api").lower()

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else instance.line_to(self)


def remote(api: Callable[..., Api], *, timeout: float | None = None) -> Api:
    """A typed proxy of another service's Api; the refusal raised there is raised here."""
    return cast("Api", Remote(cast("type", api), timeout))


def reply_of(api: type, method: str) -> TypeAdapter[Any]:
    """How the answer of an Api's method is read."""
    hints = get_type_hints(getattr(api, method))
    return TypeAdapter(hints["return"])
