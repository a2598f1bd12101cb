"""Security keys in a real browser with a virtual authenticator, against the real identity service and its database."""

import socket
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from uuid import uuid4

import pyotp
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from services.contracts.identity import CreateAccounts, NewAccount
from services.identity.service import IdentityService
from services.identity.settings import IdentitySettings
from services.kit.passports import Verifier, save_key
from tests.gateway.console.real_identity import RealIdentityLine
from tests.gateway.console.records import Hall
from tests.gateway.stage import ELECTION
from tests.identity.conftest import PASSWORD, ROOT, Somebody
from tests.looking import faults_of, too_wide

pytestmark = pytest.mark.browser

VY_DA, HUE = "vn/46/19777", "vn/46"
HOME = f"/{ELECTION}/19777"
NEW_PASSWORD = "mưa rơi trên mái ngói cũ sau vườn chuối"


@pytest.fixture
def site(own_database, hands, signing_key, tmp_path) -> Iterator[SimpleNamespace]:
    """The console on `localhost` (an IP address cannot be a relying party) with the real identity behind it."""
    db = own_database("identity", pool=10)
    save_key(signing_key, tmp_path / "passport.json")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = IdentitySettings(
        database_url=db.url,
        passport_private_key=tmp_path / "passport.json",
        passkey_origins=(f"http://localhost:{port}",),
    )
    settings.make_sealing_key()
    identity, hall = hands(IdentityService, db, settings=settings), Hall()
    hall.line = RealIdentityLine(identity, hall.line)
    server = uvicorn.Server(uvicorn.Config(hall.app(tmp_path), port=port, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield SimpleNamespace(url=f"http://localhost:{port}", identity=identity, db=db, hall=hall, settings=settings)
    server.should_exit = True
    thread.join(5)


def person(site, login: str, role: str, unit: str, name: str) -> Somebody:
    account = NewAccount(login=login, name=name, role=role, unit=unit)
    from services.identity.reference import national_units
    from services.identity.store import places

    with site.db.transaction() as tx:
        if not places.known_paths(tx, {unit}):
            places.save_units(tx, national_units())
    asked = CreateAccounts(key=uuid4(), election=ELECTION, unit=unit, accounts=(account,))
    return Somebody(site.identity, login, site.identity.create_accounts(asked, by=ROOT).activations[0].code)


@pytest.fixture
def seat(browser: Browser, site) -> Iterator:
    """`seat()` → a page with a security key plugged in that its holder has verified; faults of scripts fail the test."""
    contexts, faults = [], []

    def sit(*, key: bool = True, width: int = 1366) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844}, base_url=site.url)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        if key:
            devtools = context.new_cdp_session(page)
            devtools.send("WebAuthn.enable")
            kind = {
                "protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }  # fmt: skip
            made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
            page.key = (devtools, made["authenticatorId"])
        return page

    yield sit
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "the server responded with a status of 4" not in fault] == []


def password(page: Page, login: str, secret: str = PASSWORD, back: str = "/toi") -> None:
    page.goto(f"/vao?ve={back}")
    page.fill("#ten", login)
    page.fill("#mat-khau", secret)
    page.keyboard.press("Enter")
    page.wait_for_url("**/vao/buoc-2")


def by_code(page: Page, who: Somebody) -> None:
    who.free_codes()
    page.fill("#ma", who.totp())


def enrols(page: Page, who: Somebody, name: str = "Khóa xanh") -> None:
    page.goto("/toi/them-khoa")
    page.fill("#ten-khoa", name)
    by_code(page, who)
    page.click("[data-primary]")
    page.click("[data-options]")
    page.wait_for_url("**/toi?xong=khoa")


def test_a_key_is_registered_signs_in_and_approves_count_records(site, seat, passport_keys) -> None:
    who = person(site, "duc.vy-da", "approver", VY_DA, "Phạm Minh Đức").activated()
    page = seat()
    password(page, who.login)
    expect(page.locator("[data-passkey]")).to_have_count(0)
    by_code(page, who)
    page.keyboard.press("Enter")
    page.wait_for_url("**/toi")
    assert "T502" in page.locator(".find").inner_text()

    enrols(page, who)
    assert "Khóa xanh" in page.locator("table").first.inner_text()
    assert "Đã ghép khóa" in page.locator(".note.ok").inner_text()

    page.context.clear_cookies()
    password(page, who.login, back=f"{HOME}/bien-ban/duyet")
    assert page.evaluate("document.activeElement.hasAttribute('data-passkey')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bien-ban/duyet")

    shown = page.locator("[data-signing] input[name='noi-dung']").input_value()
    page.click("[data-signing] [data-passkey]")
    page.wait_for_selector("h1:has-text('Đã phê duyệt')", timeout=10_000)

    letter = next(letter for letter in site.hall.line.letters if letter.door == "approve_records")
    carried = Verifier(passport_keys).verify(letter.passport)
    assert (carried.name, carried.approves) == ("Phạm Minh Đức", shown)
    assert site.hall.line.asked("step_up_by_key")[0]["content"] == shown


def test_a_further_key_and_its_end_are_confirmed_by_a_key(site, seat) -> None:
    who = person(site, "duc.vy-da", "approver", VY_DA, "Phạm Minh Đức").activated()
    page = seat()
    password(page, who.login)
    by_code(page, who)
    page.keyboard.press("Enter")
    page.wait_for_url("**/toi")
    enrols(page, who)
    page.goto("/toi")
    page.click("a:has-text('Kết thúc')")
    page.click("[data-passkey]")
    page.wait_for_url("**/toi?xong=het-khoa")

    assert "Chưa có khóa bảo mật nào" in page.locator("main").inner_text()


def test_a_key_that_is_not_there_says_what_to_do_and_the_code_still_works(site, seat) -> None:
    who = person(site, "duc.vy-da", "approver", VY_DA, "Phạm Minh Đức").activated()
    page = seat()
    password(page, who.login)
    by_code(page, who)
    page.keyboard.press("Enter")
    page.wait_for_url("**/toi")
    enrols(page, who)
    devtools, key = page.key
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto("/toi/mat-khau")
    page.fill("#mk0", PASSWORD)
    page.fill("#mk1", NEW_PASSWORD)
    page.fill("#mk2", NEW_PASSWORD)
    page.click("[data-passkey]")
    said = page.locator("[data-passkey-says]")
    expect(said).to_be_visible(timeout=10_000)

    assert "gõ mã 6 số" in said.inner_text()
    by_code(page, who)
    page.click("[data-primary]")
    page.wait_for_url("**/toi?xong=mat-khau")
    assert site.hall.line.asked("begin_step_up")[0].keys() == {"key", "token", "content"}
    page.context.clear_cookies()
    password(page, who.login, NEW_PASSWORD)


def test_an_account_is_activated_by_key_where_the_role_needs_one(site, seat) -> None:
    site.settings.passkey_roles = frozenset({"approver"})
    who = person(site, "moi.vy-da", "approver", VY_DA, "Trần Thị Mới")
    page = seat()
    page.goto("/kich-hoat")
    page.fill("#ten", who.login)
    page.fill("#ma-kh", who.code)
    page.fill("#mk1", PASSWORD)
    page.fill("#mk2", PASSWORD)
    page.click("button.primary")
    secret = "".join(page.locator("#khoa span").all_inner_texts())
    page.fill("#ma", pyotp.TOTP(secret).now())
    page.click("button.primary")
    assert "chỉ dùng được với khóa bảo mật" in page.locator(".summary").inner_text()
    page.click("[data-passkey]")
    page.wait_for_url("**/vao?xong=true")
    password(page, who.login)
    expect(page.locator("#ma")).to_have_count(0)
    page.click("[data-passkey]")
    page.wait_for_url("**/toi")

    assert "Không dùng mã 6 số" in page.locator("main").inner_text()


def test_a_lost_account_comes_back_through_two_people_of_the_unit_above(site, seat) -> None:
    lost = person(site, "lan.vy-da", "approver", VY_DA, "Nguyễn Thị Lan").activated()
    above = [
        person(site, login, "account_admin", HUE, name).activated()
        for login, name in (("mot.hue", "Lê Văn Một"), ("hai.hue", "Hồ Thị Hai"))
    ]
    street = seat(key=False)
    street.goto("/vao")
    street.click("a:has-text('Quên mật khẩu')")
    street.fill("#ten", lost.login)
    street.click("button[type=submit]")
    assert "Nếu có tài khoản này" in street.locator(".note.ok").inner_text()
    site.identity.tend_recoveries()

    code = ""
    for admin in above:
        page = seat(key=False)
        password(page, admin.login, back=f"/{ELECTION}/46/khoi-phuc")
        by_code(page, admin)
        page.keyboard.press("Enter")
        page.wait_for_url("**/khoi-phuc")
        assert "1 người chờ ông/bà xác nhận." in page.locator(".lede").inner_text()
        assert faults_of(page) == []
        by_code_box = page.locator("#ma-1")
        admin.free_codes()
        by_code_box.fill(admin.totp())
        page.click("[data-primary]")
        page.wait_for_selector("[role=status]:not(.vh)")
        if page.locator(".secret").count():
            code = "-".join(page.locator(".secret span").all_inner_texts())

    street.click("a:has-text('Tôi đã có mã')")
    street.fill("#ten", lost.login)
    street.fill("#ma-kh", code)
    street.fill("#mk1", NEW_PASSWORD)
    street.fill("#mk2", NEW_PASSWORD)
    street.click("button.primary")
    lost.secret = "".join(street.locator("#khoa span").all_inner_texts())
    street.fill("#ma", lost.totp())
    street.click("button.primary")
    street.wait_for_url("**/vao?xong=true")
    password(street, lost.login, NEW_PASSWORD)
    with site.db.engine.connect() as connection:
        assert connection.execute(text("SELECT state FROM recoveries")).scalar() == "used"


def test_ones_own_pages_hold_no_fault_of_access_and_fit_the_screen(site, seat) -> None:
    who = person(site, "duc.vy-da", "approver", VY_DA, "Phạm Minh Đức").activated()
    page = seat()
    password(page, who.login)
    assert faults_of(page) == []
    by_code(page, who)
    page.keyboard.press("Enter")
    page.wait_for_url("**/toi")
    enrols(page, who)
    key = page.locator("a:has-text('Kết thúc')").get_attribute("href")

    for address in ("/toi", "/toi/them-khoa", key, "/toi/mat-khau", "/khoi-phuc", "/khoi-phuc/ma"):
        page.goto(address)
        for width in (1366, 390):
            assert too_wide(page, [width]) == [], address
            assert faults_of(page) == [], (address, width)


def test_a_sign_in_that_was_not_mine_is_disowned_from_the_page(site, seat) -> None:
    who = person(site, "duc.vy-da", "approver", VY_DA, "Phạm Minh Đức").activated()
    who.signed_in()
    page = seat()
    password(page, who.login)
    by_code(page, who)
    page.keyboard.press("Enter")
    page.wait_for_url("**/toi")
    page.locator("button:has-text('Không phải tôi')").nth(1).click()
    page.wait_for_url("**/toi?xong=bao")

    assert "đã báo không phải tôi" in page.locator("main").inner_text()
