"""The console's line with the real identity service at its end; every other service answers from the test's table."""

import asyncio
from typing import Any

from services.gateway.letters import Letter
from services.kit.pipeline import Call, answer
from tests.gateway.fakes import FakeLine


class RealIdentityLine(FakeLine):
    """Letters to identity open its doors on a real database, with the passport they carry."""

    def __init__(self, hands: Any, fake: FakeLine) -> None:
        super().__init__()
        self._hands = hands
        self.answers |= fake.answers
        self._up = fake._up
        self.known = {"units_below"}

    async def send(self, letter: Letter) -> bytes:
        if letter.service != "identity" or letter.door in self.known:
            return await super().send(letter)
        self.letters.append(letter)
        door = self._hands._doors[letter.door]
        said = await asyncio.to_thread(answer, self._hands.service, door, Call(letter.body, letter.passport))
        return b'{"result": ' + said + b', "error": null}'
