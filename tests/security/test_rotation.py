"""Keys change while everything runs: no passport is refused for it, and every secret opens before and after."""

import threading
import time
from uuid import uuid4

import pytest

from services.contracts.base import NotSignedIn, Passport
from services.contracts.identity import OpenPassport, SecondFactor
from services.identity.rotate import Rotation, reseal
from services.identity.vault import Vault
from services.kit import passports
from services.kit.passports import Verifier, load_key, new_key, public_keys, save_key, save_public, sign


def passport():
    return Passport(person=uuid4(), name="Nguyễn Thị Hoa", session=uuid4(), grants=())


@pytest.fixture
def files(tmp_path):
    private, public = tmp_path / "passport.json", tmp_path / "passports.json"
    save_key(new_key(), private)
    save_public([load_key(private)], public)
    return private, public


def test_passports_signed_before_during_and_after_a_rotation_all_verify(files, monkeypatch):
    private, public = files
    monkeypatch.setattr(passports, "_LOOK_EVERY", 0.05)
    verifiers, stop = [Verifier(public) for _ in range(3)], threading.Event()
    outcomes, kids = [], set()

    def show():
        while not stop.is_set():
            key = load_key(private)
            kids.add(key.kid)
            token = sign(passport(), key)
            for verifier in verifiers:
                try:
                    outcomes.append(verifier.verify(token).name)
                except NotSignedIn:
                    outcomes.append("refused")
            time.sleep(0.002)

    shown = threading.Thread(target=show)
    shown.start()
    rotation = Rotation(private, public, read_within=0.3, ended_within=0.3)
    signing = [rotation.run() for _ in range(3)]
    stop.set()
    shown.join()

    assert outcomes.count("refused") == 0
    assert len(outcomes) > 300
    assert len(kids) == 4
    assert [key.kid for key in public_keys(public)] == [signing[-1]]


def test_a_passport_of_before_verifies_until_it_ends_and_not_after_its_key_was_withdrawn(files, monkeypatch):
    private, public = files
    monkeypatch.setattr(passports, "_LOOK_EVERY", 0.0)
    verifier, before = Verifier(public), sign(passport(), load_key(private))
    waits = []

    def rest(seconds):
        waits.append(seconds)
        assert verifier.verify(before)

    Rotation(private, public, rest=rest).run()

    assert waits[0] >= 10
    assert waits[1] > passports.LIFETIME.total_seconds()
    with pytest.raises(NotSignedIn):
        verifier.verify(before)


@pytest.mark.parametrize("place", ["publish", "use", "withdraw"])
def test_a_rotation_broken_off_anywhere_ends_well_when_it_is_run_again(files, monkeypatch, place):
    private, public = files
    monkeypatch.setattr(passports, "_LOOK_EVERY", 0.0)
    verifier, first = Verifier(public), load_key(private)

    class Broken(Exception):
        pass

    def breaks(_self):
        raise Broken

    with monkeypatch.context() as broken:
        broken.setattr(Rotation, place, breaks)
        with pytest.raises(Broken):
            Rotation(private, public, rest=lambda _: None).run()
    assert verifier.verify(sign(passport(), load_key(private)))
    assert verifier.verify(sign(passport(), first))

    last = Rotation(private, public, rest=lambda _: None).run()

    assert last != first.kid
    assert [key.kid for key in public_keys(public)] == [last] == [load_key(private).kid]
    assert verifier.verify(sign(passport(), load_key(private)))


def test_private_keys_are_read_by_their_owner_only(files):
    private, public = files
    rotation = Rotation(private, public, rest=lambda _: None)
    rotation.publish()

    assert (rotation.next.stat().st_mode & 0o777, private.stat().st_mode & 0o777) == (0o600, 0o600)
    assert '"d"' not in public.read_text()


def test_secrets_are_sealed_again_under_the_new_master_and_people_sign_in_as_before(ground):
    people = ground.people(12)
    ground.identity.service.settings.add_sealing_key()
    fresh = Vault(ground.identity.service.settings.sealing_keys())
    ground.identity.service.__dict__.pop("vault", None)

    def versions():
        rows = ground.number("SELECT array_agg(DISTINCT get_byte(sealed, 0)) FROM authenticators")
        return sorted(rows)

    assert versions() == [1]
    ground.identity.second_factor(
        SecondFactor(key=uuid4(), challenge=ground.challenge(people[0]), totp=people[0].code())
    )
    assert reseal(ground.db, fresh) == 12
    assert versions() == [2]
    assert reseal(ground.db, fresh) == 0
    answer = ground.identity.second_factor(
        SecondFactor(key=uuid4(), challenge=ground.challenge(people[1]), totp=people[1].code())
    )
    assert ground.identity.open_passport(OpenPassport(token=answer.token)).person == people[1].id
    old = Vault(ground.identity.service.settings.sealing_keys()[1])
    sealed = ground.number("SELECT sealed FROM authenticators WHERE person = :p", p=people[2].id)
    with pytest.raises(KeyError):
        old.unseal(people[2].id, bytes(sealed))


def test_codes_and_tokens_successors_stay_the_same_when_a_master_is_added():
    one, two = Vault({1: b"a" * 32}), Vault({1: b"a" * 32, 2: b"b" * 32})
    activation = uuid4()

    assert one.activation_code(activation) == two.activation_code(activation)
    assert one.successor("family.token") == two.successor("family.token")
    assert two.unseal(activation, one.seal(activation, b"secret")) == b"secret"


@pytest.mark.parametrize("text", ["", "1:xyz", "0:" + "a" * 64, "256:" + "a" * 64, "b:" + "a" * 64, "a" * 63])
def test_a_file_that_holds_no_masters_is_said_to_hold_none(ground, text):
    settings = ground.identity.service.settings
    settings.totp_key_path.write_text(text)

    with pytest.raises(ValueError, match=r"sealing key|HP_TOTP_KEY"):
        settings.sealing_keys()
