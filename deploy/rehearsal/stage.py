"""What every step of the story shares: the gate, the plan, the officers, the clock, and a bar to watch."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour_of_day
from pathlib import Path
from random import Random
from typing import TypeVar

from rich.progress import Progress

from deploy.rehearsal.gate import Gate, Json, Officer
from deploy.rehearsal.planted import Planted
from deploy.rehearsal.registry import CommuneFile
from deploy.rehearsal.structure import Plan, Unit
from deploy.rehearsal.votes import Contested
from services.contracts.daytime import VIETNAM

DAY = date(2026, 3, 15)
Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass
class Stage:
    """A rehearsal under way."""

    gate: Gate
    folder: Path
    seed: int
    progress: Progress
    planted: Planted
    election: str = ""
    plan: Plan | None = None
    units: dict[str, Unit] = field(default_factory=dict)
    officers: dict[tuple[str, str, int], Officer] = field(default_factory=dict)
    files: dict[str, CommuneFile] = field(default_factory=dict)
    contested: dict[str, Contested] = field(default_factory=dict)
    documents: int = 0

    @property
    def the_plan(self) -> Plan:
        """The plan; there is one once the units are known."""
        assert self.plan is not None
        return self.plan

    def random(self, purpose: str) -> Random:
        """A source of chance of its own for each purpose, so that steps do not disturb one another."""
        return Random(f"{self.seed} {purpose}")

    def officer(self, role: str, unit: str, number: int = 1) -> Officer:
        """The person with a role in a unit."""
        return self.officers[role, unit, number]

    def scope(self, unit: str) -> Json:
        """The election and unit every scoped request names."""
        return {"election": self.election, "unit": unit}

    async def clock(self, days: int, at: hour_of_day) -> None:
        """Show another day of the calendar: so many days from election day, at a local hour."""
        shown = datetime.combine(DAY + timedelta(days=days), at, VIETNAM)
        by = self.officer("nation_officer", "vn")
        body = self.scope("vn") | {"shown_at": shown.astimezone(UTC).isoformat(), "speed": 0}
        await self.gate.act("candidates/set_clock", body, by)

    async def each(
        self, words: str, items: Sequence[Item], work: Callable[[Item], Awaitable[Found]], at_once: int = 24
    ) -> list[Found]:
        """Do the work for every item, many at once, with a bar; the first failure ends all."""
        bar = self.progress.add_task(words, total=len(items))
        began = time.monotonic()
        room = asyncio.Semaphore(at_once)

        async def one(item: Item) -> Found:
            async with room:
                found = await work(item)
            self.progress.advance(bar)
            return found

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in items]
        self.told(words, len(items), time.monotonic() - began)
        return [task.result() for task in tasks]

    def told(self, words: str, number: int, seconds: float) -> None:
        """A step is done: said on a line of its own where there is no terminal to draw bars on."""
        if self.progress.disable:
            self.progress.console.print(f"{words}: {number} · {seconds:.0f} s")

    def keep_officers(self) -> None:
        """Write down who can sign in, for people who want to look at the console of this rehearsal."""
        rows = [officer.kept() for officer in self.officers.values()]
        path = self.folder / "officers.json"
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
        path.chmod(0o600)


async def eventually(question: Callable[[], Awaitable[bool]], what: str, seconds: float = 120) -> None:
    """Ask until it is so; services tell one another by events, so a moment may pass."""
    ends = asyncio.get_running_loop().time() + seconds
    while not await question():
        if asyncio.get_running_loop().time() > ends:
            raise TimeoutError(f"after {seconds:.0f} s still not so: {what}")
        await asyncio.sleep(0.25)


def instant(days: int, hour: int, minute: int = 0) -> str:
    """A local instant so many days from election day, as the contracts write it."""
    return datetime.combine(DAY + timedelta(days=days), hour_of_day(hour, minute), VIETNAM).astimezone(UTC).isoformat()
