"""The tile map of the 34 provinces (console brief, section 6): row, column, province; north to south."""

PLACES: tuple[tuple[int, int, str], ...] = (
    (1, 2, "12"), (1, 3, "15"), (1, 4, "08"), (1, 5, "04"),
    (2, 1, "11"), (2, 2, "14"), (2, 3, "25"), (2, 4, "19"), (2, 5, "20"),
    (3, 3, "01"), (3, 4, "24"), (3, 5, "22"),
    (4, 2, "38"), (4, 3, "37"), (4, 4, "33"), (4, 5, "31"),
    (5, 2, "40"), (5, 3, "42"),
    (6, 4, "44"), (6, 5, "46"),
    (7, 5, "48"), (7, 6, "51"),
    (8, 5, "66"), (8, 6, "52"),
    (9, 3, "80"), (9, 4, "75"), (9, 5, "68"), (9, 6, "56"),
    (10, 2, "91"), (10, 3, "82"), (10, 4, "79"),
    (11, 2, "96"), (11, 3, "92"), (11, 4, "86"),
)  # fmt: skip
NAMES = {
    "01": "Hà Nội", "04": "Cao Bằng", "08": "Tuyên Quang", "11": "Điện Biên", "12": "Lai Châu", "14": "Sơn La",
    "15": "Lào Cai", "19": "Thái Nguyên", "20": "Lạng Sơn", "22": "Quảng Ninh", "24": "Bắc Ninh", "25": "Phú Thọ",
    "31": "Hải Phòng", "33": "Hưng Yên", "37": "Ninh Bình", "38": "Thanh Hóa", "40": "Nghệ An", "42": "Hà Tĩnh",
    "44": "Quảng Trị", "46": "Huế", "48": "Đà Nẵng", "51": "Quảng Ngãi", "52": "Gia Lai", "56": "Khánh Hòa",
    "66": "Đắk Lắk", "68": "Lâm Đồng", "75": "Đồng Nai", "79": "Hồ Chí Minh", "80": "Tây Ninh", "82": "Đồng Tháp",
    "86": "Vĩnh Long", "91": "An Giang", "92": "Cần Thơ", "96": "Cà Mau",
}  # fmt: skip
"""Short names, as the tiles have room for."""

CLASSES = ((95, "t5"), (85, "t4"), (75, "t3"), (65, "t2"), (0, "t1"))


def tile_class(part: int, whole: int) -> str:
    """The class of a tile: under 65, 65-75, 75-85, 85-95, from 95 per cent; in integers."""
    if whole == 0:
        return "t0"
    return next(name for least, name in CLASSES if 100 * part >= least * whole)


def tenths(part: int, whole: int) -> str:
    """A share with one decimal, cut and not rounded: 100% is all of them.

    >>> tenths(9999, 10000)
    '99,9%'
    """
    if whole == 0:
        return "–"
    if part == whole:
        return "100%"
    share = part * 1000 // whole
    return f"{share // 10},{share % 10}%"
