"""A remote service as an object: each method of its Api is one question with a deadline, a passport and a trace."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from pydantic import TypeAdapter

from services.contracts.base import Request, TooLate
from services.kit.entrypoints import Remote, reply_of
from services.kit.work import current, next_span, require_no_transaction

RESULT_BEFORE, RESULT_AFTER = b'{"result": ', b', "error": null}'
"""What stands around a door's answer, as nameko has it; our services write it with just these spaces."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request on its way out."""

    service: str
    method: str
    body: bytes
    token: str | None
    deadline: float  # unix seconds
    trace: str | None


class Asker(Protocol):
    """Whoever can carry a question and bring the answer or raise its Refusal."""

    def carry(self, question: Question) -> bytes: ...


_reply_of: Callable[[type, str], TypeAdapter[Any]] = cache(reply_of)


@dataclass(frozen=True, slots=True)
class Line:
    """The proxy `remote(Api)` gives."""

    remote: Remote
    asker: Asker
    timeout: float

    def __getattr__(self, method: str) -> Callable[[Request], Any]:
        reply = _reply_of(self.remote.api, method)

        def ask(request: Request) -> Any:
            require_no_transaction()
            return reply.validate_json(self.asker.carry(self._question(method, request)))

        return ask

    def _question(self, method: str, request: Request) -> Question:
        work = current.get()
        deadline = time.time() + (self.remote.timeout or self.timeout)
        if work is not None and work.deadline is not None:
            deadline = min(deadline, work.deadline)
        if deadline <= time.time():
            raise TooLate
        return Question(
            service=self.remote.service,
            method=method,
            body=request.model_dump_json().encode(),
            token=work.token if work else None,
            deadline=deadline,
            trace=next_span(work.trace) if work else None,
        )
