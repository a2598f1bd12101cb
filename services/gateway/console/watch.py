"""What Prometheus knows, each number with the time it was read; nothing is kept here."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import httpx

_SECONDS: Final = 3.0


class Away(Exception):
    """Prometheus did not answer, or not what was asked."""


@dataclass(frozen=True)
class Number:
    """A value with its labels and when it was read."""

    labels: Mapping[str, str]
    value: Decimal
    at: datetime

    @property
    def whole(self) -> int:
        return int(self.value)

    @property
    def thousandths(self) -> int:
        """Seconds as milliseconds."""
        return int(self.value * 1000)


@dataclass(frozen=True)
class Alert:
    """An alert that fires or is about to, in its own words."""

    name: str
    severity: str
    state: str
    vi: str
    en: str
    since: datetime


async def numbers(base: str, queries: Mapping[str, str]) -> dict[str, list[Number]]:
    """The answers to several queries at once, or Away."""
    async with httpx.AsyncClient(base_url=base, timeout=_SECONDS) as client:
        answers = await asyncio.gather(*(_asked(client, "query", {"query": text}) for text in queries.values()))
    return {name: _numbers(answer) for name, answer in zip(queries, answers, strict=True)}


async def alerts(base: str) -> list[Alert]:
    """What fires or is pending, pages before tickets."""
    async with httpx.AsyncClient(base_url=base, timeout=_SECONDS) as client:
        answer = await _asked(client, "alerts", {})
    found = [_alert(told) for told in answer["alerts"]]
    return sorted(found, key=lambda one: (one.state != "firing", one.severity != "page", one.name))


async def _asked(client: httpx.AsyncClient, what: str, parameters: dict[str, str]) -> dict[str, Any]:
    try:
        answer = await client.get(f"/api/v1/{what}", params=parameters)
        told: dict[str, Any] = answer.raise_for_status().json()["data"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as reason:
        raise Away(str(reason)) from reason
    return told


def _numbers(answer: dict[str, Any]) -> list[Number]:
    found = []
    for row in answer["result"]:
        at, text = row["value"]
        try:
            value = Decimal(text)
        except InvalidOperation:
            continue
        if value.is_finite():
            found.append(Number(row["metric"], value, datetime.fromtimestamp(int(at), UTC)))
    return found


def _alert(told: dict[str, Any]) -> Alert:
    labels, notes = told["labels"], told["annotations"]
    summary = notes.get("summary", labels["alertname"])
    return Alert(
        labels["alertname"],
        labels.get("severity", ""),
        told["state"],
        notes.get("summary_vi", summary),
        summary,
        datetime.fromisoformat(told["activeAt"]),
    )
