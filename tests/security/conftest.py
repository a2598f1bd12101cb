"""Identity with people who are active from the start."""

import pytest

from deploy.security.ground import on_database


@pytest.fixture
def ground(own_database, tmp_path):
    return on_database(tmp_path, own_database("identity", pool=24))
