"""The public pages in a real browser: no finding of axe, nothing sideways, a working search; read without JavaScript."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, sync_playwright

from services.contracts.reporting import PublishSnapshot
from tests.looking import faults_of
from tests.reporting.election import CC, NA, E

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "index.html", "hdnd-tinh/index.html", "hdnd-xa/index.html", f"quoc-hoi/{NA}.html", f"quoc-hoi/{NA}-khu-vuc.html",
    f"hdnd-xa/{CC}.html", "dia-ban/46.html", "dia-ban/19777.html", "du-lieu/index.html", "kiem-chung/index.html",
    "tim-kiem.html", "en/index.html", f"en/quoc-hoi/{NA}.html",
)  # fmt: skip

pytestmark = pytest.mark.browser


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Nothing: the tests say what they need."""


@pytest.fixture
def site(heard: Any, passport: Any) -> Iterator[str]:
    heard.publish_snapshot(
        PublishSnapshot(election=E, unit="vn", key=uuid4()), passport(role="publisher", scope=f"{E}/vn")
    )
    folder = Path(heard.service.settings.public_folder) / E / "latest"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


def test_every_kind_of_page_is_accessible_and_never_scrolls_sideways(site: str, chromium: Browser) -> None:
    faults: list[Any] = []
    for width, height in ((1366, 768), (390, 844)):
        page = chromium.new_page(viewport={"width": width, "height": height})
        for name in PAGES:
            page.goto(site + name)
            faults += [(name, width, fault) for fault in faults_of(page)]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                faults.append((name, width, "scrolls sideways"))
        page.close()

    assert faults == []


def test_the_results_are_read_without_javascript_and_in_english(site: str, chromium: Browser) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}quoc-hoi/{NA}.html")
    vietnamese = page.inner_text("main")
    page.click("header nav.wide >> text=EN")
    english = page.inner_text("main")

    assert "Bà Lê Thị Diệu Hiền" in vietnamese
    assert "2.700" in vietnamese
    assert "Ms Lê Thị Diệu Hiền" in english
    assert "2,700" in english
    assert page.url.endswith(f"/en/quoc-hoi/{NA}.html")


def test_the_search_finds_a_name_typed_without_marks(site: str, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(f"{site}index.html")
    page.fill("#q", "dieu hien")
    page.click("text=Tìm kết quả")
    page.wait_for_selector("#hits a")
    found = page.inner_text("#hits")
    page.click("#hits a >> nth=0")

    assert "Bà Lê Thị Diệu Hiền · Thành phố Huế, đơn vị số 1" in found
    assert "Lê Thị Diệu Hiền" in page.inner_text("main")
