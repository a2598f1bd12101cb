"""What happens around every door: validate, judge, open the transaction, call, commit, answer; once for each key."""

import hashlib
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from services.contracts.base import (
    Command,
    KeyReused,
    NotAllowed,
    NotSignedIn,
    Refusal,
    Request,
    TooLate,
    Unavailable,
)
from services.kit import metrics, overdue
from services.kit.actor import Actor
from services.kit.entrypoints import RpcDoor
from services.kit.faults import Unexpected, found, refusal_of, validated
from services.kit.work import Work, current, new_trace

if TYPE_CHECKING:
    from services.kit.service import Service

_RECALL = "SELECT request_hash, reply FROM answered WHERE person = %(person)s AND key = %(key)s AND door = %(door)s"
_KEEP = """
    INSERT INTO answered (person, key, door, request_hash, reply)
    VALUES (%(person)s, %(key)s, %(door)s, %(request_hash)s, %(reply)s)
"""
_TRY_AGAIN = {"40001", "40P01"}  # serialization failure, deadlock: nobody's fault, the same work succeeds the next time
_AWAY = ("08", "53", "57P", "55P03")  # connection, resources, operator intervention, lock not available
_TOO_LONG = "57014"  # the statement's time limit
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came in."""

    body: bytes
    token: str | None = None
    deadline: float | None = None  # unix seconds
    trace: str | None = None


Later = Callable[[Callable[[], None]], None]
"""Takes what is to be noted of a call, to be done when its answer is on its way."""


def at_once(note: Callable[[], None]) -> None:
    """For who has nobody waiting."""
    note()


def answer(service: "Service", door: RpcDoor, call: Call, later: Later = at_once) -> bytes:
    """The door's answer as JSON, or a Refusal; whatever else goes wrong is logged and becomes Unexpected.

    The line of the log and the metric are given to `later`: who waits for the answer need not wait for them.
    """
    work = Work(token=call.token, deadline=call.deadline, trace=call.trace or new_trace())
    reset = current.set(work)
    overdue.enter(work)
    began = time.perf_counter()
    outcome, person = "ok", None
    try:
        _require_time(service, work)
        by = _actor(service, door, call)
        person = str(by.person)
        return _serve(service, door, call, by, work)
    except Refusal as refusal:
        outcome = refusal.code
        raise
    except Exception as error:
        told = _refusal_of(service, door, error, work)
        outcome = told.code
        raise told from error
    finally:
        overdue.leave(work)
        current.reset(reset)
        seconds = time.perf_counter() - began
        later(partial(_note, service, door.name, outcome, seconds, person, work.trace_id))


def _note(service: "Service", door: str, outcome: str, seconds: float, person: str | None, trace: str) -> None:
    metrics.DOOR.labels(service.name, door, outcome).observe(seconds)
    service.log.info("door", door=door, outcome=outcome, ms=round(seconds * 1000, 1), person=person, trace=trace)


def _actor(service: "Service", door: RpcDoor, call: Call) -> Actor:
    passport = service.verifier.verify(call.token) if call.token else None
    if passport is None and not door.public:
        raise NotSignedIn
    return Actor.of(passport, service.policy, datetime.now(UTC))


def _serve(service: "Service", door: RpcDoor, call: Call, by: Actor, work: Work) -> bytes:
    request: Request = validated(door.request.model_validate_json, call.body)
    if door.may is not None and not (by.may_somewhere(door.may) if door.judges else by.may(door.may, request.scope)):
        raise NotAllowed
    if isinstance(request, Command) and door.remembers:
        return _once(service, door, request, by, work)
    return _perform(service, door, request, by, work)


def _once(service: "Service", door: RpcDoor, request: Command, by: Actor, work: Work) -> bytes:
    """The first answer for the key, however often it is asked; a twin that lost the race gets the winner's."""
    digest = hashlib.blake2b(request.model_dump_json().encode(), digest_size=32, key=service.digest_key).hexdigest()
    asked = {"person": by.person, "key": request.key, "door": door.name}
    stored = _recall(service, asked, digest)
    if stored is None:
        try:
            return _perform(service, door, request, by, work, keep={**asked, "request_hash": digest})
        except (Refusal, IntegrityError):
            stored = _recall(service, asked, digest)
            if stored is None:
                raise
    return stored


def _recall(service: "Service", asked: dict[str, Any], digest: str) -> bytes | None:
    rows = service.db.glance(_RECALL, asked)
    if not rows:
        return None
    request_hash, reply = rows[0]
    if request_hash != digest:
        raise KeyReused
    return str(reply).encode()


def _perform(
    service: "Service", door: RpcDoor, request: Request, by: Actor, work: Work, keep: dict[str, Any] | None = None
) -> bytes:
    """The door in its transaction; done again when the database asks for it."""
    cause = f"{door.name}:{request.key}" if isinstance(request, Command) else door.name
    for attempt in range(_ATTEMPTS):
        try:
            with service.db.transaction(read_only=door.reads, by=by, cause=cause, trace=work.trace) as tx:
                work.tx = tx
                by.judged.clear()
                reply = getattr(service, door.name)(request, by, tx)
                if door.judges and not by.judged:
                    raise RuntimeError(f"{door.name} says it judges the scope itself and did not")
                body = door.reply.dump_json(reply)
                if keep is not None:
                    tx.drive(_KEEP, {**keep, "reply": body.decode()})
                _require_time(service, work)
            return body
        except DBAPIError as error:
            if _state(error) not in _TRY_AGAIN or attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _require_time(service: "Service", work: Work) -> None:
    """Nobody waits for what is past its deadline: it is not done."""
    if work.deadline is not None and time.time() > work.deadline:
        metrics.LATE.labels(service.name, "callee").inc()
        raise TooLate


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")


def is_away(error: BaseException) -> bool:
    """Whether the database is away or too busy, as opposed to a fault of ours, which would come again for ever."""
    if isinstance(error, PoolExhausted):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return error.connection_invalidated or not _state(error) or _state(error).startswith(_AWAY)


def _refusal_of(service: "Service", door: RpcDoor, error: Exception, work: Work) -> Refusal:
    if isinstance(error, DataError):
        service.log.warning("data refused by the database", door=door.name, error=type(error.orig).__name__)
        return refusal_of([found("K010")])
    if isinstance(error, DBAPIError) and _state(error) == _TOO_LONG and work.deadline and time.time() > work.deadline:
        metrics.LATE.labels(service.name, "callee").inc()
        return TooLate()
    if is_away(error) or (isinstance(error, DBAPIError) and _state(error) == _TOO_LONG):
        service.log.warning("database away", door=door.name, error=type(error).__name__, trace=work.trace_id)
        return Unavailable(seconds=5)
    incident = uuid4().hex[:12]
    service.log.error("incident", incident=incident, door=door.name, trace=work.trace_id, **what_failed(error))
    return Unexpected(incident=incident)


def what_failed(error: BaseException) -> dict[str, Any]:
    """An error for the log. What a database says of it may quote personal values: only its kind and place are kept."""
    if not isinstance(error, DBAPIError):
        return {"exc_info": error}
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return {
        "error": type(error.orig).__name__,
        "sqlstate": _state(error),
        "constraint": constraint,
        "statement": (error.statement or "")[:500],
        "place": traceback.format_tb(error.__traceback__)[-6:],
    }
