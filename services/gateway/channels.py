"""A channel to the broker that comes back by itself: pika's asyncio connection, awaited instead of called back."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pika
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.channel import Channel
from pika.exceptions import AMQPError

from services.kit.logs import log_of

log = log_of("gateway")
logging.getLogger("pika").setLevel(logging.CRITICAL)  # it reports each failed attempt seven times; once is here

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0

Callback = Callable[..., None]
Settle = Callable[[Channel], Awaitable[None]]


async def replied(start: Callable[[Callback], Any], seconds: float = 10.0) -> Any:
    """What pika calls back with, as something to wait for."""
    heard: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def hear(*said: Any) -> None:
        if not heard.done():
            heard.set_result(said[0] if said else None)

    start(hear)
    return await asyncio.wait_for(heard, seconds)


class Keeper:
    """Keeps one channel open for a tenant: `settle` is awaited on each fresh channel, `lost` called when it is gone."""

    def __init__(self, url: str, settle: Settle, lost: Callable[[], None]) -> None:
        self._url = url
        self._settle = settle
        self._lost = lost
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="keeper")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                connection, closed = await self._connect()
            except (AMQPError, OSError, TimeoutError) as away:
                log.warning("broker away", reason=repr(away), pause=pause)
            else:
                if await self._live(connection, closed):
                    pause = _FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _live(self, connection: AsyncioConnection, closed: asyncio.Future[Any]) -> bool:
        """Whether the channel was settled before it was lost."""
        settled = False
        try:
            channel: Channel = await replied(lambda heard: connection.channel(on_open_callback=heard))
            channel.add_on_close_callback(lambda _channel, reason: _done(closed, reason))
            await self._unless_closed(self._settle(channel), closed)
            settled = True
            log.warning("channel lost", reason=repr(await closed))
        except (AMQPError, OSError, TimeoutError) as failed:
            log.warning("channel not settled", reason=repr(failed))
        finally:
            self._lost()
            if connection.is_open:
                connection.close()
        return settled

    async def _unless_closed(self, work: Awaitable[None], closed: asyncio.Future[Any]) -> None:
        task: asyncio.Future[Any] = asyncio.ensure_future(work)
        await asyncio.wait((task, closed), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            raise AMQPError(repr(closed.result()))
        task.result()

    async def _connect(self) -> tuple[AsyncioConnection, asyncio.Future[Any]]:
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[AsyncioConnection] = loop.create_future()
        closed: asyncio.Future[Any] = loop.create_future()
        parameters = pika.URLParameters(self._url)
        parameters.heartbeat = 20
        parameters.blocked_connection_timeout = 30
        AsyncioConnection(
            parameters,
            on_open_callback=lambda connection: _done(opened, connection),
            on_open_error_callback=lambda _connection, error: _failed(opened, error),
            on_close_callback=lambda _connection, reason: _done(closed, reason),
            custom_ioloop=loop,
        )
        return await asyncio.wait_for(opened, 15), closed


def _done(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)


def _failed(future: asyncio.Future[Any], error: object) -> None:
    if not future.done():
        future.set_exception(error if isinstance(error, AMQPError) else AMQPError(str(error)))
