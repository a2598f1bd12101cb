"""The networks in which nodes are cut off from each other."""

import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy.chaos.cradle import cradle
from deploy.chaos.nodes import NUMBER, Member, spaces
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
    assert not {place.name for place in Path("/run/netns").glob("*")} & set(names)
    assert joined - before == {"hpchaos", "hpchaos0", "hpchaos1", "hpchaos2"}
    assert machine == before
    assert _interfaces() == before
    assert inside is not outside  # who is born inside is at the bridge too
    assert cradle(green=False) is outside


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make network namespaces")
def test_what_a_killed_run_left_is_cleared_away_and_what_another_is_at_now_is_left_to_it() -> None:
    other, gone = f"hp-chaos-{os.getppid()}-0", "hp-chaos-4194305-0"  # no process has a number as high
    made = [name for name in (other, gone) if subprocess.run(["ip", "netns", "add", name], check=False).returncode == 0]
    if not made:
        pytest.skip("this machine allows no network namespaces")
    try:
        with spaces():
            assert Path("/run/netns", other).exists()
            assert not Path("/run/netns", gone).exists()
    finally:
        subprocess.run(["ip", "netns", "del", other], check=True)


def nodes(monkeypatch: pytest.MonkeyPatch, *, comes_back: bool) -> tuple[SimpleNamespace, list[str]]:
    """A cluster whose second node comes back by itself, or only when it is restarted; and what was done to it."""
    done: list[str] = []
    member = Member(node=None, name="", space="", address="")  # type: ignore[arg-type]  # nothing of it is started
    monkeypatch.setattr(member, "kill", lambda: done.append("kill"))
    monkeypatch.setattr(member, "start", lambda: done.append("start"))
    return SimpleNamespace(members=[None, member], whole=lambda: comes_back or done == ["kill", "start"]), done


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is so is found so after four seconds."""
    monkeypatch.setattr("deploy.chaos.partitions.until", lambda true, _seconds, _every: 4.0 if true() else None)


@pytest.mark.usefixtures("looks")
def test_a_node_that_starts_by_itself_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, done = nodes(monkeypatch, comes_back=True)
    assert made_whole(cluster, 1) == Healing(4.0, restarted=False)
    assert done == []


@pytest.mark.usefixtures("looks")
def test_a_node_that_hangs_at_its_start_is_restarted_and_its_patience_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, done = nodes(monkeypatch, comes_back=False)
    assert made_whole(cluster, 1) == Healing(34.0, restarted=True)
    assert done == ["kill", "start"]
