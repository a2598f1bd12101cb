"""The hash of what two people read: one changed letter of a dossier makes another hash."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from services.contracts.candidates import Background

DECLARED = ("full_name", "other_name", "birth_date", "sex", "ethnicity", "religion", "home_town", "residence")
"""The fields of an identity beside the personal number."""


def content_hash(
    declared: Mapping[str, object], concealed: bytes, contest: str, background: Background, nominated: tuple[str, str]
) -> str:
    """SHA-256 over everything a list prints, with the concealed number: from the hash nobody can guess the number."""
    told: Mapping[str, object] = {
        **{name: str(declared[name]) for name in DECLARED},
        "concealed": concealed.hex(),
        "contest": contest,
        "background": background.model_dump(mode="json"),
        "nominator": list(nominated),
    }
    return sha256(json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def age_on(birth_date: date, day: date) -> int:
    """Whole years of age on a day.

    >>> age_on(date(2005, 3, 15), date(2026, 3, 15)), age_on(date(2005, 3, 16), date(2026, 3, 15))
    (21, 20)
    """
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
