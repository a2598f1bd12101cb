"""The console in a real browser, by keyboard, at both widths, with axe looking on."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from services.gateway.notes import Note
from tests.gateway.stage import ELECTION, NOW, Stage
from tests.looking import faults_of, too_wide

pytestmark = pytest.mark.browser

WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
HOME = f"/{ELECTION}/19777"
TURNOUT = f"{HOME}/cu-tri-di-bau"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def console(stage: Stage, tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(stage.app(tmp_path), port=port, log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)


def visit(
    browser: Browser, console: str, token: str = "", size: dict | None = None
) -> tuple[BrowserContext, Page, list[str]]:
    context = browser.new_context(viewport=size or WIDE, base_url=console)
    if token:
        context.add_cookies([{"name": "hp_phien", "value": token, "url": console}])
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    return context, page, faults


@pytest.fixture
def secretary(browser: Browser, console: str) -> Iterator[Page]:
    context, page, faults = visit(browser, console, "xa")
    yield page
    context.close()
    assert [fault for fault in faults if "422" not in fault] == []


def test_signing_in_by_keyboard_alone(browser: Browser, console: str) -> None:
    context, page, faults = visit(browser, console)
    page.goto(f"{TURNOUT}")
    page.keyboard.type("chau")
    page.keyboard.press("Tab")
    page.keyboard.type("mot cau rat dai de nho")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vao/buoc-2")
    page.locator("#ma").focus()
    page.keyboard.type("123456")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{TURNOUT}")

    assert page.locator("h1").inner_text() == "Cử tri đi bầu đến 16:00"
    assert page.evaluate("document.cookie") == ""
    assert faults == []
    context.close()


def test_a_wrong_password_puts_the_focus_on_the_summary(browser: Browser, console: str) -> None:
    context, page, _ = visit(browser, console)
    page.goto("/vao")
    page.fill("#ten", "chau")
    page.fill("#mat-khau", "sai")
    page.keyboard.press("Enter")
    page.wait_for_selector(".summary")

    assert page.title().startswith("Lỗi: ")
    assert page.evaluate("document.activeElement.className") == "summary"
    assert page.input_value("#mat-khau") == ""
    context.close()


def test_turnout_is_entered_by_keyboard_and_only_what_matches_is_sent(secretary: Page, stage: Stage) -> None:
    secretary.goto(TURNOUT)
    secretary.locator("#a-19777-007").focus()
    for text in ("1352", "1352", "1324", "1342"):
        secretary.keyboard.type(text)
        secretary.keyboard.press("Enter")

    states = [
        secretary.locator(f"[data-row='19777-{area}'] [data-state]").inner_text() for area in ("007", "015", "021")
    ]
    assert states == ["Khớp", "Khác nhau", "Chậm 12 phút"]
    assert secretary.input_value("#a-19777-007") == "1.352"
    assert secretary.locator("[data-about]:visible h2").first.inner_text() == "Khu vực 21"
    assert secretary.locator("[data-primary]").inner_text().startswith("Gửi 1 khu vực đã khớp")

    with secretary.expect_navigation():
        secretary.keyboard.press("Control+Enter")

    assert [row["took_part"] for row in stage.line.asked("report_turnout")[0]["rows"]] == [1352]
    assert "Hai lần gõ là 1.324 và 1.342" in secretary.locator(".inline-err").inner_text()
    assert "Biên nhận số 46-19777-0412" in secretary.locator(".note.ok").inner_text()
    assert secretary.evaluate("document.activeElement.id") == "a-19777-015"
    secretary.keyboard.press("Tab")
    secretary.keyboard.press("F2")
    assert secretary.evaluate("document.activeElement.id") == "a-19777-015"


def test_a_lower_figure_asks_for_the_reason_before_it_counts_as_matching(secretary: Page) -> None:
    secretary.goto(f"{TURNOUT}?kv=19777-007")
    assert secretary.evaluate("document.activeElement.id") == "a-19777-007"
    secretary.keyboard.type("9")
    secretary.keyboard.press("Enter")
    secretary.keyboard.type("9")
    state = secretary.locator("[data-row='19777-007'] [data-state]")
    assert state.inner_text() == "Thấp hơn"
    secretary.keyboard.press("Enter")
    assert secretary.evaluate("document.activeElement.id") == "r-19777-007"
    secretary.keyboard.type("Tổ bầu cử báo nhầm")
    assert state.inner_text() == "Khớp"
    secretary.evaluate("document.querySelector('form[data-twice]').dirty = false")


def test_figures_change_by_themselves_and_the_focus_stays(secretary: Page, stage: Stage) -> None:
    secretary.goto(HOME)
    secretary.locator("a", has_text="Nhập cử tri đi bầu").focus()
    deadline = time.monotonic() + 5
    while not len(stage.hub) and time.monotonic() < deadline:
        time.sleep(0.05)

    stage.reported.update({7: 1352, 15: 1300, 21: 1301})
    stage.hub.tell(Note(topic="results.turnout_reported", election=ELECTION, unit="vn/46/19777", at=NOW))

    expect(secretary.locator("#cau")).to_contain_text("không còn khu vực nào chậm", timeout=9000)
    assert "24" in secretary.locator("#so").inner_text()
    assert secretary.evaluate("document.activeElement.innerText") == "Nhập cử tri đi bầu"


def test_what_is_being_typed_is_never_swapped(secretary: Page, stage: Stage) -> None:
    secretary.goto(TURNOUT)
    secretary.fill("#a-19777-007", "1352")
    deadline = time.monotonic() + 5
    while not len(stage.hub) and time.monotonic() < deadline:
        time.sleep(0.05)

    stage.reported.update({15: 1300})
    stage.hub.tell(Note(topic="results.turnout_reported", election=ELECTION, unit="vn/46/19777", at=NOW))
    expect(secretary.locator("#cau")).to_contain_text("22 trên 24", timeout=9000)

    assert secretary.input_value("#a-19777-007") == "1352"
    assert secretary.locator("#a-19777-015").count() == 1
    assert secretary.locator("[data-more-for='da-gui']").count() == 1
    secretary.keyboard.press("F8")
    assert secretary.locator("#dg-19777-015").count() == 1
    secretary.evaluate("document.querySelector('form[data-twice]').dirty = false")


PAGES = [
    ("", "/vao"), ("", "/kich-hoat"), ("xa", HOME), ("xa", TURNOUT),
    ("xa", f"{HOME}/su-co"), ("vn", f"/{ELECTION}/vn"), ("tinh", f"/{ELECTION}/46"),
    ("vn", f"/{ELECTION}/vn/ai-cham"), ("xa", f"{HOME}/ai-cham"),
    ("xa", "/tro-giup"), ("xa", "/cuoc-bau-cu"), ("xa", f"/{ELECTION}/99999"),
]  # fmt: skip


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1366", "390"])
@pytest.mark.parametrize(("token", "address"), PAGES, ids=[address for _, address in PAGES])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, console: str, token: str, address: str, size: dict
) -> None:
    context, page, _ = visit(browser, console, token, size)
    page.goto(address)

    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    context.close()


def test_no_page_scrolls_sideways_at_any_width(browser: Browser, console: str) -> None:
    wider = []
    for token, address in PAGES:
        context, page, _ = visit(browser, console, token)
        page.goto(address)
        wider += [(address, width) for width in too_wide(page, (320, 390, 683, 800, 1024, 1150, 1366, 1920))]
        context.close()

    assert wider == []


def test_a_page_works_without_its_script(browser: Browser, console: str, stage: Stage) -> None:
    context = browser.new_context(viewport=WIDE, base_url=console, java_script_enabled=False)
    context.add_cookies([{"name": "hp_phien", "value": "xa", "url": console}])
    page = context.new_page()
    page.goto(TURNOUT)
    page.fill("#a-19777-007", "1.352")
    page.fill("#b-19777-007", "1352")
    page.click("[data-primary]")

    assert "Biên nhận số 46-19777-0412" in page.locator(".note.ok").inner_text()
    assert stage.reported == {7: 1352}
    context.close()


def test_first_load_and_later_pages_stay_within_their_budget(browser: Browser, console: str) -> None:
    context, page, _ = visit(browser, console, "xa")
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(HOME)
    page.wait_for_timeout(300)
    first = sum(sizes)
    sizes.clear()
    page.goto(TURNOUT)
    page.wait_for_timeout(300)

    assert first <= 300_000
    assert sum(sizes) <= 120_000  # not compressed here; a proxy packs a page to a fifth
    context.close()
