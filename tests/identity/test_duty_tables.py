"""The migrations of identity make exactly the tables its models say."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

from services.identity.models import Base
from services.kit.database import driver_url
from services.kit.migrate import migrate


def test_the_newest_revision_is_what_the_models_say(databases) -> None:
    url = databases.fresh("identity", MetaData())
    engine = create_engine(driver_url(url))
    try:
        migrate("identity", url)
        with engine.connect() as connection:
            different = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    finally:
        engine.dispose()
        databases.drop(url)

    assert [change for change in different if "alembic_version" not in str(change)] == []
