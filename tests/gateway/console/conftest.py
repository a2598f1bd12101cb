"""A commune after the boxes have closed, in a real browser: `hall` is what the services hold, `console` where it is."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.testclient import TestClient

from tests.gateway.console.records import Hall

WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def console(hall: Hall, tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(hall.app(tmp_path), port=port, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture
def seat(browser: Browser, console: str) -> Iterator[Callable[..., Page]]:
    """`seat("go1")` → a page of that person; whatever its script complains of fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def sit(token: str = "", size: dict[str, int] | None = None, *, script: bool = True) -> Page:
        context = browser.new_context(viewport=size or WIDE, base_url=console, java_script_enabled=script)
        contexts.append(context)
        if token:
            context.add_cookies([{"name": "hp_phien", "value": token, "url": console}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        return page

    yield sit
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "the server responded with a status of 4" not in fault] == []


@pytest.fixture
def visitor(hall: Hall, tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(hall.app(tmp_path), base_url="http://hop.test", follow_redirects=False) as opened:
        yield opened
