"""Whether a password is long enough and hard to guess: NIST SP 800-63B-4, with the words of Vietnam's elections."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from services.contracts.base import Finding
from services.contracts.identity import PasswordTooWeak
from services.contracts.vietnamese import fold
from services.identity.domain.rules import RULES

SHORTEST, LONGEST = 15, 128
FREE_LETTERS = 8
"""So many letters must remain when everything easily guessed is taken away."""
FREE_KINDS = 5
"""So many different letters must be among those that remain."""
WORD = 4
"""Shorter words are not looked for: they occur in every sentence."""

_CONTEXT = (
    "bau cu", "phieu bau", "hom phieu", "cu tri", "ung cu", "ung cu vien", "dai bieu", "quoc hoi", "hoi dong",
    "hoi dong nhan dan", "uy ban", "uy ban nhan dan", "ubbc", "ubnd", "hdnd", "mttq", "mat tran", "to quoc",
    "ban bau cu", "to bau cu", "to truong", "thu ky", "khu vuc", "khu vuc bo phieu", "kiem phieu", "bo phieu",
    "danh sach", "thanh pho", "phuong", "dac khu", "viet nam", "cong hoa", "xa hoi chu nghia", "doc lap", "tu do",
    "hanh phuc", "dang cong san", "ho chi minh", "sai gon", "ha noi", "ngay hoi", "toan dan", "election", "vote",
    "voter", "ballot", "dien tap",
)  # fmt: skip
_COMMON = (
    "mat khau", "password", "passw0rd", "p@ssword", "passwd", "admin", "administrator", "quan tri", "welcome",
    "letmein", "iloveyou", "anh yeu em", "em yeu anh", "yeu em", "xin chao", "hello", "monkey", "dragon", "football",
    "baseball", "sunshine", "princess", "superman", "batman", "master", "shadow", "login", "secret", "khong biet",
    "khong co", "correct horse battery staple", "trustno", "changeme", "default", "guest", "user", "test", "root",
    "pssw0rd", "passwd", "sieu nhan", "con vit", "mot con vit", "computer", "michael", "jordan", "pokemon", "liverpool",
    "manchester", "chelsea", "barcelona", "samsung", "nokia", "internet", "whatever", "starwars", "killer", "google",
    "nguyen", "hoang", "pham", "huynh", "duong", "trinh", "truong", "dang", "phan", "quang", "thanh", "minh anh",
)  # fmt: skip
_KEYS = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "qazwsxedcrfvtgb", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qweasdzxc", "zaqxswcdevfrbgt", "147258369",
)  # fmt: skip
_YEAR = re.compile(r"(19|20)\d\d")


def one_form(password: str) -> str:
    """The password as it is hashed: NFKC, so that every keyboard and every phone gives the same one."""
    return unicodedata.normalize("NFKC", password)


def guessable_words(*groups: Iterable[str]) -> frozenset[str]:
    """Words as they are looked for: lower case, without diacritics and spaces, those of four letters and more."""
    squeezed = (_squeeze(word) for group in (_CONTEXT, _COMMON, *groups) for word in group)
    return frozenset(word for word in squeezed if len(word) >= WORD)


def own_words(login: str, name: str) -> tuple[str, ...]:
    """The words of a person that their own password may not lean on."""
    return (login, *re.split(r"[.\-]", login), name, *name.split())


def findings_of(password: str, words: Collection[str]) -> tuple[Finding, ...]:
    """What speaks against a password; `words` from `guessable_words`."""
    return tuple(_findings(one_form(password), words))


def require_strong(password: str, words: Collection[str]) -> None:
    """PasswordTooWeak with every reason, unless there is none."""
    findings = findings_of(password, words)
    if findings:
        reason_vi, reason_en = "; ".join(each.vi for each in findings), "; ".join(each.en for each in findings)
        raise PasswordTooWeak(findings=findings, reason_vi=reason_vi, reason_en=reason_en)


def _findings(password: str, words: Collection[str]) -> Iterator[Finding]:
    if len(password) < SHORTEST:
        yield RULES["P401"].finding("password", found=len(password), low=SHORTEST)
    if len(password) > LONGEST:
        yield RULES["P402"].finding("password", found=len(password), high=LONGEST)
        return
    free = _free_letters(_once(_squeeze(password)), words)
    if len(free) < FREE_LETTERS or len(set(free)) < FREE_KINDS:
        yield RULES["P403"].finding("password")


def _squeeze(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum() or unicodedata.category(letter) == "So")


def _once(text: str) -> str:
    """A text that is only one piece said again and again, said once; any other as it is."""
    for length in range(1, len(text) // 2 + 1):
        if (text[:length] * (len(text) // length + 1)).startswith(text):
            return text[:length]
    return text


def _free_letters(text: str, words: Collection[str]) -> str:
    """What remains of a text without words, years, rows of keys and repeated or running letters."""
    longest = max(map(len, words), default=0)
    free: list[str] = []
    place = 0
    while place < len(text):
        taken = max(_word_at(text, place, words, longest), _year_at(text, place), _keys_at(text, place))
        if not taken and not _runs_on(text, place):
            free.append(text[place])
        place += taken or 1
    return "".join(free)


def _word_at(text: str, place: int, words: Collection[str], longest: int) -> int:
    for length in range(min(longest, len(text) - place), WORD - 1, -1):
        if text[place : place + length] in words:
            return length
    return 0


def _year_at(text: str, place: int) -> int:
    return 4 if _YEAR.match(text, place) else 0


def _keys_at(text: str, place: int) -> int:
    for length in range(len(text) - place, WORD - 1, -1):
        part = text[place : place + length]
        if any(part in row or part[::-1] in row for row in _KEYS):
            return length
    return 0


def _runs_on(text: str, place: int) -> bool:
    """Whether a letter only repeats the one before it or counts on from it: `aaaa`, `abcd`, `4321`."""
    return place > 0 and abs(ord(text[place]) - ord(text[place - 1])) <= 1
