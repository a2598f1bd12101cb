"""The hash of what two people read: one changed letter of a dossier makes another hash."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from services.contracts.candidates import Background, Contest, Identity, Nominator


def content_hash(
    identity: Identity, concealed: bytes, contest: Contest, background: Background, nominated: tuple[Nominator, str]
) -> str:
    """SHA-256 over everything a list prints, with the concealed number: from the hash nobody can guess the number."""
    told: Mapping[str, object] = {
        **identity.model_dump(mode="json", exclude={"personal_number"}),
        "concealed": concealed.hex(),
        "contest": str(contest),
        "background": background.model_dump(mode="json"),
        "nominator": [str(nominated[0]), nominated[1]],
    }
    return sha256(json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def age_on(birth_date: date, day: date) -> int:
    """Whole years of age on a day.

    >>> age_on(date(2005, 3, 15), date(2026, 3, 15)), age_on(date(2005, 3, 16), date(2026, 3, 15))
    (21, 20)
    """
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
