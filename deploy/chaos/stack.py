"""The stack under attack: a whole system in a folder of its own, its processes, databases and logs."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from deploy.local.layout import SERVICES, read_json
from deploy.local.monitoring import answers, metrics_port
from deploy.local.supervisor import lives

ROOT = Path(__file__).resolve().parents[2]
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Attacked:
    """A running stack."""

    var: Path

    @property
    def orders(self) -> Path:
        """Where a process that starts reads at which window it is to die."""
        return self.var / "failpoints"

    @property
    def gateway(self) -> str:
        """Where the client posts."""
        return str(self._told["HP_GATEWAY_URL"])

    @property
    def _told(self) -> dict[str, Any]:
        return read_json(self.var / "secrets" / "tools.json")

    def command(self, *words: str) -> None:
        """A command of the local stack has succeeded in this folder; deaths are forgiven within two seconds.

        Only warnings and worse are logged: what went wrong in a long run is not rotated away.
        """
        self.orders.mkdir(parents=True, exist_ok=True)
        told = {"HP_VAR": str(self.var), "HP_LONGEST_PAUSE": "2", "HP_LOG_LEVEL": "WARNING"}
        told["HP_FAILPOINTS"] = f"@{self.orders}"
        done = subprocess.run(
            [sys.executable, "-m", "deploy.local", *words], cwd=ROOT, env={**os.environ, **told}, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"deploy.local {' '.join(words)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

    def rows(self, service: str, query: str, **params: object) -> Rows:
        """What a service's database says."""
        url = self._told[f"HP_{service.upper()}_DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(url, connect_timeout=5) as connection:
            return connection.execute(query, params or None).fetchall()

    def number(self, service: str, query: str, **params: object) -> int:
        """The one number a query answers."""
        return int(self.rows(service, query, **params)[0][0])

    def everywhere(self, query: str) -> int:
        """The sum of a number over every service's database."""
        return sum(self.number(service, query) for service in SERVICES)

    def process(self, name: str) -> list[int] | None:
        """The process of that name if it lives: its number and birth."""
        row = read_json(self.var / "run" / "state.json").get("programs", {}).get(name, {})
        found = row.get("process")
        return found if lives(found) else None

    def kill(self, name: str) -> int | None:
        """The process, and what it started in its session, is killed with SIGKILL; None if it is down already."""
        found = self.process(name)
        if found is None:
            return None
        with suppress(ProcessLookupError):
            os.killpg(found[0], signal.SIGKILL)
            return found[0]
        return None

    def is_ready(self, process: str) -> bool:
        """Whether it answers that its needs are met."""
        port = read_json(self.var / "ports.json").get(metrics_port(process), 0)
        return answers(int(port), "/readyz")

    def said(self, true: Callable[[str], bool]) -> int:
        """How many lines of the processes' logs are so."""
        count = 0
        for log in (self.var / "log").glob("*.log*"):
            with log.open(encoding="utf-8", errors="replace") as lines:
                count += sum(true(line) for line in lines)
        return count

    def hits(self) -> dict[str, int]:
        """How often each window was hit so far, by service and window."""
        counts: dict[str, int] = {}
        for file in self.orders.glob("*.hits"):
            for line in file.read_text(encoding="utf-8").splitlines():
                name = f"{file.stem}: {line}"
                counts[name] = counts.get(name, 0) + 1
        return counts

    def order(self, service: str, chances: dict[str, float]) -> None:
        """From its next start on the service dies at these windows with these chances; at none if none is given."""
        words = ",".join(f"{window}={chance}" for window, chance in chances.items())
        (self.orders / service).write_text(words, encoding="utf-8")


def keep(file: Path, value: object) -> None:
    """The value as JSON, for people and for the next run."""
    file.write_text(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
