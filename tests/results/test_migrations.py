"""The migrations make exactly the tables the models say."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, text

from services.kit.database import driver_url
from services.kit.migrate import migrate
from services.results.models import Base


def test_the_newest_revision_is_what_the_models_say(databases) -> None:
    url = databases.fresh("results", MetaData())
    engine = create_engine(driver_url(url))
    try:
        migrate("results", url)
        with engine.connect() as connection:
            different = compare_metadata(MigrationContext.configure(connection), Base.metadata)
            checks = connection.execute(text("SELECT count(*) FROM pg_constraint WHERE contype = 'c'")).scalar_one()
            sequences = set(connection.execute(text("SELECT sequencename FROM pg_sequences")).scalars())
    finally:
        engine.dispose()
        databases.drop(url)

    assert [change for change in different if "alembic_version" not in str(change)] == []
    assert checks >= sum(
        1 for table in Base.metadata.tables.values() for each in table.constraints if hasattr(each, "sqltext")
    )
    assert "receipt_numbers" in sequences
