"""The one command, as an engineer uses it: up, killed, up again, down, fresh. A part of the system stands for the whole."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from deploy.local import programs
from deploy.local.layout import read_json
from deploy.local.supervisor import lives

pytestmark = [pytest.mark.broker, pytest.mark.slow]
ROOT = Path(__file__).parents[2]


def local(var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HP_VAR": str(var), "HP_ONLY": "identity,gateway"}
    command = [sys.executable, "-m", "deploy.local", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=300, check=False)


def state(var: Path) -> dict:
    return read_json(var / "run" / "state.json")


def ready(var: Path) -> bool:
    try:
        with urllib.request.urlopen(f"{state(var)['gateway']}/readyz", timeout=2) as reply:
            return reply.status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    place = tmp_path_factory.mktemp("stack") / "var"
    up = local(place, "up")
    assert up.returncode == 0, up.stdout + up.stderr
    yield place
    local(place, "down")
    for name in ("postgresql", "rabbitmq", "prometheus"):
        programs.forget(place / name)


def test_up_returns_when_everything_is_ready(var):
    assert ready(var)
    assert local(var, "status").returncode == 0
    assert set(state(var)["programs"]) == {"epmd", "rabbitmq", "postgresql", "prometheus", "identity", "gateway"}


def test_up_again_leaves_the_running_system_alone(var):
    before = state(var)["supervisor"]

    again = local(var, "up")

    assert "already running" in again.stdout
    assert state(var)["supervisor"] == before


def test_a_second_system_in_the_same_folder_is_refused(var):
    refused = local(var, "run", "--no-rehearse")

    assert refused.returncode == 1
    assert "already running" in refused.stdout
    assert ready(var)


def test_killed_servers_and_processes_come_back_by_themselves(var):
    rows = state(var)["programs"]
    for name in ("rabbitmq", "postgresql", "identity", "epmd"):
        os.kill(rows[name]["process"][0], signal.SIGKILL)

    end = time.monotonic() + 90
    while not (state(var)["programs"]["rabbitmq"]["restarts"] and ready(var)):
        assert time.monotonic() < end, local(var, "status").stdout
        time.sleep(0.5)

    assert all(state(var)["programs"][name]["restarts"] == 1 for name in ("rabbitmq", "postgresql", "identity"))


def test_a_tool_gets_every_way_in_and_no_secret_is_readable_by_others(var):
    told = local(var, "exec", "--service", "identity", "--", "python", "-c", "import os; print(os.environ['HP_DATABASE_URL'])")

    assert told.stdout.startswith("postgresql://identity:")
    assert [file for file in (var / "secrets").iterdir() if file.stat().st_mode & 0o077] == []
    assert (var / "secrets").stat().st_mode & 0o077 == 0


def test_nobody_else_is_told_the_signing_key(var):
    rows = state(var)["programs"]

    def environment(name: str) -> str:
        return Path(f"/proc/{rows[name]['process'][0]}/environ").read_text()

    assert "HP_PASSPORT_PRIVATE_KEY" in environment("identity")
    assert "HP_PASSPORT_PRIVATE_KEY" not in environment("gateway")
    assert "HP_DATABASE_URL" not in environment("gateway")


def test_a_serving_process_carries_no_docstrings_and_no_library_whose_work_is_done_apart(var):
    process = Path(f"/proc/{state(var)['programs']['identity']['process'][0]}")
    carried = (process / "maps").read_text()

    assert "-OO" in (process / "cmdline").read_text().split("\0")
    assert "_psycopg" in carried
    assert not [library for library in ("_cbor2", "_python_calamine", "polars", "typst") if library in carried]


def test_after_a_killed_supervisor_the_next_start_keeps_the_data(var):
    admin = json.loads((var / "secrets" / "first-admin.json").read_text())
    left = [row["process"] for row in state(var)["programs"].values()]
    os.kill(state(var)["supervisor"][0], signal.SIGKILL)

    up = local(var, "up")

    assert up.returncode == 0, up.stdout + up.stderr
    assert ready(var)
    assert not any(lives(process) for process in left)
    assert json.loads((var / "secrets" / "first-admin.json").read_text()) == admin


def test_down_leaves_nothing_running_and_fresh_starts_from_nothing(var):
    left = [row["process"] for row in state(var)["programs"].values()]
    key = (var / "secrets" / "personal-number-key").read_text()

    assert local(var, "down").returncode == 0

    assert not any(lives(process) for process in left)
    assert local(var, "status").returncode == 1
    assert local(var, "up", "--fresh").returncode == 0
    assert (var / "secrets" / "personal-number-key").read_text() != key


def test_a_start_that_fails_names_the_culprit_and_leaves_nothing_behind(var):
    local(var, "down")
    migrated = [*var.rglob("migrated.json"), *programs.ELSEWHERE.rglob("migrated.json")]
    for stamp in migrated:
        stamp.unlink()
    environment = {"HP_IDENTITY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "HP_VAR": str(var), "HP_ONLY": "identity"}

    failed = subprocess.run(
        [sys.executable, "-m", "deploy.local", "up"], cwd=ROOT, env={**os.environ, **environment},
        text=True, capture_output=True, timeout=200, check=False,
    )  # fmt: skip

    assert failed.returncode == 1
    assert "python -m services migrate identity failed" in failed.stdout
    assert not any(lives(row["process"]) for row in state(var)["programs"].values())
