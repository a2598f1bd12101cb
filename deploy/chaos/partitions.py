"""R3, R4: three broker nodes, each killed, frozen, then cut off from the others in turn; letters flow on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from deploy.chaos import judging
from deploy.chaos.ground import Ground, on_servers, until
from deploy.chaos.nodes import NUMBER, Cluster, cluster, spaces
from deploy.chaos.verdict import Plan, Verdict
from deploy.local import programs
from deploy.local.postgres import start_postgres
from tests.kit.running import MIRROR, SHOP
from tests.kit.shop import CounterChanged

_PATIENCE = 30.0  # seconds a node has to start
_NEWEST = "SELECT count(*) FROM lines WHERE handler = 'every'"


class Flow:
    """Letters written to the shop's database at a steady rate; the longest time in which the mirror took none."""

    def __init__(self, place: Ground, rate: float) -> None:
        self._place, self._rate, self._going = place, rate, True
        self.written, self.stall = 0, 0.0
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._write, self._look)]
        for thread in self._threads:
            thread.start()

    def _write(self) -> None:
        while self._going:
            with self._place.stage.dbs[SHOP].transaction() as tx:
                tx.emit_all(CounterChanged(counter=counter, total=self.written + 1) for counter in "abcde")
            self.written += 1
            time.sleep(5 / self._rate)

    def _look(self) -> None:
        known, since = 0, time.monotonic()
        while self._going:
            taken = self._place.stage.one(MIRROR, _NEWEST)
            now = time.monotonic()
            if taken != known:
                known, since = taken, now
            elif known:
                self.stall = max(self.stall, now - since)
            time.sleep(0.1)

    def taken(self) -> int:
        return int(self._place.stage.one(MIRROR, _NEWEST))

    def end(self) -> float:
        """No more is written; the longest stall."""
        self._going = False
        for thread in self._threads:
            thread.join()
        return round(self.stall, 1)


@contextmanager
def _ground(plan: Plan, nodes: Cluster) -> Iterator[Ground]:
    """The tiny services on three nodes and a cluster of PostgreSQL."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    postgres = start_postgres(plan.folder / "postgresql", programs.free_port(0), durable=False)
    try:
        url = nodes.add_vhost(f"chaos-{uuid4().hex[:8]}")
        place = on_servers(plan.folder, postgres.url, url)
        place.postgres = postgres
        place.stage.topology()
    except BaseException:
        postgres.stop()
        raise
    try:
        place.stage.start(SHOP)
        place.stage.start(MIRROR)
        yield place
    finally:
        place.close()


def _flowing(plan: Plan, place: Ground) -> Flow:
    """Letters that are on their way and arrive."""
    flow = Flow(place, plan.either(60, 85))
    until(lambda: flow.taken() > 100, 60)
    return flow


def nodes_killed(plan: Plan) -> Verdict:
    """Each node dies with kill -9 in turn, stays away for longer than a stall may last, and comes back."""
    verdict = Verdict("nodes_killed", timed=plan.timed)
    with cluster(plan.folder) as nodes, _ground(plan, nodes) as place:
        flow = _flowing(plan, place)
        kills = plan.either(3, 60)
        for kill in range(kills):
            member = nodes.members[kill % NUMBER]
            member.kill()
            time.sleep(plan.either(8, 10))
            member.start()
            member.await_ready()
            time.sleep(plan.either(1, 5))
        verdict.measured(kills=kills)
        return _concluded(verdict, place, flow, stall=5.0, disordered=kills)


def nodes_frozen(plan: Plan) -> Verdict:
    """Each node stands still in turn, longer than the others wait for it, with every connection; then it is restarted.

    One that just goes on does not know that the others have given it up, and the two sides stay apart (RabbitMQ 3.10).
    """
    verdict = Verdict("nodes_frozen", timed=plan.timed)
    with cluster(plan.folder) as nodes, _ground(plan, nodes) as place:
        flow = _flowing(plan, place)

        def freeze(number: int) -> None:
            nodes.members[number].freeze()
            time.sleep(plan.either(25, 40))
            nodes.members[number].restart()

        _in_turn(plan, verdict, nodes, plan.either(1, 12), freeze)
        return _concluded(verdict, place, flow, stall=30.0)


def network_cut(plan: Plan) -> Verdict:
    """One node is cut off from the others and from the services, longer than they wait for each other, and mended."""
    verdict = Verdict("network_cut", timed=plan.timed)
    with spaces() as names, cluster(plan.folder, names) as nodes, _ground(plan, nodes) as place:
        flow = _flowing(plan, place)

        def cut(number: int) -> None:
            nodes.cut(number)
            time.sleep(plan.either(20, 30))
            nodes.mend(number)

        _in_turn(plan, verdict, nodes, plan.either(1, 20), cut)
        return _concluded(verdict, place, flow, stall=30.0)


@dataclass(frozen=True)
class Healing:
    """After how many seconds a cluster was whole again, None if never; and whether a node had to be restarted."""

    seconds: float | None
    restarted: bool


def made_whole(nodes: Cluster, number: int) -> Healing:
    """The node that was away comes back; whoever watches it restarts one that has not started by then.

    RabbitMQ 3.10 may hang there after a partition until another node goes; its log says "Global hang workaround".
    """
    alone = until(nodes.whole, _PATIENCE, 1.0)
    if alone is not None:
        return Healing(alone, restarted=False)
    nodes.members[number].restart()
    then = until(nodes.whole, 60, 1.0)
    return Healing(None if then is None else _PATIENCE + then, restarted=True)


def _in_turn(plan: Plan, verdict: Verdict, nodes: Cluster, times: int, harm: Callable[[int], None]) -> None:
    """Harm is done to each node in turn, and each time waited until the cluster is whole again."""
    healed = []
    for turn in range(times):
        harm(turn % NUMBER)
        healed.append(made_whole(nodes, turn % NUMBER))
        time.sleep(plan.either(0, 20))
    took = [one.seconds for one in healed]
    verdict.measured(times=len(healed), restarted=sum(one.restarted for one in healed))
    verdict.require("healed", None if None in took else max(one or 0 for one in took), most=60.0)


def _concluded(verdict: Verdict, place: Ground, flow: Flow, *, stall: float, disordered: int | None = None) -> Verdict:
    """What a node had handed out when it died or was cut off comes back, maybe behind newer letters (DECISIONS 29)."""
    longest = flow.end()
    settled = judging.settled(place)
    faults = judging.faults(place)
    verdict.require("disordered", faults.pop("disordered"), most=disordered)
    verdict.require_kept(judging.letters(place), faults)
    verdict.require("settled", settled, most=60.0)
    verdict.require_time("longest_stall", longest, most=stall)
    verdict.require("exits", sum(process.poll() is not None for process in place.stage.running), most=0)
    return verdict
