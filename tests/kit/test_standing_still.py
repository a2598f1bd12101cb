"""A service that stood still, as one whose machine was paused: the broker has left it, and it serves again at once."""

import os
import signal
from contextlib import suppress
from uuid import uuid4

import pytest

from services.contracts.base import Unavailable
from services.kit.broker import connect, ear_queue, rpc_queue
from tests.kit.running import MIRROR, SHOP, eventually
from tests.kit.shop import CounterChanged, Look, Total

pytestmark = pytest.mark.broker
LONG = Look(counter="a" * 2000)
HEARD = ear_queue("mirror", "shop.counter_changed--on_counter_changed")


def readers(stage, queue):
    """How many read it."""
    connection = connect(stage.broker_url, "test")
    try:
        return connection.channel().queue_declare(queue, passive=True).consumer_count
    finally:
        connection.collect()


def tell(stage, *counters):
    with stage.dbs[SHOP].transaction() as tx:
        for counter in counters:
            tx.emit(CounterChanged(counter=counter, total=7))


def crowd(stage, clerk):
    """Questions nobody answers, more bytes than are read at once."""
    for _ in range(5):
        with stage.caller() as caller:
            for _ in range(4):  # one that had no answer to five in a row asks no more
                with pytest.raises(Unavailable):
                    caller.ask("mirror", "echo", LONG, reply=Total, passport=clerk, timeout=0.1)


def test_a_service_the_broker_left_while_it_stood_still_answers_and_hears_again(stage, clerk):
    """It had questions and letters in hand, and could not settle them on a line that was gone.

    kombu then opened another line, on which nobody consumed, and the service was deaf for good.
    """
    stage.start(SHOP)
    mirror = stage.start(MIRROR, heartbeat=4)
    with stage.caller() as caller:

        def answered():
            with suppress(Unavailable):
                return caller.ask("mirror", "echo", LONG, reply=Total, passport=clerk, timeout=2)

        def heard(counter):
            return stage.rows(MIRROR, "SELECT total FROM seen WHERE counter = :c", c=counter) == [(7,)]

        assert eventually(answered)
        before, during, after = (uuid4().hex[:8] for _ in range(3))
        tell(stage, before)
        assert eventually(lambda: heard(before))

        os.kill(mirror.pid, signal.SIGSTOP)
        try:
            crowd(stage, clerk)
            tell(stage, *(uuid4().hex for _ in range(50)), during)
            assert eventually(lambda: readers(stage, rpc_queue("mirror")) == readers(stage, HEARD) == 0, 20)
        finally:
            os.kill(mirror.pid, signal.SIGCONT)

        assert eventually(answered, 15)
        tell(stage, after)
        assert eventually(lambda: heard(during) and heard(after), 15)
