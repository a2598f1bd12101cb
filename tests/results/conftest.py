"""The world of these tests: real PostgreSQL, real doors, no broker."""

from collections.abc import Callable

import pytest

from services.kit.database import Database
from services.results.service import ResultsService
from tests.results.world import World


@pytest.fixture
def db(own_database: Callable[..., Database]) -> Database:
    return own_database("results")


@pytest.fixture
def world(hands: Callable, db: Database) -> World:
    return World(hands(ResultsService, db)).hear_all()
