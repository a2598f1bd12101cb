"""A broker node that says nothing, as one whose cable was cut: the others are asked while there is time."""

import socket
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from services.contracts.base import Unavailable
from services.kit import topology
from services.kit.broker import ERRORS, Post, connect
from services.kit.callers import Caller
from services.kit.relay import Letter, Press
from tests.kit.running import MIRROR, SHOP, eventually
from tests.kit.shop import CounterChanged, Look, Total

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
    """A way to the broker; what came by it before it went `numb` hears nothing more but heartbeats, if it `beats`.

    With `deaf`, of the connections whose name has that in it the first goes numb as soon as it asks for a channel.
    """

    _HEARTBEAT = b"\x08\x00\x00\x00\x00\x00\x00\xce"  # AMQP 0-9-1, 4.2.7
    _OPEN = b"\x00\x14\x00\x0a"  # a channel: class 20, method 10

    def __init__(self, broker_url, *, beats=True, deaf=None):
        self.url = urlsplit(broker_url)
        self._beats, self._deaf = beats, deaf
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends, self._numbs = [], []
        threading.Thread(target=self._open, daemon=True).start()

    @property
    def there(self):
        port = self._door.getsockname()[1]
        return self.url._replace(netloc=f"{self.url.username}:{self.url.password}@127.0.0.1:{port}").geturl()

    def go_numb(self):
        for numb in self._numbs:
            numb.set()

    def close(self):
        for end in (self._door, *self._ends):
            end.close()

    def _open(self):
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                broker, numb = socket.create_connection((self.url.hostname, self.url.port)), threading.Event()
                self._ends += [client, broker]
                self._numbs.append(numb)
                for work in (self._there, self._back, self._beat):
                    threading.Thread(target=work, args=(client, broker, numb), daemon=True).start()

    def _there(self, client, broker, numb):
        named = False
        with suppress(OSError):
            while said := client.recv(65536):
                named = named or (self._deaf is not None and self._deaf in said)
                if named and self._OPEN in said:
                    self._deaf = None
                    numb.set()
                broker.sendall(said)
            broker.shutdown(socket.SHUT_RDWR)

    def _back(self, client, broker, numb):
        with suppress(OSError):
            while said := broker.recv(65536):
                if not numb.is_set():
                    client.sendall(said)

    def _beat(self, client, _broker, numb):
        numb.wait()
        with suppress(OSError):
            while self._beats:
                client.sendall(self._HEARTBEAT)
                time.sleep(1.5)


@pytest.fixture
def ways():
    """Ways to a broker, as `Way` makes them."""
    made = []

    def make(*given, **more):
        made.append(Way(*given, **more))
        return made[-1]

    yield make
    for way in made:
        way.close()


def letter(number):
    return Letter(number, str(uuid4()), "shop.counter_changed", "a", b"{}", None)


def test_heartbeats_are_no_confirms_who_gets_nothing_else_gives_up_in_time(stage, ways):
    way = ways(stage.broker_url)
    press = Press(way.there, "test", timeout=2.0)
    assert press.send([letter(1)]) == {1}
    way.go_numb()
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


def test_heartbeats_open_no_channel_and_the_relay_gives_up_in_time(stage, ways, monkeypatch):
    monkeypatch.setattr("services.kit.relay._FIRST", 1.5)
    began = time.monotonic()

    with pytest.raises(ERRORS):
        Press(ways(stage.broker_url, deaf=b"test").there, "test", timeout=10.0)

    assert 1.5 <= time.monotonic() - began < 4


def test_who_sends_gives_up_a_channel_that_is_not_opened_within_the_senders_time(stage, ways):
    post = Post(ways(stage.broker_url, deaf=b"test").there, "test")
    began = time.monotonic()

    with pytest.raises(TimeoutError, match="no time is left"):
        post.send("nobody", b"{}", within=1.5)

    assert 1.5 <= time.monotonic() - began < 2.5
    post.send("nobody", b"{}", within=5)
    post.close()


def test_a_topology_that_gets_no_answer_says_so_in_time(stage, ways, monkeypatch):
    monkeypatch.setattr(topology, "_ANSWERS", 0.5)
    monkeypatch.setenv("HP_BROKER_URL", ways(stage.broker_url, deaf=b"topology").there)
    began = time.monotonic()

    with pytest.raises(topology.CannotDeclare, match="gave no answer"):
        topology.declare([SHOP, MIRROR])

    assert time.monotonic() - began < 5


def test_a_caller_whose_reply_queue_does_not_come_asks_for_another(stage, ways, clerk, monkeypatch):
    monkeypatch.setattr("services.kit.callers._SETTLES", 1.5)
    stage.start(SHOP)
    with Caller(ways(stage.broker_url, deaf=b"test replies").there, name="test") as caller:
        assert caller.ask("shop", "look", Look(counter="a"), reply=Total, passport=clerk, timeout=20).total == 0


def told_and_asked(stage, clerk):
    """Seconds until a letter of the shop was heard, and a door of the mirror answered, which asks one of the shop."""
    began, counter = time.monotonic(), uuid4().hex[:8]
    with stage.dbs[SHOP].transaction() as tx:
        tx.emit(CounterChanged(counter=counter, total=7))
    assert eventually(lambda: stage.rows(MIRROR, "SELECT total FROM seen WHERE counter = :c", c=counter) == [(7,)], 40)
    with stage.caller() as caller:

        def answered():
            with suppress(Unavailable):
                caller.ask("mirror", "peek", Look(counter=counter), reply=Total, passport=clerk, timeout=5)
                return True
            return False

        assert eventually(answered, 40)
    return time.monotonic() - began


def test_consumers_that_are_not_let_in_knock_again(stage, ways, clerk):
    """A node whose queue looks for its leader keeps the connection alive and answers nothing on it."""
    real = stage.broker_url
    for service in (SHOP, MIRROR):
        stage.broker_url = ways(real, deaf=b"doors and ears").there
        stage.start(service)
    stage.broker_url = real

    assert told_and_asked(stage, clerk) < 30


def test_a_node_that_falls_silent_and_keeps_its_connections_is_left_and_holds_up_nobody_who_stops(stage, ways, clerk):
    """Its consumers said a polite farewell to it, and waited for the answer for ever."""
    real, way = stage.broker_url, ways(stage.broker_url, beats=False)
    stage.broker_url = way.there
    processes = [stage.start(service, heartbeat=4) for service in (SHOP, MIRROR)]
    stage.broker_url = real
    told_and_asked(stage, clerk)

    way.go_numb()
    assert told_and_asked(stage, clerk) < 25

    way.go_numb()
    for process in processes:
        process.terminate()
    assert [process.wait(12) for process in processes] == [0, 0]
