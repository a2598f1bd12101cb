"""Passports: read by many threads at once, and forgotten together with the keys that verified them."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from services.contracts.base import NotSignedIn, Passport
from services.kit import passports
from services.kit.passports import Verifier, new_key, save_public, sign


def passport():
    return Passport(person=uuid4(), name="Nguyễn Thị Hoa", session=uuid4(), grants=())


def test_threads_that_come_while_the_keys_are_still_being_read_wait_for_them(tmp_path, monkeypatch):
    key, path, carried = new_key(), tmp_path / "keys.json", passport()
    save_public([key], path)
    token, read = sign(carried, key), passports.KeySet.import_key_set

    def slow_disk(keys):
        time.sleep(0.05)
        return read(keys)

    monkeypatch.setattr(passports.KeySet, "import_key_set", slow_disk)
    verifier = Verifier(path)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: verifier.verify(token), range(8))) == [carried] * 8


def test_a_passport_of_a_withdrawn_key_is_refused_once_the_file_is_looked_at_again(tmp_path, monkeypatch):
    old, fresh, path = new_key(), new_key(), tmp_path / "keys.json"
    save_public([old], path)
    verifier, token = Verifier(path), sign(passport(), old)
    assert verifier.verify(token).name == "Nguyễn Thị Hoa"

    save_public([fresh], path)
    os.utime(path, (time.time() + 5, time.time() + 5))
    monkeypatch.setattr(passports, "_LOOK_EVERY", 0.0)
    with pytest.raises(NotSignedIn):
        verifier.verify(token)
    assert verifier.verify(sign(passport(), fresh))


def test_without_a_key_file_nobody_is_let_in(tmp_path):
    with pytest.raises(NotSignedIn):
        Verifier(tmp_path / "none.json").verify("x.y.z")
