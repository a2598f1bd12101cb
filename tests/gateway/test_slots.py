"""Who is admitted to the gateway, who waits, who is told to come back."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from services.gateway.refusals import Busy, Crowded
from services.gateway.settings import GatewaySettings
from services.gateway.slots import Slots


def slots(in_flight: int, waiting: int = 400, patience: float = 3.0) -> Slots:
    return Slots(GatewaySettings(gateway_in_flight=in_flight, gateway_waiting=waiting, gateway_patience=patience))


async def held(door: Slots, owner: str, until: asyncio.Event) -> str:
    try:
        async with door.one(owner):
            await until.wait()
    except Crowded:
        return "crowded"
    return "served"


async def outcome(door: Slots, number: int) -> list[str]:
    """What became of so many that came in one instant, each in a session of its own, and stayed a moment."""
    done = asyncio.Event()
    tasks = [asyncio.create_task(held(door, str(owner), done)) for owner in range(number)]
    await asyncio.sleep(0.05)
    done.set()
    return list(await asyncio.gather(*tasks))


def test_as_many_as_there_are_slots_enter_in_one_instant_though_nobody_has_left_before() -> None:
    assert asyncio.run(outcome(slots(200), 200)) == ["served"] * 200


def test_of_those_who_must_wait_a_few_always_may_and_the_rest_is_told_when_nobody_leaves() -> None:
    told = asyncio.run(outcome(slots(10), 40))

    assert (told.count("served"), told.count("crowded")) == (10 + 16, 14)


def test_who_waits_longer_than_the_patience_is_told_and_holds_no_slot() -> None:
    async def waited() -> tuple[int, int]:
        door = slots(1, patience=0.05)
        async with door.one("a"):
            with pytest.raises(Crowded):
                async with door.one("b"):
                    raise AssertionError("entered")
        return door.in_work, door.waiting

    assert asyncio.run(waited()) == (0, 0)


def test_one_session_has_its_share_and_no_more() -> None:
    async def crowd() -> None:
        door = slots(200)
        async with AsyncExitStack() as stack:
            for _ in range(GatewaySettings().gateway_per_session):
                await stack.enter_async_context(door.one("a"))
            await stack.enter_async_context(door.one("b"))
            with pytest.raises(Busy):
                await stack.enter_async_context(door.one("a"))

    asyncio.run(crowd())
