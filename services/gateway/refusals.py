"""What the gateway itself refuses, and how a refusal becomes an HTTP answer."""

from typing import Any

from pydantic_core import to_json
from starlette.responses import Response

from services.contracts.base import Finding, Refusal, Severity, Told


class TooLarge(Refusal):
    """The body is larger than the gateway takes."""

    status = 413
    vi = "Nội dung gửi lớn quá {limit} byte. Chia nhỏ rồi gửi từng phần."
    en = "The body is larger than {limit} bytes. Split it and send it in parts."


class WrongKind(Refusal):
    """The body is not of the kind the address takes."""

    status = 415
    vi = "Chỉ nhận nội dung kiểu {wanted}."
    en = "Only a body of type {wanted} is taken."


class NoSuchAddress(Refusal):
    """The API has no such address."""

    status = 404
    vi = "Không có địa chỉ này. Xem danh mục ở /api/v1/openapi.json."
    en = "There is no such address. The list is at /api/v1/openapi.json."


class NoSuchMethod(Refusal):
    """The address exists and is asked another way."""

    status = 405
    vi = "Địa chỉ này chỉ nhận {allowed}."
    en = "This address takes {allowed} only."


class BadAddress(Refusal):
    """The address or its parameters are not valid percent-encoded UTF-8."""

    status = 400
    vi = "Địa chỉ viết sai mã hóa. Sửa phần sau dấu %."
    en = "The address is wrongly encoded. Correct what follows the % sign."


class BrokenBody(Refusal):
    """The body did not arrive whole, or in time."""

    status = 400
    vi = "Nội dung gửi bị đứt giữa chừng. Gửi lại."
    en = "The body broke off on its way. Send it again."


class CrossSite(Refusal):
    """The request came from a page of another site, or its form is not ours."""

    status = 403
    vi = "Yêu cầu không đến từ trang của hệ thống. Mở lại trang rồi làm lại."
    en = "The request did not come from a page of this system. Open the page again, then try again."


class Busy(Refusal):
    """Too many requests of this person at once."""

    status = 429
    vi = "Ông/bà đang gửi quá nhiều yêu cầu cùng lúc. Gửi lại sau {seconds} giây."
    en = "You are sending too many requests at once. Send again in {seconds} seconds."


class Crowded(Refusal):
    """The gateway is full; nothing was done."""

    status = 503
    vi = "Đang quá đông. Bản nháp đã lưu, gửi lại sau {seconds} giây."
    en = "Busy. Your draft is saved; send again in {seconds} seconds."


class Relayed(Refusal):
    """A refusal of a newer service, passed on as it was told."""

    vi = "{told}"
    en = "{told}"

    def __init__(self, said: Told) -> None:
        super().__init__(told=said.en)
        self.said = said

    def told(self) -> Told:
        return self.said


RETRY = frozenset({429, 503, 504})
SIGN_IN = 401


def answer_of(refusal: Refusal) -> Response:
    """The refusal as an HTTP answer: its status, its sentences, and when to come back."""
    told = refusal.told()
    headers = {"Cache-Control": "no-store"}
    if told.status in RETRY:
        headers["Retry-After"] = told.facts.get("seconds", "5")
    if told.status == SIGN_IN:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, NoSuchMethod):
        headers["Allow"] = told.facts["allowed"]
    return json_answer(told.model_dump(mode="json"), status=told.status, headers=headers)


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(to_json(value), status, headers, media_type="application/json")


def shape_finding(place: str, vi: str, en: str) -> Finding:
    """A finding about the shape of an HTTP request."""
    return Finding(code="G001", severity=Severity.BLOCK, places=(place,), vi=vi, en=en)
