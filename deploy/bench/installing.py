"""An environment of its own for somebody else's programs: made once from a lock, checked by hash."""

import hashlib
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parent / "peers.lock"
COMPARED = ("nameko", "nameko-sqlalchemy", "faststream", "aio-pika", "pika", "psycopg", "SQLAlchemy", "eventlet")


def installed(folder: Path, lock: Path = LOCK) -> Path:
    """Where the programs of a lock are, the bench's peers unless another is named."""
    programs, stamp, wanted = folder / "bin", folder / ".lock", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        options = ["--require-hashes", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "-q"]
        subprocess.run([programs / "python", "-m", "pip", "install", *options, "-r", str(lock)], check=True)
        stamp.write_text(wanted)
    return programs


def versions(programs: Path) -> dict[str, str]:
    """What of the peers is installed."""
    code = f"from importlib.metadata import version\nfor name in {COMPARED}: print(name, version(name))"
    done = subprocess.run([programs / "python", "-c", code], check=True, capture_output=True, text=True)
    return dict(line.split() for line in done.stdout.splitlines())
