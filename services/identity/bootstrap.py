"""`python -m services.identity.bootstrap`: the first person there is, once; everybody else is created by somebody."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import NAMESPACE_URL, uuid4, uuid5

import typer

from services.contracts.base import EVERYWHERE, Grant
from services.contracts.identity import AccountChanged, NewAccount
from services.contracts.roles import Role
from services.identity.domain.sessions import ACTIVATION_LIFE
from services.identity.domain.states import ACCOUNT_STATES
from services.identity.notes import make_key
from services.identity.settings import IdentitySettings
from services.identity.store import people
from services.identity.vault import Vault, code_hash
from services.kit.actor import NOBODY
from services.kit.database import Database, Transaction
from services.kit.private import write_private

LOGIN, NAME = "quan-tri", "Quản trị hệ thống"
_COMMAND = uuid5(NAMESPACE_URL, "hom-phieu/first-person")


def first_person(tx: Transaction, vault: Vault, now: datetime) -> str | None:
    """The activation code of the first person, who is created when there is none; None once they have activated."""
    people.one_creation_at_a_time(tx)
    made = people.Made(by=NOBODY, command=_COMMAND, at=now, election=None, codes_end_at=now + ACTIVATION_LIFE)
    account = people.account_by_login(tx, LOGIN)
    if account is None:
        return _create(tx, vault, made)
    if not ACCOUNT_STATES.allows(account.state, "activate"):
        return None
    pending = people.newest_activation(tx, LOGIN)
    if pending is not None and now < pending.ends_at:
        return vault.activation_code(pending.activation)
    fresh = uuid4()
    people.add_activation(tx, fresh, account.person, code_hash(vault.activation_code(fresh)), made)
    return vault.activation_code(fresh)


def _create(tx: Transaction, vault: Vault, made: people.Made) -> str:
    grant = Grant(role=Role.SYSTEM_ADMIN.value, scope=EVERYWHERE)
    account = NewAccount(login=LOGIN, name=NAME, role=Role.SYSTEM_ADMIN, unit="vn")
    activation = uuid4()
    code = vault.activation_code(activation)
    person = people.NewPerson(uuid4(), account, grant, activation, code_hash(code))
    people.add_people(tx, [person], made)
    tx.emit(AccountChanged(person=person.id, login=LOGIN, name=NAME, state=ACCOUNT_STATES.start, grants=(grant,)))
    return code


def main(
    out: Annotated[Path, typer.Option(envvar="HP_FIRST_ADMIN", help="file the one-time code is written to")] = Path(
        "var/secrets/first-admin.json"
    ),
) -> None:
    """Create the first administrator and write the activation code where only the owner reads it."""
    settings = IdentitySettings()
    settings.make_sealing_key()
    make_key(settings.ledger_key_path)
    database = Database(settings.database_url, pool=1)
    try:
        with database.transaction() as tx:
            code = first_person(tx, Vault(settings.sealing_keys()), datetime.now(UTC))
    finally:
        database.close()
    if code is None:
        typer.echo(f"{LOGIN} is active; nothing was written.")
        return
    write_private(out, json.dumps({"login": LOGIN, "name": NAME, "code": code}, ensure_ascii=False).encode())
    typer.echo(f"{LOGIN} can be activated with the code in {out}.")


if __name__ == "__main__":
    typer.run(main)
