"""Alembic's entry for reporting."""

from services.kit.migrate import run_migrations
from services.reporting.models import Base

run_migrations(Base.metadata)
