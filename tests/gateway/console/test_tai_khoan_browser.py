"""Accounts and reviews in a real browser: by keyboard, without script, on a phone, on paper."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from services.contracts.accounts import FILE_COLUMNS
from tests.gateway.console.accounts import CODE, Office, person_id
from tests.gateway.console.conftest import PHONE
from tests.gateway.stage import ELECTION
from tests.looking import faults_of, too_wide

pytestmark = pytest.mark.browser

Seat = Callable[..., Page]
HOME = f"/{ELECTION}/19777"
PERSON = f"{HOME}/tai-khoan/nguoi/{person_id(4)}"

ADDRESSES = [
    f"{HOME}/tai-khoan", f"{HOME}/tai-khoan/moi", f"{HOME}/tai-khoan/tep", PERSON, f"{HOME}/ra-soat", "/bang-vai-tro",
]  # fmt: skip


@pytest.fixture
def hall() -> Office:
    return Office()


def test_a_role_is_given_by_keyboard_in_two_steps(seat: Seat, hall: Office) -> None:
    page = seat("qt")
    page.goto(PERSON)
    page.focus("#cap-vai-tro")
    page.keyboard.type("Thư ký UBBC")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.type("thay người ốm")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sentence")

    assert "Cấp vai trò Thư ký UBBC ở Phường Vỹ Dạ cho Nguyễn Thị Ánh Tuyết" in page.locator(".sentence").inner_text()
    assert page.evaluate("document.activeElement.id") == "ma"
    page.keyboard.type("123456")
    page.keyboard.press("Enter")
    page.wait_for_selector(".note.ok")

    assert "Đã cấp vai trò." in page.locator(".note.ok").inner_text()
    assert hall.line.asked("give_role")[0]["reason"] == "thay người ốm"


def test_a_file_becomes_slips_without_script_and_only_the_slips_are_printed(seat: Seat, tmp_path: Path) -> None:
    file = tmp_path / "tai-khoan.csv"
    file.write_text(
        ",".join(FILE_COLUMNS) + "\nLê Thị Hoa,,Người nhập liệu,19777,,\nVõ An,an.vy-da,Người đối chiếu,,,\n"
    )
    page = seat("qt", script=False)
    page.goto(f"{HOME}/tai-khoan/tep")
    page.set_input_files("#tep", str(file))
    page.get_by_role("button", name="Kiểm tra tệp").click()
    page.get_by_role("button", name="Cấp 2 tài khoản và in phiếu").click()

    assert page.locator(".slip").count() == 2
    assert page.locator(".one-time").first.inner_text() == CODE
    page.emulate_media(media="print")
    assert page.locator(".slip").first.is_visible()
    assert not page.locator(".page-head").is_visible()
    assert page.locator(".slip-head b").first.inner_text() == "DIỄN TẬP"


def test_ticked_accounts_are_confirmed_with_the_primary_button(seat: Seat, hall: Office) -> None:
    page = seat("qt")
    page.goto(f"{HOME}/ra-soat")
    page.get_by_label("Chọn Phạm Minh Đức").check()
    page.get_by_label("Chọn Nguyễn Thị Ánh", exact=True).check()
    page.get_by_role("button", name="Xác nhận người đã chọn").click()
    page.wait_for_url("**/ra-soat?dot=*")

    assert page.locator("#cau").inner_text().startswith("Còn 4 tài khoản chưa rà soát")
    assert hall.confirmed == {person_id(2), person_id(5)}


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_fits_a_phone_and_has_one_heading_and_at_most_one_primary_button(seat: Seat, address: str) -> None:
    page = seat("qt", PHONE)
    page.goto(address)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.locator("h1").count() == 1
    assert page.locator(".btn.primary").count() <= 1
    unnamed = page.evaluate(
        "[...document.querySelectorAll('main input:not([type=hidden]), main select')]"
        ".filter(box => !box.labels.length && !box.ariaLabel).map(box => box.name)"
    )
    assert unnamed == []
    doubled = page.evaluate(
        "Object.entries([...document.querySelectorAll('[id]')].reduce((n, e) => (n[e.id] = (n[e.id] || 0) + 1, n), {}))"
        ".filter(([, n]) => n > 1).map(([id]) => id)"
    )
    assert doubled == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing_and_no_width_overflows(seat: Seat, address: str) -> None:
    page = seat("qt")
    page.goto(address)

    assert too_wide(page, (320, 390, 683, 800, 1024, 1920)) == []
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert faults_of(page) == [], width
