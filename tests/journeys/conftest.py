"""One whole system in a folder of its own, with one rehearsed election in it, for all journeys of a session."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AREAS = 40


@dataclass(frozen=True)
class Running:
    """The stack and what its rehearsal printed."""

    var: Path
    gateway: str
    prometheus: str
    printed: str
    code: int

    @property
    def verdict(self) -> dict[str, str]:
        """The words of the last verdict line."""
        line = [line for line in self.printed.splitlines() if line.startswith("verdict:")][-1]
        words = line.split()
        return {"verdict": words[1]} | dict(word.split("=", 1) for word in words[2:])

    @property
    def election(self) -> str:
        return self.verdict["election"]

    def officer(self, role: str, unit: str) -> dict[str, str]:
        """The first person with a role in a unit, with password and authenticator."""
        rows = json.loads((self.var / "rehearsal" / self.election / "officers.json").read_text(encoding="utf-8"))
        return next(row for row in rows if (row["role"], row["unit"]) == (role, unit))


def local(var: Path, *words: str, seconds: int = 600) -> subprocess.CompletedProcess[str]:
    """A command of the local stack in that folder."""
    command = [sys.executable, "-m", "deploy.local", *words]
    environment = {**os.environ, "HP_VAR": str(var)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=seconds, check=False
    )


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """Up, rehearsed, and down again at the end."""
    var = ROOT / "var" / "journey"
    local(var, "down")
    up = local(var, "up", "--fresh")
    assert up.returncode == 0, up.stdout[-3000:] + up.stderr[-3000:]
    ports = json.loads((var / "ports.json").read_text())
    gateway = f"http://127.0.0.1:{ports['gateway']}"
    try:
        rehearsal = [
            "python",
            "-m",
            "deploy.rehearsal",
            "--gateway",
            gateway,
            "--province",
            "46",
            "--areas",
            str(AREAS),
        ]
        told = local(var, "exec", "--", *rehearsal, seconds=900)
        prometheus = f"http://127.0.0.1:{ports['prometheus']}"
        yield Running(var, gateway, prometheus, told.stdout + told.stderr, told.returncode)
    finally:
        local(var, "down")
