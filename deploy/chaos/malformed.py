"""S2: thousands of messages nobody could have meant, to every queue: nobody exits, nobody loops."""

import json
import subprocess
import time
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pika
import pika.exceptions

from deploy.chaos import judging
from deploy.chaos.ground import Ground, ground, until
from deploy.chaos.verdict import Plan, Verdict
from deploy.local.programs import free_port
from tests.kit.running import MIRROR, SHOP
from tests.kit.shop import CounterChanged, Look, Total

TOPIC = "shop.counter_changed"
HEARERS = ("shop.counter_changed--mirror.on_counter_changed", "shop.counter_changed--mirror.on_many_changed")
ALL_EARS = "every--mirror.on_everything"
MARK = b"fuzz"
_DISTINCT = "SELECT count(DISTINCT (handler, digest)) FROM parked"
_REASONS = "SELECT split_part(reason, ':', 1), count(*) FROM parked GROUP BY 1"
_RANDOM_BYTES = 40
_HUGE = 200_000
_DEEP = 3000
_QUEUES = ("rpc-shop", "rpc-mirror", *HEARERS, ALL_EARS, "mirror.dead")


def malformed(plan: Plan) -> Verdict:
    """On servers of its own."""
    with ground(plan.folder) as place:
        return attacked(plan, place, int(plan.more.get("messages") or plan.either(3000, 200_000)))


def attacked(plan: Plan, place: Ground, number: int) -> Verdict:
    """Half of the messages to the handlers, half to the doors and the dead queue; healthy ones among them."""
    verdict, stage = Verdict("malformed"), place.stage
    ports = {SHOP: free_port(0), MIRROR: free_port(0)}
    processes = [stage.start(name, health_port=port) for name, port in ports.items()]
    with place.caller() as caller:
        ask = {"reply": Total, "passport": place.token, "timeout": 30}
        caller.ask("shop", "look", Look(counter="a"), **ask)
        caller.ask("mirror", "echo", Look(counter="a"), **ask)
        with stage.dbs[SHOP].transaction() as tx:
            tx.emit_all(CounterChanged(counter="healthy", total=n) for n in range(1, 11))
        began = time.monotonic()
        connection, channel = _channel(place)
        sent = _send_all(channel, plan.random, number)
        sending = time.monotonic() - began
        # the broker's counts lag behind: empty queues prove nothing before every letter is accounted for
        emptied = until(lambda: _accounted(place) >= sent and not _waiting(place), 60 + number / 100, 0.5)
        connection.close()  # only now: what a channel sent unconfirmed just before its end is forgotten
        healthy = caller.ask("shop", "look", Look(counter="a"), **ask).total == 0
        healthy = healthy and caller.ask("mirror", "echo", Look(counter="a"), **ask).counter == "a"
    verdict.measured(sent=number, rate=round(number / sending))
    verdict.require("emptied", emptied, most=60 + number / 100)
    verdict.require("exits", sum(process.poll() is not None for process in processes), most=0)
    verdict.require("doors_answer", int(healthy), least=1)
    verdict.require("letters_unaccounted", sent - _accounted(place), least=0, most=0)
    verdict.require("loops", _loops(ports[MIRROR], processes), most=0)
    verdict.measured(reasons=dict(stage.rows(MIRROR, _REASONS)))
    return _healthy_ones(verdict, place)


def _healthy_ones(verdict: Verdict, place: Ground) -> Verdict:
    """The letters among the nonsense were all taken."""
    settled = judging.settled(place)
    counts, faults = judging.letters(place), judging.faults(place)
    faults.pop("parked")
    verdict.require_kept(counts, faults)
    verdict.require("settled", settled, most=60.0)
    return verdict


def _loops(port: int, processes: list[subprocess.Popen[bytes]]) -> int:
    """Processes that are still at work a while after the last message, by their processor time."""
    before = [_ticks(process.pid) for process in processes]
    time.sleep(2)
    httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).raise_for_status()
    return sum(_ticks(process.pid) - ticks > 100 for process, ticks in zip(processes, before, strict=True))


def _ticks(pid: int) -> int:
    """Hundredths of a second the process has worked; a dead one works no more."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return int(fields[11]) + int(fields[12])


def _channel(place: Ground) -> tuple[pika.BlockingConnection, Any]:
    connection = pika.BlockingConnection(pika.URLParameters(f"{place.stage.broker_url}?heartbeat=0"))
    return connection, connection.channel()


def _accounted(place: Ground) -> int:
    """Letters that are parked, each handler's own."""
    return int(place.stage.one(MIRROR, _DISTINCT))


def _waiting(place: Ground) -> int:
    """Messages in any queue, taken by a reader or not."""
    broker = place.broker or place.lent
    assert broker is not None
    vhost = place.stage.broker_url.rpartition("/")[2]
    listed = [line.split("\t") for line in broker.ctl("list_queues", "-p", vhost, "name", "messages").split("\n")]
    found = [(one[0], one[1].strip()) for one in listed if len(one) == 2]
    return sum(int(number) for name, number in found if number.isdigit() and not name.endswith(".unheard"))


def _send_all(channel: Any, random: Random, number: int) -> int:
    """All messages are sent; how many parked letters they must become."""
    parked = 0
    for place_in_line in range(number):
        exchange, key, ears = _aim(random)
        body, headers, rest = _body(random, place_in_line), _headers(random), _properties(random)
        parked += ears
        try:
            properties = pika.BasicProperties(headers=headers, **rest)
            channel.basic_publish(exchange, key, body, properties)
        except (TypeError, ValueError, AssertionError, pika.exceptions.UnsupportedAMQPFieldException):
            channel.basic_publish(exchange, key, body, pika.BasicProperties())  # what cannot even be written
    return parked


def _aim(random: Random) -> tuple[str, str, int]:
    """An exchange, a routing key, and how many handlers hear what comes there."""
    return random.choice(
        [
            ("shop.events", TOPIC, 3),
            ("shop.events", TOPIC, 3),
            ("shop.events", "shop.no_such_topic", 1),  # only who hears everything
            ("shop.events", "shop.ü\u0000", 1),
            ("mirror.events", "foreign.topic", 1),
            ("", HEARERS[0], 1),
            ("", HEARERS[1], 1),
            ("", "mirror.dead", 1),
            ("nameko-rpc", "shop.look", 0),
            ("nameko-rpc", "shop.add", 0),
            ("nameko-rpc", "mirror.peek", 0),
            ("nameko-rpc", "shop.no_such_door", 0),
            ("nameko-rpc", "shop.\u0001ü", 0),
            ("", "rpc-shop", 0),
            ("", "rpc-mirror", 0),
        ]
    )


def _body(random: Random, number: int) -> bytes:
    """One of many kinds of nonsense, different each time so that each can be found again; none is a letter."""
    mark = b"%s %d" % (MARK, number)
    text = f"fuzz {number}"
    letter = {"id": str(uuid4()), "topic": TOPIC, "aggregate": text, "version": 1, "data": {}}
    letter["at"] = "2026-11-22T00:00:00Z"
    kinds: tuple[Any, ...] = (
        lambda: mark,
        lambda: b"\xff\xfe\x00" + mark,
        lambda: b"{" * 50 + mark,
        lambda: b'{"fuzz": "' + mark,
        lambda: b"[" * _DEEP + b'"' + mark + b'"' + b"]" * _DEEP,
        lambda: b'{"a":' * _DEEP + b'"' + mark + b'"' + b"}" * _DEEP,
        lambda: json.dumps({"args": [text], "kwargs": {}}).encode(),
        lambda: json.dumps({"args": [{"counter": text}], "kwargs": {"more": [text]}}).encode(),
        lambda: json.dumps({"args": [{"counter": text + "\0"}], "kwargs": {}}).encode(),
        lambda: json.dumps({"args": {text: 1}, "kwargs": []}).encode(),
        lambda: json.dumps({"args": [[text] * 100], "kwargs": None}).encode(),
        lambda: json.dumps({"args": [{"counter": text, "amount": 10**30, "key": text}], "kwargs": {}}).encode(),
        lambda: json.dumps({**letter, "version": 0}).encode(),
        lambda: json.dumps({**letter, "version": text}).encode(),
        lambda: json.dumps({**letter, "id": text}).encode(),
        lambda: json.dumps({**letter, "at": text}).encode(),
        lambda: json.dumps({**letter, "data": text}).encode(),
        lambda: json.dumps({**letter, "unknown": {"x": text}, "version": -1}).encode(),
        lambda: json.dumps(text).encode("utf-16"),
        lambda: b"\xef\xbb\xbf" + json.dumps(text).encode(),
        lambda: b'{"id": "\\ud800", "fuzz": "' + mark + b'"}',
        lambda: b'{"x": NaN, "y": 1e999, "fuzz": "' + mark + b'"}',
        lambda: b"null" + bytes(b" \t"[number >> bit & 1] for bit in range(20)),
        lambda: random.randbytes(random.randint(1, _RANDOM_BYTES)) + mark,
        lambda: mark + b"x" * (_HUGE if number % 20 == 0 else 100),
    )
    return bytes(random.choice(kinds)())


def _headers(random: Random) -> dict[str, Any] | None:
    """Headers of wrong kinds, with wrong names, too deep or too long."""
    deep: Any = "deep"
    for _ in range(30):
        deep = {"d": [deep]}
    return random.choice(
        [
            None,
            {},
            {"nameko.deadline": "soon"},
            {"nameko.deadline": 2**62},
            {"nameko.deadline": -5},
            {"nameko.deadline": {"a": [1]}},
            {"nameko.deadline": "9" * 400},
            {"nameko.passport": "a.b.c"},
            {"nameko.passport": "\0" * 10},
            {"nameko.passport": {"alg": "none"}},
            {"nameko.passport": "x" * 5000},
            {"nameko.traceparent": "00-x-y-z"},
            {"nameko.traceparent": 5},
            {"x-death": "nonsense"},
            {"x-death": [{"queue": "q" * 250 + "--" + "x" * 300, "reason": "\0"}]},
            {"x-death": [[1]]},
            {"x-death": []},
            {"\\u0000": "\\u0000\0"},
            {"deep": deep},
            {"bytes": b"\xff\xfe\0"},
            {"true": True, "none": None, "list": [1, "a", None, {"b": 2**40}]},
        ]
    )


def _properties(random: Random) -> dict[str, Any]:
    """The properties of a message, none of which can be relied on."""
    return random.choice(
        [
            {},
            {"content_type": "application/json", "content_encoding": "utf-8"},
            {"content_type": "application/x-python-serialize", "content_encoding": "binary"},
            {"content_type": "text/html", "content_encoding": "utf-16"},
            {"content_encoding": "no-such-encoding"},
            {"content_encoding": "gzip"},
            {"content_encoding": "rot13"},
            {"reply_to": "nobody", "correlation_id": "x" * 200},
            {"reply_to": "shop.look", "correlation_id": "ü"},
            {"reply_to": "\u0001", "correlation_id": ""},
            {"delivery_mode": 1, "priority": 255, "timestamp": 2**40, "type": "t" * 255},
            {"message_id": "m" * 255, "user_id": None, "app_id": "a", "cluster_id": "c"},
        ]
    )

