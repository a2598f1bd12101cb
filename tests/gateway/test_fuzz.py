"""Whatever the body, the gateway does not fail: it refuses with a code and sentences, or asks the service."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from services.contracts.base import Unavailable
from services.gateway.doors import OFFERED, Door
from tests.gateway.fakes import FakeLine

BEARER = {"Authorization": "Bearer token", "Content-Type": "application/json"}
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["vn", "vn/46/19777", "dien-tap-4", "2026", "19777-012", "NA", "16:00", "\0", "\ud800", "１６", "a" * 5000]
    ),
)
NUMBERS = st.one_of(st.integers(), st.integers(2**53 - 2, 2**64 + 2), st.floats(), st.booleans(), st.none())
VALUES = st.recursive(
    st.one_of(TEXTS, NUMBERS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)


class Silent(FakeLine):
    """A line on which every service is away: whatever gets through is known to have been well formed."""

    async def send(self, letter):
        if letter.door in {"open_passport", "step_up"}:
            return await super().send(letter)
        raise Unavailable(seconds=3)


@pytest.fixture
def line() -> FakeLine:
    made = Silent()
    made.sign_in("secretary", "dien-tap-4/vn/46/19777")
    return made


def bodies(door: Door) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies with the right names more often than not."""
    names = st.sampled_from([*door.request.model_fields, "extra"])
    return st.dictionaries(names, VALUES, max_size=len(door.request.model_fields) + 1)


@pytest.mark.parametrize("door", [d for d in OFFERED if d.method == "POST"], ids=lambda d: f"{d.service}.{d.name}")
def test_no_body_makes_the_gateway_fail(client: TestClient, door: Door) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(bodies(door))
    def attempt(body: dict[str, Any]) -> None:
        answer = client.post(door.path, content=json.dumps(body).encode("utf-8", "surrogatepass"), headers=BEARER)
        told = answer.json()
        assert answer.status_code in {400, 401, 422, 503}, told
        assert told["code"]
        assert told["vi"]

    attempt()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_make_the_gateway_fail(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/results/report_turnout", content=body, headers=BEARER)

    assert answer.status_code == 422


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=80))
def test_no_query_makes_the_gateway_fail(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/v1/voters/areas_of?{query}", headers=BEARER)

    assert answer.status_code in {400, 422}
