"""Every service's migrations make exactly the tables its models say, by command, and may be run again."""

import importlib

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from services.kit import migrate, revisions
from services.kit.service import service_names

MIGRATED = [name for name in service_names() if (revisions.folder_of(name) / "env.py").exists()]


@pytest.mark.parametrize("service", MIGRATED)
def test_migrations_make_what_the_models_say(service, databases):
    url = databases.empty(service)
    head = migrate.migrate(service, url)
    migrate.migrate(service, url)

    assert revisions.is_current(url, service)
    assert head == revisions.head_of(service)
    metadata = importlib.import_module(f"services.{service}.models").Base.metadata
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()
    databases.drop(url)
