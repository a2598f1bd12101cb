"""A broker node that says nothing, as one whose cable was cut: the others are asked while there is time."""

import socket
import time
from uuid import uuid4

import pytest

from services.kit.broker import connect
from tests.kit.running import MIRROR, SHOP, eventually
from tests.kit.shop import CounterChanged

pytestmark = pytest.mark.broker


@pytest.fixture
def silent():
    """Takes connections and never says a word on them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"amqp://nobody:nothing@127.0.0.1:{server.getsockname()[1]}/"


def test_the_next_node_is_asked_before_all_the_time_is_spent_on_the_first(silent, broker_url):
    began = time.monotonic()

    connection = connect(f"{silent};{broker_url}", "test", within=3.0)

    assert connection.connected
    assert time.monotonic() - began < 3.0
    connection.collect()


def test_when_none_answers_the_error_comes_in_time(silent):
    began = time.monotonic()

    with pytest.raises(OSError):
        connect(f"{silent};{silent}", "test", within=1.0)

    assert time.monotonic() - began < 1.5


def test_services_whose_first_node_is_silent_tell_and_hear_all_the_same(stage, silent):
    stage.broker_url = f"{silent};{stage.broker_url}"
    stage.start(SHOP)
    stage.start(MIRROR)
    counter = uuid4().hex[:8]
    with stage.dbs[SHOP].transaction() as tx:
        tx.emit(CounterChanged(counter=counter, total=7))

    assert eventually(lambda: stage.rows(MIRROR, "SELECT total FROM seen WHERE counter = :c", c=counter) == [(7,)], 30)
