"""The kill battery's own arithmetic, and the order by which a process learns where it is to die."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.chaos.checks import Counts, tally
from deploy.chaos.ledger import Ledger
from deploy.chaos.pump import Pump
from deploy.chaos.verdict import Verdict
from services.kit.failpoints import WINDOWS, armed


def on(*effects: str) -> dict[str, str]:
    return dict.fromkeys(effects, "46001-001 07:00")


def test_what_was_acknowledged_and_stands_once_is_ok() -> None:
    found = Counter({"a": 1, "b": 1})
    assert tally(on("a", "b"), on("a", "b"), found) == Counts(
        2, 2, ok=2, lost=0, unexpected=0, duplicated=0, recovered=0
    )


def test_every_kind_of_harm_is_counted_as_what_it_is() -> None:
    found = Counter({"twice": 2, "never asked": 1, "not told": 1})
    counts = tally(on("gone", "twice", "not told", "failed"), on("gone", "twice"), found)
    assert counts == Counts(4, 2, ok=0, lost=1, unexpected=1, duplicated=1, recovered=1)


def test_an_acknowledgement_is_on_disk_before_the_client_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append((tmp_path / "ledger").read_text()))
    ledger = Ledger(tmp_path / "ledger")
    ledger.attempt("k", on("a"))
    ledger.acknowledge("k", on("a"))
    assert '"acknowledged"' in seen[0]
    assert ledger.order == {"46001-001 07:00": ["a"]}
    ledger.close()


def test_a_client_is_looked_at_while_it_goes_on_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    ground: Any = SimpleNamespace(folder=tmp_path, token="", at_end=[])
    pump, before = Pump(ground, lambda *_given, **_more: None, 1e6), sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        while len(pump.ledger.acknowledged) < 2_000:
            assert not pump.acknowledged - pump.attempted
    finally:
        sys.setswitchinterval(before)
        pump.end()


def test_where_times_are_not_judged_they_are_shown_and_everything_else_is_judged() -> None:
    busy, calm = Verdict("x", timed=False), Verdict("x")
    for verdict in (busy, calm):
        verdict.require_time("p99", 9.0, most=1.0)
    assert (busy.word, busy.figures, calm.word) == ("ok", {"p99": 9.0}, "miss")
    busy.require("lost", 1, most=0)
    assert busy.word == "miss"


@pytest.mark.parametrize("window", WINDOWS)
def test_a_process_dies_at_the_window_its_order_names_and_writes_the_hit_down(tmp_path: Path, window: str) -> None:
    (tmp_path / "results").write_text(f"{window}=2")
    words = (
        f"from services.kit.failpoints import failpoint; failpoint({window!r}); print('once', flush=True); failpoint({window!r})"
    )
    environment = {**os.environ, "HP_FAILPOINTS": f"@{tmp_path}", "HP_SERVICE": "results"}
    done = subprocess.run([sys.executable, "-c", words], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (86, "once\n")
    assert (tmp_path / "results.hits").read_text() == f"{window}\n"


def test_a_process_without_an_order_lives_on(tmp_path: Path) -> None:
    crash = armed(f"@{tmp_path}")
    for window in WINDOWS:
        crash(window)
