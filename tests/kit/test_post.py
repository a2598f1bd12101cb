"""Sending to a broker that says stop and go on: all it said is heard first, however much of it was read at once."""

import socket
from types import SimpleNamespace
from typing import Any

import pytest

from services.kit.broker import BrokerBlocked, Post

STOP, GO_ON = b"s", b"g"


class Line:
    """A connection as amqp's with a cork: it reads all there is, and each drain hears one word of it."""

    def __init__(self, post: Post, sock: socket.socket) -> None:
        self.sock, self.transport = sock, SimpleNamespace(_read_buffer=b"")
        self.took: list[bytes] = []
        self._post = post

    def frame_writer(self, _kind: int, _channel: int, _method: Any, _arguments: bytes, content: Any) -> None:
        self.took.append(content.body)

    def drain_events(self, timeout: float) -> None:
        self.sock.settimeout(timeout)
        said = self.transport._read_buffer or self.sock.recv(8192)
        self.sock.settimeout(None)
        word, self.transport._read_buffer = said[:1], said[1:]
        if word == STOP:
            self._post._on_blocked("disk")
        elif word == GO_ON:
            self._post._on_unblocked()


@pytest.fixture
def broker():
    here, there = socket.socketpair()
    with here, there:
        post = Post("amqp://nowhere", "test")
        post._line = Line(post, here)
        post._channel = SimpleNamespace(channel_id=1)
        yield SimpleNamespace(says=there.sendall, send=lambda: post.send("nobody", b"{}"), took=post._line.took)


def test_who_was_told_to_stop_sends_nothing_until_told_to_go_on(broker):
    broker.says(STOP)
    with pytest.raises(BrokerBlocked):
        broker.send()
    with pytest.raises(BrokerBlocked):
        broker.send()
    assert broker.took == []

    broker.says(GO_ON)
    broker.send()
    assert broker.took == [b"{}"]


def test_stop_and_go_on_read_at_once_are_both_heard(broker):
    """Only the first was, and for ever after every reply of the service was kept back."""
    broker.says(STOP + GO_ON)
    broker.send()
    assert broker.took == [b"{}"]


def test_the_last_of_many_words_counts(broker):
    broker.says(STOP + GO_ON + STOP)
    with pytest.raises(BrokerBlocked):
        broker.send()
    assert broker.took == []
