"""What every door of identity stands on: its settings and its keys."""

from functools import cached_property, lru_cache
from typing import ClassVar

from joserfc.jwk import OKPKey

from services.identity.settings import IdentitySettings
from services.identity.vault import Vault
from services.kit.passports import load_key
from services.kit.service import Service
from services.kit.settings import Settings


class Desk(Service):
    """A service that holds the keys of identity."""

    settings_type: ClassVar[type[Settings]] = IdentitySettings
    settings: IdentitySettings

    @cached_property
    def vault(self) -> Vault:
        return _vault_of(tuple(sorted(self.settings.sealing_keys().items())))

    @cached_property
    def passport_key(self) -> OKPKey:
        return load_key(self.settings.passport_private_key)


@lru_cache(maxsize=4)
def _vault_of(masters: tuple[tuple[int, bytes], ...]) -> Vault:
    """One for each set of masters: its keys are derived once, not at every call."""
    return Vault(dict(masters))
