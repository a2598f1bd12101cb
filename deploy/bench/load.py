"""The load, a process of its own: so many callers, each asking again as soon as it has its answer.

`python -m deploy.bench.load` reads an Order as JSON on standard input and prints what it saw. `$KEY` and `$N` in a body
become a fresh key and a figure that differs from the caller's last one. The same AMQP client asks us and every peer.
"""

import asyncio
import json
import sys
import time
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pika
import uvloop
from pika.adapters.asyncio_connection import AsyncioConnection

_PATIENCE = 20.0  # seconds a caller waits for an answer
EXCHANGE = "nameko-rpc"  # reply queues are bound to it, as nameko's callers do; the default exchange finds them anyway


@dataclass(frozen=True)
class Order:
    """Where to ask, what, how many at once and how long; `rate` asks at a fixed pace instead."""

    url: str
    target: str  # "exchange key", or a path over HTTP
    bodies: list[str]  # one for each caller, or one for all
    expect: str  # in every right answer
    callers: int = 1
    seconds: float = 2.0
    rate: int = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """What the load saw."""

    calls: int = 0
    wrong: int = 0
    seconds: float = 0.0
    p50: float = 0.0  # milliseconds
    p99: float = 0.0
    client_cpu: float = 0.0
    example: str = ""  # a wrong answer


class Way(ABC):
    """How a question travels."""

    @abstractmethod
    async def open(self, order: Order) -> None:
        """Ready to ask."""

    @abstractmethod
    async def ask(self, caller: int, body: bytes) -> bytes:
        """The answer."""


class Amqp(Way):
    """One connection, one reply queue, many calls in flight."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._channel: Any = None

    async def open(self, order: Order) -> None:
        self._exchange, _, self._key = order.target.partition(" ")
        self._headers = order.headers
        self._reply_to = f"rpc.reply-bench-{uuid4()}"
        opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        AsyncioConnection(
            pika.URLParameters(order.url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=opened.set_result),
            on_open_error_callback=lambda _, error: opened.set_exception(error),
        )
        self._channel = await opened
        ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._channel.queue_declare(self._reply_to, exclusive=True, auto_delete=True)
        self._channel.queue_bind(self._reply_to, EXCHANGE, routing_key=self._reply_to)
        self._channel.basic_consume(self._reply_to, self._on_answer, auto_ack=True, callback=ready.set_result)
        await ready

    async def ask(self, caller: int, body: bytes) -> bytes:  # noqa: ARG002
        correlation = uuid4().hex
        answer = self._waiting[correlation] = asyncio.get_running_loop().create_future()
        headers: dict[str, Any] = dict(self._headers)
        if headers:
            headers["nameko.deadline"] = int((time.time() + 15) * 1000)
        properties = pika.BasicProperties(
            content_type="application/json", content_encoding="utf-8", headers=headers or None,
            correlation_id=correlation, reply_to=self._reply_to,
        )  # fmt: skip
        self._channel.basic_publish(self._exchange, self._key, body, properties)
        return await answer

    def _on_answer(self, _channel: Any, _method: Any, properties: Any, body: bytes) -> None:
        answer = self._waiting.pop(properties.correlation_id, None)
        if answer is not None:
            answer.set_result(body)


class Http(Way):
    """A connection for each caller, kept open."""

    async def open(self, order: Order) -> None:
        place = urlsplit(order.url)
        pairs = [asyncio.open_connection(place.hostname, place.port) for _ in range(order.callers)]
        self._pairs = await asyncio.gather(*pairs)
        self._tokens = json.loads(order.headers.pop("tokens"))
        self._head = f"POST {order.target} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"

    async def ask(self, caller: int, body: bytes) -> bytes:
        reader, writer = self._pairs[caller]
        token = self._tokens[caller % len(self._tokens)]
        head = f"{self._head}Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        told = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in told.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        return told.split(b"\r\n", 1)[0] + await reader.readexactly(length)


class Drive:
    """The callers at work."""

    def __init__(self, order: Order, way: Way) -> None:
        self._order, self._way = order, way
        self._expect = order.expect.encode()
        self._took: list[float] = []
        self.seen = Seen()

    async def run(self) -> Seen:
        """The load as ordered."""
        await self._way.open(self._order)
        began, cpu = time.perf_counter(), time.process_time()
        end = began + self._order.seconds
        if self._order.rate:
            await self._paced(began)
        else:
            await asyncio.gather(*(self._caller(name, end) for name in range(self._order.callers)))
        self.seen.seconds, self.seen.client_cpu = time.perf_counter() - began, time.process_time() - cpu
        took = sorted(self._took)
        self.seen.p50, self.seen.p99 = (round(took[int(len(took) * part)] * 1000, 2) for part in (0.5, 0.99))
        return self.seen

    async def _caller(self, name: int, end: float) -> None:
        number = 0
        while time.perf_counter() < end:
            await self._once(name, number)
            number += 1

    async def _paced(self, began: float) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(int(self._order.seconds * self._order.rate)):
                await asyncio.sleep(max(began + number / self._order.rate - time.perf_counter(), 0))
                group.create_task(self._once(0, number))

    async def _once(self, caller: int, number: int) -> None:
        text = self._order.bodies[caller % len(self._order.bodies)]
        body = text.replace("$KEY", str(uuid4())).replace("$N", str(number % 300)).encode()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self._way.ask(caller, body)
        except TimeoutError:
            answer = b"no answer"
        self._took.append(time.perf_counter() - began)
        self.seen.calls += 1
        if self._expect not in answer:
            self.seen.wrong += 1
            self.seen.example = answer[:600].decode(errors="replace")


def main() -> None:
    """One order, one answer."""
    order = Order(**json.load(sys.stdin))
    way: Way = Http() if order.url.startswith("http") else Amqp()
    print(json.dumps(asdict(uvloop.run(Drive(order, way).run()))))


if __name__ == "__main__":
    main()
