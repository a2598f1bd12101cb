"""A broker node that says nothing, as one whose cable was cut: the others are asked while there is time."""

import socket
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from services.kit.broker import connect
from services.kit.relay import Letter, Press
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


class Way:
    """A way to the broker on which, once it is `numb`, nothing comes back but the heartbeats of a node that lives."""

    _HEARTBEAT = b"\x08\x00\x00\x00\x00\x00\x00\xce"  # AMQP 0-9-1, 4.2.7

    def __init__(self, broker_url):
        self.url = urlsplit(broker_url)
        self.numb = threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends = []
        threading.Thread(target=self._open, daemon=True).start()

    @property
    def there(self):
        port = self._door.getsockname()[1]
        return self.url._replace(netloc=f"{self.url.username}:{self.url.password}@127.0.0.1:{port}").geturl()

    def close(self):
        for end in (self._door, *self._ends):
            end.close()

    def _open(self):
        client, _ = self._door.accept()
        broker = socket.create_connection((self.url.hostname, self.url.port))
        self._ends = [client, broker]
        for work in (self._there, self._back, self._beat):
            threading.Thread(target=work, args=(client, broker), daemon=True).start()

    def _there(self, client, broker):
        with suppress(OSError):
            while said := client.recv(65536):
                broker.sendall(said)

    def _back(self, client, broker):
        with suppress(OSError):
            while said := broker.recv(65536):
                if not self.numb.is_set():
                    client.sendall(said)

    def _beat(self, client, _broker):
        self.numb.wait()
        with suppress(OSError):
            while True:
                client.sendall(self._HEARTBEAT)
                time.sleep(1.5)


@pytest.fixture
def way(stage):
    made = Way(stage.broker_url)
    yield made
    made.close()


def letter(number):
    return Letter(number, str(uuid4()), "shop.counter_changed", "a", b"{}", None)


def test_heartbeats_are_no_confirms_who_gets_nothing_else_gives_up_in_time(way):
    press = Press(way.there, "test", timeout=2.0)
    assert press.send([letter(1)]) == {1}
    way.numb.set()
    ends = []

    def send():
        try:
            ends.append(press.send([letter(2)]))
        except TimeoutError as gave_up:
            ends.append(str(gave_up))

    sending = threading.Thread(target=send, daemon=True)
    sending.start()
    sending.join(1.5)
    assert ends == []
    sending.join(3.5)
    assert ends == ["no confirm for 2 s"]
    press.close()
