"""A JSON message as it leaves without a confirm: a question or a reply, written down in one go.

amqp looks for each of AMQP's fourteen properties in each message, asks each value for its kind, and does so again for
who it is addressed to; of all a call costs that is the largest part, and few of these bytes ever differ.
"""

from functools import lru_cache
from typing import Any

from amqp.serialization import dumps  # type: ignore[import-untyped]  # amqp has no types
from amqp.spec import Basic  # type: ignore[import-untyped]
from amqp.utils import str_to_bytes  # type: ignore[import-untyped]

JSON = {"content_type": "application/json", "content_encoding": "utf-8"}
_JSON = 0x8000 | 0x4000, b"".join(bytes([len(text)]) + text.encode() for text in JSON.values())
_HEADERS = 0x2000
_SHORT = (("correlation_id", 0x0400), ("reply_to", 0x0200), ("expiration", 0x0100))  # in the order they are written


class Parcel:
    """What amqp's frame writer takes for a message; the properties are those of class basic (AMQP 0-9-1, 4.2.6.1).

    `given`: `headers` (a table), `correlation_id`, `reply_to`, `expiration` (text of at most 255 bytes); None is none.
    """

    __slots__ = ("_given", "body")

    def __init__(self, body: bytes, given: dict[str, Any]) -> None:
        self.body, self._given = body, given

    def _serialize_properties(self) -> bytes:
        """By the frame writer: which there are, then each."""
        flags, written = _JSON
        headers = self._given.get("headers")
        if headers is not None:
            flags |= _HEADERS
            written += dumps("F", [headers])
        for name, flag in _SHORT:
            value = self._given.get(name)
            if value is not None:
                text = str_to_bytes(value)
                flags |= flag
                written += bytes([len(text)]) + text
        return flags.to_bytes(2) + written


def send(line: Any, channel: int, exchange: str, routing_key: str, parcel: Parcel) -> None:
    """The parcel goes out on a channel of amqp's connection; its errors are amqp's."""
    line.frame_writer(1, channel, Basic.Publish, _addressed(exchange, routing_key), parcel)


@lru_cache(1024)
def _addressed(exchange: str, routing_key: str) -> bytes:
    """The arguments of basic.publish: neither mandatory nor immediate."""
    written: bytes = dumps("Bssbb", [0, exchange, routing_key, False, False])
    return written
