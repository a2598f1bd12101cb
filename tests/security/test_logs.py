"""What is written down of sign-ins and refusals, in which form, and what never is (ASVS V16)."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from deploy.security.ground import PASSWORD
from services.contracts.base import Grant, NotAllowed, NotSignedIn, Passport, Refusal
from services.contracts.identity import AccountsOf, OpenPassport, SecondFactor, SignIn, SignInFailed, SignOut
from services.kit.logs import Log, log_of


@pytest.fixture
def lines(capsys, monkeypatch):
    """The lines written since they were last asked for."""
    monkeypatch.setattr(Log, "lowest", 20)

    def read():
        return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]

    return read


def story(ground):
    """One person comes in wrongly, rightly, works, is refused, goes."""
    who = ground.people(1)[0]
    with pytest.raises(SignInFailed):
        ground.identity.sign_in(SignIn(key=uuid4(), login=who.login, password="sai rồi nhé ông bà ơi"))
    challenge = ground.identity.sign_in(SignIn(key=uuid4(), login=who.login, password=PASSWORD)).challenge
    code = who.code()
    with pytest.raises(Refusal):
        ground.identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=f"{(int(code) + 7) % 10**6:06d}"))
    session = ground.identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=code))
    passport = ground.identity.open_passport(OpenPassport(token=session.token)).passport
    with pytest.raises(NotAllowed):
        ground.identity.accounts_of(AccountsOf(election="dien-tap-7", unit="vn/46/19777"), by=passport)
    with pytest.raises(NotSignedIn):
        ground.identity.accounts_of(AccountsOf(election="dien-tap-7", unit="vn/46/19777"), by="x.y.z")
    ground.identity.sign_out(SignOut(key=uuid4(), token=session.token))
    return who, (challenge, code, session.token, passport, PASSWORD, "sai rồi nhé ông bà ơi")


def test_every_sign_in_right_or_wrong_and_every_refusal_is_a_line_with_its_outcome(ground, lines):
    who, _ = story(ground)
    found = [(line["door"], line["outcome"]) for line in lines() if line["event"] == "door"]

    assert found == [
        ("sign_in", "SignInFailed"), ("sign_in", "ok"), ("second_factor", "CodeRefused"), ("second_factor", "ok"),
        ("open_passport", "ok"), ("accounts_of", "NotAllowed"), ("accounts_of", "NotSignedIn"), ("sign_out", "ok"),
    ]  # fmt: skip
    assert who.id


def test_a_line_says_when_in_utc_where_who_what_and_what_belongs_together(ground, lines):
    who, _ = story(ground)
    refused = next(line for line in lines() if line.get("outcome") == "NotAllowed")

    assert refused["service"] == "identity"
    assert refused["person"] == str(who.id)
    assert refused["door"] == "accounts_of"
    assert len(refused["trace"]) == 32
    at = datetime.fromisoformat(refused["timestamp"])
    assert at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)


def test_no_line_holds_a_secret(ground, lines, capsys):
    _, secrets = story(ground)
    written = json.dumps(lines(), ensure_ascii=False)

    assert "sign_in" in written
    for secret in secrets:
        assert secret not in written
        assert not any(len(half) > 20 and half in written for half in secret.split("."))


@pytest.mark.parametrize("text", ["a\nb", 'x"}\n{"event": "door", "outcome": "ok"}', "\r\n\t\x1b[31m", "\u2028\u2029", "\x00"])
def test_what_people_type_cannot_begin_a_line_of_its_own(capsys, monkeypatch, text):
    monkeypatch.setattr(Log, "lowest", 20)
    log_of("thu").warning("typed", text=text)
    written = capsys.readouterr().err

    assert written.count("\n") == 1
    assert json.loads(written)["text"] == text


def test_what_was_not_meant_to_happen_is_written_with_its_incident_and_told_without_its_cause(ground, lines, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr("services.identity.doors_entry.families.news", broken)
    with pytest.raises(Refusal) as told:
        ground.identity.news_of_sessions(b'{"seconds": 1}')
    incident = next(line for line in lines() if line["event"] == "incident")

    assert incident["incident"] == told.value.facts["incident"]
    assert "ZeroDivisionError" in incident["exception"]
    assert "secret" not in told.value.told().model_dump_json()


def test_a_forged_or_foreign_passport_leaves_a_line(ground, lines):
    stranger = Passport(person=uuid4(), name="Ai Đó", session=uuid4(), grants=(Grant(role="typist", scope="*"),))
    with pytest.raises(NotAllowed):
        ground.identity.accounts_of(AccountsOf(election="dien-tap-7", unit="vn/46"), by=stranger)

    assert [(line["outcome"], line["person"]) for line in lines() if line["event"] == "door"] == [("NotAllowed", str(stranger.person))]
