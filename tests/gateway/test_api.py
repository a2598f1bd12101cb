"""The API: doors, sessions, second factor, files, limits, headers."""

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from services.contracts.base import KeyReused, StaleVersion
from services.contracts.identity import Challenge, Done, Session, SessionEnded
from services.contracts.results import TurnoutReceipt
from services.gateway.doors import OFFERED
from tests.gateway.fakes import KEY, PERSON, FakeHub, FakeLine

BEARER = {"Authorization": "Bearer token"}
UNIT = {"election": "dien-tap-4", "unit": "vn/46/19777"}
REPORT = {**UNIT, "key": KEY, "slot": "16:00", "rows": [{"area": "19777-012", "took_part": 1190}]}
HASH = "a" * 64


@pytest.fixture(autouse=True)
def secretary(line: FakeLine):
    line.answers["report_turnout"] = lambda _request: TurnoutReceipt(
        receipt="46-19777-0412", at=datetime(2026, 3, 15, 9, 44, tzinfo=UTC), outcomes=()
    )
    return line.sign_in("secretary", "dien-tap-4/vn/46/19777")


def test_an_act_reaches_its_service_with_the_persons_passport(client: TestClient, line: FakeLine) -> None:
    answer = client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    assert answer.status_code == 200
    assert answer.json()["receipt"] == "46-19777-0412"
    assert line.letters[-1].routing_key == "results.report_turnout"
    assert line.letters[-1].passport.startswith("head.")
    assert line.asked("report_turnout")[0]["rows"][0]["took_part"] == 1190


def test_the_key_may_come_in_the_header(client: TestClient, line: FakeLine) -> None:
    body = {name: value for name, value in REPORT.items() if name != "key"}

    answer = client.post("/api/v1/results/report_turnout", json=body, headers={**BEARER, "Idempotency-Key": KEY})

    assert answer.status_code == 200
    assert line.asked("report_turnout")[0]["key"] == KEY


def test_a_key_in_header_and_body_that_differ_is_refused(client: TestClient, line: FakeLine) -> None:
    other = {"Idempotency-Key": KEY.replace("1", "2")}

    answer = client.post("/api/v1/results/report_turnout", json=REPORT, headers={**BEARER, **other})

    assert (answer.status_code, answer.json()["findings"][0]["places"]) == (422, ["key"])
    assert line.asked("report_turnout") == []


def test_a_question_is_asked_with_parameters(client: TestClient, line: FakeLine) -> None:
    line.answers["voters_of"] = lambda _request: {"voters": [], "rights": {}, "state": "open"}

    answer = client.get("/api/v1/voters/voters_of", params={**UNIT, "area": "19777-012", "size": 7}, headers=BEARER)

    assert answer.status_code == 200
    assert line.asked("voters_of")[0] == {**UNIT, "area": "19777-012", "after": 0, "size": 7}


def test_text_typed_in_decomposed_form_reaches_the_service_composed(client: TestClient, line: FakeLine) -> None:
    line.answers["report_incident"] = lambda _request: Done()
    decomposed = "Vy\u0303 Da\u0323"
    body = {**UNIT, "key": KEY, "kind": "other", "happened_at": "2026-03-15T09:00:00Z", "what": decomposed}

    client.post("/api/v1/results/report_incident", json=body, headers=BEARER)

    assert line.asked("report_incident")[0]["what"] == "Vỹ Dạ"


def test_the_refusal_of_a_service_is_the_answer_with_its_own_status(client: TestClient, line: FakeLine) -> None:
    line.answers["report_turnout"] = lambda _request: StaleVersion(at="23:15")

    answer = client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    assert (answer.status_code, answer.json()["code"]) == (409, "StaleVersion")
    assert answer.json()["vi"] == "Nội dung đã đổi lúc 23:15. Xem chỗ đổi rồi làm lại."


def test_a_replayed_key_is_told_as_the_service_tells_it(client: TestClient, line: FakeLine) -> None:
    line.answers["report_turnout"] = lambda _request: KeyReused()

    answer = client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    assert (answer.status_code, answer.json()["code"]) == (409, "KeyReused")


def test_a_service_that_is_away_is_503_with_a_time_to_come_back(client: TestClient, line: FakeLine) -> None:
    client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)
    line.away = True

    answer = client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")


def test_a_bug_is_500_with_an_incident_and_no_details(client: TestClient, line: FakeLine) -> None:
    line.answers.pop("report_turnout")

    answer = client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    assert (answer.status_code, answer.json()["code"]) == (500, "Unexpected")
    assert answer.json()["facts"]["incident"].startswith("G-")
    assert "no answer" not in answer.text


def test_signing_in_gives_the_token_in_the_body_and_in_a_cookie_out_of_reach_of_scripts(client, line) -> None:
    line.answers["sign_in"] = lambda _request: Challenge(challenge="c", name="Ngọc")
    line.answers["second_factor"] = lambda _request: Session(
        token="fresh", person=PERSON, name="Ngọc", grants=(), ends_at=datetime(2026, 3, 15, tzinfo=UTC), idle_minutes=30
    )
    first = {"key": KEY, "login": "ngoc.htb", "password": "x", "address": "8.8.8.8", "device": "lie"}

    challenge = client.post("/api/v1/identity/sign_in", json=first, headers={"User-Agent": "Firefox"})
    second = {"key": KEY, "challenge": challenge.json()["challenge"], "totp": "123456"}
    answer = client.post("/api/v1/identity/second_factor", json=second)

    assert answer.json()["token"] == "fresh"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("hp_phien=fresh;")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert (line.asked("sign_in")[0]["address"], line.asked("sign_in")[0]["device"]) == ("testclient", "Firefox")


def test_signing_out_takes_the_cookie_and_forgets_the_passport(client: TestClient, line: FakeLine) -> None:
    line.answers["sign_out"] = lambda _request: Done()
    client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    answer = client.post("/api/v1/identity/sign_out", headers={**BEARER, "Idempotency-Key": KEY})
    line.people.clear()
    after = client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    assert line.asked("sign_out") == [{"key": KEY, "token": "token"}]
    assert 'hp_phien=""' in answer.headers["set-cookie"]
    assert after.status_code == 401


def test_one_passport_serves_many_requests_until_its_session_ends(client, line, hub: FakeHub, secretary) -> None:
    for _ in range(3):
        client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)
    opened = len(line.asked("open_passport"))

    line.people.clear()
    for listener in hub._listeners[SessionEnded]:
        listener(SessionEnded(session=secretary, person=PERSON, reason="replaced"))
    after = client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    assert opened == 1
    assert after.status_code == 401


def test_a_second_factor_in_the_headers_gives_a_passport_for_that_content_and_that_call_only(client, line) -> None:
    headers = {**BEARER, "X-Second-Factor": "123456", "X-Content-Hash": HASH}

    client.post("/api/v1/results/report_turnout", json=REPORT, headers=headers)
    with_code = line.letters[-1].passport
    client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    assert line.asked("step_up")[0]["content"] == HASH
    assert line.letters[-1].passport != with_code


@pytest.mark.parametrize(
    ("code", "content"), [("12345", HASH), ("123456", None), (None, HASH), ("abcdef", HASH), ("123456", "z" * 64)]
)
def test_half_a_second_factor_is_refused(client: TestClient, line: FakeLine, code, content) -> None:
    given = {"X-Second-Factor": code, "X-Content-Hash": content}
    headers = {**BEARER, **{name: value for name, value in given.items() if value is not None}}

    answer = client.post("/api/v1/results/report_turnout", json=REPORT, headers=headers)

    assert answer.status_code == 422
    assert line.asked("report_turnout") == []


def test_a_file_is_named_by_its_hash_however_it_is_sent(client: TestClient) -> None:
    content = "khu vực;họ tên\n".encode() * 1000
    name = hashlib.sha256(content).hexdigest()

    plain = client.post("/api/v1/files", content=content, headers={**BEARER, "Content-Type": "text/csv"})
    form = client.post("/api/v1/files", files={"file": ("cử tri.csv", content)}, headers=BEARER)

    assert plain.json() == form.json() == {"file": name, "size": len(content)}


def test_a_file_is_taken_only_from_who_is_signed_in(client: TestClient) -> None:
    assert client.post("/api/v1/files", content=b"x").status_code == 401


def test_an_issued_document_is_served_after_reporting_was_asked(client: TestClient, line: FakeLine) -> None:
    stored = client.post("/api/v1/files", content=b"%PDF-1.7 ...", headers=BEARER).json()["file"]
    line.answers["document_of"] = lambda request: {
        "document": str(request.document), "form": "18", "title": "Biên bản", "object": "19777-012/NA",
        "unit": request.unit, "file": stored, "content": HASH, "file_name": "Mẫu 18.pdf",
        "issued_at": "2026-03-15T15:00:00Z", "issued_by": "Ngọc", "superseded": False,
    }  # fmt: skip

    answer = client.get(f"/api/v1/documents/{KEY}", params=UNIT, headers=BEARER)

    assert (answer.content, answer.headers["content-type"]) == (b"%PDF-1.7 ...", "application/pdf")
    assert "M%E1%BA%ABu%2018.pdf" in answer.headers["content-disposition"]


def test_the_openapi_document_has_every_door_with_request_reply_and_refusals(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()

    for door in OFFERED:
        operation = document["paths"][door.path][door.method.lower()]
        assert operation["tags"] == [door.service]
        assert operation["summary"]
        assert {"200", "401", "422", "503"} <= set(operation["responses"])
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert schema["$ref"].rsplit("/", 1)[-1] in document["components"]["schemas"]
        assert len(document["paths"][door.path]) == 1
    assert {"/api/v1/files", "/api/v1/live"} <= set(document["paths"])


@pytest.mark.parametrize("address", ["/api/v1/openapi.json", "/api/v1/nothing", "/healthz"])
def test_every_answer_carries_the_protecting_headers(client: TestClient, address: str) -> None:
    headers = client.get(address).headers

    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://hop.test"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://hop.test"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({}, 200),
        ({"Content-Type": "text/plain"}, 403),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 403),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 403),
    ],
)
def test_a_cookie_acts_only_from_a_page_of_this_host(client: TestClient, headers: dict, status: int) -> None:
    client.cookies.set("hp_phien", "token")

    assert client.post("/api/v1/results/report_turnout", json=REPORT, headers=headers).status_code == status


def test_too_many_requests_of_one_session_are_told_when_to_come_back(client, line, settings) -> None:
    client.app.state.gateway.slots._of["token"] = settings.gateway_per_session

    answer = client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


def test_a_full_gateway_says_so_and_does_nothing(client: TestClient, line: FakeLine, settings) -> None:
    slots = client.app.state.gateway.slots
    slots._free, slots.waiting = asyncio.Semaphore(0), settings.gateway_waiting

    answer = client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "Crowded", "8")
    assert line.letters == []


def test_measures_count_requests_by_door_and_status(client: TestClient) -> None:
    client.post("/api/v1/results/report_turnout", json=REPORT, headers=BEARER)

    page = client.get("/metrics").text

    assert 'hp_door_seconds_count{door="results.report_turnout",outcome="200",service="gateway"}' in page


def test_ready_follows_the_lines(client: TestClient, line: FakeLine) -> None:
    ready = client.get("/readyz").status_code
    line._up.clear()

    assert (ready, client.get("/readyz").status_code, client.get("/healthz").status_code) == (200, 503, 200)


@pytest.mark.parametrize("door", ["open_passport", "step_up"])
def test_a_passport_cannot_be_asked_for_from_outside(client: TestClient, line: FakeLine, door: str) -> None:
    body = {"key": KEY, "token": "token", "totp": "123456", "content": HASH}

    answer = client.post(f"/api/v1/identity/{door}", json=body, headers=BEARER)

    assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchAddress")
    assert line.letters == []
