"""What the machine does while something is measured: how much of it is ours."""

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Watch:
    """A stretch of time: the part of all processors that programs beside us used."""

    strangers: float = 0.0


@contextmanager
def watched() -> Iterator[Watch]:
    """The watch is filled when the block ends."""
    watch, busy, mine, began = Watch(), _busy(), _family(), time.monotonic()
    yield watch
    whole = (time.monotonic() - began) * (os.cpu_count() or 1)
    watch.strangers = max(0.0, (_busy() - busy) - (_family() - mine)) / whole


@dataclass(frozen=True)
class Ticks:
    """The ticks of all processors since the machine started (proc(5)): every one, and how it was spent."""

    every: int
    idle: int
    stolen: int  # a host gave them to other machines


def ticks() -> Ticks:
    """The processors' ticks now."""
    fields = [int(field) for field in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    return Ticks(every=sum(fields), idle=fields[3] + fields[4], stolen=fields[7])


def _busy() -> float:
    """Seconds of work of all processors since the machine started."""
    now = ticks()
    return (now.every - now.idle) / TICK


def _family() -> float:
    """Seconds of processor this process and everything it started have used, the dead included."""
    used: dict[int, float] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            used[int(folder.name)] = sum(map(int, fields[11:15])) / TICK
            children[int(fields[1])].append(int(folder.name))
    total, found = 0.0, [os.getpid()]
    while found:
        process = found.pop()
        total += used.get(process, 0.0)
        found += children[process]
    return total
