"""Count records by keyboard alone: entered with a finding, entered again unlike, compared, approved, declared."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from services.gateway.notes import Note
from tests.gateway.console.records import BAD_JOB, BUSY_JOB, COMMUNE, GOOD_JOB, Hall
from tests.gateway.stage import ELECTION, NOW
from tests.looking import faults_of, too_wide

pytestmark = pytest.mark.browser

Seat = Callable[..., Page]
HOME = f"/{COMMUNE.replace('/vn/46', '')}"
ENTRY = f"{HOME}/bien-ban/19777-012/NA/nhap"
RIGHT = ["1286", "1279", "1279", "1279", "1262", "17", "1104", "873", "642", "585", "265", "38", "241", "983"]
SLIPPED = ["1286", "1279", "1279", "1279", "1226", "17", "1104", "873", "642", "538", "265", "38", "241", "983"]


def type_boxes(page: Page, figures: list[str]) -> None:
    for figure in figures:
        page.keyboard.type(figure)
        page.keyboard.press("Enter")


def active(page: Page, what: str = "id") -> str:
    return str(page.evaluate(f"document.activeElement.{what}"))


def test_a_record_is_entered_by_keyboard_corrected_at_its_finding_and_sent(seat: Seat, hall: Hall) -> None:
    page = seat("go1")
    page.goto(f"{HOME}/bien-ban")
    assert active(page, "innerText") == "Nhập biên bản kế tiếp"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{ENTRY}")
    assert active(page) == "o1"
    assert page.locator("tr.now label").inner_text() == "Tổng số cử tri của khu vực bỏ phiếu"

    type_boxes(page, SLIPPED)
    assert page.evaluate("document.activeElement.hasAttribute('data-primary')")
    assert page.input_value("#o1") == "1.286"
    assert page.locator("[data-full]").inner_text() == "14 trên 14 ô đã gõ"
    assert page.locator("[data-share=took_part]").inner_text() == "99,46%"

    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".summary")
    assert page.title().startswith("Lỗi: Nhập biên bản khu vực 12, lần 1")
    assert active(page, "className") == "summary"
    assert "Hợp lệ 1.226 cộng không hợp lệ 17 là 1.243, khác số thu vào 1.279." in page.locator(".find").inner_text()
    assert page.locator("#o5").get_attribute("aria-invalid") == "true"

    page.keyboard.press("F2")
    page.locator("#o5").focus()
    page.keyboard.type("1262")
    page.locator("#o10").focus()
    page.keyboard.type("585")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".note.ok")

    assert "Đã gửi. Biên nhận số 46-19777-0412, 21:47:07." in page.locator(".note.ok").inner_text()
    assert hall.first is not None
    assert hall.first.valid == 1262
    assert active(page, "innerText").startswith("Nhập biên bản kế tiếp")


def test_the_second_entry_is_told_which_boxes_differ_and_never_the_first_values(seat: Seat, hall: Hall) -> None:
    hall.first, hall.state = hall.pair[0], "entered_first"
    page = seat("go2")
    page.goto(ENTRY)
    assert page.locator(".tag.info").inner_text() == "Nhập lần 2, độc lập"
    wrong = [*RIGHT[:9], "538", "312", *RIGHT[11:]]
    type_boxes(page, wrong)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".summary")

    assert "2 ô khác lần nhập 1" in page.locator(".summary").inner_text()
    assert "Ô 10, 11 khác lần nhập 1. Số của lần 1 không hiện ở đây." in page.locator(".find").inner_text()
    assert "585" not in page.content()
    assert page.locator("#o10").get_attribute("class") == "in doubt"

    page.get_by_label("Tôi đã so với biên bản giấy").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".note.ok")
    assert hall.state == "differs"
    assert "Ô 10, 11 khác lần nhập 1. Người đối chiếu xem giấy và quyết định." in page.content()


def test_a_draft_saves_itself_and_comes_back(seat: Seat, hall: Hall) -> None:
    page = seat("go1")
    page.goto(ENTRY)
    page.keyboard.type("1286")
    page.keyboard.press("Enter")
    page.keyboard.type("1.279")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-draft-state]")).to_have_text("Bản nháp đã lưu 21:47:19")

    again = seat("go1")
    again.goto(ENTRY)
    assert "Bản nháp của ông/bà lúc 21:47" in again.locator(".recovered").inner_text()
    assert (again.input_value("#o1"), again.input_value("#o2"), again.input_value("#o3")) == ("1.286", "1.279", "")
    assert active(again, "innerText") == "Tiếp tục"
    again.keyboard.press("Enter")
    assert active(again) == "o3"

    again.get_by_role("button", name="Bỏ bản nháp").focus()
    with again.expect_navigation():
        again.keyboard.press("Enter")
    assert again.input_value("#o1") == ""
    assert active(again) == "o1"


def test_what_is_typed_while_a_draft_is_on_its_way_is_not_called_saved_before_it_is(seat: Seat, hall: Hall) -> None:
    page = seat("go1")
    page.goto(ENTRY)
    held: list[Route] = []
    page.route("**" + ENTRY, lambda route: held.append(route) if not held else route.continue_())
    page.keyboard.type("1286")
    with page.expect_request(lambda request: request.method == "POST"):
        page.keyboard.press("Enter")
    page.keyboard.type("1.279")
    page.keyboard.press("Control+s")
    state = page.locator("[data-draft-state]")
    with page.expect_request(lambda request: request.method == "POST") as second:
        held[0].continue_()
    assert "1.279" in (second.value.post_data or "")
    expect(state).to_have_text("Bản nháp đã lưu 21:47:19")
    page.keyboard.type("0")
    assert state.inner_text() == "Bản nháp tự lưu khi gõ"


def test_empty_is_not_zero_and_what_cannot_be_read_is_told_at_its_box(seat: Seat, hall: Hall) -> None:
    page = seat("go1")
    page.goto(ENTRY)
    page.keyboard.type("12a")
    page.keyboard.press("Enter")
    assert page.locator("tr[data-for=voters] .inline-err").inner_text() == "Chỉ gõ chữ số, ví dụ 1286."
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".summary")

    assert "14 lỗi" in page.locator(".summary").inner_text()
    assert page.locator(".find li").count() == 2
    assert "Ô này còn trống. Nếu giấy ghi không, gõ 0." in page.locator(".find").inner_text()
    assert page.input_value("#o1") == "12a"
    assert hall.line.asked("submit_entry") == []


def test_full_width_digits_and_arrows(seat: Seat) -> None:
    page = seat("go1")
    page.goto(ENTRY)
    page.keyboard.insert_text("１２８６")
    page.keyboard.press("ArrowDown")
    assert active(page) == "o2"
    page.keyboard.press("ArrowUp")
    assert (active(page), page.input_value("#o1")) == ("o1", "1.286")
    assert page.evaluate("getSelection().toString()") == "1.286"
    page.keyboard.press("F4")
    assert "large" in str(page.locator("[data-scan]").get_attribute("class"))


def test_a_record_somebody_has_open_sends_the_typist_to_the_board(seat: Seat) -> None:
    page = seat("go1")
    page.goto(f"{HOME}/bien-ban/19777-006/NA/nhap")

    assert "Đang có người nhập biên bản này từ 21:40. Chọn biên bản khác." in page.locator(".summary").inner_text()
    assert page.locator("#bang").count() == 1


def test_a_checker_decides_box_by_box_with_1_2_3_and_sees_the_checks(seat: Seat, hall: Hall) -> None:
    page = seat("doi")
    page.goto(f"{HOME}/bien-ban?trang-thai=differs")
    page.get_by_role("link", name="Đối chiếu: Khu vực 9").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".cmp")
    assert "Nguyễn Thị Ánh," not in page.content()
    assert "Trần Văn Khoa" not in page.content()
    assert active(page) == "c3"

    page.keyboard.press("2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("1")
    expect(page.locator("[data-chosen]")).to_have_text("Đã chọn 2 trên 2 ô")
    expect(page.locator("#kiem")).to_contain_text("1.262 + 17 = 1.279 phiếu thu vào")
    expect(page.locator("#kiem")).to_contain_text("Phát ra 1.297 phiếu")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("1")
    expect(page.locator("#kiem .tag")).to_have_text("0 lỗi")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".note.ok")

    assert hall.line.asked("resolve_record")[0]["figures"]["issued"] == 1279
    assert "Trần Văn Khoa" in page.content()
    assert "Nguyễn Thị Ánh Tuyết" in page.content()


def test_another_figure_needs_its_reason_and_a_record_can_be_sent_back_one_level_deeper(seat: Seat, hall: Hall) -> None:
    page = seat("doi")
    page.goto(f"{HOME}/bien-ban/19777-009/NA/doi-chieu")
    page.keyboard.press("1")
    page.locator("[name=so-10]").fill("586")
    expect(page.locator("#kiem .tag")).to_have_text("1 lỗi")
    page.locator("[name=ly-do-10]").fill("Giấy ghi 586")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".summary")
    assert hall.line.asked("resolve_record")[0]["reason"] == "Ô 10: Giấy ghi 586"

    page.locator("summary", has_text="Cách khác").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Giấy mờ, Tổ bầu cử lập lại")
    page.keyboard.press("Enter")
    page.wait_for_selector(".note.ok")
    assert "Đã trả lại." in page.locator(".note.ok").inner_text()
    assert hall.line.asked("return_record")[0]["reason"] == "Giấy mờ, Tổ bầu cử lập lại"


def test_an_approver_signs_exactly_the_chosen_records(seat: Seat, hall: Hall) -> None:
    page = seat("duyet")
    page.goto(f"{HOME}/bien-ban/duyet")
    assert page.locator("#k5").is_disabled()
    page.locator("#k1").focus()
    page.keyboard.press("Space")
    assert not page.locator("form[data-signing]").is_visible()
    page.locator("[data-stale] button").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("form[data-signing] [data-primary]").inner_text() == "Phê duyệt 3 biên bản"

    page.locator("#ma").focus()
    page.keyboard.type("123456")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Đã phê duyệt 3 biên bản")
    sent = hall.line.asked("approve_records")[0]["records"]
    assert [ref["area"] for ref in sent] == ["19777-009", "19777-011", "19777-014"]
    assert hall.approved == ["19777-009", "19777-011", "19777-014"]


def test_a_board_draws_up_and_its_head_signs(seat: Seat, hall: Hall) -> None:
    hall.result_state = "complete"
    address = f"/{ELECTION}/NA-46-01/ket-qua"
    secretary = seat("thu-ky-ban")
    secretary.goto(address)
    assert "Trúng cử 2 trên 3, thiếu 1 đại biểu." in secretary.locator("#cau").inner_text()
    secretary.locator("#place").focus()
    secretary.keyboard.type("UBND thành phố Huế")
    with secretary.expect_navigation():
        secretary.keyboard.press("Control+Enter")
    told = hall.line.asked("prepare_result")[0]["meeting"]
    assert (told["place"], told["events"]) == ("UBND thành phố Huế", "Không có")

    head = seat("ban")
    head.goto(address)
    assert [span.inner_text() for span in head.locator(".hash span").all()] == ["7F3A", "91C2", "D05E"]
    head.locator("#ma").focus()
    head.keyboard.type("123456")
    with head.expect_navigation():
        head.keyboard.press("Enter")
    assert hall.line.asked("step_up")[0]["content"].startswith("7f3a91c2d05e")
    assert "Biên bản mẫu 19 đã ký" in head.locator(".seal-box").inner_text()


def test_a_file_with_bad_rows_is_told_by_code_and_line_and_nothing_is_written(seat: Seat, tmp_path: Path) -> None:
    file = tmp_path / "vy-da-2.csv"
    file.write_text("area,household\n19777-001,1\n")
    page = seat("ds")
    page.goto(f"{HOME}/cu-tri/nhap-tep")
    page.set_input_files("#tep", str(file))
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    assert page.title().startswith("Lỗi: ")
    assert "18 chỗ cần sửa trong tệp. Chưa có gì được ghi vào danh sách." in page.locator(".lede").inner_text()
    assert "dòng 17, 48, 79, 110, 141, 172 …" in page.locator(".finds").inner_text()
    page.locator(".finds summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".finds details[open] li").count() == 12


def test_the_page_of_a_job_moves_on_by_itself(seat: Seat, hall: Hall) -> None:
    page = seat("ds")
    page.goto(f"{HOME}/cu-tri/nhap-tep/{BUSY_JOB}")
    before = page.locator(".row b").inner_text()
    assert "Chưa có gì được ghi vào danh sách." in page.locator(".lede").inner_text()

    expect(page.locator(".row b")).not_to_have_text(before, timeout=6000)


PAGES = [
    ("go1", f"{HOME}/bien-ban"), ("go1", ENTRY), ("doi", f"{HOME}/bien-ban/19777-009/NA/doi-chieu"),
    ("duyet", f"{HOME}/bien-ban/duyet"), ("duyet", f"{HOME}/bien-ban/19777-003/NA"),
    ("ban", f"/{ELECTION}/NA-46-01/ket-qua"), ("thu-ky-ban", f"/{ELECTION}/NA-46-01/ket-qua"),
    ("tinh", f"/{ELECTION}/46/ket-qua"), ("ky-ds", f"{HOME}/cu-tri"), ("ds", f"{HOME}/cu-tri/nhap-tep"),
    ("ds", f"{HOME}/cu-tri/nhap-tep/{BAD_JOB}"), ("ds", f"{HOME}/cu-tri/nhap-tep/{GOOD_JOB}"),
    ("duyet", f"{HOME}/bao-cao"), ("vh", "/van-hanh"), ("cong-bo", f"/{ELECTION}/vn/cong-bo"), ("", "/cong-bo/"),
]  # fmt: skip


@pytest.mark.parametrize(("token", "address"), PAGES, ids=[f"{token}{address}" for token, address in PAGES])
def test_axe_finds_nothing_and_nothing_scrolls_sideways_at_any_width(seat: Seat, token: str, address: str) -> None:
    page = seat(token)
    page.goto(address)

    assert too_wide(page, (320, 390, 683, 800, 1024, 1150, 1366, 1920)) == []
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert faults_of(page) == [], width


def test_the_board_changes_in_place_and_grows_only_when_asked(seat: Seat, hall: Hall) -> None:
    page = seat("doi")
    page.goto(f"{HOME}/bien-ban?trang-thai=differs")
    assert page.locator("#bang tbody tr").count() == 1
    deadline = time.monotonic() + 5
    while not len(hall.hub) and time.monotonic() < deadline:
        time.sleep(0.05)

    hall.state = "differs"
    note = Note(topic="results.record_advanced", election=ELECTION, unit="vn/46/19777", at=NOW, area="19777-012")
    hall.hub.tell(note)

    expect(page.locator("#cau")).to_contain_text("2 biên bản cần đối chiếu", timeout=9000)
    assert page.locator("#bang tbody tr").count() == 1
    page.keyboard.press("F8")
    assert page.locator("#bang tbody tr").count() == 2


def test_a_record_is_entered_without_any_script(seat: Seat, hall: Hall) -> None:
    page = seat("go1", script=False)
    page.goto(ENTRY)
    for place, figure in enumerate(RIGHT, start=1):
        page.fill(f"#o{place}", figure)
    page.click("[data-primary]")

    assert "Biên nhận số 46-19777-0412" in page.locator(".note.ok").inner_text()
    assert hall.first is not None
