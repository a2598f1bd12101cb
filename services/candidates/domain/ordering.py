"""The legal order of names, also as a text a database can sort bytewise."""

from datetime import date

from services.contracts.vietnamese import SortKey, name_key


def _text(key: SortKey) -> str:
    letters, tones = key
    return "".join(f"{letter:06x}" for letter in letters) + "." + "".join(str(tone) for tone in tones)


def order_key(full_name: str, birth_date: date) -> str:
    """Given, family, middle name, then earlier birth date (LBC 57; forms.md 1.4), as text in byte order.

    >>> names = ["Trần Văn Được", "Lê Thị Dương", "Lê Thị Đạt", "Lê Anh Dũng"]
    >>> [name.split()[-1] for name in sorted(names, key=lambda name: order_key(name, date(1980, 1, 1)))]
    ['Dũng', 'Dương', 'Đạt', 'Được']
    """
    return "/".join((*(_text(part) for part in name_key(full_name)), birth_date.isoformat()))
