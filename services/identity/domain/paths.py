"""Reading a unit path: its level, its administrative unit, whether its codes are of one place."""

import re
from enum import StrEnum


class Level(StrEnum):
    """Where a path stands."""

    NATION = "nation"
    PROVINCE = "province"
    COMMUNE = "commune"
    AREA = "area"
    PROVINCE_SEATS = "province_seats"
    COMMUNE_SEATS = "commune_seats"


LEVEL_NAMES: dict[Level, tuple[str, str]] = {
    Level.NATION: ("trung ương", "nation"),
    Level.PROVINCE: ("tỉnh, thành phố", "province"),
    Level.COMMUNE: ("xã, phường, đặc khu", "commune"),
    Level.AREA: ("khu vực bỏ phiếu", "polling area"),
    Level.PROVINCE_SEATS: ("đơn vị bầu cử trong tỉnh", "constituency of a province"),
    Level.COMMUNE_SEATS: ("đơn vị bầu cử trong xã", "constituency of a commune"),
}

_SHAPES = (
    (re.compile(r"vn"), Level.NATION),
    (re.compile(r"vn/\d{2}"), Level.PROVINCE),
    (re.compile(r"vn/\d{2}/\d{5}"), Level.COMMUNE),
    (re.compile(r"vn/\d{2}/\d{5}/\d{5}-\d{3}"), Level.AREA),
    (re.compile(r"vn/\d{2}/(NA|PC)-\d{2}-\d{2}"), Level.PROVINCE_SEATS),
    (re.compile(r"vn/\d{2}/\d{5}/CC-\d{5}-\d{2}"), Level.COMMUNE_SEATS),
)


def level(path: str) -> Level:
    """The level of a path.

    >>> level("vn/46/NA-46-01").value
    'province_seats'
    """
    for shape, found in _SHAPES:
        if shape.fullmatch(path):
            return found
    raise ValueError(f"not a unit path: {path}")


def unit_path(path: str) -> str:
    """The path of the administrative unit something stands in: itself, or the unit that holds the area or constituency.

    >>> unit_path("vn/46/19777/19777-012")
    'vn/46/19777'
    """
    if level(path) in (Level.AREA, Level.PROVINCE_SEATS, Level.COMMUNE_SEATS):
        return path.rpartition("/")[0]
    return path


def agrees(path: str) -> bool:
    """Whether an area's or constituency's own code names the unit it stands in.

    >>> agrees("vn/46/NA-79-01")
    False
    """
    if unit_path(path) == path:
        return True
    unit, _, code = path.rpartition("/")
    number = code.split("-")[0] if level(path) is Level.AREA else code.split("-")[1]
    return unit.rpartition("/")[2] == number


def holds(above: str, path: str) -> bool:
    """Whether a path is a unit itself or lies below it."""
    return path == above or path.startswith(f"{above}/")
