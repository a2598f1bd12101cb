"""Candidates' migrations, run by the kit."""

from services.candidates.models import Base
from services.kit.migrate import run_migrations

run_migrations(Base.metadata)
