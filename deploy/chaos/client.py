"""The officers of the battery: turnout and record entries through the gateway, the same key until a 2xx."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from deploy.chaos.election import Commune, Election
from deploy.chaos.ledger import Ledger

Json = dict[str, Any]
PATIENCE = 20.0  # seconds the client waits for one answer before it asks again
STATES = ("entering_first", "entered_first", "entering_second", "waiting")


@dataclass(frozen=True)
class Act:
    """A request with the effects it will have: effect → what it is an effect on."""

    door: str
    token: str
    body: Json
    effects: dict[str, str]


@dataclass
class Load:
    """What the officers have done so far."""

    ledger: Ledger
    run: str
    wanted: int  # effects to be acknowledged; more may be when `until` is not yet so
    until: Callable[[], bool] = field(default=lambda: True)
    statuses: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    resent: int = 0
    last_at: float = field(default_factory=time.monotonic)
    final: dict[str, int] = field(default_factory=dict)  # "area slot" → figure of the last acknowledged report
    _number: int = 0

    @property
    def done(self) -> int:
        """Effects acknowledged."""
        return len(self.ledger.acknowledged)

    @property
    def over(self) -> bool:
        """Whether enough has been posted."""
        return self.done >= self.wanted and self.until()

    def next_name(self) -> str:
        """A name for one more effect, never used before."""
        self._number += 1
        return f"{self.run} {self._number}"


async def work(load: Load, election: Election, http: httpx.AsyncClient, seed: int, awaited: set[str]) -> None:
    """All officers at work until enough is acknowledged; the records are spread over the whole time."""
    async with asyncio.TaskGroup() as group:
        for place, commune in enumerate(election.communes):
            codes = sorted(commune.areas)
            for start in range(0, len(codes), 3):
                random = Random(f"{seed} turnout {place} {start}")
                group.create_task(_report(load, http, election, commune, codes[start : start + 3], random))
            records = [key for key in sorted(election.papers) if key in awaited and key.split("/")[0] in commune.areas]
            group.create_task(_enter(load, http, election, commune, records))


async def _report(
    load: Load, http: httpx.AsyncClient, election: Election, commune: Commune, areas: list[str], random: Random
) -> None:
    """One officer reports and corrects the turnout of a few areas, one request after the other."""
    while not load.over:
        slot = random.choice(election.slots)
        rows, effects, figures = [], {}, {}
        for area in random.sample(areas, random.randint(1, len(areas))):
            name, on = load.next_name(), f"{area} {slot}"
            figure = random.randrange(commune.areas[area])
            figure += figure == load.final.get(on)  # the same figure again would change nothing
            rows.append({"area": area, "took_part": figure, "reason": name})
            effects[name], figures[on] = on, figure
        body = {"election": election.election, "unit": commune.path, "slot": slot, "rows": rows}
        reply = await _until_told(
            load, http, Act("results/report_turnout", commune.tokens["secretary1"], body, effects)
        )
        if reply is not None:
            load.final |= figures
            kept_back = [outcome for outcome in reply["outcomes"] if not outcome["stored"]]
            load.statuses["rows kept back"] += len(kept_back)


async def _enter(load: Load, http: httpx.AsyncClient, election: Election, commune: Commune, records: list[str]) -> None:
    """Two typists take and enter every record, each after the other."""
    for place, key in enumerate(records):
        while not load.over and load.done * len(records) < place * load.wanted:
            await asyncio.sleep(0.2)
        if load.over:
            return
        area, contest = key.split("/")
        scope = {"election": election.election, "unit": commune.path, "area": area, "contest": contest}
        for number in (1, 2):
            token = commune.tokens[f"typist{number}"]
            claimed, entered = STATES[2 * number - 2 : 2 * number]
            entry = scope | {"figures": election.papers[key], "as_paper": True}
            await _until_told(load, http, Act("results/claim_record", token, scope, {f"{key} {claimed}": key}))
            await _until_told(load, http, Act("results/submit_entry", token, entry, {f"{key} {entered}": key}))


async def _until_told(load: Load, http: httpx.AsyncClient, act: Act) -> Json | None:
    """The reply to an act, asked with one key until it is a 2xx; None if it was refused for good."""
    key = str(uuid4())
    load.ledger.attempt(key, act.effects)
    tries = 0
    while True:
        tries += 1
        answer = await _once(load, http, act, key)
        if answer is not None and answer.is_success:
            load.ledger.acknowledge(key, act.effects)
            load.resent += tries > 1
            load.last_at = time.monotonic()
            reply: Json = answer.json()
            return reply
        if answer is not None and answer.status_code < 500 and answer.status_code != 429:
            load.ledger.refuse(key, act.effects, f"{act.door} {answer.status_code} {answer.text[:300]}")
            return None
        await asyncio.sleep(min(0.1 * 2**tries, 2))


async def _once(load: Load, http: httpx.AsyncClient, act: Act, key: str) -> httpx.Response | None:
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {act.token}"}
    try:
        answer = await http.post(f"/api/v1/{act.door}", json=act.body | {"key": key}, headers=headers)
    except httpx.TransportError as error:
        load.statuses[type(error).__name__] += 1
        return None
    load.statuses[str(answer.status_code)] += 1
    load.slowest = max(load.slowest, time.monotonic() - began)
    return answer
