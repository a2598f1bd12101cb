"""Requests and answers as they travel: nameko's JSON, the kit's headers."""

import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pika
from pydantic import ValidationError
from pydantic_core import from_json

from services.contracts.base import Refusal, Told, TooLate, UnknownRefusal
from services.gateway.refusals import Relayed
from services.kit.work import new_trace, next_span


@dataclass(frozen=True, slots=True)
class Letter:
    """A question on its way to a service."""

    service: str
    door: str
    body: bytes  # the request as JSON
    deadline: float  # unix seconds
    passport: str | None = None
    trace: str | None = None

    @property
    def routing_key(self) -> str:
        return f"{self.service}.{self.door}"

    @property
    def remaining(self) -> float:
        return self.deadline - time.time()

    def envelope(self) -> bytes:
        return b'{"args": [' + self.body + b'], "kwargs": {}}'

    def properties(self, reply_to: str, correlation: str) -> pika.BasicProperties:
        """The headers the kit reads, and an expiry: a question nobody waits for any more is not worth a worker."""
        headers: dict[str, Any] = {
            "nameko.deadline": int(self.deadline * 1000),
            "nameko.traceparent": next_span(self.trace) if self.trace else new_trace(),
            "nameko.call_id_stack": [f"gateway.{self.door}.{correlation}"],
        }
        if self.passport:
            headers["nameko.passport"] = self.passport
        return pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            headers=headers,
            delivery_mode=1,
            correlation_id=correlation,
            reply_to=reply_to,
            expiration=str(max(1, int(self.remaining * 1000))),
        )


class RemoteFailure(Exception):
    """The service failed in a way that is not a refusal: a bug, or a peer that speaks another version."""


def new_correlation() -> str:
    return uuid4().hex


def opened(answer: bytes) -> Any:
    """The result an answer carries; a refusal or a failure is raised."""
    try:
        body = from_json(answer)
        error, result = body["error"], body["result"]
    except (ValueError, KeyError, TypeError) as unreadable:
        raise RemoteFailure("the answer cannot be read") from unreadable
    if error:
        raise _raised(error)
    return result


def _raised(error: dict[str, Any]) -> Exception:
    kind = str(error.get("exc_type"))
    try:
        told = Told.model_validate(json.loads(error["exc_args"][0]))
    except (KeyError, IndexError, TypeError, ValueError, ValidationError):
        return RemoteFailure(f"{kind}: {error.get('value')}")
    refusal = Refusal.heard(told)
    return Relayed(told) if isinstance(refusal, UnknownRefusal) else refusal


__all__ = ["Letter", "RemoteFailure", "TooLate", "new_correlation", "opened"]
