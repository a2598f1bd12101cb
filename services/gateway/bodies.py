"""The body and parameters of an HTTP request as the JSON of a contract's request, or a refusal."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any, Final

from pydantic_core import from_json, to_json
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

from services.contracts.base import Request as Question
from services.gateway.refusals import BrokenBody, TooLarge, WrongKind, shape_finding
from services.gateway.security import parameters_of
from services.kit.faults import found, refusal_of, require_possible

JSON: Final = "application/json"
_WHOLE_NUMBER: Final = re.compile(r"-?\d{1,40}")
_TRUTH: Final = {"true": True, "false": False}
_BODY_SECONDS: Final = 30


async def pieces(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body piece by piece; TooLarge as soon as it is known to be."""
    if _declared(request.headers) > limit:
        raise TooLarge(limit=limit)
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > limit:
                raise TooLarge(limit=limit)
            yield piece
    except ClientDisconnect as gone:
        raise BrokenBody from gone


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else 0


async def whole(request: Request, limit: int) -> bytes:
    """A small body, in time."""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return b"".join([piece async for piece in pieces(request, limit)])
    except TimeoutError as slow:
        raise BrokenBody from slow


async def json_body(request: Request, limit: int) -> bytes:
    """The JSON body; no body at all counts as an empty object."""
    body = await whole(request, limit)
    if not body:
        return b"{}"
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != JSON or charset not in {"", "utf-8"} or "content-encoding" in request.headers:
        raise WrongKind(wanted=JSON)
    return body


def query_body(request: Request, model: type[Question]) -> bytes:
    """The parameters of a question as JSON: whole numbers where the contract has them, everything else as text."""
    values: dict[str, object] = {}
    for name, text in parameters_of(request.scope.get("query_string", b"")):
        if name in values:
            vi, en = "Tham số này có hai lần. Chỉ ghi một lần.", "This parameter is there twice. Give it once."
            raise refusal_of([shape_finding(name, vi, en)])
        values[name] = _typed(text, model, name)
    return to_json(values)


def _typed(text: str, model: type[Question], name: str) -> object:
    field = model.model_fields.get(name)
    kind = str(field.annotation) if field else ""
    if "bool" in kind:
        return _TRUTH.get(text, text)
    return int(text) if "int" in kind and _WHOLE_NUMBER.fullmatch(text) else text


def filled(body: bytes, extra: dict[str, str | None], *, over: bool = False) -> bytes:
    """The body with fields known better here (`over`) or given in a header; two that differ are refused."""
    known = {name: value for name, value in extra.items() if value is not None}
    if not known:
        return body
    value = _object(body)
    for name, given in known.items():
        present = value.get(name)
        if not over and present not in (None, given):
            vi, en = "Ô này và đầu đề HTTP khác nhau.", "The field and the HTTP header differ."
            raise refusal_of([shape_finding(name, vi, en)])
        value[name] = given
    return to_json(value)


def _object(body: bytes) -> dict[str, Any]:
    require_possible(body)
    try:
        value = from_json(body)
    except ValueError as unreadable:
        raise refusal_of([found("K009")]) from unreadable
    if not isinstance(value, dict):
        raise refusal_of([found("K006")])
    return value
