"""Vietnamese order, folding, numbers and shares; expected values from forms.md 1.4, 1.5 and domain.md 7.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.vietnamese import fold, name_key, number, percent, shares, sort_key


def test_letters_come_in_the_order_of_the_alphabet() -> None:
    letters = list("aăâbcdđeêghiklmnoôơpqrstuưvxy")

    backwards = letters[::-1]

    assert sorted(backwards, key=sort_key) == letters


def test_tones_come_after_letters_in_their_order() -> None:
    assert sorted(["mạ", "má", "mã", "mả", "mà", "ma", "mai"], key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ", "mai"]


def test_a_real_list_that_was_sorted_by_hand_comes_right() -> None:
    assert sorted(["Đạt", "Dũng", "Được", "Dương"], key=sort_key) == ["Dũng", "Dương", "Đạt", "Được"]


def test_people_stand_by_given_then_family_then_middle_name() -> None:
    people = ["Trần Văn An", "Lê Thị Bình", "Lê Văn An", "Lê Bá An", "Nguyễn Ân"]

    assert sorted(people, key=name_key) == ["Lê Bá An", "Lê Văn An", "Trần Văn An", "Nguyễn Ân", "Lê Thị Bình"]


@pytest.mark.parametrize(
    ("one", "other"), [("Hòa", "Hoà"), ("THÚY", "thuý"), ("Đặng", "dang"), ("Lê  Thị", "le thi"), ("Nguyê\u0303n", "nguyen")]
)
def test_searching_folds_both_ways_of_marking(one, other) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (22566, 100000, "22,57"),
        (22565, 100000, "22,57"),
        (22564, 100000, "22,56"),
        (76043527, 76516637, "99,38"),
        (0, 0, "0,00"),
        (1, 1, "100,00"),
        (1, 3, "33,33"),
    ],
)
def test_a_share_has_two_decimals_half_up(part, whole, printed) -> None:
    assert percent(part, whole) == printed


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any))
def test_shares_of_one_whole_add_to_a_hundred(parts) -> None:
    assert sum(int(share.replace(",", "")) for share in shares(parts)) == 10000


def test_numbers_have_dots() -> None:
    assert (number(76043527), number(999), number(0)) == ("76.043.527", "999", "0")
