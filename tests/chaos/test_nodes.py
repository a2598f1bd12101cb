"""The networks in which nodes are cut off from each other."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from deploy.chaos.cradle import cradle
from deploy.chaos.nodes import NUMBER, spaces
from deploy.chaos.partitions import Healing, made_whole
from deploy.chaos.verdict import Skipped


def _interfaces() -> set[str]:
    return {name for _, name in socket.if_nameindex()}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make network namespaces")
def test_cables_come_and_go_and_the_machine_has_the_interfaces_it_had() -> None:
    outside = cradle(green=False)
    with ThreadPoolExecutor(1) as elsewhere:
        before = elsewhere.submit(_interfaces).result()
        try:
            with spaces() as names:
                joined, machine = _interfaces(), elsewhere.submit(_interfaces).result()
                inside = cradle(green=False)
        except Skipped as refused:
            pytest.skip(str(refused))
    assert len(names) == NUMBER
    assert joined - before == {"hpchaos", "hpchaos0", "hpchaos1", "hpchaos2"}
    assert machine == before
    assert _interfaces() == before
    assert inside is not outside  # who is born inside is at the bridge too
    assert cradle(green=False) is outside


def nodes(*, comes_back: bool) -> tuple[SimpleNamespace, list[str]]:
    """A cluster whose second node comes back by itself, or only when it is restarted; and what was done to it."""
    done: list[str] = []
    member = SimpleNamespace(kill=lambda: done.append("kill"), start=lambda: done.append("start"))
    return SimpleNamespace(members=[None, member], whole=lambda: comes_back or done == ["kill", "start"]), done


def test_a_node_that_starts_by_itself_is_left_alone() -> None:
    cluster, done = nodes(comes_back=True)
    assert made_whole(cluster, 1, patience=0.2) == Healing(0.0, restarted=False)
    assert done == []


def test_a_node_that_hangs_at_its_start_is_restarted_and_its_patience_counts() -> None:
    cluster, done = nodes(comes_back=False)
    healing = made_whole(cluster, 1, patience=0.2)
    assert done == ["kill", "start"]
    assert healing.restarted
    assert healing.seconds == pytest.approx(0.2, abs=0.1)
