"""Numbers as people type them."""

import re
import unicodedata
from typing import Final

from services.contracts.base import MAX_COUNT

_PLAIN: Final = re.compile(r"[0-9]{1,16}")
_GROUPED: Final = re.compile(r"[0-9]{1,3}([., \u00a0\u202f])[0-9]{3}(\1[0-9]{3})*")


def typed(text: str) -> int | None:
    """1286, 1.286, 1 286 and full-width digits as a number; None when the box is empty.

    Anything else is a ValueError: what cannot be read is not guessed.

    >>> typed("1.286"), typed("１２８６"), typed(" 76 043 527 "), typed("")
    (1286, 1286, 76043527, None)
    """
    plain = unicodedata.normalize("NFKC", text.strip())
    if not plain:
        return None
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[^0-9]", "", plain)
    if not _PLAIN.fullmatch(plain) or int(plain) > MAX_COUNT:
        raise ValueError(text)
    return int(plain)
