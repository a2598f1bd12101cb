"""How many deputies a Council has by its people (Law 72/2025/QH15, Art. 30); whole steps only (QA 34)."""

from dataclasses import dataclass
from functools import cache

from services.candidates.domain.calendar import reference

FIXED_125 = {"01", "79"}
"""Hà Nội and TP.HCM have 125 deputies each, whatever their people."""

MOUNTAIN = "xa_mien_nui"
_DECLARABLE = {
    "tinh": {"tinh"},
    "thanh_pho": {"thanh_pho"},
    "xa": {"xa", MOUNTAIN},
    "phuong": {"phuong", "xa", MOUNTAIN},  # a ward of today may have been a commune on election day
    "dac_khu": {"dac_khu"},
}


@dataclass(frozen=True)
class SeatRule:
    """One row of the law's table: so many seats up to a base, then one for each whole step."""

    kind: str
    base_population: int
    base_seats: int
    first_up_to: int
    first_step: int
    step: int
    most: int

    def seats(self, population: int) -> int:
        """The deputies of a Council with so many people.

        >>> seat_rules()["xa"].seats(11_999), seat_rules()["xa"].seats(12_000)
        (15, 16)
        """
        seats = self.base_seats
        if self.first_step:
            seats += max(min(population, self.first_up_to) - self.base_population, 0) // self.first_step
        if self.step:
            seats += max(population - max(self.base_population, self.first_up_to), 0) // self.step
        return min(seats, self.most)


@cache
def seat_rules() -> dict[str, SeatRule]:
    """The table of Art. 30 by kind of Council."""
    return {
        row["kind"]: SeatRule(kind=row["kind"], **{name: int(row[name] or 0) for name in row if name != "kind"})
        for row in reference("council_seats")
    }


def may_declare(unit_kind: str, council_kind: str) -> bool:
    """Whether a unit of this kind may have a Council of the declared kind; nothing declared is the unit's own kind."""
    return not council_kind or council_kind in _DECLARABLE.get(unit_kind, set())


def seat_kind(code: str, council_kind: str, province_kind: str) -> str:
    """The row of the law's table for a Council: the capital and TP.HCM apart, wards by the kind of their province."""
    if code in FIXED_125:
        return "ha_noi_tphcm"
    if council_kind == "phuong":
        return "phuong_thanh_pho" if province_kind == "thanh_pho" else "phuong_tinh"
    return council_kind
