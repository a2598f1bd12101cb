"""R7: the disk full under the broker, then under the database; who is refused is told so, nothing is lost."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.chaos.away import concluded, only_unavailable, opened
from deploy.chaos.ground import Ground, answered, ground, until
from deploy.chaos.verdict import Plan, Skipped, Verdict
from deploy.local.programs import CannotStart

BACK = 60.0
ON_THE_WAY = 40  # letters that may be waiting at any moment when all is well
_LEAVE = 64 << 10  # bytes the filler leaves free


def _small_disk(folder: Path, megabytes: int) -> None:
    """A disk of its own in the folder, empty."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise Skipped(f"this machine lets nobody mount a small disk ({done.stderr.strip()[:120]})")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of so many megabytes, gone afterwards; a server's own folder must not move to another place."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        raise Skipped("only root may mount a small disk, and this is not root")
    subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)
    _small_disk(folder, megabytes)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def fill(folder: Path) -> Path:
    """A file that takes what is left of the disk."""
    filler = folder / "filler"
    with filler.open("wb") as file, suppress(OSError):
        while True:
            room = shutil.disk_usage(folder).free - _LEAVE
            if room <= 0:
                break
            file.write(b"\0" * min(room, 1 << 20))
            file.flush()
    return filler


def broker_full(plan: Plan) -> Verdict:
    """The broker's disk alarm stops all publishers; commands go by the direct line, letters wait in the outbox."""
    verdict = Verdict("broker_disk_full")
    folder = Path("/run") / f"hp-chaos-{os.getpid()}"
    with small_disk(folder, 700) as disk, ground(plan.folder, durable=True, broker_folder=disk / "rabbitmq") as place:
        pump, caller = opened(place)
        filler = fill(disk)
        alarmed = until(lambda: "disk" in place.alarms(), 60, 1.0)
        time.sleep(plan.either(10, 300))
        known = len(pump.acknowledged)
        verdict.measured(alarm_after=alarmed, waiting_when_full=place.untold())
        if alarmed is None:
            verdict.misses.append("the broker never noticed that its disk is full")
        filler.unlink()
        began = time.monotonic()
        back = until(lambda: len(pump.acknowledged) > known and place.untold() < ON_THE_WAY, BACK + 30)
        verdict.require("back", back and round(time.monotonic() - began, 2), most=BACK)
        concluded(verdict, place, pump, caller)
        only_unavailable(verdict, pump)
    return verdict


def database_full(plan: Plan) -> Verdict:
    """The cluster's disk is full: it refuses or dies, is started again as the supervisor would, and is back."""
    verdict = Verdict("database_disk_full")
    folder = Path("/run") / f"hp-chaos-{os.getpid()}"
    with (
        small_disk(folder, 400) as disk,
        ground(plan.folder, durable=True, postgres_folder=disk / "postgresql") as place,
    ):
        guard = Guard(place)
        pump, caller = opened(place)
        filler = fill(disk)
        time.sleep(plan.either(15, 300))
        known = len(pump.acknowledged)
        filler.unlink()
        back = until(lambda: len(pump.acknowledged) > known + 20, BACK + 30)
        verdict.require("back", back, most=BACK)
        concluded(verdict, place, pump, caller)
        only_unavailable(verdict, pump)
        verdict.measured(starts=guard.starts)
        guard.end()
    return verdict


class Guard:
    """Starts the cluster again when it has ended, as the supervisor does, with a pause."""

    def __init__(self, place: Ground) -> None:
        self._place, self._going = place, True
        self.starts = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while self._going:
            postgres = self._place.postgres
            if postgres is not None and postgres.process.poll() is not None:
                self.starts += 1
                with suppress(CannotStart, OSError):
                    answered(self._place.start_postgres)
            time.sleep(1)

    def end(self) -> None:
        self._going = False
        self._thread.join()
