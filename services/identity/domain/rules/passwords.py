"""The rules of passwords (P)."""

from services.contracts.base import Rule, Severity

_BLOCK = Severity.BLOCK

PASSWORDS = (
    Rule(
        code="P401", severity=_BLOCK, source="NIST SP 800-63B-4 3.1.1",
        vi="chỉ có {found} ký tự, cần ít nhất {low}",
        en="it has {found} characters and needs at least {low}",
    ),
    Rule(
        code="P402", severity=_BLOCK, source="NIST SP 800-63B-4 3.1.1",
        vi="dài {found} ký tự, tối đa {high}",
        en="it has {found} characters; {high} is the most",
    ),
    Rule(
        code="P403", severity=_BLOCK, source="NIST SP 800-63B-4 3.1.1",
        vi="phần lớn là từ dễ đoán (tên địa phương, năm, tên người dùng, từ về bầu cử, dãy phím)",
        en="most of it is easily guessed (names of places, years, your own name, election words, rows of keys)",
    ),
)  # fmt: skip
