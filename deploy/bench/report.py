"""The report: machine, versions, every median with its spread and cost, every ratio with its verdict."""

import os
import platform
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median

from deploy.bench.figures import Measured, Verdict

_OURS = ("nameko", "kombu", "amqp", "eventlet", "pika", "psycopg", "SQLAlchemy", "pydantic", "fastapi", "uvicorn")

_METHOD = (
    "Everybody uses the same servers, in turns: round by round, ours and theirs. A ratio is the median over the "
    "rounds, each against its neighbour; for RPC everybody is started anew in each. The cost is processor time of the "
    "measured process, of both where one service asks another."
)


@dataclass
class Report:
    """What a run found."""

    short: bool
    servers: str
    peers: dict[str, str]
    began: float = field(default_factory=time.time)
    sections: list[tuple[str, str, list[Measured]]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # lines that broke off, and why
    loads: list[float] = field(default_factory=list)  # runnable processes of the whole machine, ours among them
    strangers: list[float] = field(default_factory=list)  # the part of the processor that others used

    @property
    def missed(self) -> list[Verdict]:
        """What was asked and not reached."""
        return [verdict for verdict in self.verdicts if not verdict.ok]

    @property
    def ok(self) -> bool:
        """Whether the run may end with 0: every line ran and, in a whole run, reached what is asked."""
        return not self.broken and (self.short or not self.missed)

    @property
    def last_line(self) -> str:
        """The verdict in one line."""
        judged = len([verdict for verdict in self.verdicts if verdict.asked is not None])
        found = f"{judged - len(self.missed)} of {judged} reached"
        names = "; ".join(f"{one.line} against {one.against}: {one.words[2]}, {one.words[3]}" for one in self.missed)
        if self.broken:
            return (
                f"verdict: miss ({found}; broke off: {'; '.join(self.broken)}{'; missed: ' + names if names else ''})"
            )
        if self.short:
            return f"verdict: ok (a short form: every line runs, figures do not count; {found})"
        return f"verdict: {'miss' if self.missed else 'ok'} ({found}{'; missed: ' + names if names else ''})"

    @contextmanager
    def kept(self, line: str) -> Iterator[None]:
        """A line that breaks off is told with its reason, and the rest is measured."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  whatever it was, it is in the last line and the exit code
            traceback.print_exc()
            self.broken.append(
                f"{line} ({type(error).__name__}: {str(error).splitlines()[0][:100] if str(error) else ''})"
            )

    def text(self) -> str:
        """The whole report as Markdown."""
        parts = ["# Our bus beside its peers", self._head(), self._table()]
        for title, unit, rows in self.sections:
            parts.append(f"## {title}\n\n{_measured(unit, rows)}")
        return "\n\n".join([*parts, self.last_line]) + "\n"

    def _head(self) -> str:
        peers = ", ".join(f"{name} {found}" for name, found in self.peers.items())
        ours = ", ".join(f"{name} {version(name)}" for name in _OURS)
        lines = [
            f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime(self.began))} UTC, {time.time() - self.began:.0f} s"
            + (", short form" if self.short else ""),
            f"Machine: {os.cpu_count()} × {_processor()}, {_memory()} GB, Linux {platform.release()}",
            f"Load average {min(self.loads, default=0):.1f}–{max(self.loads, default=0):.1f}; {self._strangers()}",
            f"Servers: {self.servers}; Python {sys.version.split()[0]}",
            f"Ours: {ours}",
            f"Peers: {peers or 'not on stage'}",
            _METHOD,
        ]
        return "\n".join(f"* {line}" for line in lines)

    def _strangers(self) -> str:
        if not self.strangers:
            return "nothing was timed"
        usual, most = median(self.strangers), max(self.strangers)
        return f"programs beside the bench used {usual:.0%} of the processors in the middle round, {most:.0%} at worst"

    def _table(self) -> str:
        rows = ["| line | against | reached | asked | verdict | |", "|---|---|---|---|---|---|"]
        rows += [f"| {' | '.join(one.words)} | {one.remark} |" for one in self.verdicts]
        return "\n".join(rows)


def _measured(unit: str, rows: list[Measured]) -> str:
    head = [
        f"| | {unit}, median | slowest–fastest round | µs of processor each | rounds |",
        "|---|---:|---:|---:|---:|",
    ]
    return "\n".join(
        head + [f"| {one.name} | {one.rate:,.0f} | {one.spread} | {one.cost:,.0f} | {len(one.rates)} |" for one in rows]
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)
