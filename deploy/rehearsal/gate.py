"""The one way in: the gateway over HTTP, as officers with their own password and authenticator."""

import asyncio
import hashlib
import time
from dataclasses import asdict, dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from uuid import uuid4

import httpx
import pyotp

Json = dict[str, Any]
_STEP = 30


class Refused(Exception):
    """The gateway refused: its status, its code, and its findings."""

    def __init__(self, status: int, body: Json) -> None:
        self.status = status
        self.code = str(body.get("code", status))
        self.findings: list[Json] = body.get("findings") or []
        super().__init__(f"{status} {self.code}: {body.get('en') or body} {[f['en'] for f in self.findings][:5]}")

    @property
    def rules(self) -> set[str]:
        """The codes of the findings."""
        return {finding["code"] for finding in self.findings}


@dataclass
class Officer:
    """A named person with one role in one unit, and what only they know."""

    login: str
    name: str
    role: str
    unit: str
    password: str
    secret: str = ""
    token: str = ""
    last_step: int = 0
    phone: str = ""

    def kept(self) -> Json:
        """What is written down of an officer: everything but the session."""
        return asdict(self) | {"token": ""}


@dataclass
class Counts:
    """What passed through the gate."""

    requests: int = 0
    retried: int = 0
    signed_in_again: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    by_door: dict[str, int] = field(default_factory=dict)


class Gate:
    """An HTTP client that retries with the same key what was refused only for lack of room or time."""

    def __init__(self, url: str, *, at_once: int = 24) -> None:
        limits = httpx.Limits(max_connections=at_once * 2, max_keepalive_connections=at_once * 2)
        no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))  # many officers share this client
        self._http = httpx.AsyncClient(base_url=url, limits=limits, timeout=60, cookies=no_cookies)
        self._room = asyncio.Semaphore(at_once)
        self._doors: dict[str, asyncio.Lock] = {}
        self.counts = Counts()

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def come_in(self, door: str, body: Json, by: Officer) -> Json:
        """A step of signing in, at the officer's own machine and before there is a session."""
        return await self._send("POST", door, headers=_machine(by), json={"key": str(uuid4())} | body)

    async def act(self, door: str, body: Json, by: Officer | None = None, *, approve: str = "") -> Json:
        """An act: POST with a key of its own, sent again with the same key until it is answered."""
        body = {"key": str(uuid4())} | body
        return await self._signed_in("POST", door, by, approve, json=body)

    async def ask(self, door: str, by: Officer | None = None, **params: str) -> Json:
        """A question: GET."""
        return await self._signed_in("GET", door, by, params=params)

    async def upload(self, content: bytes, by: Officer) -> str:
        """Store a file; its SHA-256."""
        headers = _headers(by) | {"Content-Type": "application/octet-stream"}
        answer = await self._send("POST", "files", headers=headers, content=content)
        return str(answer["file"])

    async def raw(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One request exactly as given, for trying what must be refused."""
        return await self._http.request(method, path, **how)

    async def _signed_in(self, method: str, door: str, by: Officer | None, approve: str = "", **how: Any) -> Json:
        """As the officer; whose session has ended meanwhile signs in again, as people do."""
        token = by.token if by else ""
        headers = _headers(by)
        if approve:
            assert by is not None
            headers |= {"X-Second-Factor": await code(by), "X-Content-Hash": approve}
        try:
            return await self._send(method, door, headers=headers, **how)
        except Refused as refusal:
            if by is None or not token or refusal.code != "NotSignedIn":
                raise
        async with self._doors.setdefault(by.login, asyncio.Lock()):  # many acts of one person, one signing in
            if by.token == token:
                self.counts.signed_in_again += 1
                await sign_in(self, by)
        return await self._signed_in(method, door, by, approve, **how)

    async def _send(self, method: str, door: str, **how: Any) -> Json:
        began = time.monotonic()
        for attempt in range(40):
            answer = await self._once(method, door, **how)
            if answer is not None and answer.status_code not in (429, 503, 504):
                break
            self.counts.retried += 1
            await asyncio.sleep(min(0.2 * 2**attempt, 5))
        else:
            raise TimeoutError(f"{door} was not answered after 40 tries in {time.monotonic() - began:.0f} s")
        if answer.status_code >= 400:
            raise Refused(answer.status_code, _body(answer))
        found: Json = answer.json()
        return found

    async def _once(self, method: str, door: str, **how: Any) -> httpx.Response | None:
        async with self._room:
            began = time.monotonic()
            try:
                answer = await self._http.request(method, f"/api/v1/{door}", **how)
            except httpx.TransportError:
                return None
            took = time.monotonic() - began
        counts = self.counts
        counts.requests += 1
        counts.seconds += took
        counts.slowest = max(counts.slowest, took)
        counts.by_door[door] = counts.by_door.get(door, 0) + 1
        return answer


def _headers(by: Officer | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {by.token}", **_machine(by)} if by is not None else {}


def _machine(by: Officer) -> dict[str, str]:
    """Every officer sits at a machine of their own, the same for the whole rehearsal."""
    return {"X-Device": hashlib.sha256(by.login.encode()).hexdigest()[:32]}


def _body(answer: httpx.Response) -> Json:
    try:
        body = answer.json()
    except ValueError:
        return {"code": "NotJson", "en": answer.text[:300]}
    return body if isinstance(body, dict) else {"en": str(body)}


async def code(officer: Officer) -> str:
    """A code of the officer's authenticator that was not used yet; waits for the next one when needed."""
    while True:
        now = int(time.time()) // _STEP
        step = max(now, officer.last_step + 1)
        if step <= now + 1:
            officer.last_step = step
            return pyotp.TOTP(officer.secret).at(step * _STEP)
        await asyncio.sleep(1)


async def activate(gate: Gate, officer: Officer, activation: str) -> None:
    """From one-time code to a working account with password and authenticator."""
    body = {"login": officer.login, "code": activation, "password": officer.password}
    enrolment = await gate.act("identity/activate", body)
    officer.secret = str(enrolment["secret"])
    await gate.act(
        "identity/confirm_enrolment", {"login": officer.login, "code": activation, "totp": await code(officer)}
    )


async def sign_in(gate: Gate, officer: Officer) -> None:
    """Both factors; the session token is kept with the officer."""
    for attempt in range(5):
        try:
            first = {"login": officer.login, "password": officer.password}
            challenge = await gate.come_in("identity/sign_in", first, officer)
            body = {"challenge": challenge["challenge"], "totp": await code(officer)}
            officer.token = str((await gate.come_in("identity/second_factor", body, officer))["token"])
            return
        except Refused:
            if attempt == 4:
                raise
            await asyncio.sleep(2)
