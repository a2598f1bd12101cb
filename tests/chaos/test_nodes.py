"""The networks in which nodes are cut off from each other."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.chaos.cradle import cradle
from deploy.chaos.nodes import NUMBER, spaces
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
