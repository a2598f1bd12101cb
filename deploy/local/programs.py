"""Finds the programs of the servers and starts them as somebody who is not root."""

import ctypes
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.claims import claim, is_claimed

# Debian keeps the servers' own programs out of PATH; its wrapper in /usr/sbin insists on the system's broker.
PLACES = {
    "rabbitmq": ["/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"],
    "postgresql": ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin"],
}
# Where the data goes when root runs the project from a folder that the servers' users cannot enter.
ELSEWHERE = Path("/var/lib/hom-phieu")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
LINE = 400  # characters of a log line in a message
OWN_PORTS = range(20_000, 32_000)
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


class CannotStart(Exception):
    """What is in the way, in one sentence a person can act on."""


@dataclass(frozen=True)
class Account:
    """The user a server runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """A process to run: everything needed to start it again after it died."""

    name: str
    command: tuple[str, ...]
    log: Path
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 15  # seconds between the stop signal and SIGKILL
    pulse_port: int = 0  # where it answers /healthz; 0 if nobody asks


def find(name: str, family: str = "") -> Path:
    """The program's path: the newest where Debian hides it, else the one in PATH."""
    for pattern in PLACES.get(family, []):
        folders = sorted(Path("/").glob(pattern.removeprefix("/")), key=_version, reverse=True)
        for folder in folders:
            if os.access(folder / name, os.X_OK):
                return folder / name
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        raise CannotStart(f"The program {name} is not installed; `make install` says what to install.")
    return Path(found)


def account_for(*names: str) -> Account | None:
    """Root runs a server as the first of these users that exists; everybody else runs it as themselves."""
    if os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart("Servers do not run as root, and this machine has no other user: create one named 'hom-phieu'.")


def seat(folder: Path, account: Account | None) -> Path:
    """A folder of the server's own, private to it; outside the project if its user cannot get into the project."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if account is None:
        folder.chmod(0o700)
        return folder
    if not _can_enter(folder.parent, account):
        folder = _elsewhere(folder, account)
    os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
    return folder


def _elsewhere(folder: Path, account: Account) -> Path:
    """The place the folder's note names; a project that is copied or made anew never meets another's data there."""
    note = folder / "MOVED"
    place = Path(note.read_text().splitlines()[0]) if note.exists() else ELSEWHERE / secrets.token_hex(8)
    ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    place.mkdir(exist_ok=True)
    note.write_text(f"{place}\n{account.name} cannot enter {folder.parent}, so the data is there\n")
    return place


def forget(folder: Path) -> None:
    """The server's folder is gone, wherever it was seated."""
    moved = folder / "MOVED"
    if moved.exists():
        target = Path(moved.read_text().splitlines()[0])
        if target.parent == ELSEWHERE:
            shutil.rmtree(target, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def give(path: Path, account: Account | None) -> Path:
    """The file belongs to the server's user and nobody else reads it."""
    if account is not None:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o600)
    return path


def start(program: Program) -> "subprocess.Popen[bytes]":
    """The running process, in its own session; it is told to stop if its starter is killed."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log:
        return subprocess.Popen(
            list(program.command),
            cwd=program.folder,
            env={**base_environment(), **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_dies_with_starter(program.stop_signal),  # noqa: PLW1509  (set in the child or not at all)
            **_as(program.account),
        )


def stop(process: "subprocess.Popen[bytes]", program: Program) -> None:
    """The process has ended, by its own stop signal or, out of patience, by force."""
    if process.poll() is None:
        process.send_signal(program.stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(program.patience)
            return
        process.kill()
    process.wait()


def run(command: Sequence[str], account: Account | None, folder: Path, environment: Mapping[str, str]) -> str:
    """The output of a command that must succeed, run as the server's user."""
    done = subprocess.run(
        list(command), cwd=folder, env={**base_environment(), **environment}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, **_as(account),
    )  # fmt: skip
    if done.returncode != 0:
        raise CannotStart(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def await_ready(
    ready: Callable[[], bool], process: "subprocess.Popen[bytes]", program: Program, seconds: float
) -> None:
    """Returns once it answers; says which program failed, with the end of its log, when it does not."""
    end = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise CannotStart(f"{program.name} ended with {process.returncode}.\n{tail(program.log)}")
        if time.monotonic() > end:
            raise CannotStart(f"{program.name} did not answer within {seconds:.0f} s.\n{tail(program.log)}")
        time.sleep(0.1)


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log, indented, for a message."""
    if not log.exists():
        return f"  (no log at {log})"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        text = COLOURS.sub("", file.read().decode(errors="replace"))
    return "\n".join(["  " + line[:LINE] for line in text.splitlines()[-lines:]] + [f"  (whole log: {log})"])


def free_port(wanted: int, taken: frozenset[int] | set[int] = frozenset()) -> int:
    """The wanted port if nobody listens there, else a free one; it stays free until whoever asked listens on it.

    Nobody else of this user is given it, nor the same process once more unless it asks for it by number; nor is it one
    of those the system gives to any connection or probe in the meantime (from 32768 on).
    """
    if wanted and wanted not in taken and is_free(wanted) and claim(wanted):
        return wanted
    while True:
        port = secrets.choice(OWN_PORTS)
        if port not in taken and not is_claimed(port) and is_free(port) and claim(port):
            return port


def is_free(port: int) -> bool:
    """Whether a server could listen there, on loopback and on every address."""
    for address in ("127.0.0.1", "0.0.0.0"):  # noqa: S104  (a probe, closed at once)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def base_environment() -> dict[str, str]:
    """What a server may know of its starter's environment."""
    kept = {key: os.environ[key] for key in ("PATH", "TZ", "TMPDIR") if key in os.environ}
    return {"LANG": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **kept}


def _as(account: Account | None) -> dict[str, object]:
    return {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": [], "umask": 0o077}


def _dies_with_starter(with_signal: signal.Signals) -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)
    prctl = getattr(libc, "prctl", None)  # Linux only; elsewhere the supervisor's own stop is all there is

    def in_child() -> None:
        if prctl is not None:
            prctl(DEATH_SIGNAL, int(with_signal), 0, 0, 0)

    return in_child


def _can_enter(folder: Path, account: Account) -> bool:
    done = subprocess.run(["/usr/bin/test", "-x", str(folder)], cwd="/", check=False, **_as(account))
    return done.returncode == 0


def _version(folder: Path) -> list[int]:
    return [int(part) for part in str(folder).replace("/", "-").replace(".", "-").split("-") if part.isdigit()]
