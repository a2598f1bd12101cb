"""What is wrong with a request's shape, said in two languages: every fault of the body becomes one finding."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from services.contracts.base import BadRequest, Finding, Refusal, Rule, Severity


class Unexpected(Refusal):
    """The door failed in a way no rule foresees: a bug, logged under the incident's number."""

    status = 500
    vi = "Hệ thống gặp lỗi, chưa có gì được ghi. Thử lại; nếu vẫn lỗi, báo bộ phận kỹ thuật số sự cố {incident}."
    en = "The system failed and nothing was stored. Try again; if it persists, report incident {incident} to support."


def _rule(code: str, vi: str, en: str) -> Rule:
    return Rule(code=code, severity=Severity.BLOCK, source="contracts", vi=vi, en=en)


SHAPE: Final = {
    rule.code: rule
    for rule in (
        _rule("K001", "Thiếu ô này. Điền rồi gửi lại.", "This field is missing. Fill it in."),
        _rule("K002", "Ô này không có trong mẫu. Bỏ đi rồi gửi lại.", "The form has no such field. Remove it."),
        _rule("K003", "Phải là số nguyên không âm.", "A whole number, not negative, is needed."),
        _rule("K004", "Số vượt quá mức cho phép ({limit}).", "The number is outside the limit ({limit})."),
        _rule("K005", "Dài quá hoặc ngắn quá (giới hạn {limit}).", "Too long or too short (limit {limit})."),
        _rule("K006", "Không đúng dạng quy định.", "Not in the form that is asked for."),
        _rule("K007", "Giá trị không có trong danh mục.", "The value is not in the list."),
        _rule("K008", "Có ký tự không in được.", "It holds a character that cannot be printed."),
        _rule("K009", "Nội dung không đọc được.", "The body cannot be read."),
        _rule("K010", "Giá trị không ghi được vào cơ sở dữ liệu.", "The value cannot be stored."),
    )
}

_BY_TYPE: Final = {
    "missing": "K001",
    "extra_forbidden": "K002",
    "greater_than_equal": "K004",
    "greater_than": "K004",
    "less_than_equal": "K004",
    "less_than": "K004",
    "int_parsing_size": "K004",
    "string_too_long": "K005",
    "string_too_short": "K005",
    "too_long": "K005",
    "too_short": "K005",
    "enum": "K007",
    "literal_error": "K007",
    "json_invalid": "K009",
}
_LIMITS: Final = ("ge", "gt", "le", "lt", "max_length", "min_length")
_SUSPECT_WORDS: Final = (b"\\u0000", b"\x00", b"NaN", b"Infinity")
_SUSPECT_NUMBER: Final = re.compile(rb"\d(?:\d{15}|[eE]\+?\d)")  # begins with a digit: the rest is skipped fast
_MAX_INTEGER: Final = 2**63 - 1
MAX_FINDINGS: Final = 500


def refusal_of(findings: list[Finding]) -> BadRequest:
    """All findings in one refusal."""
    return BadRequest(number=len(findings), findings=tuple(findings[:MAX_FINDINGS]))


def found(code: str, place: str = "", **facts: object) -> Finding:
    return SHAPE[code].finding(*((place,) if place else ()), **facts)


def _finding(error: ErrorDetails) -> Finding:
    place = ".".join(str(part) for part in error["loc"])
    kind = error["type"]
    code = _BY_TYPE.get(kind) or ("K003" if kind.startswith("int") else "K006")
    if kind == "value_error" and "control character" in error["msg"]:
        code = "K008"
    context = error.get("ctx", {})
    limit = next((context[name] for name in _LIMITS if name in context), "")
    return found(code, place, limit=limit) if code in {"K004", "K005"} else found(code, place)


def faults_of(error: ValidationError) -> BadRequest:
    """Every fault pydantic saw, one finding a field."""
    return refusal_of([_finding(detail) for detail in error.errors(include_url=False, include_input=False)])


def _impossible(value: object, place: tuple[str, ...]) -> Iterator[Finding]:
    """What no database column can hold: NUL in text, integers beyond 63 bits, numbers that are not finite."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _impossible(name, (*place, "?"))
            yield from _impossible(inner, (*place, name.replace("\0", "")))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _impossible(inner, (*place, str(number)))
    elif isinstance(value, str) and "\0" in value:
        yield found("K008", ".".join(place))
    elif isinstance(value, int) and not -_MAX_INTEGER <= value <= _MAX_INTEGER:
        yield found("K004", ".".join(place), limit=_MAX_INTEGER)
    elif isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):  # noqa: PLR0124
        yield found("K006", ".".join(place))


def require_possible(body: bytes) -> None:
    """The body is JSON that a database could hold. Only a suspicious body is walked."""
    if not _SUSPECT_NUMBER.search(body) and not any(word in body for word in _SUSPECT_WORDS):
        return
    try:
        value = from_json(body)
    except ValueError as unreadable:
        raise refusal_of([found("K009")]) from unreadable
    if findings := list(_impossible(value, ())):
        raise refusal_of(findings)


def validated(validate: Callable[[bytes], Any], body: bytes) -> Any:
    """The request a body holds, or BadRequest with every fault at once."""
    require_possible(body)
    try:
        return validate(body)
    except ValidationError as error:
        raise faults_of(error) from error
