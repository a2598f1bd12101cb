"""What may be a password (NIST SP 800-63B-4 3.1.1, ASVS 6.2): any long sentence, nothing that is easily guessed."""

import itertools
import unicodedata
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from deploy.security.ground import PASSWORD
from services.contracts.identity import SecondFactor, SignIn, SignInFailed
from services.identity.domain.passwords import findings_of, guessable_words, one_form, own_words
from services.identity.hashing import hash_of, matches
from services.identity.reference import national_units, place_names

WORDS = guessable_words(place_names())
COMMON = (
    "password", "iloveyou", "qwerty", "qwertyuiop", "asdfghjkl", "letmein", "welcome", "monkey", "dragon", "football",
    "matkhau", "anhyeuem", "emyeuanh", "admin", "quantri", "vietnam", "hanoi", "saigon", "hochiminh", "baucu", "quochoi",
    "cutri", "daibieu", "1q2w3e4r", "1qaz2wsx", "zaqxsw", "abc123", "123456", "654321", "111111", "123123", "sunshine",
    "princess", "superman", "batman", "master", "shadow", "sieunhan", "khongbiet", "p@ssw0rd",
)  # fmt: skip
TAILS = ("", "1", "12", "123", "1234", "123456789", "2024", "2025", "2026", "1990", "!", "@123", "000", "@2026", "1234567890")


def codes(password, words=WORDS):
    return {finding.code for finding in findings_of(password, words)}


def test_three_thousand_long_passwords_made_as_leaked_ones_are_made_are_refused():
    """The commonest words twice, thrice, one after another, with digits and years: what lists hold from 15 letters on."""
    made = {
        f"{one}{other}{tail}"
        for one, other in itertools.product(COMMON, repeat=2)
        for tail in TAILS
        if len(f"{one}{other}{tail}") >= 15
    }
    taken = sorted(each for each in made if not codes(each))

    assert len(made) > 3000
    assert not taken, taken


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaaaaaaaaaa", "abcdefghijklmnopq", "98765432109876543", "abcxyzabcxyzabcxyz", "1q2w3e4r5t6y7u8i9o0p", "123qweasdzxc123qwe"],
)
def test_rows_of_keys_and_repeated_pieces_are_refused(password):
    assert codes(password) == {"P403"}


@pytest.mark.parametrize("unit", [unit for unit in national_units() if unit.code in {"46", "19777", "01", "79"}], ids=lambda unit: unit.code)
@pytest.mark.parametrize("shape", ["{name} bầu cử 2026", "{name}{name}2026!!", "BẦU CỬ QUỐC HỘI {name}", "UBND {name} 15/3/2026"])
def test_the_name_of_ones_place_with_bau_cu_and_a_year_is_refused(unit, shape):
    password = shape.format(name=unit.title)

    assert codes(password) & {"P403", "P401"}
    assert codes(unicodedata.normalize("NFD", password)) & {"P403", "P401"}


def test_ones_own_name_and_login_are_refused_with_and_without_diacritics():
    mine = WORDS | guessable_words(own_words("hoa.vy-da", "Lê Thị Quỳnh Hoa"))

    assert codes("Lê Thị Quỳnh Hoa quỳnh hoa", mine) == {"P403"}
    assert codes("lethiquynhhoa hoa.vy-da", mine) == {"P403"}


@pytest.mark.parametrize(
    "password",
    [
        "mười bốn con mèo ngủ trưa", "MƯỜI BỐN CON MÈO NGỦ TRƯA", "xkqvbzrtplmwsgd", "948372650193847562", "🐃🌾🌙⭐🔥💧🍃🪨🐢🦆🌶🍋🥥🫖🧺 nghe mưa",
        "sáo-trúc_vang//chiều.hè", "giữa đồng cỏ lau trắng muốt",
    ],
)  # fmt: skip
def test_any_composition_is_taken_when_it_is_long_and_not_guessed_easily(password):
    assert codes(password) == set()


@pytest.mark.parametrize(("length", "refused"), [(14, {"P401"}), (15, set()), (64, set()), (128, set()), (129, {"P402"})])
def test_the_length_is_15_to_128_letters_counted_as_people_see_them(length, refused):
    sentence = "mèo đen leo tường ngó trăng, vịt xiêm lội ao bắt tép, gà gáy sớm trên đụn rơm khô, bò nhai cỏ mật giữa trưa im gió, sáo nhỏ hót vang"
    password = sentence[:length]

    assert len(password) == length
    assert codes(password) == refused
    assert codes(unicodedata.normalize("NFD", password)) == refused


@given(st.text(max_size=200))
def test_no_text_is_a_fault_of_the_rules(text):
    assert all(code in {"P401", "P402", "P403"} for code in codes(text))


@pytest.mark.parametrize("other", [PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper(), PASSWORD.title(), PASSWORD.replace("â", "a")])
def test_a_password_is_compared_as_it_was_given(other):
    stored = hash_of(one_form(PASSWORD))

    assert matches(stored, one_form(PASSWORD))
    assert matches(stored, one_form(unicodedata.normalize("NFD", PASSWORD)))
    assert not matches(stored, one_form(other))


def test_only_the_first_letters_of_a_long_password_do_not_open():
    long = "vịt " * 30 + "cuối"
    assert not matches(hash_of(long), long[:72])


def test_a_password_of_ten_years_ago_still_opens(ground):
    who = ground.people(1)[0]
    ground.change("UPDATE passwords SET set_at = :at", at=datetime.now(UTC) - timedelta(days=3653))

    challenge = ground.identity.sign_in(SignIn(key=uuid4(), login=who.login, password=PASSWORD)).challenge

    assert ground.identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=who.code())).person == who.id


def test_there_is_no_account_before_somebody_makes_one_and_none_has_a_password_of_ours(ground):
    assert ground.number("SELECT count(*) FROM accounts") == 0
    for login in ("admin", "root", "postgres", "quan-tri", "administrator"):
        with pytest.raises(SignInFailed):
            ground.identity.sign_in(SignIn(key=uuid4(), login=login, password=login))


def test_the_hash_is_argon2id_with_19_mib_two_passes_one_lane_and_a_salt_of_its_own(true_hashes):
    one, other = hash_of(PASSWORD), hash_of(PASSWORD)

    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other


def test_another_implementation_of_argon2id_reads_our_hashes_and_we_read_its(true_hashes):
    theirs = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

    assert theirs.verify(hash_of(PASSWORD), PASSWORD)
    assert matches(theirs.hash(PASSWORD), PASSWORD)
    assert not matches(theirs.hash(PASSWORD), PASSWORD + " ")


@pytest.mark.parametrize("stored", ["", "x", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA", "a" * 500, "đ" * 60])
def test_a_stored_hash_that_is_none_opens_to_nobody(stored):
    assert not matches(stored, PASSWORD)
