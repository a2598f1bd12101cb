"""Alembic's entrance to the tables of identity."""

from services.identity.models import Base
from services.kit.migrate import run_migrations

run_migrations(Base.metadata)
