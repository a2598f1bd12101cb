"""How the forms write: days, hours, titles of units, resolutions, chunks of a hash."""

import re
from datetime import date, datetime

from services.contracts.daytime import local
from services.reporting.domain.facts import Resolution

NOTHING = "Không có"
DRILL = "DIỄN TẬP"
_FIRST_TERM, _FIRST_YEAR = 16, 2026
_RESOLUTION = re.compile(
    r"(?P<number>\d+\w*/\S*NQ\S*)"
    r"(?:[\s,]*(?:ngày\s*)?(?:tháng\s*)?(?P<day>\d{1,2})\s*(?:/|tháng)\s*(?P<month>\d{1,2})\s*(?:/|năm)\s*(?P<year>\d{4}))?"
)
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def day_in_words(day: date) -> str:
    """A date of a document; days under 10 and the months 1 and 2 have a leading 0 (ND30).

    >>> day_in_words(date(2026, 3, 5))
    'ngày 05 tháng 3 năm 2026'
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def moment_in_words(instant: datetime) -> str:
    """An hour and a day as records write them: "07 giờ 00 phút, ngày 15 tháng 3 năm 2026"."""
    here = local(instant)
    return f"{here.hour:02d} giờ {here.minute:02d} phút, {day_in_words(here.date())}"


def term_of(day: date) -> str:
    """The number of the National Assembly elected on a day, in Roman figures: XVI in 2026, one more each five years."""
    return roman(_FIRST_TERM + (day.year - _FIRST_YEAR) // 5)


def years_of(day: date) -> str:
    """The years of the term: "2026-2031"."""
    return f"{day.year}-{day.year + 5}"


def roman(number: int) -> str:
    """A number under 40 in Roman figures.

    >>> roman(16)
    'XVI'
    """
    text = ""
    for value, letters in _ROMAN:
        while number >= value:
            text, number = text + letters, number - value
    return text


def titled(title: str) -> str:
    """A unit at the beginning of a line: "Phường Vỹ Dạ"."""
    return title[:1].upper() + title[1:]


def resolution(text: str, fallback: date | None = None) -> Resolution:
    """The resolution a text names, with its day when the text says one.

    >>> resolution("Nghị quyết số 85/NQ-HĐBCQG ngày 15/12/2025").number
    '85/NQ-HĐBCQG'
    """
    found = _RESOLUTION.search(text)
    if found is None:
        return Resolution(number=text.strip(), day=fallback)
    if found["day"] is None:
        return Resolution(number=found["number"].rstrip(",.;"), day=fallback)
    return Resolution(number=found["number"], day=date(int(found["year"]), int(found["month"]), int(found["day"])))


def chunks(content: str, count: int = 3) -> str:
    """The first groups of a hash as people compare them: "4C1E 90B7 22AF"."""
    return " ".join(content[place : place + 4].upper() for place in range(0, 4 * count, 4))
