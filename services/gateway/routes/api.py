"""One address for each door of each service: the contract is the body, the refusal is the answer."""

import base64
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.base import NotSignedIn
from services.contracts.identity import CodeRefused, StepUp
from services.gateway.bodies import filled, json_body, query_body
from services.gateway.doors import OFFERED, PREFIX, Door
from services.gateway.machines import device_of, keep_machine, machine_of, where
from services.gateway.refusals import NoSuchAddress, NoSuchMethod, json_answer, shape_finding
from services.gateway.security import token_of
from services.gateway.sessions import carry_on, give_cookie, take_cookie
from services.gateway.shield import NAMED
from services.gateway.state import Gateway, gateway_of
from services.kit.faults import refusal_of, validated

router = APIRouter(include_in_schema=False)

SECOND_FACTOR: Final = "x-second-factor"
CONTENT_HASH: Final = "x-content-hash"
_SHORTEST_ANSWER: Final = 64  # a code has 6 letters, what a key signed has hundreds
_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

Serve = Callable[[Request], Awaitable[Response]]


def _serving(door: Door) -> Serve:
    async def serve(request: Request) -> Response:
        if request.method != door.method:
            raise NoSuchMethod(allowed=door.method)
        gateway = gateway_of(request)
        token = token_of(request.headers, request.cookies)
        async with gateway.slots.one(token or ""):
            passport = await _passport(gateway, door, request, token)
            if passport is not None:
                await carry_on(request, gateway.sessions, token)
            body = await _question(gateway, door, request, token)
            trace = request.headers.get("traceparent")
            answer = await gateway.line.carry(door, body, passport=passport, trace=trace)
        response = json_answer(answer, headers={"Cache-Control": "no-store"})
        _keep_session(gateway, door, response, answer, token)
        keep_machine(request, response, secure=gateway.settings.gateway_secure)
        return response

    return serve


async def _passport(gateway: Gateway, door: Door, request: Request, token: str | None) -> str | None:
    """Who asks. With a second factor in the headers, a passport for exactly the content named beside it."""
    if door.public:
        return None
    if door.of_token:
        if token is None and not await request.body():
            raise NotSignedIn
        return None
    factor, content = request.headers.get(SECOND_FACTOR), request.headers.get(CONTENT_HASH)
    if factor is None and content is None:
        return (await gateway.sessions.papers(token, where=where(request))).passport
    return (await gateway.sessions.step_up(token, _proof(factor, content), content or "")).passport


def _proof(factor: str | None, content: str | None) -> str:
    """The code of six digits, or what a passkey signed (JSON in base64url); with the hash of the content beside it."""
    written = factor is not None and len(factor) > _SHORTEST_ANSWER
    stand_in = "000000" if written else factor
    try:
        StepUp.model_validate({"key": UUID(int=0), "token": "-", "totp": stand_in, "content": content})
    except ValidationError as wrong:
        named = {"totp": "X-Second-Factor", "content": "X-Content-Hash"}
        vi = "Cần mã 6 số hoặc câu trả lời của khóa bảo mật (base64url), và mã băm 64 ký tự của nội dung."
        en = "A 6-digit code or a security key's answer (base64url), and the content's 64-digit hash."
        places = [named[str(error["loc"][0])] for error in wrong.errors()]
        raise refusal_of([shape_finding(place, vi, en) for place in places]) from wrong
    return _unpacked(str(factor)) if written else str(factor)


def _unpacked(written: str) -> str:
    """The answer of a key as text; what is none is told like a wrong one."""
    try:
        return base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True).decode()
    except ValueError as unreadable:
        raise CodeRefused from unreadable


async def _question(gateway: Gateway, door: Door, request: Request, token: str | None) -> bytes:
    """The request as the contract has it, normalised; every fault of it at once."""
    if door.method == "GET":
        body = query_body(request, door.request)
    else:
        body = await json_body(request, gateway.settings.gateway_body)
        if not door.reads:
            body = filled(body, {"key": request.headers.get("idempotency-key")})
        if door.of_token:
            body = filled(body, {"token": token})
        if door.name == "sign_in":
            body = filled(body, whereabouts(request), over=True)
        if door.name == "ask_recovery":
            body = filled(body, _of_the_street(request), over=True)
    question = validated(partial(door.request.model_validate_json, extra="forbid"), body)
    return bytes(question.model_dump_json().encode())


def whereabouts(request: Request) -> dict[str, str | None]:
    """Where a sign-in comes from; what the client says of itself is not taken."""
    return {
        "address": request.client.host if request.client else "",
        "device": device_of(request),
        "machine": machine_of(request),
    }


def _of_the_street(request: Request) -> dict[str, str | None]:
    """Where somebody who is nobody yet asks from."""
    return {name: told for name, told in whereabouts(request).items() if name != "machine"}


def _keep_session(gateway: Gateway, door: Door, response: Response, answer: object, token: str | None) -> None:
    if door.service != "identity" or not isinstance(answer, dict):
        return
    if door.name in {"second_factor", "second_factor_by_key"}:
        give_cookie(response, str(answer["token"]), secure=gateway.settings.gateway_secure)
    if door.name == "sign_out":
        take_cookie(response, secure=gateway.settings.gateway_secure)
        if token:
            gateway.sessions.forget(token)


_SERVED: Final = {(door.service, door.name): _serving(door) for door in OFFERED}


@router.api_route(PREFIX + "/{service}/{door}", methods=_METHODS)
async def serve_door(request: Request, service: str, door: str) -> Response:
    """One route for all doors: looked up by name, so the hundredth door costs what the first does."""
    serve = _SERVED.get((service, door))
    if serve is None:
        raise NoSuchAddress
    request.scope[NAMED] = f"{service}.{door}"
    return await serve(request)


@router.api_route(PREFIX + "/{rest:path}", methods=_METHODS)
async def no_such_address(_request: Request) -> Response:
    raise NoSuchAddress
