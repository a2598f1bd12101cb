"""Every kind of body the API can get: a 4xx with a code and two sentences, and no service is asked to act."""

import json
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from services.contracts.base import NotAllowed
from services.contracts.results import TurnoutReceipt
from services.gateway.doors import OFFERED, Door
from tests.gateway.fakes import KEY, FakeLine

BEARER = {"Authorization": "Bearer token"}
JSON = {"Content-Type": "application/json"}
UNIT = {"election": "dien-tap-4", "unit": "vn/46/19777"}
REPORT = {**UNIT, "key": KEY, "slot": "16:00", "rows": [{"area": "19777-012", "took_part": 1190}]}
ACT = "/api/v1/results/report_turnout"
ASK = "/api/v1/voters/areas_of"


@pytest.fixture(autouse=True)
def secretary(line: FakeLine):
    line.sign_in("secretary", "dien-tap-4/vn/46/19777")
    line.answers["report_turnout"] = lambda _request: TurnoutReceipt(receipt="r", at=datetime.now(UTC), outcomes=())


def report(**changes) -> bytes:
    return json.dumps({**REPORT, **changes}).encode()


def row(**changes) -> bytes:
    return report(rows=[{"area": "19777-012", "took_part": 1190, **changes}])


BODIES = {
    "no JSON": b"{nope",
    "half a body": b'{"election": "dien-tap-4"',
    "two bodies": b"{}{}",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "a text": b'"x"',
    "not UTF-8": b'{"election": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a lone surrogate": row(reason="x").replace(b'"x"', b'"\\ud800"'),
    "nothing": b"",
    "an empty object": b"{}",
    "deep nesting": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "a wrong type": row(took_part="1190"),
    "a fraction": row(took_part=1190.5),
    "a float that is whole": row(took_part=1190.0),
    "a truth": row(took_part=True),
    "a negative count": row(took_part=-1),
    "beyond bigint": row(took_part=2**63),
    "far beyond bigint": row(took_part=10**400),
    "beyond exact JSON": row(took_part=2**53),
    "not a number": row(took_part=1).replace(b'"took_part": 1', b'"took_part": NaN'),
    "infinity": row(took_part=1).replace(b'"took_part": 1', b'"took_part": 1e999'),
    "a null count": row(took_part=None),
    "an unknown field": report(extra=1),
    "an unknown inner field": row(extra=1),
    "NUL in a text": row(reason="a\0b"),
    "NUL in a name": report(**{"a\0b": 1}),
    "an escape character": row(reason="a\x1b[31m"),
    "too long a text": row(reason="x" * 401),
    "a wrong key": report(key="7"),
    "a wrong unit": report(unit="vn/46/19777/../19778"),
    "a unit with NUL": report(unit="vn/46\0"),
    "a wrong election": report(election="2026; drop table"),
    "a wrong slot": report(slot="16h"),
    "a slot in other digits": report(slot="１６:００"),
    "rows that are no list": report(rows={"a": 1}),
    "too many rows": report(rows=[{"area": "19777-012", "took_part": 1}] * 501),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_bad_body_is_refused_with_findings_and_no_service_is_asked(client, line: FakeLine, body: bytes) -> None:
    answer = client.post(ACT, content=body, headers={**BEARER, **JSON})

    told = answer.json()
    assert answer.status_code == 422, told
    assert told["code"] == "BadRequest"
    assert told["vi"]
    assert told["en"]
    assert told["findings"]
    assert all(finding["vi"] and finding["en"] and finding["code"] for finding in told["findings"])
    assert line.asked("report_turnout") == []


def test_all_faults_are_told_at_once(client: TestClient) -> None:
    body = report(slot="x", unit="y", rows=[{"area": "z", "took_part": -1}])

    findings = client.post(ACT, content=body, headers={**BEARER, **JSON}).json()["findings"]

    assert {finding["places"][0] for finding in findings} == {"slot", "unit", "rows.0.area", "rows.0.took_part"}


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=latin1"]
)
def test_a_body_that_does_not_say_it_is_json_is_415(client: TestClient, line: FakeLine, kind: str) -> None:
    answer = client.post(ACT, content=report(), headers={**BEARER, "Content-Type": kind})

    assert (answer.status_code, answer.json()["code"]) == (415, "WrongKind")
    assert line.asked("report_turnout") == []


def test_a_compressed_body_is_415(client: TestClient) -> None:
    assert client.post(ACT, content=b"x", headers={**BEARER, **JSON, "Content-Encoding": "gzip"}).status_code == 415


def test_a_huge_body_is_413_whether_or_not_it_says_its_length(client: TestClient, line: FakeLine) -> None:
    def endless():
        for _ in range(40):
            yield b" " * 65536

    declared = client.post(ACT, content=b" " * ((1 << 20) + 1), headers={**BEARER, **JSON})
    chunked = client.post(ACT, content=endless(), headers={**BEARER, **JSON})

    assert [declared.status_code, chunked.status_code] == [413, 413]
    assert declared.json()["code"] == chunked.json()["code"] == "TooLarge"


def test_a_huge_file_is_413(client: TestClient, settings) -> None:
    settings.gateway_upload = 1000

    assert client.post("/api/v1/files", content=b"x" * 1001, headers=BEARER).status_code == 413
    assert client.post("/api/v1/files", files={"file": b"x" * 1001}, headers=BEARER).status_code == 413


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=b"),
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
    ],
)
def test_a_broken_form_is_a_4xx(client: TestClient, content: bytes, kind: str) -> None:
    answer = client.post("/api/v1/files", content=content, headers={**BEARER, "Content-Type": kind})

    assert answer.status_code in {400, 415}
    assert answer.json()["code"] in {"BrokenBody", "WrongKind"}


ADDRESSES = {
    "a broken escape": "election=%zz&unit=vn",
    "half an escape": "election=2026&unit=vn%",
    "broken UTF-8": "election=2026&unit=%ff",
    "NUL": "election=2026&unit=vn%00",
    "a new line": "election=2026&unit=vn%0a",
    "a parameter twice": "election=2026&unit=vn&unit=vn",
    "an unknown parameter": "election=2026&unit=vn&x=1",
    "a missing parameter": "election=2026",
    "a wrong unit": "election=2026&unit=vietnam",
    "a full-width digit": "election=%EF%BC%92026&unit=vn",
}


@pytest.mark.parametrize("query", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_a_bad_parameter_is_refused(client: TestClient, line: FakeLine, query: str) -> None:
    answer = client.get(f"{ASK}?{query}", headers=BEARER)

    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in {"BadAddress", "BadRequest"}
    assert line.asked("areas_of") == []


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/",
        "/api/v1/x",
        "/api/v1/results",
        "/api/v1/results/nope",
        "/api/v2/x/y",
        "/api/v1/results/report_turnout/x",
    ],
)
def test_an_unknown_address_is_404_and_says_so(client: TestClient, address: str) -> None:
    answer = client.get(address, headers=BEARER)

    assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchAddress")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_405_and_names_the_right_one(client: TestClient, method: str) -> None:
    answer = client.request(method, ACT, headers=BEARER)

    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, "NoSuchMethod", "POST")


@pytest.mark.parametrize("path", ["/api/v1/%zz", "/api/v1/%ff", "/%00", "/vao?ve=%ff"])
def test_a_broken_path_is_400(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code in ({400, 404} if path.startswith("/api") else {400})
    assert answer.status_code == 404 or "%" in answer.text


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic dG9rZW4="}, {"Authorization": "Bearer gone"},
     {"Authorization": "Bearer " + "x" * 5000}, {"Authorization": "token"}],
    ids=["none", "empty", "basic", "expired", "long", "bare"],
)  # fmt: skip
def test_without_a_live_session_every_closed_door_is_401(client: TestClient, line: FakeLine, headers: dict) -> None:
    answer = client.post(ACT, json=REPORT, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "NotSignedIn")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert line.asked("report_turnout") == []


@pytest.mark.parametrize(
    "door", [d for d in OFFERED if not d.public and not d.of_token], ids=lambda d: f"{d.service}.{d.name}"
)
def test_no_door_but_the_sign_in_opens_without_a_session(client: TestClient, line: FakeLine, door: Door) -> None:
    assert client.request(door.method, door.path).status_code == 401
    assert line.letters == []


def test_a_wrong_unit_is_answered_as_the_service_answers_it(client: TestClient, line: FakeLine) -> None:
    line.answers["report_turnout"] = lambda _request: NotAllowed()

    answer = client.post(ACT, json={**REPORT, "unit": "vn/01/00004"}, headers=BEARER)

    assert (answer.status_code, answer.json()["vi"]) == (404, "Không có trang này, hoặc ông/bà không có quyền xem.")


def test_a_deadline_is_not_the_clients_to_set(client: TestClient, line: FakeLine) -> None:
    client.post(ACT, json=REPORT, headers={**BEARER, "nameko.deadline": "1", "nameko.passport": "x.y.z"})

    assert line.letters[-1].passport.startswith("head.")
