"""A line with nobody at the other end: what services would answer is given by the test."""

import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from pydantic_core import to_json

from services.contracts.base import Grant, Message, NotSignedIn, Refusal, Unavailable
from services.gateway.doors import DOORS
from services.gateway.letters import Letter, RemoteFailure
from services.gateway.lines import Line
from services.gateway.live import Hub

KEY = "3f2b7a0e-1111-4111-8111-111111111111"
PERSON = UUID("00000000-0000-4000-8000-0000000000aa")
ENDS = "2026-03-15T15:15:00+00:00"
_DOORS = {(door.service, door.name): door for door in DOORS}

Answer = Callable[[Any], Message]


def passport_of(session: UUID, approves: str | None = None) -> str:
    claims = json.dumps({"sid": str(session), "approves": approves}).encode()
    return f"head.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.signature"


class FakeLine(Line):
    """Answers from a table; remembers every letter; `people` are the live sessions by token."""

    def __init__(self) -> None:
        super().__init__("amqp://nobody/")
        self.answers: dict[str, Answer] = {"open_passport": self._open, "step_up": self._step_up}
        self.letters: list[Letter] = []
        self.people: dict[str, dict[str, Any]] = {}
        self.away = False

    async def start(self) -> None:
        self._up.set()

    async def stop(self) -> None:
        self._up.clear()

    def sign_in(self, role: str, scope: str, name: str = "Hồ Thị Bích Ngọc", token: str = "token") -> UUID:
        session = uuid4()
        grants = [Grant(role=role, scope=scope).model_dump()]
        self.people[token] = {"session": session, "name": name, "grants": grants}
        return session

    async def send(self, letter: Letter) -> bytes:
        self.letters.append(letter)
        if self.away:
            raise Unavailable(seconds=3)
        door = _DOORS[letter.service, letter.door]
        answer = self.answers.get(letter.door)
        if answer is None:
            raise RemoteFailure(f"the test has no answer for {letter.routing_key}")
        said = answer(door.request.model_validate_json(letter.body))
        if isinstance(said, Refusal):
            raise said
        return b'{"result": ' + to_json(said) + b', "error": null}'

    def asked(self, door: str) -> list[dict[str, Any]]:
        return [json.loads(letter.body) for letter in self.letters if letter.door == door]

    def _open(self, request: Any) -> Any:
        return self._papers(request.token, None)

    def _step_up(self, request: Any) -> Any:
        return self._papers(request.token, request.content)

    def _papers(self, token: str, approves: str | None) -> Any:
        if token not in self.people:
            raise NotSignedIn
        who = self.people[token]
        return {
            "passport": passport_of(who["session"], approves), "person": str(PERSON), "name": who["name"],
            "login": "ngoc.htb", "grants": who["grants"], "session_ends_at": ENDS,
        }  # fmt: skip


class FakeHub(Hub):
    """Hears only what the test tells it."""

    def __init__(self) -> None:
        super().__init__("amqp://nobody/", 10)

    def start(self) -> None:
        self.up = True

    async def stop(self) -> None:
        for subscription in list(self._open):
            subscription.close()
