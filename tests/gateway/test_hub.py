"""The live queue against a real broker: it hears every owner's exchange, and hears again after the broker hung up."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pika
import pytest
import uvloop

from services.contracts.base import Envelope, Grant
from services.contracts.results import TurnoutReported
from services.gateway.live import HEARD, Hub, Subscription

pytestmark = pytest.mark.broker
NOW = datetime(2026, 3, 15, 9, 42, tzinfo=UTC)


@pytest.fixture
def exchanges(broker_url: str) -> str:
    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        channel = connection.channel()
        for owner in {kind.topic.split(".")[0] for kind in HEARD}:
            channel.exchange_declare(f"{owner}.events", "topic", durable=True)
    return broker_url


def tell(url: str, area: str) -> None:
    event = TurnoutReported(
        election="dien-tap-4", unit="vn/46/19777", area=area, slot="16:00", took_part=1, voters=2, late=False, at=NOW
    )
    letter = Envelope(
        id=uuid4(), topic=event.topic, aggregate=event.aggregate, version=1, at=NOW, data=event.model_dump(mode="json")
    )
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        connection.channel().basic_publish("results.events", event.topic, letter.model_dump_json().encode())


async def heard(stream: Subscription) -> list[str | None]:
    for _ in range(100):
        if notes := stream.take():
            return [note.area for _, note in notes]
        await asyncio.sleep(0.05)
    return []


async def up(hub: Hub, *, wanted: bool) -> None:
    for _ in range(200):
        if hub.up is wanted:
            return
        await asyncio.sleep(0.05)


def test_events_reach_a_stream_before_and_after_the_broker_hung_up(broker, exchanges: str) -> None:
    async def story() -> list[list[str | None]]:
        hub = Hub(exchanges, 10)
        stream = Subscription("dien-tap-4", "vn/46", (Grant(role="secretary", scope="dien-tap-4/vn"),), None)
        hub.join(stream, None)
        hub.start()
        await up(hub, wanted=True)
        await asyncio.to_thread(tell, exchanges, "19777-001")
        told = [await heard(stream)]
        if broker is not None:
            vhost = exchanges.rsplit("/", 1)[1]
            await asyncio.to_thread(broker.ctl, "close_all_connections", "--vhost", vhost, "test")
            await up(hub, wanted=False)
            await up(hub, wanted=True)
        await asyncio.to_thread(tell, exchanges, "19777-002")
        told.append(await heard(stream))
        await hub.stop()
        return told

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(story()) == [["19777-001"], ["19777-002"]]
