"""Discipline: the servers of RPC alone. The same client asks each for the sum of a sheet, with 1 and with 100 callers.

Only the bare server is judged so; what a whole library does, its own way of asking included, is judged in `asking`.
"""

import json
from dataclasses import dataclass

from deploy.bench.load import Order
from deploy.bench.plan import Plan
from deploy.bench.stage import Contestant, Stage
from deploy.bench.turns import OURS, Manner, in_turns

SHEET = {"station": "46-19777-001", "figures": list(range(100, 112))}
STOCK, FASTSTREAM, PIKA = "stock nameko", "FastStream", "bare pika"
ALONE = Manner(
    "servers alone", ", servers alone", "the same client asks", ((PIKA, 0.6), (STOCK, None), (FASTSTREAM, None))
)


@dataclass(frozen=True)
class Server:
    """A contestant and how it is asked."""

    contestant: Contestant
    target: str
    body: str
    headers: dict[str, str]

    @property
    def cpu(self) -> float:
        """Seconds of processor it has used."""
        return self.contestant.cpu()

    def drive(self, stage: Stage, callers: int, seconds: float) -> tuple[int, float]:
        """What the one client saw that asks everybody."""
        url, papers = stage.broker_url, dict(self.headers)
        seen = stage.load(Order(url, self.target, [self.body], '"total":', callers, seconds, headers=papers))
        if seen.wrong:
            raise RuntimeError(f"{self.target} answered {seen.wrong} of {seen.calls} calls wrongly: {seen.example}")
        return seen.calls, seen.seconds


def servers(stage: Stage) -> dict[str, Server]:
    """Everybody serves."""
    enveloped, plain = json.dumps({"args": [SHEET], "kwargs": {}}), json.dumps(SHEET)
    papers = {"nameko.passport": stage.passport, "nameko.traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    found = {OURS: Server(stage.ours("office"), "nameko-rpc office.total", enveloped, papers)}
    queues = {OURS: "rpc-office"}
    if stage.peers is not None:
        nameko = stage.peer("stock", "nameko", "run", "--config", stage.nameko, "nameko_rpc")
        faststream = stage.peer("faststream", "faststream", "run", "faststream_rpc:app")
        found |= {
            STOCK: Server(nameko, "nameko-rpc stock.total", enveloped, {}),
            FASTSTREAM: Server(faststream, " faststream.total", plain, {}),
            PIKA: Server(stage.peer("pika", "python", "pika_rpc.py"), " pika.total", plain, {}),
        }
        queues |= {STOCK: "rpc-stock", FASTSTREAM: "faststream.total", PIKA: "pika.total"}
    for name, queue in queues.items():
        stage.await_readers(queue, found[name].contestant)
    return found


def measure(stage: Stage, plan: Plan) -> None:
    """The lines of the servers."""
    in_turns(stage, plan, ALONE, servers)
