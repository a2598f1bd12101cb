"""Synthetic people: plausible Vietnamese names, ages and personal numbers that belong to nobody, from a seed."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FAMILIES = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Đinh",
    "Lương",
    "Mai",
    "Trịnh",
    "Đoàn",
    "Tôn",
    "Hà",
    "Cao",
    "Châu",
    "Thái",
    "La",
    "Tạ",
    "Tống",
    "Vương",
]
FAMILY_WEIGHTS = (38, 12, 9, 7, 5, 5, 4, 4, 4, 3, 3, 2, 2, 2, 2) + (1,) * 15
MALE_MIDDLES = [
    "Văn",
    "Hữu",
    "Đức",
    "Công",
    "Quang",
    "Minh",
    "Quốc",
    "Đình",
    "Thanh",
    "Xuân",
    "Ngọc",
    "Bá",
    "Viết",
    "Trọng",
    "Duy",
    "Gia",
]
FEMALE_MIDDLES = [
    "Thị",
    "Ngọc",
    "Thanh",
    "Thu",
    "Minh",
    "Diệu",
    "Kim",
    "Bích",
    "Hồng",
    "Mỹ",
    "Phương",
    "Quỳnh",
    "Khánh",
    "Thùy",
    "Như",
]
MALE_NAMES = [
    "Hùng",
    "Dũng",
    "Tuấn",
    "Hải",
    "Sơn",
    "Nam",
    "Long",
    "Phúc",
    "Khoa",
    "Khánh",
    "Thắng",
    "Cường",
    "Bình",
    "Hòa",
    "Hiếu",
    "Lộc",
    "Tài",
    "Vinh",
    "Đạt",
    "Thành",
    "Trung",
    "Phong",
    "Tiến",
    "Duy",
    "Anh",
    "Lâm",
    "Quân",
    "Tường",
    "Phước",
    "Nghĩa",
    "Đăng",
    "An",
    "Bảo",
]
FEMALE_NAMES = [
    "Hoa",
    "Lan",
    "Hương",
    "Hồng",
    "Hạnh",
    "Thảo",
    "Trang",
    "Linh",
    "Ngân",
    "Nhung",
    "Yến",
    "Vân",
    "Thúy",
    "Hiền",
    "Hằng",
    "Mai",
    "Dung",
    "Nga",
    "Oanh",
    "Phượng",
    "Quyên",
    "Tâm",
    "Thu",
    "Trinh",
    "Tuyết",
    "Uyên",
    "Xuân",
    "Ánh",
    "Châu",
    "Giang",
    "Quỳnh",
    "Nhi",
    "My",
]
KINH = "Kinh"
MINORITIES = ("Tày", "Thái", "Mường", "Khmer", "Nùng", "H’Mông", "Dao", "Gia Rai", "Ê Đê", "Pa Cô", "Tà Ôi", "Cơ Tu")


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person who could be on a voter list."""

    full_name: str
    birth_date: date
    female: bool
    ethnicity: str
    number: str

    @property
    def sex(self) -> str:
        """As the voter file writes it."""
        return "Nữ" if self.female else "Nam"


class People:
    """An endless supply of different people of one province, the same for the same seed."""

    def __init__(self, seed: str, province: str, day: date, *, start: int = 0) -> None:
        self._random = Random(seed)
        self._province = int(province)
        self._day = day
        self._serials: dict[tuple[int, int], int] = {}
        self._start = start

    def name(self, *, female: bool) -> str:
        """A full name."""
        pick = self._random.choice
        family = self._random.choices(FAMILIES, FAMILY_WEIGHTS)[0]
        if female:
            return f"{family} {pick(FEMALE_MIDDLES)} {pick(FEMALE_NAMES)}"
        return f"{family} {pick(MALE_MIDDLES)} {pick(MALE_NAMES)}"

    def person(self, *, youngest: int = 18, oldest: int = 88) -> Person:
        """A person of an age between two bounds on election day, with a number that fits sex, century and year."""
        random = self._random
        female = random.random() < 0.508
        age = min(int(random.triangular(youngest, oldest, (youngest + oldest) * 0.42)), oldest - 1)
        born = self._day.replace(year=self._day.year - age, day=1) - timedelta(days=random.randrange(1, 330))
        kinh = random.random() < 0.9
        return Person(
            full_name=self.name(female=female),
            birth_date=born,
            female=female,
            ethnicity=KINH if kinh else random.choice(MINORITIES),
            number=self._number(born, female=female),
        )

    def _number(self, born: date, *, female: bool) -> str:
        kind = (0 if born.year < 2000 else 2) + (1 if female else 0)
        year = born.year % 100
        serial = self._serials.get((kind, year), self._start)
        self._serials[kind, year] = serial + 1
        return f"{self._province:03d}{kind}{year:02d}{serial:06d}"
