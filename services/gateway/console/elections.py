"""The elections this installation knows, asked of candidates at most every few seconds for everybody together."""

import asyncio
import time
from typing import Final

from services.contracts.base import Refusal
from services.contracts.candidates import Election, Elections, ElectionsHeld
from services.gateway.lines import Line
from services.kit.logs import log_of

log = log_of("gateway")
_HOLD: Final = 5.0


class ElectionList:
    """Elections, newest first; what is held stays when candidates is away."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._held: tuple[Election, ...] = ()
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def all(self, passport: str) -> tuple[Election, ...]:
        if time.monotonic() >= self._until:
            async with self._asking:
                if time.monotonic() >= self._until:
                    await self._ask(passport)
        return self._held

    async def one(self, election: str, passport: str) -> Election | None:
        return next((held for held in await self.all(passport) if held.election == election), None)

    @property
    def only_rehearsals(self) -> bool | None:
        """Whether all known elections are rehearsals; None while none is known."""
        return all(held.rehearsal for held in self._held) if self._held else None

    def forget(self) -> None:
        self._until = 0.0

    async def _ask(self, passport: str) -> None:
        try:
            self._held = (await self._line.ask(ElectionsHeld(), Elections, passport=passport)).elections
        except Refusal as refusal:
            log.warning("no elections", reason=refusal.code)
        self._until = time.monotonic() + _HOLD
