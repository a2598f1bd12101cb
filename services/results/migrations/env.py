"""Alembic's entrance to the tables of results."""

from services.kit.migrate import run_migrations
from services.results.models import Base

run_migrations(Base.metadata)
