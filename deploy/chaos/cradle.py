"""Processes of `python -m services` that are born in a moment: forked, not started, from one that has imported all."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIRTH = 60.0  # seconds a nursery may take, its own start included


class Child:
    """A born process, with those words of `subprocess.Popen` that a battery says."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.pid = int(_awaited(log.with_suffix(".born"), BIRTH))

    @property
    def returncode(self) -> int | None:
        """The exit code, negative after a signal; None while it lives."""
        return self.poll()

    def poll(self) -> int | None:
        """The same."""
        ended = self.log.with_suffix(".ended")
        return int(ended.read_text()) if ended.exists() else None

    def wait(self, timeout: float = 3600.0) -> int:
        """Its exit code once it has ended; subprocess.TimeoutExpired when it has not."""
        return int(_awaited(self.log.with_suffix(".ended"), timeout))

    def send_signal(self, number: int) -> None:
        """Nothing to one that has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """It is told to stop."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """It is stopped."""
        self.send_signal(signal.SIGKILL)

    def done(self, timeout: float) -> subprocess.CompletedProcess[str]:
        """What it answered and wrote, once it has ended."""
        code = self.wait(timeout)
        out, err = (self.log.with_suffix(name).read_text() for name in (".out", ".err"))
        return subprocess.CompletedProcess((), code, out, err)


class Cradle:
    """A nursery and the folder in which it says how its children are; green, or plain as commands are."""

    def __init__(self, *, green: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hom-phieu-cradle-"))
        self._born, self._turn = 0, threading.Lock()
        self._nursery = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "deploy.chaos.nursery", *(["green"] if green else [])],
            cwd=ROOT, stdin=subprocess.PIPE, text=True,
        )  # fmt: skip

    def bear(self, words: Sequence[str], environment: Mapping[str, str], *, kept: bool = False) -> Child:
        """The process of `python -m services` with these words; `kept`: what it writes is there when it is `done`."""
        assert self._nursery.stdin
        with self._turn:
            self._born += 1
            log = self.folder / f"{self._born}.log"
            order = {"words": list(words), "environment": dict(environment), "log": str(log), "kept": kept}
            self._nursery.stdin.write(json.dumps(order) + "\n")
            self._nursery.stdin.flush()
        return Child(log)

    def close(self) -> None:
        """Nobody is born any more; who lives is somebody else's."""
        assert self._nursery.stdin
        self._nursery.stdin.close()
        self._nursery.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def cradle(*, green: bool) -> Cradle:
    """The one of this process on the network this thread is on: children live where their nursery does."""
    return _cradle_on(str(Path("/proc/thread-self/ns/net").readlink()), green)


@cache
def _cradle_on(_network: str, green: bool) -> Cradle:
    """Until the process ends."""
    made = Cradle(green=green)
    atexit.register(made.close)
    return made


def _awaited(file: Path, seconds: float) -> str:
    end = time.monotonic() + seconds
    while not file.exists():
        if time.monotonic() > end:
            raise subprocess.TimeoutExpired(str(file), seconds)
        time.sleep(0.01)
    return file.read_text()
