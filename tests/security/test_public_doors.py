"""Whatever is sent to the doors that need no passport: no incident, no hint, and the same bytes for everything wrong."""

import itertools
import json
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.security.ground import PASSWORD
from services.contracts.base import BadRequest, Refusal
from services.identity.service import IdentityService
from services.kit.entrypoints import doors_of
from tests.contracts.examples import example_of

DOORS = {name: door for name, door in doors_of(IdentityService).items() if door.public}
ENTRY = (
    "sign_in", "second_factor", "second_factor_by_key", "begin_assertion", "open_passport", "renew_session", "step_up",
    "step_up_by_key", "begin_step_up", "sign_out", "activate", "confirm_enrolment", "recover", "begin_first_key",
    "finish_first_key", "ask_recovery",
)  # fmt: skip
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=40), st.binary(max_size=10).map(bytes.hex),
    st.lists(st.text(max_size=5), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    st.sampled_from(["", "\x00", "A" * 600, "' OR 1=1 --", "../../etc/passwd", "<script>", "%s%n", "\ud800".encode("utf-16", "surrogatepass").hex(),
                     "não", "x.y.z", "eyJhbGciOiJub25lIn0.e30.", "0" * 6, "999999", "\u202e123456"]),
)  # fmt: skip
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def outcome(ground, door, body):
    """The refusal as it is told, None when the door opened."""
    try:
        getattr(ground.identity, door)(body if isinstance(body, bytes) else json.dumps(body).encode())
    except Refusal as refusal:
        return refusal
    return None


def test_the_doors_of_entry_are_public_and_there_are_no_others():
    others = {"cosign", "growth", "latest_checkpoint", "checkpoint_at", "units_below", "news_of_sessions"}

    assert set(DOORS) == {*ENTRY, *others}


@pytest.mark.parametrize("door", ENTRY)
def test_no_bytes_are_an_incident(ground, door):
    bodies = [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"{}" * 1000, b"[" * 5000, b'{"key": 1e999}', json.dumps({"key": "x" * 100_000}).encode()]

    assert {outcome(ground, door, body).code for body in bodies} == {"BadRequest"}


@pytest.mark.parametrize("door", ENTRY)
def test_no_field_of_any_kind_is_an_incident_or_a_hint(ground, door):
    form = example_of(DOORS[door].request, full=True)
    told = {}

    @FEW
    @given(st.sampled_from(sorted(form)), ODD)
    def bend(field, value):
        refusal = outcome(ground, door, form | {"key": str(uuid4()), field: value})
        if refusal is None or isinstance(refusal, BadRequest):
            return
        assert refusal.code not in {"Unexpected", "Unavailable"}, (field, value)
        told.setdefault(refusal.code, set()).add(refusal.told().model_copy(update={"facts": {}}).model_dump_json())

    bend()

    assert all(code == "SignInFailed" or len(answers) == 1 for code, answers in told.items())
    assert set(told) <= {"SignInFailed", "CodeRefused", "NotSignedIn", "PasswordTooWeak", "KeyRefused"}


def test_a_name_nobody_has_a_closed_account_and_a_wrong_password_are_one_answer(ground):
    people = ground.people(4)
    ground.change("UPDATE accounts SET state = 'closed' WHERE login = :l", l=people[0].login)
    ground.change("UPDATE accounts SET state = 'created' WHERE login = :l", l=people[1].login)
    ground.change("DELETE FROM passwords WHERE person = :p", p=people[2].id)
    tries = [
        ("nobody.at-all", PASSWORD), (people[0].login, PASSWORD), (people[1].login, PASSWORD), (people[2].login, PASSWORD),
        (people[3].login, "x"), (people[3].login + "x", ""), ("a" * 64, "\U0001f403" * 300),
    ]  # fmt: skip
    answers = {
        outcome(ground, "sign_in", {"key": str(uuid4()), "login": login, "password": password or " "}).told().model_dump_json()
        for login, password in tries
    }

    assert len(answers) == 1


@FEW
@given(st.from_regex(r"[a-z0-9][a-z0-9.\-]{2,63}", fullmatch=True), st.text(min_size=1, max_size=200))
def test_whatever_name_and_password_are_tried_the_first_refusal_has_the_same_bytes(ground, login, password):
    if "\x00" in password:
        return
    ground.change("DELETE FROM guesses")
    refusal = outcome(ground, "sign_in", {"key": str(uuid4()), "login": login, "password": password})

    assert refusal.told().model_dump_json() == FIRST.setdefault("bytes", refusal.told().model_dump_json())


FIRST: dict[str, str] = {}


def test_a_strange_an_old_a_used_and_a_foreign_challenge_are_one_answer(ground):
    one, other = ground.people(2)
    used, old, foreign = ground.challenge(one), ground.challenge(one), ground.challenge(other)
    ground.identity.second_factor(json.dumps({"key": str(uuid4()), "challenge": used, "totp": one.code()}).encode())
    ground.change("UPDATE challenges SET ends_at = now() - interval '1 s' WHERE person = :p AND used_at IS NULL", p=one.id)
    wrong = f"{(int(other.code()) + 5) % 10**6:06d}"
    answers = {
        outcome(ground, "second_factor", {"key": str(uuid4()), "challenge": challenge, "totp": code}).told().model_dump_json()
        for challenge, code in itertools.product(("strange", used, old), (one.code(), "000000"))
    }
    answers.add(outcome(ground, "second_factor", {"key": str(uuid4()), "challenge": foreign, "totp": wrong}).told().model_dump_json())

    assert len(answers) == 1


@pytest.mark.parametrize("door", ["open_passport", "renew_session"])
def test_a_strange_an_ended_an_idle_and_a_reused_token_are_one_answer(ground, door):
    people = ground.people(3)
    ended, idle, first = (ground.session(who) for who in people)
    second = ground.vault.successor(first)
    ground.identity.renew_session(json.dumps({"key": str(uuid4()), "token": first}).encode())
    ground.identity.open_passport(json.dumps({"token": second}).encode())
    ground.change("UPDATE former_tokens SET good_until = now() - interval '1 s'")
    ground.change("UPDATE sessions SET state = 'revoked', ended_at = now() WHERE person = :p", p=people[0].id)
    ground.change("UPDATE sessions SET seen_at = now() - interval '2 hours' WHERE person = :p", p=people[1].id)
    extra = {"key": str(uuid4())} if door == "renew_session" else {}
    answers = {
        outcome(ground, door, {"token": token, **extra}).told().model_dump_json() for token in ("strange", ended, idle, first, second)
    }

    assert len(answers) == 1
