"""Discipline: RPC. One service asks another for the sum of a sheet, each by its own library, 1 and 100 callers."""

import json
from dataclasses import dataclass
from typing import Any

from deploy.bench.calls import FASTSTREAM, SHEET, STOCK, servers
from deploy.bench.plan import Plan
from deploy.bench.stage import Contestant, Stage
from deploy.bench.turns import OURS, Manner, in_turns

EACH = Manner("a service asks a service", "", "each asks by its own library", ((STOCK, 2.0), (FASTSTREAM, 3.0)))


@dataclass(frozen=True)
class Pair:
    """Who asks and who is asked; `target` is where the asker is told to begin."""

    asker: Contestant
    server: Contestant
    target: str
    enveloped: bool  # as nameko's calls are
    headers: dict[str, str]

    @property
    def cpu(self) -> float:
        """Seconds of processor both have used."""
        return self.asker.cpu() + self.server.cpu()

    def drive(self, stage: Stage, callers: int, seconds: float) -> tuple[int, float]:
        """What the callers saw."""
        order = {"callers": callers, "seconds": seconds, "sheet": SHEET}
        body = json.dumps({"args": [order], "kwargs": {}} if self.enveloped else order)
        answer = stage.answer(self.target, body, self.headers, seconds + 20)
        if self.enveloped and answer["error"]:
            raise RuntimeError(f"{self.target}: {answer['error']}")
        seen: dict[str, Any] = answer["result"] if self.enveloped else answer
        if seen["wrong"]:
            raise RuntimeError(f"{self.target} got {seen['wrong']} wrong answers of {seen['calls']}")
        return seen["calls"], seen["seconds"]


def pairs(stage: Stage) -> dict[str, Pair]:
    """Everybody serves, and everybody has somebody to ask."""
    served, papers = servers(stage), {"nameko.passport": stage.passport}
    asker = stage.ours("asker", HP_WORKERS="256")  # half of them may ask one service at once: here a hundred do
    stage.await_readers("rpc-asker", asker)
    found = {OURS: Pair(asker, served[OURS].contestant, "nameko-rpc asker.drive", True, papers)}
    if stage.peers is not None:
        nameko = stage.peer("stock_asking", "nameko", "run", "--config", stage.nameko, "nameko_asking")
        faststream = stage.peer("faststream_asking", "faststream", "run", "faststream_asking:app")
        stage.await_readers("rpc-stock_asking", nameko)
        stage.await_readers("faststream.drive", faststream)
        found[STOCK] = Pair(nameko, served[STOCK].contestant, "nameko-rpc stock_asking.drive", True, {})
        found[FASTSTREAM] = Pair(faststream, served[FASTSTREAM].contestant, " faststream.drive", False, {})
    return found


def measure(stage: Stage, plan: Plan) -> None:
    """The lines of RPC."""
    in_turns(stage, plan, EACH, pairs)
