"""Discipline: the servers of RPC alone. The same client asks each for the sum of a sheet, with 1 and with 100 callers.

Only the bare server is judged so; what a whole library does, its own way of asking included, is judged in `asking`.
"""

import json
from dataclasses import dataclass

from deploy.bench.figures import Measured, Verdict, ratio, thrift
from deploy.bench.load import Order
from deploy.bench.plan import Plan
from deploy.bench.stage import Contestant, Stage

SHEET = {"station": "46-19777-001", "figures": list(range(100, 112))}
OURS, STOCK, FASTSTREAM, PIKA = "ours", "stock nameko", "FastStream", "bare pika"
ASKED = ((PIKA, 0.6), (STOCK, None), (FASTSTREAM, None))


@dataclass(frozen=True)
class Server:
    """A contestant and how it is asked."""

    contestant: Contestant
    target: str
    body: str
    headers: dict[str, str]

    def order(self, url: str, callers: int, seconds: float) -> Order:
        """The load on it."""
        return Order(url, self.target, [self.body], '"total":', callers, seconds, headers=dict(self.headers))


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
    found = servers(stage)
    for server in found.values():
        stage.load(server.order(stage.broker_url, 20, plan.warming))
    for callers in (1, 100):
        rows = {name: Measured(name) for name in found}
        for _ in range(plan.rounds):
            for name, server in found.items():
                before = server.contestant.cpu()
                with plan.watched():
                    seen = stage.load(server.order(stage.broker_url, callers, plan.seconds))
                if seen.wrong:
                    raise RuntimeError(f"{name} answered {seen.wrong} of {seen.calls} calls wrongly: {seen.example}")
                rows[name].add(seen.calls, seen.seconds, server.contestant.cpu() - before)
        line = f"RPC, {callers} caller{'s' * (callers > 1)}, servers alone"
        plan.report.sections.append((line, "calls/s", list(rows.values())))
        plan.report.verdicts += [
            Verdict(
                line, name, ratio(rows[OURS], rows[name]), asked,
                remark=f"the same client asks; {thrift(rows[OURS], rows[name]):.2f} × by processor time",
            )
            for name, asked in ASKED if name in rows
        ]  # fmt: skip
