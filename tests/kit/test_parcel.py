"""What leaves is byte for byte what amqp writes of the same message."""

from itertools import product
from types import SimpleNamespace

import pytest
from amqp.basic_message import Message
from amqp.method_framing import frame_writer
from amqp.serialization import dumps
from amqp.spec import Basic

from services.kit.parcel import JSON, Parcel, send

HEADERS = {"nameko.deadline": 1_795_487_137_000, "nameko.passport": "x" * 600, "nameko.traceparent": "00-ab-cd-01"}
GIVEN = {
    "headers": [None, {}, HEADERS, {"sâu": {"hơn": [1, "hai", None, True]}}],
    "correlation_id": [None, "1f", "số 7", "\udc80"],  # the last: half a pair of surrogates, which amqp lets pass
    "reply_to": [None, "a" * 255],
    "expiration": [None, "9999"],
}
EVERY = [dict(zip(GIVEN, values, strict=True)) for values in product(*GIVEN.values())]


class Sent:
    """A connection that keeps what is written on it."""

    def __init__(self, frame_max: int = 131072) -> None:
        self.frame_max, self.bytes_sent, self.written = frame_max, 0, b""
        self.frame_writer = frame_writer(self, SimpleNamespace(write=self.write))

    def write(self, frame: bytes) -> None:
        self.written += bytes(frame)


def amqps_own(line: Sent, key: str, body: bytes, given: dict) -> None:
    properties = {name: value for name, value in given.items() if name != "headers"}
    message = Message(body, application_headers=given["headers"], **JSON, **properties)
    line.frame_writer(1, 7, Basic.Publish, dumps("Bssbb", (0, "nameko-rpc", key, False, False)), message)


@pytest.mark.parametrize("body", [b"", b"{}", '{"tên": "Đỗ Ước"}'.encode(), b"x" * 5000])
def test_whatever_is_given_is_written_as_amqp_writes_it(body):
    for given in EVERY:
        ours, theirs = Sent(), Sent()
        send(ours, 7, "nameko-rpc", "office.total", Parcel(body, given))
        amqps_own(theirs, "office.total", body, given)
        assert ours.written == theirs.written, given


def test_a_body_that_is_more_than_a_frame_goes_in_several():
    ours, theirs = Sent(frame_max=4096), Sent(frame_max=4096)
    given = {"headers": HEADERS, "correlation_id": "1", "reply_to": "r", "expiration": None}
    send(ours, 7, "nameko-rpc", "office.total", Parcel(b"x" * 20_000, given))
    amqps_own(theirs, "office.total", b"x" * 20_000, given)
    assert ours.written == theirs.written
    assert len(ours.written) > 20_000 + 5 * 8


def test_text_that_is_too_long_for_a_property_is_refused():
    with pytest.raises(ValueError, match="range"):
        send(Sent(), 7, "nameko-rpc", "office.total", Parcel(b"{}", {"correlation_id": "a" * 256}))
