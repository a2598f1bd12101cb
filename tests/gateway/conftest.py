"""A gateway whose services are a table in the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from services.gateway.app import build, gateway
from services.gateway.settings import GatewaySettings
from tests.gateway.fakes import FakeHub, FakeLine


@pytest.fixture
def line() -> FakeLine:
    return FakeLine()


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def settings(tmp_path: Path) -> GatewaySettings:
    return GatewaySettings(files_url=str(tmp_path / "files"), public_folder=tmp_path / "public", gateway_body=1 << 20)


@pytest.fixture
def client(line: FakeLine, hub: FakeHub, settings: GatewaySettings) -> Iterator[TestClient]:
    app = build(settings, gateway(settings, line, hub))
    with TestClient(app, base_url="http://hop.test", raise_server_exceptions=False) as opened:
        yield opened
