"""What the migrations make is what the models say."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from services.candidates.models import Base
from services.kit.database import driver_url
from services.kit.migrate import migrate


def test_the_migrated_database_differs_in_nothing_from_the_models(databases):
    url = databases.empty("candidates")
    migrate("candidates", url)
    engine = create_engine(driver_url(url))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    databases.drop(url)

    assert differences == []
