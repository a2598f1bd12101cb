"""FastStream: a subscriber that asks another with `broker.request`. `faststream run faststream_asking:app`."""

import asyncio
import os
import time

from faststream import FastStream
from faststream.rabbit import RabbitBroker
from faststream_sheet import Sheet
from pydantic import BaseModel, NonNegativeInt


class Drive(BaseModel):
    """So many callers, for so many seconds."""

    callers: NonNegativeInt
    seconds: float
    sheet: Sheet


class Driven(BaseModel):
    """What they saw."""

    calls: int
    wrong: int
    seconds: float


broker = RabbitBroker(os.environ["BROKER_URL"])
app = FastStream(broker)


@broker.subscriber("faststream.drive")
async def drive(order: Drive) -> Driven:
    """Every caller is a task of this process."""
    right, seen, began = sum(order.sheet.figures), [0, 0], time.perf_counter()

    async def caller() -> None:
        while time.perf_counter() < began + order.seconds:
            answer = await broker.request(order.sheet, "faststream.total")
            seen[(await answer.decode())["total"] != right] += 1

    await asyncio.gather(*(caller() for _ in range(order.callers)))
    return Driven(calls=sum(seen), wrong=seen[True], seconds=time.perf_counter() - began)
