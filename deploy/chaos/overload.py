"""R11: five times what the shop can do: it does almost all it can, tells the rest at once, and does not grow."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from deploy.chaos.ground import Ground, ground, until
from deploy.chaos.pump import part, steadily
from deploy.chaos.verdict import Plan, Verdict
from services.kit.broker import ERRORS, RPC_EXCHANGE, Post, bytes_of, connect
from tests.kit.running import SHOP

TIMES = 5
COST = 0.1  # seconds of a database connection each command takes: ten connections do about 100 a second
WITHIN = 3.0  # the caller's deadline
REFUSED_WITHIN = 0.1
GROWTH_KIB = 100 * 1024


def overload(plan: Plan) -> Verdict:
    """On servers of its own."""
    with ground(plan.folder) as place:
        return overloaded(plan, place)


def overloaded(plan: Plan, place: Ground) -> Verdict:
    """Peak first, with as many clients as give the most; then an open crowd of five times that."""
    verdict = Verdict("overload", timed=plan.timed)
    shop = place.stage.start(SHOP)
    crowd = Crowd(place)
    try:
        until(lambda: crowd.ask_one(10.0), 60)
        peak = crowd.closed(24, plan.either(5 if plan.timed else 2, 30))
        before = _memory(shop.pid)
        load = crowd.open(TIMES * peak, plan.either(10 if plan.timed else 4, 600))
        grown = _memory(shop.pid) - before
        began = time.monotonic()
        normal = until(lambda: (crowd.ask_one(2.0) or 9) < COST * 3, 30)
        normal_again = normal if normal is None else round(time.monotonic() - began, 2)
    finally:
        crowd.close()
    verdict.require_time("goodput_share_of_peak", round(load.goodput / peak, 3), least=0.9)
    share = 0.9 if plan.short else 0.99  # a short run shares a small machine with other tests
    verdict.require_time(f"refusals_p{share * 100:.0f}", part(load.refused, share), most=REFUSED_WITHIN)
    verdict.require("refusals", len(load.refused), least=1)
    verdict.require("grown_kib", grown, most=GROWTH_KIB)
    verdict.require("normal_again", normal_again, most=30)
    verdict.require("alive", int(shop.poll() is None), least=1)
    verdict.measured(
        peak=round(peak, 1), goodput=round(load.goodput, 1), offered=round(load.offered, 1), late=load.late,
        refusals_p50=part(load.refused, 0.5), served_p99=part(load.served, 0.99), others=dict(load.others),
    )  # fmt: skip
    return verdict


def _memory(pid: int) -> int:
    """KiB of memory the process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


@dataclass
class Load:
    """What came of an open crowd."""

    offered: float = 0.0
    goodput: float = 0.0
    late: int = 0
    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


class Crowd:
    """Thousands of clients on two connections: commands go out at any rate, replies are timed as they come."""

    def __init__(self, place: Ground) -> None:
        self._token, self._post = place.token, Post(place.stage.broker_url, "crowd")
        self._sent: dict[str, float] = {}
        self._told: dict[str, tuple[float, str]] = {}
        self._came = threading.Condition()
        self._connection = connect(place.stage.broker_url, "crowd replies", heartbeat=0)
        channel = self._connection.channel()
        self._key = str(uuid4())
        channel.queue_declare(f"rpc.reply-crowd-{self._key}", exclusive=True, auto_delete=True)
        channel.queue_bind(f"rpc.reply-crowd-{self._key}", RPC_EXCHANGE, self._key)
        channel.basic_consume(f"rpc.reply-crowd-{self._key}", no_ack=True, callback=self._on_reply)
        self._open = True
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while self._open:
            try:
                self._connection.drain_events(timeout=0.5)
            except TimeoutError:
                continue
            except ERRORS:
                return

    def _on_reply(self, message: Any) -> None:
        body = bytes_of(message)
        error = json.loads(body)["error"]
        with self._came:
            self._told[message.properties["correlation_id"]] = (time.monotonic(), error["exc_type"] if error else "ok")
            self._came.notify_all()

    def _send(self) -> str:
        name = str(uuid4())
        request = {"key": name, "counter": name[:2], "seconds": COST}
        headers = {"nameko.deadline": int((time.time() + WITHIN) * 1000), "nameko.passport": self._token}
        self._sent[name] = time.monotonic()
        body = json.dumps({"args": [request], "kwargs": {}}).encode()
        self._post.send(
            "shop.add_slowly", body, headers=headers, correlation_id=name, reply_to=self._key,
            expiration=str(int(WITHIN * 1000)),
        )  # fmt: skip
        return name

    def ask_one(self, within: float) -> float | None:
        """Seconds one command takes now; None when it was refused or late."""
        name = self._send()
        with self._came:
            self._came.wait_for(lambda: name in self._told, within)
        at, outcome = self._told.get(name, (0.0, "late"))
        return at - self._sent[name] if outcome == "ok" else None

    def closed(self, clients: int, seconds: float) -> float:
        """Commands done a second by clients that each wait for their answer."""
        end, done = time.monotonic() + seconds, Counter[str]()

        def client() -> None:
            while time.monotonic() < end:
                done["ok" if self.ask_one(WITHIN) is not None else "not"] += 1

        threads = [threading.Thread(target=client) for _ in range(clients)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return done["ok"] / (time.monotonic() - began)

    def open(self, rate: float, seconds: float) -> Load:
        """Commands at a rate, whatever comes of them. What is answered after the last was sent is no goodput."""
        began, load, meanwhile = time.monotonic(), Load(), 0
        names: list[str] = []
        names.extend(self._send() for _ in steadily(rate, lambda: time.monotonic() - began < seconds))
        ended = time.monotonic()
        time.sleep(WITHIN)
        for name in names:
            at, outcome = self._told.get(name, (0.0, "late"))
            waited = at - self._sent[name]
            if outcome == "ok" and waited <= WITHIN:
                load.served.append(waited)
                meanwhile += at <= ended
            elif outcome == "Unavailable":
                load.refused.append(waited)
            elif outcome in {"late", "TooLate", "ok"}:
                load.late += 1
            else:
                load.others[outcome] += 1
        load.offered, load.goodput = len(names) / (ended - began), meanwhile / (ended - began)
        return load

    def close(self) -> None:
        self._open = False
        self._thread.join(3)
        self._connection.collect()
        self._post.close()
