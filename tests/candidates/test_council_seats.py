"""Deputies of a Council by its people: whole steps only, between the base and the most."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.candidates.domain.council_seats import may_declare, seat_kind, seat_rules

STEPS = [
    ("tinh", 1, 50), ("tinh", 1_000_000, 50), ("tinh", 1_069_999, 50), ("tinh", 1_070_000, 51),
    ("tinh", 3_449_999, 84), ("tinh", 3_450_000, 85), ("tinh", 9_000_000, 85),
    ("thanh_pho", 1_200_000, 50), ("thanh_pho", 1_274_999, 50), ("thanh_pho", 1_275_000, 51), ("thanh_pho", 3_825_000, 85),
    ("ha_noi_tphcm", 0, 125), ("ha_noi_tphcm", 14_000_000, 125),
    ("xa_mien_nui", 5_000, 15), ("xa_mien_nui", 5_999, 15), ("xa_mien_nui", 6_000, 16), ("xa_mien_nui", 10_000, 20),
    ("xa_mien_nui", 12_999, 20), ("xa_mien_nui", 13_000, 21), ("xa_mien_nui", 40_000, 30), ("xa_mien_nui", 99_000, 30),
    ("xa", 10_000, 15), ("xa", 11_999, 15), ("xa", 12_000, 16), ("xa", 20_000, 20), ("xa", 25_999, 20), ("xa", 26_000, 21),
    ("xa", 80_000, 30), ("phuong_tinh", 26_000, 21), ("phuong_tinh", 11_999, 15),
    ("phuong_thanh_pho", 15_000, 15), ("phuong_thanh_pho", 20_999, 15), ("phuong_thanh_pho", 21_000, 16),
    ("phuong_thanh_pho", 45_000, 20), ("phuong_thanh_pho", 51_999, 20), ("phuong_thanh_pho", 52_000, 21),
    ("phuong_thanh_pho", 115_000, 30), ("phuong_thanh_pho", 120_294, 30),
    ("dac_khu", 0, 15), ("dac_khu", 10_000, 20), ("dac_khu", 13_000, 21),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "people", "seats"), STEPS)
def test_seats_at_the_steps_of_article_30(kind, people, seats):
    assert seat_rules()[kind].seats(people) == seats


@given(st.sampled_from(sorted(seat_rules())), st.integers(0, 15_000_000))
def test_one_more_person_never_costs_a_seat_and_never_gives_two(kind, people):
    rule = seat_rules()[kind]

    assert rule.seats(people + 1) - rule.seats(people) in {0, 1}
    assert rule.base_seats <= rule.seats(people) <= rule.most


@pytest.mark.parametrize(
    ("code", "declared", "province", "kind"),
    [
        ("01", "thanh_pho", "thanh_pho", "ha_noi_tphcm"),
        ("79", "thanh_pho", "thanh_pho", "ha_noi_tphcm"),
        ("46", "thanh_pho", "thanh_pho", "thanh_pho"),
        ("75", "tinh", "tinh", "tinh"),
        ("19777", "phuong", "thanh_pho", "phuong_thanh_pho"),
        ("26377", "phuong", "tinh", "phuong_tinh"),
        ("19777", "xa_mien_nui", "thanh_pho", "xa_mien_nui"),
        ("19777", "dac_khu", "tinh", "dac_khu"),
    ],
)
def test_the_rule_of_a_council_follows_from_its_kind_and_its_province(code, declared, province, kind):
    assert seat_kind(code, declared, province) == kind


def test_a_ward_may_be_declared_the_commune_it_was_and_nothing_else_may_change_kind():
    assert may_declare("xa", "xa_mien_nui")
    assert may_declare("phuong", "xa_mien_nui")
    assert may_declare("xa", "")
    assert not may_declare("xa", "phuong")
    assert not may_declare("dac_khu", "xa_mien_nui")
    assert not may_declare("tinh", "thanh_pho")
