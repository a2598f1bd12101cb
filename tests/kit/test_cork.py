"""Frames that are here whole are taken without a time-out; of one that is not, amqp waits for the rest."""

import struct
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from amqp.transport import TCPTransport

from services.kit.cork import corked

FRAME = struct.pack(">BHI", 1, 7, 5) + b"hello" + b"\xce"  # type, channel, size, payload, end (AMQP 0-9-1, 2.3.5)


class Socket:
    """Has this much to give, all at once."""

    def __init__(self, comes: bytes | Exception) -> None:
        self._comes, self.timeouts = comes, [None]

    def recv(self, _most: int) -> bytes:
        if isinstance(self._comes, Exception):
            raise self._comes
        return self._comes

    def gettimeout(self) -> float | None:
        return self.timeouts[-1]

    def settimeout(self, seconds: float | None) -> None:
        self.timeouts.append(seconds)


class Line(TCPTransport):
    """A transport that has read this much of what comes."""

    def __init__(self, here: bytes, comes: bytes | Exception = b"") -> None:
        self._read_buffer, self.sock = here, Socket(comes)
        self._quick_recv = None

    def __del__(self) -> None:
        """There is no socket to close."""


def reader(transport: Line) -> tuple[Any, list[Any]]:
    """What reads of it, and what came of that."""
    seen: list[Any] = []
    connection = SimpleNamespace(
        frame_max=131072, on_inbound_frame=seen.append, blocking_read=lambda _timeout: seen.append("waits")
    )
    corked(connection, transport)
    return connection.blocking_read, seen


@pytest.mark.parametrize(
    ("here", "taken", "left"),
    [
        (FRAME, [(1, 7, b"hello")], b""),
        (FRAME + b"\x01", [(1, 7, b"hello")], b"\x01"),
        (FRAME[:-1], ["waits"], FRAME[:-1]),
        (FRAME[:-1] + b"\x00", ["waits"], FRAME[:-1] + b"\x00"),
        (FRAME[:7], ["waits"], FRAME[:7]),
        (FRAME[:3], ["waits"], FRAME[:3]),
        (b"", ["waits"], b""),
    ],
)
def test_only_a_frame_that_is_not_whole_yet_is_waited_for(here, taken, left):
    for transport in (Line(here), Line(b"", comes=here)):
        read, seen = reader(transport)
        read(1)
        assert (seen, transport._read_buffer) == (taken, left)


@pytest.mark.parametrize("timeout", [None, 0])
def test_a_look_that_has_no_end_or_takes_no_time_is_left_to_amqp(timeout):
    read, seen = reader(Line(b"", comes=FRAME))
    read(timeout)
    assert seen == ["waits"]


def test_who_waits_in_vain_hears_it_and_the_socket_has_its_time_out_back():
    transport = Line(b"", comes=TimeoutError())
    read, seen = reader(transport)
    with pytest.raises(TimeoutError):
        read(1)
    assert (seen, transport.sock.timeouts, transport._read_buffer) == ([], [None, 1, None], b"")


GATHERS = """
from services.kit.green import patch
patch()
import time
from types import SimpleNamespace
from services.kit.cork import Cork
sent = []
cork = Cork(SimpleNamespace(write=sent.append))
for turn in range(2):
    for frame in (b"a", b"b", b"c"):
        cork.write(frame)
    time.sleep(0)
    time.sleep(0)
cork.write(b"alone")
time.sleep(0)
cork.write(b"again")
print(sent)
"""


def test_the_first_frame_of_a_turn_leaves_at_once_and_the_others_together():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", GATHERS], check=True, capture_output=True, text=True, timeout=30
    )
    assert done.stdout.strip() == "[b'a', b'bc', b'a', b'bc', b'alone', b'again']"
