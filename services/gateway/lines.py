"""RPC to the services: one connection, one reply queue, many calls in flight, every one with a deadline."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, TypeVar

import pika
from pika.channel import Channel
from pika.exceptions import AMQPError
from pika.spec import Basic

from services.contracts.base import Message, NotSignedIn, Request, TooLate, Unavailable
from services.gateway.channels import Keeper, replied
from services.gateway.doors import BY_REQUEST, Door
from services.gateway.letters import Letter, new_correlation, opened
from services.kit.direct import Direct, Unreached
from services.kit.lines import Question
from services.kit.logs import log_of
from services.kit.work import new_trace, next_span

log = log_of("gateway")
Answer = TypeVar("Answer", bound=Message)

EXCHANGE: Final = "nameko-rpc"
_RECONNECT_PATIENCE: Final = 2.0
_COME_BACK: Final = 3
_STRAIGHT: Final = 32  # questions on direct lines at once
_NARROW: Final = frozenset({"sign_in", "activate", "recover", "change_password"})
"""Doors that work a password out, which takes a processor for a while: who asks them waits here for a turn, where
waiting costs nothing, and not in the service, where it would hold a worker."""
_AT_ONCE: Final = 6


class Line:
    """Carries questions to services and brings back the answer, or raises its Refusal.

    When the broker goes away every call in flight ends as Unavailable: it may have been done or not, and the same key
    asked again tells. Calls that come while the line is down go straight to the service where there is a direct line;
    else they wait two seconds for the broker, then end the same way. Each service has its share of the calls in flight,
    so that one that has stopped does not hold all of them.
    """

    def __init__(self, url: str, direct: Direct | None = None, *, share: int = 1000) -> None:
        self._direct, self._aside = direct, ThreadPoolExecutor(_STRAIGHT, "direct")
        self._share, self._of, self._blocked = share, Counter[str](), False
        self._narrow = asyncio.Semaphore(_AT_ONCE)
        self.instead_of: Callable[[str], Awaitable[str | None]] | None = None  # a younger passport for a refused one
        self._keeper = Keeper(url, self._settle, self._hang_up)
        self._pending: dict[str, asyncio.Future[bytes]] = {}
        self._channel: Channel | None = None
        self._reply_to = ""
        self._up = asyncio.Event()

    @property
    def up(self) -> bool:
        return self._up.is_set()

    @property
    def in_flight(self) -> int:
        return len(self._pending)

    async def start(self) -> None:
        self._keeper.start()

    async def stop(self) -> None:
        await self._keeper.stop()
        self._hang_up()

    async def ask(
        self, request: Request, reply: type[Answer], *, passport: str | None = None, trace: str | None = None
    ) -> Answer:
        """The reply to a request of the contracts."""
        door = BY_REQUEST[type(request)]
        body = request.model_dump_json().encode()
        return reply.model_validate(await self.carry(door, body, passport=passport, trace=trace))

    async def carry(self, door: Door, body: bytes, *, passport: str | None = None, trace: str | None = None) -> Any:
        """The answer to a request that is already JSON, as plain JSON values."""
        deadline = time.time() + door.patience
        letter = Letter(door.service, door.name, body, deadline, passport, trace)
        if door.name not in _NARROW:
            return await self._carried(letter, passport)
        async with self._narrow:
            return await self._carried(letter, passport)

    async def _carried(self, letter: Letter, passport: str | None) -> Any:
        try:
            return opened(await self.send(letter))
        except NotSignedIn:  # nothing was done; the person's roles may have changed since this passport was signed
            younger = await self.instead_of(passport) if passport and self.instead_of else None
            if younger is None:
                raise
        return opened(await self.send(replace(letter, passport=younger)))

    async def send(self, letter: Letter) -> bytes:
        """The answer to a letter as it came, or TooLate, or Unavailable."""
        if self._of[letter.service] >= self._share:
            raise Unavailable(seconds=_COME_BACK)
        self._of[letter.service] += 1
        try:
            if (self._channel is None or self._blocked) and self._direct and self._direct.reaches(letter.service):
                with suppress(Unreached):
                    return await self._straight(letter, self._direct)
            return await self._over_broker(letter)
        finally:
            self._of[letter.service] -= 1

    async def _straight(self, letter: Letter, direct: Direct) -> bytes:
        """The answer by the service's own port: the broker never had this letter."""
        trace = next_span(letter.trace) if letter.trace else new_trace()
        question = Question(letter.service, letter.door, letter.body, letter.passport, letter.deadline, trace)
        answer = await asyncio.get_running_loop().run_in_executor(self._aside, direct.carry, question)
        if answer is None:
            raise TooLate
        return answer

    async def _over_broker(self, letter: Letter) -> bytes:
        channel = await self._wait_up(letter)
        correlation = new_correlation()
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._pending[correlation] = answer
        try:
            channel.basic_publish(
                EXCHANGE,
                letter.routing_key,
                letter.envelope(),
                letter.properties(self._reply_to, correlation),
                mandatory=True,
            )
            return await asyncio.wait_for(answer, max(0.001, letter.remaining))
        except AMQPError as away:
            raise Unavailable(seconds=_COME_BACK) from away
        except TimeoutError as late:
            raise TooLate from late
        finally:
            self._pending.pop(correlation, None)

    async def _wait_up(self, letter: Letter) -> Channel:
        if self._channel is None:
            try:
                await asyncio.wait_for(self._up.wait(), min(_RECONNECT_PATIENCE, max(0.001, letter.remaining)))
            except TimeoutError as down:
                raise Unavailable(seconds=_COME_BACK) from down
        if self._channel is None or self._blocked:
            raise Unavailable(seconds=_COME_BACK)
        return self._channel

    async def _settle(self, channel: Channel) -> None:
        """A reply queue of this connection alone: bound as stock nameko's is, and named like its own key."""
        self._reply_to = f"rpc.reply-gateway-{new_correlation()}"
        name = self._reply_to
        await replied(lambda heard: channel.queue_declare(name, exclusive=True, auto_delete=True, callback=heard))
        await replied(lambda heard: channel.queue_bind(name, EXCHANGE, routing_key=name, callback=heard))
        channel.add_on_return_callback(self._on_return)
        await replied(
            lambda heard: channel.basic_consume(name, self._on_answer, auto_ack=True, exclusive=True, callback=heard)
        )
        channel.connection.add_on_connection_blocked_callback(lambda *_: self._block(blocked=True))
        channel.connection.add_on_connection_unblocked_callback(lambda *_: self._block(blocked=False))
        self._channel, self._blocked = channel, False
        self._up.set()
        log.info("line up", reply_to=name)

    def _block(self, *, blocked: bool) -> None:
        """The broker's disk or memory is full: it takes nothing until it says so."""
        self._blocked = blocked
        log.warning("broker blocked" if blocked else "broker takes letters again")

    def _hang_up(self) -> None:
        self._channel = None
        self._up.clear()
        pending, self._pending = self._pending, {}
        for answer in pending.values():
            if not answer.done():
                answer.set_exception(Unavailable(seconds=_COME_BACK))

    def _on_answer(
        self, _channel: Channel, _method: Basic.Deliver, properties: pika.BasicProperties, body: bytes
    ) -> None:
        answer = self._pending.pop(properties.correlation_id or "", None)
        if answer is not None and not answer.done():
            answer.set_result(body)

    def _on_return(
        self, _channel: Channel, method: Basic.Return, properties: pika.BasicProperties, _body: bytes
    ) -> None:
        """Nobody serves that service: its queue does not exist."""
        answer = self._pending.pop(properties.correlation_id or "", None)
        if answer is not None and not answer.done():
            log.warning("unroutable", key=method.routing_key)
            answer.set_exception(Unavailable(seconds=_COME_BACK))
