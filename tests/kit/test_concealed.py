"""Numbers concealed at rest come back whole, and only under their own key."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.concealed import Concealer, masked

KEY = "000102030405060708090a0b0c0d0e0f"
numbers = st.text("0123456789", min_size=12, max_size=12)
keys = st.sampled_from([16, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size)).map(bytes.hex)


@given(keys, numbers)
def test_what_is_concealed_is_revealed_unchanged(key, number):
    concealer = Concealer(key)

    assert concealer.reveal(concealer.conceal(number)) == number


@given(st.lists(numbers, max_size=50))
def test_a_column_a_list_and_single_numbers_give_the_same_blocks(many):
    concealer = Concealer(KEY)
    one_by_one = [concealer.conceal(number) for number in many]

    column = concealer.conceal_column(pl.Series("number", many, dtype=pl.String))

    assert concealer.conceal_many(many) == one_by_one
    assert column.to_list() == [block.hex() for block in one_by_one]


@given(st.sets(numbers, min_size=2, max_size=20))
def test_different_numbers_have_different_blocks(different):
    assert len(set(Concealer(KEY).conceal_many(sorted(different)))) == len(different)


def test_the_block_is_the_published_aes_permutation():
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    decryptor = Cipher(algorithms.AES(bytes.fromhex(KEY)), modes.ECB()).decryptor()

    assert decryptor.update(Concealer(KEY).conceal("046089012345")) == b"046089012345\0\0\0\0"


@given(keys)
def test_another_key_reveals_nothing(key):
    block = Concealer(KEY).conceal("046089012345")
    if key == KEY:
        return

    with pytest.raises(ValueError, match="not made with this key"):
        Concealer(key).reveal(block)


@pytest.mark.parametrize(
    "wrong", ["", "04608901234", "0460890123456", "04608901234a", "०४६०८९०१२३४५", "046089012345\n"]
)
def test_what_is_not_twelve_digits_is_refused_without_being_repeated(wrong):
    with pytest.raises(ValueError, match="1 of 1 values are not twelve digits"):
        Concealer(KEY).conceal(wrong)
    with pytest.raises(ValueError, match="1 of 1 values are not twelve digits"):
        Concealer(KEY).conceal_column(pl.Series([wrong]))


def test_an_empty_place_in_a_column_is_refused():
    with pytest.raises(ValueError, match="1 of 2 values"):
        Concealer(KEY).conceal_column(pl.Series(["046089012345", None]))


@pytest.mark.parametrize("key", ["00", "00" * 24, "zz" * 16])
def test_a_key_of_another_size_is_refused(key):
    with pytest.raises(ValueError, match=r"key|hexadecimal"):
        Concealer(key)


def test_a_masked_number_shows_its_last_four_digits_only():
    assert masked("046089013471") == "•••• •••• 3471"
