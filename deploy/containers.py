"""What deploy/compose.yaml needs beside the system's own commands: secrets, keys and the preparation of the servers."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

PROCESSES = ("identity", "candidates", "voters", "results", "reporting", "gateway")
USAGE = "usage: python3 deploy/containers.py secrets > deploy/compose/.env"


def print_secrets() -> None:
    """Fresh passwords and the key of personal numbers, as an environment file; keep it, the data is useless without."""
    for name in (*PROCESSES, "postgres", "broker"):
        print(f"HP_PASSWORD_{name.upper()}={secrets.token_hex(24)}")
    print(f"HP_PERSONAL_NUMBER_KEY={secrets.token_hex(32)}")
    print(f"HP_DIRECT_SECRET={secrets.token_hex(32)}")


def write_keys_and_users(keys_folder: Path, broker_folder: Path) -> None:
    """The signing keys and the broker's users exist; what is there already stays."""
    from deploy.local import keys
    from deploy.local.rabbitmq import ADMIN, BrokerUser, definitions
    from services.kit import topology

    def password(name: str) -> str:
        return os.environ[f"HP_PASSWORD_{name.upper()}"]

    users = [BrokerUser(name, password(name), *topology.permissions(name)) for name in PROCESSES]
    users.append(BrokerUser(ADMIN, password("broker"), ".*", ".*", ".*", "administrator"))
    keys.make(keys_folder)
    (broker_folder / "definitions.json").write_text(json.dumps(definitions(users)))


def prepare() -> None:
    """Schemas, exchanges, queues and the first administrator are there: what the services need before they start."""
    for name in PROCESSES[:-1]:
        password = os.environ[f"HP_PASSWORD_{name.upper()}"]
        url = f"postgresql://{name}:{password}@postgresql/{name}"
        _run({"HP_DATABASE_URL": url}, "services", "migrate", name)
        if name == "identity":
            _run({"HP_DATABASE_URL": url}, "services.identity.bootstrap")
    _run({}, "services", "topology")


def _run(told: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, "-m", *command], env={**os.environ, **told}, check=True)


def main(arguments: list[str]) -> int:
    """One of the commands, or how to use them."""
    match arguments:
        case ["secrets"]:
            print_secrets()
        case ["keys"]:
            write_keys_and_users(Path("/keys"), Path("/broker"))
        case ["prepare"]:
            prepare()
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
