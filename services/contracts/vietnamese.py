"""Vietnamese letters, names, numbers and shares: sorting, folding and printing, in one place."""

import unicodedata
from collections.abc import Sequence
from fractions import Fraction

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"  # forms.md 1.4; f j w z stand where Latin puts them
_RANK = {letter: place for place, letter in enumerate(_ALPHABET, start=1)}
_TONES = {"": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # none, huyền, hỏi, ngã, sắc, nặng
_SHAPES = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn belong to the letter, not to the tone

SortKey = tuple[tuple[int, ...], tuple[int, ...]]


def sort_key(text: str) -> SortKey:
    """The place of a text in the Vietnamese alphabet: letters first, then tones (forms.md 1.4).

    >>> sorted(["Được", "Dương", "Đạt", "Dũng"], key=sort_key)
    ['Dũng', 'Dương', 'Đạt', 'Được']
    """
    letters: list[int] = []
    tones: list[int] = []
    for cluster in _clusters(text.lower()):
        base = unicodedata.normalize("NFC", "".join(mark for mark in cluster if mark not in _TONES))
        letters.append(_RANK.get(base, 0 if base.isspace() else 100 + ord(base[0])))
        tones.append(max((_TONES[mark] for mark in cluster if mark in _TONES), default=0))
    return tuple(letters), tuple(tones)


def _clusters(text: str) -> list[list[str]]:
    found: list[list[str]] = []
    for mark in unicodedata.normalize("NFD", text):
        if found and (mark in _TONES or mark in _SHAPES):
            found[-1].append(mark)
        else:
            found.append([mark])
    return found


def name_parts(full_name: str) -> tuple[str, str, str]:
    """Family, middle and given name of a Vietnamese name; a single word is the given name."""
    words = full_name.split()
    if len(words) < 2:
        return "", "", full_name.strip()
    return words[0], " ".join(words[1:-1]), words[-1]


def name_key(full_name: str) -> tuple[SortKey, SortKey, SortKey]:
    """The order of names on lists and ballots: given, then family, then middle name (LBC 57; forms.md 1.4)."""
    family, middle, given = name_parts(full_name)
    return sort_key(given), sort_key(family), sort_key(middle)


def fold(text: str) -> str:
    """A text for searching: lower case, no diacritics, đ as d, single spaces.

    >>> fold("Đặng  Thùy Trâm") == fold("dang thuỳ tram")
    True
    """
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(mark for mark in plain if not unicodedata.combining(mark)).split())


def number(count: int) -> str:
    """A count with dots: 76.043.527."""
    return f"{count:,}".replace(",", ".")


def percent(part: int, whole: int) -> str:
    """A share with two decimals, half up at the third (QA 177), decimal comma; "0,00" of nothing.

    >>> percent(22566, 100000)
    '22,57'
    """
    if whole == 0:
        return "0,00"
    return _hundredths(_half_up(Fraction(part * 10000, whole)))


def shares(parts: Sequence[int]) -> list[str]:
    """Shares of one whole that add to exactly 100,00: rounded down, the rest to the largest remainders."""
    whole = sum(parts)
    if whole == 0:
        return ["0,00" for _ in parts]
    exact = [Fraction(part * 10000, whole) for part in parts]
    rounded = [share.numerator // share.denominator for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (rounded[place] - exact[place], place))
    for place in by_remainder[: 10000 - sum(rounded)]:
        rounded[place] += 1
    return [_hundredths(share) for share in rounded]


def _half_up(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()


def _hundredths(value: int) -> str:
    return f"{value // 100},{value % 100:02d}"
