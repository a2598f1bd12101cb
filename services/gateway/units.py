"""Names and paths of all administrative units, kept at hand: asked of identity once, kept true by its events."""

import asyncio
import re
import time
from typing import Final

from services.contracts.base import Refusal
from services.contracts.units import Unit, UnitDefined, UnitKind, Units, UnitsBelow
from services.gateway.lines import Line
from services.kit.logs import log_of

log = log_of("gateway")

NATION: Final = Unit(code="vn", path="vn", kind=UnitKind.NATION, name="Việt Nam", title="Cả nước")
_ASK_AGAIN: Final = 5.0  # seconds, while there are none
_AREA: Final = re.compile(r"^(\d{5})-\d{3}$")
_COMMUNE_SEAT: Final = re.compile(r"^CC-(\d{5})-\d{2}$")
_SEAT: Final = re.compile(r"^(NA|PC)-(\d{2})-\d{2}$")


class UnitDirectory:
    """The 3,356 units by code and by path; whoever asks first brings them in with their own passport."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._by_code: dict[str, Unit] = {"vn": NATION}
        self._by_path: dict[str, Unit] = {"vn": NATION}
        self._asked_at = -_ASK_AGAIN
        self._asking = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._by_code)

    @property
    def known(self) -> bool:
        """Whether the units are here, not only the nation."""
        return len(self._by_code) > 1

    async def fill(self, passport: str) -> None:
        """Bring the units in, unless they are here or were just asked for."""
        if self.known or time.monotonic() < self._asked_at + _ASK_AGAIN:
            return
        async with self._asking:
            if self.known or time.monotonic() < self._asked_at + _ASK_AGAIN:
                return
            self._asked_at = time.monotonic()
            try:
                units = await self._line.ask(UnitsBelow(), Units, passport=passport)
            except Refusal as refusal:
                log.warning("no units yet", reason=refusal.code)
                return
            for unit in units.units:
                self.add(unit)

    def add(self, unit: Unit) -> None:
        self._by_code[unit.code] = unit
        self._by_path[unit.path] = unit

    def hear(self, event: UnitDefined) -> None:
        """A unit as it now stands; only once the whole set is here, else the rest would never be asked for."""
        if self.known:
            self.add(Unit(code=event.code, path=event.path, kind=event.kind, name=event.name, title=event.title))

    def by_path(self, path: str) -> Unit | None:
        return self._by_path.get(path)

    def title(self, path: str) -> str:
        """The unit's title, or its code when it is not an administrative unit."""
        unit = self._by_path.get(path)
        return unit.title if unit else path.rsplit("/", 1)[-1]

    def below(self, path: str) -> list[Unit]:
        """The units one level below, by code."""
        depth = path.count("/") + 1
        found = [u for p, u in self._by_path.items() if p.startswith(f"{path}/") and p.count("/") == depth]
        return sorted(found, key=lambda unit: unit.code)

    def path_of(self, code: str) -> str | None:
        """The path of a unit, area or constituency by its code; None when there is no such unit."""
        if code in self._by_code:
            return self._by_code[code].path
        parent, inside = self._parent(code)
        if inside:
            return f"{parent}/{code}" if parent else None
        return None

    def _parent(self, code: str) -> tuple[str | None, bool]:
        if match := _AREA.match(code) or _COMMUNE_SEAT.match(code):
            commune = self._by_code.get(match[1])
            return (commune.path if commune else None), True
        if match := _SEAT.match(code):
            province = self._by_code.get(match[2])
            return (province.path if province else None), True
        return None, False
