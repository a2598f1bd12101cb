"""The second factor of one call: six digits or what a security key signed; whatever else is told like a wrong one."""

import base64
import json

import pytest
from starlette.testclient import TestClient

from services.contracts.identity import CodeRefused
from services.contracts.passkeys import CeremonyOptions
from services.gateway.sessions import is_code
from tests.gateway.fakes import ENDS, KEY, FakeLine

CONTENT = "ab" * 32
BEARER = {"Authorization": "Bearer token", "X-Content-Hash": CONTENT}
SIGNED = json.dumps({"id": "x", "rawId": "x", "type": "public-key", "response": {"clientDataJSON": "e30" * 20}})
ACT = "/api/v1/identity/not_me"
BODY = {"key": KEY, "session": KEY}


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.fixture
def signed_in(client: TestClient, line: FakeLine) -> FakeLine:
    line.sign_in("approver", "dien-tap-4/vn/46/19777")
    line.answers["step_up_by_key"] = lambda request: line._papers(request.token, request.content)
    line.answers["not_me"] = lambda _request: {"sessions": []}
    return line


@pytest.mark.parametrize(("proof", "code"), [("123456", True), ("12345", False), ("１２３４５６", False), (SIGNED, False)])
def test_six_digits_are_a_code_and_nothing_else_is(proof, code):
    assert is_code(proof) is code


def test_a_key_approves_a_call_of_a_program(client: TestClient, signed_in: FakeLine) -> None:
    answer = client.post(ACT, json=BODY, headers={**BEARER, "X-Second-Factor": packed(SIGNED)})

    assert answer.status_code == 200
    assert signed_in.asked("step_up") == []
    asked = signed_in.asked("step_up_by_key")[0]
    assert (asked["assertion"], asked["content"], asked["token"]) == (SIGNED, CONTENT, "token")


def test_a_code_approves_it_as_before(client: TestClient, signed_in: FakeLine) -> None:
    answer = client.post(ACT, json=BODY, headers={**BEARER, "X-Second-Factor": "123456"})

    assert answer.status_code == 200
    assert signed_in.asked("step_up")[0]["totp"] == "123456"


@pytest.mark.parametrize("broken", ["!" * 100, "A" * 101, packed("x" * 80)[:-1] + "~", "é" * 70], ids=range(4))
def test_what_is_no_base64url_is_a_wrong_factor(client: TestClient, signed_in: FakeLine, broken: str) -> None:
    answer = client.post(ACT, json=BODY, headers={**BEARER, "X-Second-Factor": broken.encode()})

    assert (answer.status_code, answer.json()["code"]) == (401, "CodeRefused")
    assert signed_in.asked("not_me") == []


@pytest.mark.parametrize("short", ["", "12345", "abcdef", "1234567"])
def test_what_is_neither_names_the_header(client: TestClient, signed_in: FakeLine, short: str) -> None:
    answer = client.post(ACT, json=BODY, headers={**BEARER, "X-Second-Factor": short})

    assert (answer.status_code, answer.json()["findings"][0]["places"]) == (422, ["X-Second-Factor"])


def test_a_program_asks_what_to_sign_with_its_own_token(client: TestClient, signed_in: FakeLine) -> None:
    signed_in.answers["begin_step_up"] = lambda _request: CeremonyOptions(options='{"challenge": "AA"}', ends_at=ENDS)
    asked = {"key": KEY, "content": CONTENT}

    answer = client.post("/api/v1/identity/begin_step_up", json=asked, headers={"Authorization": "Bearer token"})

    assert json.loads(answer.json()["options"]) == {"challenge": "AA"}
    assert signed_in.asked("begin_step_up")[0]["token"] == "token"


@pytest.mark.parametrize("door", ["step_up", "step_up_by_key", "open_passport"])
def test_no_passport_is_handed_out(client: TestClient, signed_in: FakeLine, door: str) -> None:
    answer = client.post(f"/api/v1/identity/{door}", json={"token": "token"}, headers=BEARER)

    assert answer.status_code == 404


def test_a_session_begun_by_key_lives_in_the_same_cookie(client: TestClient, line: FakeLine) -> None:
    line.answers["second_factor_by_key"] = lambda _request: {
        "token": "token", "person": KEY, "name": "Hồ Thị Bích Ngọc", "grants": [], "ends_at": ENDS, "idle_minutes": 15,
    }  # fmt: skip
    asked = {"key": KEY, "challenge": "x", "assertion": SIGNED}

    answer = client.post("/api/v1/identity/second_factor_by_key", json=asked)

    assert answer.status_code == 200
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]


STEP = base64.urlsafe_b64encode(
    json.dumps(
        {"challenge": "c", "name": "Lê Thị Hoa", "login": "hoa", "back": "/", "by_code": "1", "by_key": "1"}
    ).encode()
).decode()


@pytest.mark.parametrize("assertion", ["", "{", "[1]", "x" * 9000, SIGNED, "\u0000", "null"], ids=range(7))
def test_whatever_the_browser_answers_the_page_of_the_second_step_says_the_same(
    client: TestClient, line: FakeLine, assertion: str
) -> None:
    line.answers |= {"second_factor_by_key": lambda _request: CodeRefused(), "second_factor": lambda _request: CodeRefused()}
    client.cookies.set("hp_buoc2", STEP, path="/vao")

    answer = client.post("/vao/buoc-2", data={"assertion": assertion}, headers={"Origin": "http://hop.test"})

    assert answer.status_code in (200, 401)
    assert CodeRefused().told().vi.split(".")[0] in answer.text


def test_who_has_no_challenge_is_asked_for_nothing(client: TestClient) -> None:
    answer = client.post("/vao/buoc-2/khoa", data={}, headers={"Origin": "http://hop.test"})

    assert (answer.status_code, answer.json()["code"]) == (401, "CodeRefused")
