"""Alembic's entrance to the tables of voters."""

from services.kit.migrate import run_migrations
from services.voters.models import Base

run_migrations(Base.metadata)
