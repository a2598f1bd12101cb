"""The two tiny services of the kit on this session's servers, and one scenario's short form on them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.chaos.ground import Ground, on_servers
from deploy.chaos.verdict import Plan, Verdict
from tests.servers import fresh_vhost

Harm = Callable[[Plan, Ground], Verdict]


@pytest.fixture
def kept(postgres_url: str, broker: Any, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """`kept(harm)`: the scenario's short form ends with every promise kept."""
    if broker is None:
        pytest.skip("the broker is not ours to ask")
    place = on_servers(tmp_path, postgres_url, fresh_vhost(broker))
    place.lent = broker

    def check(harm: Harm, delivery_limit: int = 20, *, timed: bool = True) -> None:
        place.stage.topology(delivery_limit=delivery_limit)
        verdict = harm(Plan(tmp_path, short=True, seed=1, timed=timed), place)
        assert verdict.word == "ok", verdict.line()

    yield check
    place.close()
