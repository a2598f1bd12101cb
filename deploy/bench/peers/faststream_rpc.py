"""FastStream: one subscriber that answers. `faststream run faststream_rpc:app`."""

import os

from faststream import FastStream
from faststream.rabbit import RabbitBroker
from faststream_sheet import Sheet
from pydantic import BaseModel, NonNegativeInt


class Total(BaseModel):
    """What is answered."""

    station: str
    total: NonNegativeInt


broker = RabbitBroker(os.environ["BROKER_URL"])
app = FastStream(broker)


@broker.subscriber("faststream.total")
async def total(sheet: Sheet) -> Total:
    """The station's sum."""
    return Total(station=sheet.station, total=sum(sheet.figures))
