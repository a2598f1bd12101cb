"""The first person exists once; the code reaches only the owner of the file; the tables are those of the models."""

import json
import os
import stat
import subprocess
import sys
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import MetaData, create_engine, text

from services.contracts.base import EVERYWHERE
from services.contracts.identity import OpenPassport
from services.contracts.units import LoadUnits
from services.identity.models import Base
from services.identity.reference import national_units
from services.identity.vault import Vault
from services.kit.database import driver_url
from services.kit.migrate import migrate
from tests.identity.conftest import Somebody


@pytest.fixture
def bootstrap(settings, tmp_path):
    """Runs the command; the file it wrote, None when it wrote nothing."""
    out = tmp_path / "secrets" / "first-admin.json"

    def run():
        out.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "HP_DATABASE_URL": settings.database_url,
            "HP_PASSPORT_PRIVATE_KEY": str(settings.passport_private_key),
            "HP_FIRST_ADMIN": str(out),
        }
        command = [sys.executable, "-m", "services.identity.bootstrap"]
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        if not out.exists():
            return None
        told = json.loads(out.read_text(encoding="utf-8"))
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        assert told["code"] not in done.stdout + done.stderr
        return told

    return run


def test_the_first_person_is_made_once_activates_and_rules_the_units(identity, db, told, bootstrap):
    first, again = bootstrap(), bootstrap()

    assert first == again
    assert first["login"] == "quan-tri"
    session = Somebody(identity, "quan-tri", first["code"]).activated().signed_in()
    assert [(grant.role, grant.scope) for grant in session.grants] == [("system_admin", EVERYWHERE)]
    passport = identity.open_passport(OpenPassport(token=session.token)).passport
    assert len(identity.load_units(LoadUnits(key=uuid4(), units=national_units()), by=passport).units) == 3356
    assert bootstrap() is None
    assert len([letter for letter in told(db) if letter.data.get("state") == "created"]) == 1


def test_a_code_that_ran_out_is_replaced(identity, db, bootstrap):
    first = bootstrap()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE activations SET ends_at = now() - interval '1 day'"))

    second = bootstrap()

    assert second["code"] != first["code"]
    assert Somebody(identity, "quan-tri", second["code"]).activated().signed_in()


def test_a_sealed_secret_opens_for_its_owner_under_its_key_only():
    vault, owner = Vault(b"k" * 32), uuid4()
    sealed = vault.seal(owner, b"secret of twenty byte")

    assert vault.unseal(owner, sealed) == b"secret of twenty byte"
    for other_vault, other in ((vault, uuid4()), (Vault(b"x" * 32), owner)):
        with pytest.raises(InvalidTag):
            other_vault.unseal(other, sealed)
    assert "k" * 8 not in repr(vault)


def test_the_migrations_make_the_tables_of_the_models(databases):
    url = databases.empty("identity")
    try:
        migrate("identity", url)
        engine = create_engine(driver_url(url))
        found = MetaData()
        found.reflect(engine)
        engine.dispose()
    finally:
        databases.drop(url)

    made = {(table.name, column.name, column.nullable) for table in found.tables.values() for column in table.columns}
    meant = {
        (table.name, column.name, column.nullable)
        for table in Base.metadata.tables.values()
        for column in table.columns
    }
    assert made - {("alembic_version", "version_num", False)} == meant
