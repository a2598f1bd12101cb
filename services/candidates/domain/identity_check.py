"""A dossier against the register, field by field, with a verdict in words a person can act on."""

import unicodedata
from datetime import date
from enum import StrEnum

from services.candidates.domain.rules import RULES
from services.contracts.base import Finding
from services.contracts.candidates import Identity, IdentityField, Sex
from services.contracts.vietnamese import fold
from services.contracts.voters import FoundPerson


class Verdict(StrEnum):
    """What the comparison of one field says."""

    SAME = "same"
    TONE_PLACE = "tone_place"
    DIACRITICS = "diacritics"
    WORD_ORDER = "word_order"
    DAY_AND_MONTH = "day_and_month"
    TWO_DIGITS = "two_digits"
    ONE_DIGIT = "one_digit"
    DIFFERENT = "different"
    ELSEWHERE = "elsewhere"
    NOT_RECORDED = "not_recorded"
    NOT_FOUND = "not_found"


VERDICTS: dict[Verdict, tuple[str, str]] = {
    Verdict.SAME: ("Khớp", "Same"),
    Verdict.TONE_PLACE: ("Cùng tên, khác cách bỏ dấu", "Same name, tone mark placed differently"),
    Verdict.DIACRITICS: ("Khác dấu", "Different diacritics"),
    Verdict.WORD_ORDER: ("Đảo thứ tự chữ", "Words in another order"),
    Verdict.DAY_AND_MONTH: ("Đảo ngày và tháng", "Day and month swapped"),
    Verdict.TWO_DIGITS: ("Đảo hai chữ số", "Two digits swapped"),
    Verdict.ONE_DIGIT: ("Khác một chữ số", "One digit differs"),
    Verdict.DIFFERENT: ("Khác", "Different"),
    Verdict.ELSEWHERE: ("Khác địa chỉ trong danh sách cử tri", "Another address in the voter list"),
    Verdict.NOT_RECORDED: ("Danh sách cử tri không ghi", "Not recorded in the voter list"),
    Verdict.NOT_FOUND: ("Không có trong danh sách cử tri", "Not in the voter list"),
}
"""Each verdict in Vietnamese and English."""

NUMBER = "personal_number"
FIELDS: dict[str, tuple[str, str]] = {
    "full_name": ("Họ và tên", "Full name"),
    "birth_date": ("Ngày sinh", "Date of birth"),
    "sex": ("Giới tính", "Sex"),
    "ethnicity": ("Dân tộc", "Ethnicity"),
    "residence": ("Nơi ở hiện nay", "Residence"),
    NUMBER: ("Số định danh", "Personal number"),
}
_AGREES = {Verdict.SAME, Verdict.ELSEWHERE, Verdict.NOT_RECORDED}
_DOUBTS = {Verdict.TONE_PLACE, Verdict.NOT_FOUND}
_SEXES = {Sex.MALE: "Nam", Sex.FEMALE: "Nữ"}
_TONES = {"\u0300", "\u0309", "\u0303", "\u0301", "\u0323"}


def compare(identity: Identity, found: FoundPerson, meant: str = "") -> tuple[IdentityField, ...]:
    """Every field with its verdict, those that differ first; `meant` is the block of the number somebody stands under.

    The number itself is in no field: what may be shown of it is put in where the dossier is shown.
    """
    if not found.found:
        verdict = Verdict.TWO_DIGITS if meant else Verdict.NOT_FOUND
        return (_field(NUMBER, "", meant, verdict),)
    fields = (
        _field("full_name", identity.full_name, found.full_name, name_verdict(identity.full_name, found.full_name)),
        _birth_field(identity.birth_date, found.birth_date),
        _sex_field(identity.sex, found.sex),
        _field("ethnicity", identity.ethnicity, found.ethnicity, word_verdict(identity.ethnicity, found.ethnicity)),
        _field("residence", identity.residence, found.address, _address_verdict(identity.residence, found.address)),
        _field(NUMBER, "", "", Verdict.SAME),
    )
    return tuple(sorted(fields, key=lambda field: (field.verdict in _AGREES, field.verdict == Verdict.SAME)))


def agrees(fields: tuple[IdentityField, ...]) -> bool:
    """Whether the register holds the person as declared."""
    return all(field.verdict in _AGREES for field in fields)


def only_doubts(fields: tuple[IdentityField, ...]) -> bool:
    """Whether nothing contradicts the dossier: tone marks stand elsewhere, or the register does not hold the person."""
    differing = [field for field in fields if field.verdict not in _AGREES]
    return bool(differing) and all(field.verdict in _DOUBTS for field in differing)


def number_slips(number: str) -> tuple[str, ...]:
    """The numbers from which this one comes by swapping two neighbouring digits.

    >>> number_slips("000000000012")
    ('000000000102', '000000000021')
    """
    swapped = (number[:at] + number[at + 1] + number[at] + number[at + 2 :] for at in range(len(number) - 1))
    return tuple(slip for slip in swapped if slip != number)


def is_same_person(identity: Identity, found: FoundPerson) -> bool:
    """Whether a person found under another number has the same name and date of birth."""
    name = name_verdict(identity.full_name, found.full_name)
    return found.found and name in {Verdict.SAME, Verdict.TONE_PLACE} and found.birth_date == identity.birth_date


def check_findings(fields: tuple[IdentityField, ...]) -> tuple[Finding, ...]:
    """One finding for each field that differs: a contradiction binds, a spelling or an absence asks for a reason."""
    found = []
    for field in fields:
        if field.verdict == Verdict.NOT_FOUND:
            found.append(RULES["HS1"].finding(NUMBER))
        elif field.verdict not in _AGREES:
            rule = RULES["HS3"] if field.verdict == Verdict.TONE_PLACE else RULES["HS2"]
            vi, en = FIELDS[field.field]
            found.append(rule.finding(field.field, field_vi=vi, field_en=en, verdict_vi=field.vi, verdict_en=field.en))
    return tuple(found)


def name_verdict(declared: str, registered: str) -> Verdict:
    """What two writings of a name have to do with each other; case and spaces do not matter.

    >>> str(name_verdict("Nguyễn Thị Thúy Hòa", "NGUYỄN THỊ THUÝ HOÀ"))
    'tone_place'
    """
    if not registered:
        return Verdict.NOT_RECORDED
    ours, theirs = _words(declared), _words(registered)
    if ours == theirs:
        return Verdict.SAME
    if [_tone_apart(word) for word in ours] == [_tone_apart(word) for word in theirs]:
        return Verdict.TONE_PLACE
    if sorted(ours) == sorted(theirs):
        return Verdict.WORD_ORDER
    return Verdict.DIACRITICS if fold(declared) == fold(registered) else Verdict.DIFFERENT


def word_verdict(declared: str, registered: str) -> Verdict:
    """As for a name, of a word such as the ethnicity: where a tone mark stands does not matter there."""
    verdict = name_verdict(declared, registered)
    return Verdict.SAME if verdict is Verdict.TONE_PLACE else verdict


def date_verdict(declared: date, registered: date) -> Verdict:
    """What two dates have to do with each other, as slips of the pen go.

    >>> str(date_verdict(date(1982, 11, 5), date(1982, 5, 11)))
    'day_and_month'
    """
    if declared == registered:
        return Verdict.SAME
    if (declared.year, declared.day, declared.month) == (registered.year, registered.month, registered.day):
        return Verdict.DAY_AND_MONTH
    ours, theirs = f"{declared:%d%m%Y}", f"{registered:%d%m%Y}"
    apart = [place for place in range(8) if ours[place] != theirs[place]]
    if len(apart) == 1:
        return Verdict.ONE_DIGIT
    first, last = apart[0], apart[-1]
    swapped = len(apart) == 2 and last == first + 1 and ours[first] + ours[last] == theirs[last] + theirs[first]
    return Verdict.TWO_DIGITS if swapped else Verdict.DIFFERENT


def _address_verdict(declared: str, registered: str) -> Verdict:
    if not registered:
        return Verdict.NOT_RECORDED
    return Verdict.SAME if fold(declared) == fold(registered) else Verdict.ELSEWHERE


def _birth_field(declared: date, registered: date | None) -> IdentityField:
    verdict = Verdict.NOT_RECORDED if registered is None else date_verdict(declared, registered)
    return _field("birth_date", _day(declared), _day(registered), verdict)


def _sex_field(declared: Sex, registered: Sex | None) -> IdentityField:
    if registered is None:
        return _field("sex", _SEXES[declared], "", Verdict.NOT_RECORDED)
    verdict = Verdict.SAME if declared is registered else Verdict.DIFFERENT
    return _field("sex", _SEXES[declared], _SEXES[registered], verdict)


def _field(name: str, declared: str, registered: str, verdict: Verdict) -> IdentityField:
    vi, en = VERDICTS[verdict]
    return IdentityField(
        field=name, declared=declared[:400], registered=registered[:400], verdict=str(verdict), vi=vi, en=en
    )


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _words(name: str) -> list[str]:
    return unicodedata.normalize("NFC", name).lower().split()


def _tone_apart(word: str) -> tuple[str, str]:
    """The letters of a word without its tone, and the tone: hòa and hoà are the same pair."""
    marks = unicodedata.normalize("NFD", word)
    letters = "".join(mark for mark in marks if mark not in _TONES)
    return unicodedata.normalize("NFC", letters), "".join(sorted(mark for mark in marks if mark in _TONES))
