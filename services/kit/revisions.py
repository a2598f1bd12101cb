"""Where a service's schema stands: read by every process that starts, so without alembic, which costs it 10 MB."""

import importlib
from pathlib import Path
from typing import Any, cast

import psycopg


def folder_of(service: str) -> Path:
    """The folder of a service's migrations."""
    package = importlib.import_module(f"services.{service}")
    return Path(cast("str", package.__file__)).parent / "migrations"


def head_of(service: str) -> str:
    """The newest revision there is in the code: they are numbered, and forward only."""
    files = (folder_of(service) / "versions").glob("[0-9]*.py")
    return max((file.name.partition("_")[0] for file in files), default="")


def is_current(url: str, service: str) -> bool:
    """Whether the database stands at the newest revision of the code."""
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1), connect_timeout=3) as connection:
        try:
            row: Any = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return False
    return row is not None and row[0] == head_of(service)
