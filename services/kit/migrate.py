"""Alembic without ini files: forward only, a short lock timeout, run by a command and never at start-up.

A service's `migrations/env.py` is three lines:

    from services.kit.migrate import run_migrations
    from services.results.models import Base
    run_migrations(Base.metadata)
"""

import re
from pathlib import Path
from typing import cast

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, create_engine, pool, text

from services.kit.database import driver_url
from services.kit.revisions import folder_of, head_of

LOCK_TIMEOUT = "5s"
_ALONE = 7_043_001  # one migration of a database at a time, whoever starts it


def _config(service: str, url: str) -> Config:
    config = Config()
    folder = folder_of(service)
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["url"] = url
    return config


def run_migrations(metadata: MetaData) -> None:
    """Called by a service's env.py: run what is asked for against the database of the command."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(cast("Connection", given), metadata)
        return
    engine = create_engine(driver_url(str(context.config.attributes["url"])), poolclass=pool.NullPool)
    with engine.connect() as connection:
        _run(connection, metadata)
    engine.dispose()


def _run(connection: Connection, metadata: MetaData) -> None:
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SELECT pg_advisory_lock({_ALONE})"))
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata, compare_type=True, include_schemas=False)
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text(f"SELECT pg_advisory_unlock({_ALONE})"))
        connection.commit()


def migrate(service: str, url: str) -> str:
    """The database stands at the newest revision, whose name is answered."""
    config = _config(service, url)
    command.upgrade(config, "head")
    return head_of(service)


def revision(service: str, words: str, url: str) -> Path:
    """A new numbered revision with what the models say and the database does not."""
    config = _config(service, url)
    versions = folder_of(service) / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    template = folder_of(service) / "script.py.mako"
    fresh = not template.exists()
    if fresh:
        template.write_text(_TEMPLATE)
    taken = [int(match.group()) for file in versions.glob("*.py") if (match := re.match(r"\d+", file.name))]
    try:
        command.revision(config, words, autogenerate=True, rev_id=f"{max(taken, default=0) + 1:04d}")
    finally:
        if fresh:
            template.unlink()
    return max(versions.glob("*.py"), key=lambda file: file.stat().st_mtime)


_TEMPLATE = '''"""${message}"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
'''
