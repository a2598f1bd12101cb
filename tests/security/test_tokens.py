"""Tokens of sessions and passports: made by chance or signed, good for one thing, and worth nothing when bent (ASVS V7, V9)."""

import base64
import json
import time
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from deploy.security.renewal import opens, renewed
from services.contracts.base import Grant, NotSignedIn, Passport, Refusal
from services.contracts.identity import CodeRefused, NewAccount, OpenPassport, SecondFactor, SignOut
from services.identity.vault import code_hash, new_session_token, new_token
from services.kit.passports import Verifier, new_key, save_public, sign
from tests.identity.conftest import ROOT, creating

CLAIMS = {"aud": "hom-phieu", "sub": str(uuid4()), "name": "Hoa", "sid": str(uuid4()), "grants": [["typist", "*"]]}


@pytest.fixture
def key():
    return new_key()


@pytest.fixture
def verifier(key, tmp_path):
    save_public([key], tmp_path / "keys.json")
    return Verifier(tmp_path / "keys.json")


def signed(key, header=None, algorithm="EdDSA", **changed):
    now = int(time.time())
    claims = {name: value for name, value in (CLAIMS | {"iat": now, "exp": now + 60} | changed).items() if value is not None}
    kid = {"kid": key.kid} if isinstance(key, OKPKey) else {}
    return jwt.encode({"alg": algorithm, **kid, **(header or {})}, claims, key, algorithms=[algorithm])


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_well_made_passport_is_taken(verifier, key):
    assert verifier.verify(signed(key)).grants == (Grant(role="typist", scope="*"),)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_passport_with_one_letter_changed_is_refused(verifier, key, place):
    parts = signed(key).split(".")
    for at in range(0, len(parts[place]) - 2, 7):
        letter = "A" if parts[place][at] != "A" else "B"
        bent = [*parts]
        bent[place] = parts[place][:at] + letter + parts[place][at + 1 :]
        with pytest.raises(NotSignedIn):
            verifier.verify(".".join(bent))


def test_a_passport_without_a_signature_or_of_another_algorithm_is_refused(verifier, key, tmp_path):
    none = f"{part({'alg': 'none', 'kid': key.kid})}.{part(CLAIMS | {'iat': int(time.time()), 'exp': int(time.time()) + 60})}."
    public = OctKey.import_key((tmp_path / "keys.json").read_bytes())
    for token in (none, none + "x", signed(public, {"kid": key.kid}, "HS256"), signed(OctKey.generate_key(256), {}, "HS256")):
        with pytest.raises(NotSignedIn):
            verifier.verify(token)


def test_a_key_that_a_passport_brings_along_is_not_believed(verifier):
    stranger = new_key()
    for header in ({"jwk": stranger.as_dict(private=False)}, {"jku": "https://khac.test/keys"}, {"x5u": "https://khac.test/x"}, {}):
        with pytest.raises(NotSignedIn):
            verifier.verify(signed(stranger, header))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-house"}, {"aud": None}, {"exp": int(time.time()) - 1}, {"exp": None}, {"iat": None},
        {"iat": int(time.time()) + 3600}, {"sub": None}, {"sid": None}, {"grants": None}, {"grants": "typist"}, {"sub": "ai"},
    ],
    ids=lambda changed: "-".join(f"{name}-{type(value).__name__}" for name, value in changed.items()),
)  # fmt: skip
def test_a_passport_for_another_house_another_time_or_of_another_kind_is_refused(verifier, key, changed):
    with pytest.raises(NotSignedIn):
        verifier.verify(signed(key, **changed))


def test_a_passport_lives_five_minutes(verifier, key, monkeypatch):
    token = sign(Passport(person=uuid4(), name="Hoa", session=uuid4(), grants=()), key)
    verifier.verify(token)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)

    with pytest.raises(NotSignedIn):
        verifier.verify(token)


def test_a_token_of_a_session_holds_512_bits_of_chance_and_no_two_are_alike():
    tokens = [new_session_token() for _ in range(10_000)]

    assert len(set(tokens)) == 10_000
    assert len({token.partition(".")[0] for token in tokens}) == 10_000
    for token in tokens[:100]:
        assert [len(base64.urlsafe_b64decode(half + "=")) for half in token.split(".")] == [32, 32]
    ones = [sum(byte.bit_count() for byte in base64.urlsafe_b64decode(new_token() + "=")) for _ in range(2000)]
    assert abs(sum(ones) / 2000 - 128) < 1


def test_neither_token_nor_successor_nor_challenge_is_in_the_database(ground):
    who = ground.people(1)[0]
    token, challenge = ground.session(who), ground.challenge(who)
    successor = renewed(ground, token)
    assert opens(ground, successor)
    dump = str(ground.number("SELECT json_agg(s)::text FROM sessions s"))
    dump += str(ground.number("SELECT json_agg(s)::text FROM former_tokens s"))
    dump += str(ground.number("SELECT json_agg(s)::text FROM challenges s"))

    for secret in (token, successor, challenge):
        assert not any(half in dump or half.encode().hex() in dump for half in secret.split("."))


def test_who_knows_a_token_cannot_tell_its_successor(ground):
    who = ground.people(1)[0]
    token = ground.session(who)
    successor = renewed(ground, token)
    other = type(ground.vault)(b"x" * 32)

    assert successor.partition(".")[0] == token.partition(".")[0]
    assert other.successor(token) != successor
    assert ground.vault.successor(token) == successor


def test_a_token_is_good_until_its_successor_was_used_and_half_a_minute_more(ground):
    who = ground.people(1)[0]
    first = ground.session(who)
    second = renewed(ground, first)

    assert opens(ground, first)  # the answer with the second may have been lost
    assert renewed(ground, first) == second
    assert opens(ground, second)
    assert opens(ground, first)  # was on its way
    ground.change("UPDATE former_tokens SET good_until = now() - interval '1 s'")
    assert not opens(ground, first)
    assert not opens(ground, second)


def test_papers_say_when_a_token_is_due_and_no_longer_once_it_was_renewed(ground):
    who = ground.people(1)[0]
    token = ground.session(who)

    def due(held):
        return ground.identity.open_passport(OpenPassport(token=held)).token_due

    assert not due(token)
    ground.change("UPDATE sessions SET renewed_at = renewed_at - interval '15 minutes'")
    assert due(token)
    successor = renewed(ground, token)
    assert not due(successor)
    assert not due(successor)
    assert not due(token)


def test_a_session_ends_by_whichever_of_its_tokens_its_person_signs_out_with(ground):
    for which in (0, 1):
        who = ground.people(1, prefix=f"ra-{which}")[0]
        tokens = [ground.session(who)]
        tokens.append(renewed(ground, tokens[0]))
        ground.identity.sign_out(SignOut(key=uuid4(), token=tokens[which]))
        assert not any(opens(ground, token) for token in tokens)


def test_a_new_session_has_nothing_of_the_former_one(ground):
    who = ground.people(1)[0]
    first = ground.session(who)
    second = ground.identity.second_factor(
        SecondFactor(key=uuid4(), challenge=ground.challenge(who), totp=who.code())
    ).token

    assert not opens(ground, first)
    assert opens(ground, second)
    assert not set(first.split(".")) & set(second.split("."))


def test_one_kind_of_token_is_worth_nothing_in_place_of_another(ground):
    who = ground.people(1)[0]
    token, challenge = ground.session(who), ground.challenge(who)
    passport = ground.identity.open_passport(OpenPassport(token=token)).passport

    for held in (challenge, passport):
        assert not opens(ground, held)
        assert renewed(ground, held) is None
    for held in (token, passport):
        with pytest.raises(CodeRefused):
            ground.identity.second_factor(SecondFactor(key=uuid4(), challenge=held, totp=who.code()))
    with pytest.raises(Refusal):
        ground.identity.me(b"{}", by=token)


def test_seeds_and_codes_come_by_chance_and_a_code_of_activation_has_80_bits(ground):
    with ground.db.transaction() as tx:
        from services.identity.reference import national_units
        from services.identity.store import places

        places.save_units(tx, national_units())
    accounts = [NewAccount(login=f"ma.{number}", name="Lê Thị Hoa", role="typist", unit="vn/46/19777") for number in range(50)]
    codes = [each.code for each in ground.identity.create_accounts(creating(*accounts), by=ROOT).activations]

    assert len(set(codes)) == 50
    assert all(len(base64.b32decode(code.replace("-", ""))) == 10 for code in codes)
    assert len({code_hash(code) for code in codes}) == 50
