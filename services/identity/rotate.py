"""`python -m services.identity.rotate`: new keys for old ones while everything runs; stopped anywhere, it goes on.

`passports`: the new key is published first, signs once every verifier has read it, and the old one is withdrawn when
the last passport it signed has ended. `sealing`: a new master seals from now on, every secret is sealed again under it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from joserfc.jwk import OKPKey

from services.identity.settings import IdentitySettings
from services.identity.store import entry
from services.identity.vault import Vault
from services.kit.database import Database
from services.kit.passports import LIFETIME, load_key, new_key, public_keys, save_key, save_public

READ_WITHIN = 10.0
"""Seconds within which every verifier has read the published keys: they look each second, shared folders lag."""
MARGIN = 30.0
"""Seconds an old key stays after the last passport it signed has ended."""
_AT_ONCE = 500

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@dataclass(frozen=True)
class Rotation:
    """The files of the passport keys, and how it is waited."""

    private: Path
    public: Path
    rest: Callable[[float], None] = time.sleep
    read_within: float = READ_WITHIN
    ended_within: float = LIFETIME.total_seconds() + MARGIN

    @property
    def next(self) -> Path:
        """The key that is published and does not sign yet."""
        return self.private.with_name("passport.next.json")

    def run(self) -> str:
        """The id of the key that signs in the end, alone. At every instant each passport that lives verifies."""
        self.publish()
        self.rest(self.read_within)
        self.use()
        self.rest(self.ended_within)
        return self.withdraw()

    def publish(self) -> None:
        """The next key is among the public ones; a rotation that was broken off goes on with the key it had made."""
        if not self.next.exists():
            save_key(new_key(), self.next)
        self._show(load_key(self.next))

    def use(self) -> None:
        """The next key signs, in one step."""
        self.next.replace(self.private)

    def withdraw(self) -> str:
        """Only the key that signs is public."""
        key = load_key(self.private)
        save_public([key], self.public)
        return str(key.kid)

    def _show(self, key: OKPKey) -> None:
        known = {each.kid: each for each in (load_key(self.private), *public_keys(self.public))}
        save_public([*known.values(), *([] if key.kid in known else [key])], self.public)


def reseal(database: Database, vault: Vault) -> int:
    """Every secret that an older master sealed is sealed under the newest: how many. Who signs in meanwhile may."""
    done = 0
    while True:
        with database.transaction() as tx:
            old = entry.sealed_before(tx, vault.version, _AT_ONCE)
            for factor in old:
                fresh = vault.seal(factor.person, vault.unseal(factor.person, factor.sealed))
                done += entry.seal_again(tx, factor.id, factor.sealed, fresh)
        if not old:
            return done


@app.command()
def passports(
    read_within: Annotated[float, typer.Option(help="seconds until every verifier has read the new key")] = READ_WITHIN,
) -> None:
    """A new key signs passports; takes a little longer than a passport lives."""
    settings = IdentitySettings()
    rotation = Rotation(settings.passport_private_key, settings.passport_keys, read_within=read_within)
    typer.echo(f"{rotation.run()} signs, and no other key is published")


@app.command()
def sealing(
    *,
    again: Annotated[bool, typer.Option(help="no new master: only finish what was broken off")] = False,
) -> None:
    """A new master seals the secrets of authenticators; those sealed before are sealed again."""
    settings = IdentitySettings()
    if not again:
        settings.add_sealing_key()
    database = Database(settings.database_url, pool=1)
    try:
        vault = Vault(settings.sealing_keys())
        typer.echo(f"{reseal(database, vault)} secrets were sealed again under version {vault.version}")
    finally:
        database.close()


if __name__ == "__main__":
    app()
