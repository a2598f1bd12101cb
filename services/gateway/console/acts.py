"""From a posted form to an act of a service: its key, its lines of text, the code of the second factor."""

import re
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

from pydantic import ValidationError
from starlette.convertors import register_url_convertor
from starlette.datastructures import FormData

from services.contracts.base import Message, NotAllowed
from services.contracts.base import Request as Question
from services.contracts.identity import CodeRefused
from services.gateway.console.places import ElectionInPath
from services.gateway.console.visits import BY_ITSELF, Visit
from services.kit.faults import faults_of

Asked = TypeVar("Asked", bound=Question)
Answer = TypeVar("Answer", bound=Message)
_CODE: Final = re.compile(r"[0-9]{6}")


class AreaInPath(ElectionInPath):
    """19777-012."""

    regex = "[0-9]{5}-[0-9]{3}"


class ContestInPath(ElectionInPath):
    """NA, PC or CC."""

    regex = "NA|PC|CC"


register_url_convertor("area", AreaInPath())
register_url_convertor("contest", ContestInPath())


def key_of(form: FormData) -> UUID:
    """The key that makes the posted act happen once; a form that lost its own gets a new one."""
    try:
        return UUID(str(form.get("key", "")))
    except ValueError:
        return uuid4()


def line_of(form: FormData, name: str, limit: int = 400) -> str:
    """What was typed in a field of text."""
    return str(form.get(name, "")).strip()[:limit]


def act(visit: Visit, kind: type[Asked], /, **facts: Any) -> Asked:
    """An act or question about this very unit; what does not have the contract's shape is a refusal with findings."""
    try:
        return kind.model_validate({"election": visit.election, "unit": visit.unit, **facts})
    except ValidationError as wrong:
        raise faults_of(wrong) from wrong


async def approve(visit: Visit, asked: Question, reply: type[Answer], form: FormData, content: str) -> Answer:
    """The answer to an act signed with a second factor for exactly this content."""
    return await visit.ask_approved(asked, reply, proof_of(form), content)


def proof_of(form: FormData) -> str:
    """The second factor a form carries: what a passkey signed, else the 6-digit code; CodeRefused when it has none."""
    signed = str(form.get("assertion", "")).strip()
    code = "".join(str(form.get("totp", "")).split())
    if not signed and not _CODE.fullmatch(code):
        raise CodeRefused
    return signed or code


def require_commune(visit: Visit, area: str | None = None) -> None:
    """The page of a commune, and of an area of it."""
    if visit.place.level != "commune" or (area is not None and not area.startswith(f"{visit.place.code}-")):
        raise NotAllowed


def asks_by_itself(visit: Visit) -> bool:
    """Whether the page only renews its live regions: nobody opened it, so nothing is taken or done."""
    return visit.request.headers.get(BY_ITSELF) == "song"


def number_of(area: str) -> str:
    """19777-012 as people say it: 12."""
    return str(int(area.rsplit("-", 1)[1]))
