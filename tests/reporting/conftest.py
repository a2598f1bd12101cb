"""Reporting with a small election heard, as most of its tests begin."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.kit.database import Database
from services.reporting.press_room import PressRoom
from services.reporting.service import ReportingService
from services.reporting.settings import ReportingSettings
from tests.reporting import election as told_by_others


@pytest.fixture
def db(own_database: Callable[..., Database]) -> Database:
    return own_database("reporting")


@pytest.fixture
def reporting(db: Database, hands: Callable[..., Any], tmp_path: Path) -> Any:
    settings = ReportingSettings(
        database_url=db.url,
        files_url=str(tmp_path / "files"),
        public_folder=tmp_path / "public",
        snapshot_key=tmp_path / "keys" / "snapshot.pem",
    )
    made = hands(ReportingService, db, settings=settings)
    made.service.work_publications = PressRoom(db, settings).work
    return made


@pytest.fixture
def heard(reporting: Any) -> Any:
    """Reporting after everything of the small election was told."""
    for group in told_by_others.everything():
        reporting.hear(group)
    return reporting
