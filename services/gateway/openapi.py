"""The OpenAPI document: every door with its request, its reply and its refusals, read off the contracts."""

import re
from functools import cache
from inspect import getdoc
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from services.contracts.base import Message, Told
from services.gateway.doors import APIS, OFFERED, Door

_REF: Final = "#/components/schemas/{model}"
_INTRODUCTION: Final = (
    "Mỗi địa chỉ là một cửa của một dịch vụ. "
    "Sign in with `identity/sign_in` and `identity/second_factor`; send the token "
    "as `Authorization: Bearer …`; when an answer carries `X-Session-Token`, go on with that one. "
    "Acts carry a `key` (or the header `Idempotency-Key`): the same key again gives the "
    "same answer. An act that needs the second factor again carries `X-Second-Factor` and `X-Content-Hash`. Every "
    "refusal is a `Told`: code, sentences in two languages, findings."
)
_USUAL: Final = {
    "400": "The address or the body is broken.",
    "401": "Not signed in, or the session has closed.",
    "404": "There is no such thing, or you may not see it.",
    "409": "A rule says no; `code` says which.",
    "413": "The body is too large.",
    "415": "Not JSON.",
    "422": "The request has faults; `findings` lists all of them.",
    "429": "Too many requests at once; `Retry-After` says when.",
    "503": "A part is away or full; `Retry-After` says when. Nothing was done, or the same key tells.",
    "504": "The time limit passed.",
}


@cache
def document(app: FastAPI) -> dict[str, Any]:
    """The whole document."""
    drawn = get_openapi(
        title="Hòm Phiếu", version="1", description=_INTRODUCTION, routes=app.routes, separate_input_output_schemas=True
    )
    models: list[tuple[type[Message], Any]] = [(Told, "serialization")]
    models += [(door.request, "validation") for door in OFFERED]
    models += [(door.reply, "serialization") for door in OFFERED]
    refs, schemas = models_json_schema(list(dict.fromkeys(models)), ref_template=_REF)
    components = drawn.setdefault("components", {})
    components.setdefault("schemas", {}).update(schemas["$defs"])
    components["securitySchemes"] = {"session": {"type": "http", "scheme": "bearer"}}
    for door in OFFERED:
        asked, told = refs[door.request, "validation"], refs[door.reply, "serialization"]
        drawn["paths"][door.path] = {door.method.lower(): _operation(door, asked, told, schemas["$defs"])}
    drawn["tags"] = [
        {"name": api.__name__.removesuffix("Api").lower(), "description": getdoc(api) or ""} for api in APIS
    ]
    return drawn


def _operation(door: Door, asked: Any, told: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{door.service}_{door.name}",
        "tags": [door.service],
        "summary": door.summary,
        "description": _whole_text(door),
        "parameters": _parameters(door, asked, schemas),
        "responses": {
            "200": {"description": getdoc(door.reply) or "", "content": {"application/json": {"schema": told}}},
            **{status: _refused(sentence) for status, sentence in _USUAL.items()},
        },
        "security": [] if door.public else [{"session": []}],
    }
    if door.method == "POST":
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": asked}}}
    return operation


def _whole_text(door: Door) -> str:
    return re.sub(r"\s*\n\s*", " ", getdoc(door.request) or "")


def _parameters(door: Door, asked: Any, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if door.method == "GET":
        shape = schemas[asked["$ref"].rsplit("/", 1)[-1]]
        needed = shape.get("required", ())
        return [
            {"name": name, "in": "query", "required": name in needed, "schema": schema}
            for name, schema in shape.get("properties", {}).items()
        ]
    if door.reads:
        return []
    headers = {"Idempotency-Key": "The key, when it is not in the body."}
    if not door.public and not door.of_token:
        headers["X-Second-Factor"] = "The 6-digit code, for an act that asks for it again."
        headers["X-Content-Hash"] = "The hash of the content the code approves."
    return [
        {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in headers.items()
    ]


def _refused(sentence: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model="Told")}
    return {"description": sentence, "content": {"application/json": {"schema": schema}}}
