"""Where a stack keeps its things: folders, ports and secrets under var/, each made once and kept."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local import programs

SERVICES = ("identity", "candidates", "voters", "results", "reporting")
PROCESSES = (*SERVICES, "gateway")
PORTS = {
    "gateway": 8000,
    "postgresql": 5442,
    "rabbitmq": 5682,
    "rabbitmq_distribution": 25682,
    "rabbitmq_mapper": 4379,
    "rabbitmq_metrics": 15702,
    "prometheus": 9100,
    "identity_health": 8101,
    "candidates_health": 8102,
    "voters_health": 8103,
    "results_health": 8104,
    "reporting_health": 8105,
    "gateway_health": 8106,
}


@dataclass(frozen=True)
class Layout:
    """The folder of one stack; two stacks with two folders share nothing."""

    root: Path  # the project
    var: Path

    @property
    def run(self) -> Path:
        """Lock, state and process ids of the running stack."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        """One log a process."""
        return self.var / "log"

    @property
    def secrets(self) -> Path:
        """Passwords and keys; nobody but the owner enters."""
        return self.var / "secrets"

    @property
    def keys(self) -> Path:
        """The public keys every service reads, and the private ones of their owners."""
        return self.var / "keys"

    @property
    def state(self) -> Path:
        """What is running, written by the supervisor at every change."""
        return self.run / "state.json"

    @property
    def first_admin(self) -> Path:
        """The first administrator's activation code."""
        return self.secrets / "first-admin.json"

    def make(self) -> None:
        """The folders exist; those with secrets are closed to others."""
        for folder in (self.var, self.run, self.log, self.var / "files", self.var / "public"):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.secrets, self.keys):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)

    def ports(self) -> dict[str, int]:
        """The ports of last time, or the defaults; one that somebody else holds now is exchanged for a free one."""
        file = self.var / "ports.json"
        known = {**PORTS, **read_json(file)}
        taken: set[int] = set()
        for name in PORTS:
            known[name] = programs.free_port(int(os.environ.get(f"HP_PORT_{name.upper()}", known[name])), taken)
            taken.add(known[name])
        write_json(file, known)
        return {name: known[name] for name in PORTS}

    def recorded_ports(self) -> dict[str, int]:
        """The ports of the running stack, as it recorded them."""
        return {**PORTS, **read_json(self.var / "ports.json")}

    def secret(self, name: str, length: int = 24) -> str:
        """A random secret of hexadecimal digits, made at first use."""
        file = self.secrets / name
        if not file.exists() or not file.read_text().strip():
            write_private(file, secrets.token_hex(length))
        return file.read_text().strip()


def layout(var: Path | None = None) -> Layout:
    """The layout of this project with the given folder, HP_VAR or var/."""
    root = Path(__file__).resolve().parents[2]
    return Layout(root, (var or Path(os.environ.get("HP_VAR", root / "var"))).absolute())


def read_json(file: Path) -> dict[str, Any]:
    """The object in the file; nothing if there is no file or only half of one."""
    try:
        found = json.loads(file.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(file: Path, value: dict[str, Any]) -> None:
    """The file holds the whole object at every instant."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    draft.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")
    draft.replace(file)


def write_private(file: Path, text: str) -> None:
    """The file is readable by its owner only, from its first byte on."""
    draft = file.with_name(f"{file.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    draft.replace(file)
