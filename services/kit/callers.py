"""Asking another service: a question goes out with a deadline, its answer or its Refusal comes back; never for ever."""

import threading
import time
from contextlib import suppress
from itertools import count
from typing import Any, Self, TypeVar
from uuid import uuid4

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from services.contracts.base import Refusal, Request, Told, Unavailable, UnknownRefusal
from services.kit import metrics
from services.kit.broker import (
    ERRORS,
    HEARTBEAT,
    RPC_EXCHANGE,
    BrokerBlocked,
    Patience,
    Post,
    bytes_of,
    connect,
    has_more,
)
from services.kit.bulkhead import Bulkhead
from services.kit.direct import Direct, Unreached
from services.kit.faults import Unexpected
from services.kit.lines import RESULT_AFTER, RESULT_BEFORE, Question
from services.kit.waiting import Waiting, kind_of_waiting
from services.kit.work import new_trace

Answer = TypeVar("Answer", bound=BaseModel)
_OPENS_AFTER = 5  # unanswered questions in a row
_OPEN_FOR = 2.0  # seconds during which nobody is asked
_SETTLES = 5.0  # seconds a fresh connection has for its reply queue


class Breaker:
    """A service that let several deadlines in a row pass is left in peace for a moment.

    One that answered somebody since the question went out lives: then only that door was slow, and the service's other
    doors must not be closed for it.
    """

    def __init__(self) -> None:
        self._missed = 0
        self._until = 0.0
        self._answered_at = float("-inf")

    def is_open(self) -> bool:
        return time.monotonic() < self._until

    def missed(self, asked_at: float) -> None:
        """Nobody answered a question that went out then (monotonic seconds)."""
        if asked_at <= self._answered_at:
            return
        self._missed += 1
        if self._missed >= _OPENS_AFTER:
            self._until = time.monotonic() + _OPEN_FOR

    def answered(self) -> None:
        self._missed = 0
        self._answered_at = time.monotonic()


class Caller:
    """Questions of one process: at most `in_flight` at once to each service, so that none can occupy every worker."""

    def __init__(
        self,
        broker_url: str,
        *,
        name: str = "caller",
        in_flight: int = 64,
        direct: Direct | None = None,
        heartbeat: int = HEARTBEAT,
    ) -> None:
        self._url, self._name, self._heartbeat = broker_url, name, heartbeat
        self._post = Post(broker_url, f"{name} questions", heartbeat)
        self._in_flight, self._direct = in_flight, direct
        self._lines: dict[str, tuple[Breaker, Bulkhead]] = {}
        self._waiting: dict[str, Waiting] = {}
        self._waiter = kind_of_waiting()
        self._numbers = count(1)
        self._ready = threading.Event()
        self._closing = False
        self._reply_to = ""
        self._reader: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def start(self) -> None:
        """Replies are read from now on, whatever happens to the broker."""
        self._reader = threading.Thread(target=self._read, name=f"{self._name} replies", daemon=True)
        self._reader.start()

    def close(self) -> None:
        self._closing = True
        if self._reader is not None:
            self._reader.join(3)
        self._post.close()

    def ask(
        self,
        service: str,
        method: str,
        request: Request | dict[str, Any],
        *,
        reply: type[Answer],
        passport: str | None = None,
        timeout: float = 10.0,
    ) -> Answer:
        """The reply of another service's door, or its Refusal."""
        body = request.model_dump_json().encode() if isinstance(request, Request) else to_json(request)
        question = Question(service, method, body, passport, time.time() + timeout, new_trace())
        return reply.model_validate_json(self.carry(question))

    def carry(self, question: Question) -> bytes:
        """The answer's JSON within the deadline; Unavailable when there is none."""
        breaker, bulkhead = self._lines.get(question.service) or self._line_to(question.service)
        left = question.deadline - time.time()
        if breaker.is_open() or not bulkhead.enter(left):
            metrics.SHED.labels(self._name, question.service).inc()
            raise Unavailable(seconds=2)
        body, asked_at = None, time.monotonic()
        try:
            body = self._exchange(question)
        finally:
            bulkhead.leave(answered=body is not None)
        if body is None:
            if time.time() >= question.deadline:  # else it was the broker that went: the service may answer the next
                breaker.missed(asked_at)
            metrics.LATE.labels(self._name, "caller").inc()
            raise Unavailable(seconds=5)
        breaker.answered()
        return _result_of(body)

    def _line_to(self, service: str) -> tuple[Breaker, Bulkhead]:
        return self._lines.setdefault(service, (Breaker(), Bulkhead(self._in_flight)))

    def _exchange(self, question: Question) -> bytes | None:
        """Over the broker; straight to the service when the broker is away and so never had the question."""
        straight = self._direct if self._direct is not None and self._direct.reaches(question.service) else None
        if straight is not None and not self._ready.is_set():
            with suppress(Unreached):
                return straight.carry(question)
        try:
            return self._over_broker(question)
        except BrokerBlocked:
            with suppress(Unreached):
                return straight.carry(question) if straight is not None else None
        return None

    def _over_broker(self, question: Question) -> bytes | None:
        if not self._ready.is_set() and not self._ready.wait(max(question.deadline - time.time(), 0)):
            return None
        waiting, correlation = self._waiter(), f"{next(self._numbers):x}"  # nobody else has this caller's reply queue
        self._waiting[correlation] = waiting
        try:
            left = question.deadline - time.time()
            self._post.send(  # never longer than the answer may take, whatever has become of the broker
                f"{question.service}.{question.method}",
                b'{"args": [' + question.body + b'], "kwargs": {}}',
                headers=_headers_of(question),
                correlation_id=correlation,
                reply_to=self._reply_to,
                expiration=str(max(int(left * 1000), 1)),
                within=left,
            )
            return waiting.wait(question.deadline - time.time())
        except BrokerBlocked:
            raise
        except ERRORS:
            return None
        finally:
            self._waiting.pop(correlation, None)

    def _read(self) -> None:
        while not self._closing:
            try:
                self._read_one_connection()
            except ERRORS:
                time.sleep(0.5)
            finally:
                self._ready.clear()
                for waiting in list(self._waiting.values()):
                    waiting.end()  # its reply queue is gone

    def _read_one_connection(self) -> None:
        connection = connect(self._url, f"{self._name} replies", heartbeat=self._heartbeat)
        try:
            line = connection.connection  # amqp's own: kombu's would open another when this one ends
            with Patience(line, _SETTLES):
                self._reply_to = self._queue(line.channel())
            self._ready.set()
            beat = time.monotonic()
            while not self._closing:
                try:
                    line.drain_events(timeout=1)
                except TimeoutError:
                    beat -= 1
                if time.monotonic() - beat >= 1:  # heartbeats are sent however busy the line is
                    line.heartbeat_tick()
                    beat = time.monotonic()
        finally:
            connection.collect()

    def _queue(self, channel: Any) -> str:
        """The key under which replies reach us on this channel."""
        key = str(uuid4())
        queue = f"rpc.reply-{self._name}-{key}"
        channel.queue_declare(queue, exclusive=True, auto_delete=True)
        channel.queue_bind(queue, RPC_EXCHANGE, key)
        channel.basic_consume(queue, no_ack=True, callback=self._on_reply)
        return key

    def _on_reply(self, message: Any) -> None:
        waiting = self._waiting.get(message.properties.get("correlation_id"))
        if waiting is not None:
            waiting.end(bytes_of(message), at_once=not has_more(message.channel.connection))


def _headers_of(question: Question) -> dict[str, Any]:
    headers = {
        "nameko.deadline": int(question.deadline * 1000),
        "nameko.passport": question.token,
        "nameko.traceparent": question.trace,
    }
    return {name: value for name, value in headers.items() if value is not None}


def _result_of(body: bytes) -> bytes:
    """The result of a reply as JSON, or the Refusal it carries as its own class. Ours are not read twice."""
    if body.startswith(RESULT_BEFORE) and body.endswith(RESULT_AFTER):
        return body[len(RESULT_BEFORE) : -len(RESULT_AFTER)]
    reply = from_json(body)
    if reply.get("error") is not None:
        raise refusal_in(reply["error"])
    return to_json(reply.get("result"))


def refusal_in(error: dict[str, Any]) -> Refusal:
    """The Refusal a reply's error tells of; a fault of the other side that is none becomes Unexpected."""
    try:
        told = Told.model_validate_json(error["exc_args"][0])
    except (ValidationError, KeyError, IndexError, TypeError):
        return Unexpected(incident=str(error.get("exc_type"))[:40])
    try:
        return Refusal.heard(told)
    except KeyError:  # a newer sentence names a fact that was not told
        return UnknownRefusal(findings=told.findings, told=told.en)
