"""The rule catalogue of identity: one file a subject, every rule by its code."""

from services.contracts.base import Rule
from services.identity.domain.rules.accounts import ACCOUNTS
from services.identity.domain.rules.bodies import BODIES
from services.identity.domain.rules.duties import DUTIES
from services.identity.domain.rules.passkeys import PASSKEYS
from services.identity.domain.rules.passwords import PASSWORDS
from services.identity.domain.rules.reviews import REVIEWS
from services.identity.domain.rules.sharing import SHARING
from services.identity.domain.rules.units import UNITS

RULES: dict[str, Rule] = {
    rule.code: rule for rule in (*UNITS, *BODIES, *ACCOUNTS, *PASSKEYS, *PASSWORDS, *REVIEWS, *SHARING, *DUTIES)
}
"""Every rule by its code."""
