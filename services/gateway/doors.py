"""Every door of every service as the gateway offers it, read off the Api protocols of the contracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from inspect import getdoc, isfunction
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from services.contracts.base import Message, Query, Request, methods_of
from services.contracts.candidates import CandidatesApi
from services.contracts.identity import IdentityApi
from services.contracts.reporting import ReportingApi
from services.contracts.results import ResultsApi
from services.contracts.voters import VotersApi

PREFIX: Final = "/api/v1"
APIS: Final = (IdentityApi, CandidatesApi, VotersApi, ResultsApi, ReportingApi)

PUBLIC: Final = frozenset(
    (
        "activate", "confirm_enrolment", "begin_first_key", "finish_first_key", "sign_in", "second_factor",
        "begin_assertion", "second_factor_by_key", "ask_recovery", "recover",
        "latest_checkpoint", "checkpoint_at", "growth", "cosign",
    )
)  # fmt: skip
"""Doors of identity that are asked before one is signed in, or by witnesses, who never do."""

OF_TOKEN: Final = frozenset({"sign_out", "begin_step_up"})
"""Doors of identity that are asked with the session's token itself, not with a passport."""

INSIDE: Final = frozenset({"renew_session", "news_of_sessions", "open_passport", "step_up", "step_up_by_key"})
"""Doors of identity that only the gateway asks: a passport never leaves the machine room."""

_PATIENCE: Final = {
    "sign_in": 20.0, "second_factor": 20.0, "activate": 20.0, "confirm_enrolment": 20.0,
    "second_factor_by_key": 20.0, "recover": 20.0, "change_password": 20.0,
    "load_units": 60.0, "create_accounts": 120.0, "form_bodies": 60.0, "load_structure": 60.0, "fix_areas": 30.0,
    "import_voters": 30.0, "post_lists": 60.0, "close_lists": 60.0, "check_identity": 60.0, "confirm_identity": 30.0,
    "place_candidates": 30.0, "publish_lists": 60.0, "approve_records": 30.0, "prepare_result": 30.0,
    "declare_result": 30.0, "issue_document": 60.0, "check_account_file": 60.0, "create_from_file": 120.0,
    "hand_over": 60.0, "open_review": 60.0,
}  # fmt: skip
_USUAL: Final = 15.0


@dataclass(frozen=True)
class Door:
    """One question or act of one service."""

    service: str
    name: str
    request: type[Request]
    reply: type[Message]

    @property
    def path(self) -> str:
        return f"{PREFIX}/{self.service}/{self.name}"

    @property
    def reads(self) -> bool:
        return issubclass(self.request, Query)

    @property
    def public(self) -> bool:
        return self.service == "identity" and self.name in PUBLIC

    @property
    def of_token(self) -> bool:
        return self.service == "identity" and self.name in OF_TOKEN

    @property
    def inside(self) -> bool:
        return self.service == "identity" and self.name in INSIDE

    @cached_property
    def method(self) -> str:
        """GET for a question of simple fields; POST for acts, nested questions, and whatever carries a secret."""
        simple = all(_is_simple(field.annotation) for field in self.request.model_fields.values())
        return "GET" if self.reads and simple and not self.of_token else "POST"

    @property
    def patience(self) -> float:
        """Seconds the answer may take."""
        return _PATIENCE.get(self.name, _USUAL)

    @property
    def summary(self) -> str:
        return (getdoc(self.request) or self.name).split("\n", maxsplit=1)[0]


def _is_simple(kind: Any) -> bool:
    origin = get_origin(kind)
    if origin is Annotated:
        return _is_simple(get_args(kind)[0])
    if origin in {Union, UnionType}:
        return all(inner is NoneType or _is_simple(inner) for inner in get_args(kind))
    return isinstance(kind, type) and issubclass(kind, (str, int, UUID, Enum, date, datetime))


def _doors_of(api: type) -> Iterator[Door]:
    service = api.__name__.removesuffix("Api").lower()
    for name in methods_of(api):
        function = getattr(api, name)
        if isfunction(function):
            hints = get_type_hints(function)
            yield Door(service, name, hints["request"], hints["return"])


DOORS: Final = tuple(door for api in APIS for door in _doors_of(api))
OFFERED: Final = tuple(door for door in DOORS if not door.inside)
BY_REQUEST: Final = {door.request: door for door in DOORS}
