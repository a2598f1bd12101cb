"""The pages of accounts, files of accounts, reviews and the table of roles: what is shown, asked, refused, kept."""

import csv
import io
import re
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from services.contracts.accounts import FILE_COLUMNS, CreateFromFile, GiveRole, HandOver
from services.contracts.base import HasFindings
from services.contracts.roles import ROLE_NAMES, Action, Role
from services.gateway.console.powers import ACTIONS, powers
from services.gateway.security import form_mark
from services.identity.account_reading import read_rows
from services.identity.domain.rules import RULES
from tests.gateway.console.accounts import CODE, REVIEW, VY_DA, Office, person_id
from tests.gateway.fakes import KEY, PERSON
from tests.gateway.stage import ELECTION

HOME = f"/{ELECTION}/19777"
LIST, REVIEWS = f"{HOME}/tai-khoan", f"{HOME}/ra-soat"
TUYET, KHOA = f"{LIST}/nguoi/{person_id(4)}", f"{LIST}/nguoi/{person_id(3)}"
OURS = {"Origin": "http://hop.test"}
WHY = {"reason": "chuyển công tác"}
GRANT = "00000000-0000-0000-0000-0000000001f8"


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def visitor(office: Office, tmp_path: Path):
    with TestClient(office.app(tmp_path), base_url="http://hop.test", follow_redirects=False) as opened:
        opened.cookies.set("hp_phien", "qt")
        yield opened


def form(token="qt", **fields):
    return {"dau": form_mark(token), "key": KEY, **fields}


def finding(code, *places, **facts):
    found = RULES[code].finding(*places, **facts)
    return HasFindings(findings=(found,), number=1)


@pytest.mark.parametrize("token", ["xa", "tinh", "vn"])
@pytest.mark.parametrize(
    "address",
    [LIST, f"{LIST}/moi", f"{LIST}/tep", f"{LIST}/mau.xlsx", TUYET, REVIEWS, f"{REVIEWS}/{REVIEW}/bao-cao.csv"],
)
def test_who_administers_no_accounts_finds_no_such_page(visitor, token, address):
    visitor.cookies.set("hp_phien", token)

    answer = visitor.get(address)

    assert answer.status_code == 404
    assert "Không có trang này, hoặc ông/bà không có quyền xem." in answer.text


@pytest.mark.parametrize(
    "address", [f"{LIST}/nguoi/khong-phai-ma", f"{REVIEWS}?dot=khong-co", f"/{ELECTION}/19777-001/tai-khoan"]
)
def test_what_is_not_there_looks_the_same(visitor, address):
    visitor.cookies.set("hp_phien", "qt")

    assert visitor.get(address).status_code == 404


def test_people_are_listed_by_role_with_expiry_last_sign_in_and_state(visitor):
    text = visitor.get(LIST).text

    assert '<b class="strong">8 người</b> có tài khoản.' in text
    assert "Đang dùng: 6. " in text or "Đang dùng: 6." in text
    headings = re.findall(r'scope="rowgroup">([^<]+) <span', text)
    assert headings == [
        "Quản trị tài khoản", "Cán bộ lập danh sách cử tri", "Chủ tịch UBND xã, phường", "Thư ký UBBC", "Người nhập liệu",
        "Người đối chiếu", "Người phê duyệt",
    ]  # fmt: skip
    assert "mã dùng đến" in text
    assert "mã đã hết hạn, cấp lại" in text
    assert "đang mở phiên" in text
    assert "Mở tài khoản của Phạm Minh Đức" in text


def test_units_below_are_asked_for_on_demand(visitor, office):
    visitor.get(f"{LIST}?duoi=true&trang=2")

    asked = office.line.asked("people_of")[-1]
    assert (asked["below"], asked["first"], asked["unit"]) == (True, 100, VY_DA)


def test_one_account_is_created_and_its_code_is_shown_once_on_a_slip(visitor, office):
    fields = form(name="Lê Thị Hoa", login="Hoa.Vy-Da", role="typist", place="19777", phone="0912", expires="31/5/2026")

    answer = visitor.post(f"{LIST}/moi", data=fields, headers=OURS)

    assert answer.status_code == 200
    assert CODE in answer.text
    assert "http://hop.test/kich-hoat" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    asked = office.line.asked("create_accounts")[0]["accounts"][0]
    assert (asked["login"], asked["unit"], asked["expires_at"][:16]) == ("hoa.vy-da", VY_DA, "2026-06-01T00:00")
    assert CODE not in visitor.get(LIST).text


def test_a_refused_account_keeps_what_was_typed_and_says_where(visitor, office):
    office.refusal = finding("A305", "accounts.0.login", who_vi="Dòng 1", who_en="Row 1", login="hoa.vy-da")
    fields = form(
        name="Lê Thị Hoa", login="hoa.vy-da", role="typist", place="", phone="0912 000 111", expires="31/5/2026"
    )

    answer = visitor.post(f"{LIST}/moi", data=fields, headers=OURS)

    assert answer.status_code == 422
    assert "tên đăng nhập hoa.vy-da đã có người dùng" in answer.text
    assert '<a href="#ten" data-finding>' in answer.text
    for typed in ("Lê Thị Hoa", "0912 000 111", "31/5/2026"):
        assert f'value="{typed}"' in answer.text
    assert '<option value="typist" selected>' in answer.text


@pytest.mark.parametrize("typed", ["31/2/2026", "mai", "1/1/99999", "-"])
def test_a_day_that_is_none_is_a_finding(visitor, office, typed):
    fields = form(name="Lê Thị Hoa", login="hoa.vy-da", role="typist", place="", phone="", expires=typed)

    assert visitor.post(f"{LIST}/moi", data=fields, headers=OURS).status_code == 422
    assert office.line.asked("create_accounts") == []


def test_a_form_without_the_mark_of_its_session_changes_nothing(visitor, office):
    for address, fields in ((f"{LIST}/moi", {}), (TUYET, {"viec": "dong"}), (REVIEWS, {}), (f"{LIST}/tep/cap", {})):
        assert visitor.post(address, data={**fields, "dau": "la"}, headers=OURS).status_code == 403
    assert {letter.door for letter in office.line.letters} <= {"open_passport", "units_below", "elections_held"}


def test_the_page_of_a_person_offers_every_act_but_none_on_oneself(visitor):
    text = visitor.get(TUYET).text
    mine = visitor.get(f"{LIST}/nguoi/{PERSON}").text

    for act in ("Cấp thêm vai trò", "Kết thúc vai trò này", "Đổi hạn", "Bàn giao cho người khác", "Đóng tài khoản"):
        assert act in text
        assert act not in mine
    assert "Đây là tài khoản của ông/bà." in mine
    assert "Cấp lại mã" not in text
    assert "Cấp lại mã" in visitor.get(KHOA).text


def test_a_role_is_given_in_two_steps_and_signed_for_exactly_this(visitor, office):
    fields = form(viec="cap", role="secretary", place="19777", expires="", **WHY)

    review = visitor.post(TUYET, data=fields, headers=OURS)
    assert review.status_code == 200
    assert office.line.asked("give_role") == []
    assert 'Cấp vai trò <b class="strong">Thư ký UBBC</b> ở <b class="strong">Phường Vỹ Dạ</b>' in review.text
    signed = visitor.post(TUYET, data={**fields, "totp": "123456"}, headers=OURS)

    assert signed.headers["location"] == f"{TUYET}?xong=cap"
    request = GiveRole.model_validate(office.line.asked("give_role")[0])
    assert (request.role, request.place, request.reason) == ("secretary", VY_DA, "chuyển công tác")
    assert office.line.asked("step_up")[0]["content"] == request.content
    assert request.content[:4].upper() in review.text
    assert "Đã cấp vai trò." in visitor.get(signed.headers["location"]).text


def test_a_wrong_code_shows_the_same_act_again(visitor, office):
    answer = visitor.post(TUYET, data=form(viec="cap", role="secretary", place="19777", totp="12", **WHY), headers=OURS)

    assert answer.status_code == 401
    assert 'name="role" value="secretary"' in answer.text
    assert "Ký và giao" in answer.text


def test_findings_of_an_act_are_shown_in_place_and_nothing_typed_is_lost(visitor, office):
    office.refusal = finding(
        "A309", "role", who_vi="Tài khoản", who_en="Account", role_vi="Thư ký", role_en="S", path=VY_DA
    )

    answer = visitor.post(
        TUYET, data=form(viec="cap", role="secretary", place="19777", totp="123456", **WHY), headers=OURS
    )

    assert answer.status_code == 422
    assert '<a href="#cap-vai-tro" data-finding>' in answer.text
    assert 'value="chuyển công tác"' in answer.text
    assert '<option value="secretary" selected>' in answer.text


@pytest.mark.parametrize(
    ("kind", "door", "more"),
    [
        ("ket-thuc", "end_role", {"grant": GRANT, "chac": "1"}),
        ("han", "set_expiry", {"grant": GRANT, "expires": "31/5/2026"}),
        ("dong", "close_account", {"chac": "1"}),
    ],
)
def test_an_act_is_done_with_its_reason(visitor, office, kind, door, more):
    answer = visitor.post(TUYET, data=form(viec=kind, **WHY, **more), headers=OURS)

    assert answer.headers["location"] == f"{TUYET}?xong={kind}"
    assert office.line.asked(door)[0]["reason"] == "chuyển công tác"


@pytest.mark.parametrize("kind", ["ket-thuc", "dong", "ban-giao"])
def test_what_cannot_be_undone_is_confirmed_first(visitor, office, kind):
    answer = visitor.post(TUYET, data=form(viec=kind, grant=GRANT, **WHY), headers=OURS)

    assert answer.status_code == 422
    assert "Đánh dấu vào ô xác nhận rồi làm lại." in answer.text
    assert [
        letter.door for letter in office.line.letters if letter.door in {"end_role", "close_account", "hand_over"}
    ] == []


@pytest.mark.parametrize("kind", ["han", "ket-thuc", "dong"])
def test_an_act_without_a_reason_is_refused_and_never_a_fault(visitor, office, kind):
    answer = visitor.post(TUYET, data=form(viec=kind, grant="khong-phai-ma", chac="1", expires="?"), headers=OURS)

    assert answer.status_code == 422


def test_an_unknown_act_is_not_there(visitor):
    assert visitor.post(TUYET, data=form(viec="pha"), headers=OURS).status_code == 404


def test_roles_are_handed_over_to_a_new_person_whose_slip_follows(visitor, office):
    fields = form(
        viec="ban-giao", place="19777", to="", name="Phạm Thị Lan", login="lan.vy-da", document="QĐ 12", chac="1", close="1",
        **WHY,
    )  # fmt: skip

    review = visitor.post(TUYET, data=fields, headers=OURS)
    slip = visitor.post(TUYET, data={**fields, "totp": "123456"}, headers=OURS)

    assert 'cho <b class="strong">Phạm Thị Lan (lan.vy-da)</b>' in review.text
    assert "Sau đó đóng tài khoản tuyet.vy-da." in review.text
    assert CODE in slip.text
    request = HandOver.model_validate(office.line.asked("hand_over")[0])
    assert (request.login, request.document, request.close) == ("lan.vy-da", "QĐ 12", True)
    assert office.line.asked("step_up")[0]["content"] == request.content


def test_a_new_code_is_printed_on_a_slip(visitor):
    answer = visitor.post(KHOA, data=form(viec="cap-lai"), headers=OURS)

    assert answer.status_code == 200
    assert answer.text.count('class="slip"') == 1
    assert CODE in answer.text


def table(*rows, name="tep.csv"):
    lines = "\r\n".join(",".join(row) for row in (FILE_COLUMNS, *rows))
    return {"file": (name, lines.encode(), "text/csv")}


GOOD = ("Lê Thị Hoa", "", "Người nhập liệu", "19777", "", "")


def test_a_good_file_is_shown_row_by_row_then_created_from_and_printed(visitor, office):
    looked = visitor.post(f"{LIST}/tep", data=form(), files=table(GOOD), headers=OURS)
    assert looked.status_code == 200
    assert "đúng cả" in looked.text
    assert "Lê Thị Hoa" in looked.text
    assert "đặt hộ" in looked.text
    name = re.search(r'name="file" value="([0-9a-f]{64})"', looked.text)
    assert name

    sheet = visitor.post(f"{LIST}/tep/cap", data=form(file=name[1], title="tep.csv"), headers=OURS)

    assert sheet.text.count('class="slip"') == 1
    assert sheet.text.count("DIỄN TẬP") == 2
    assert CreateFromFile.model_validate(office.line.asked("create_from_file")[0]).file == name[1]


def test_a_file_with_faults_says_line_column_and_what_to_do_and_offers_no_creation(visitor):
    answer = visitor.post(
        f"{LIST}/tep", data=form(), files=table(GOOD, (*GOOD[:2], "đánh máy", *GOOD[3:])), headers=OURS
    )

    assert answer.status_code == 422
    assert '<th scope="row" class="n">3</th><td data-l="Cột">Vai trò</td>' in answer.text
    assert "không có vai trò “đánh máy”" in answer.text
    assert "Chưa cấp tài khoản nào." in answer.text
    assert "/tep/cap" not in answer.text


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"PK\x03\x04rubbish", b"a,b\n1,2\n", "Họ".encode("utf-16")])
def test_a_malformed_file_is_a_finding(visitor, content):
    answer = visitor.post(f"{LIST}/tep", data=form(), files={"file": ("x.xlsx", content)}, headers=OURS)

    assert answer.status_code == 422
    assert re.search(r'<span class="tag">A32[01]</span>', answer.text)


def test_no_file_and_no_form_are_refused(visitor):
    assert visitor.post(f"{LIST}/tep", data=form(), files={"khac": b"x"}, headers=OURS).status_code == 422
    assert visitor.post(f"{LIST}/tep", data=form(), headers=OURS).status_code == 415
    broken = {**OURS, "content-type": "multipart/form-data; boundary=x"}
    assert visitor.post(f"{LIST}/tep", content=b"--x\r\nrubbish", headers=broken).status_code in {400, 403}
    assert visitor.post(f"{LIST}/tep/cap", data=form(file="khong-phai-ma"), headers=OURS).status_code == 422


def test_the_template_is_a_file_that_reads_back_with_the_roles_of_the_unit(visitor, tmp_path):
    answer = visitor.get(f"{LIST}/mau.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))

    assert 'filename="tai-khoan-19777.xlsx"' in answer.headers["content-disposition"]
    assert tuple(book.get_sheet_by_index(0).to_python()[0]) == FILE_COLUMNS
    roles = [row[0] for row in book.get_sheet_by_index(1).to_python()]
    assert "Người nhập liệu" in roles
    assert "Trưởng Ban bầu cử" in roles
    assert "Quản trị hệ thống" not in roles
    assert "Thường trực UBBC tỉnh, thành phố" not in roles
    place = tmp_path / "mau.csv"
    place.write_text(",".join(FILE_COLUMNS) + "\n" + ",".join(GOOD))
    assert read_rows(place)[0].cells["Họ và tên"] == "Lê Thị Hoa"


def test_a_review_says_how_many_are_left_and_confirms_those_ticked(visitor, office):
    text = visitor.get(REVIEWS).text
    assert '<b class="strong">Còn 6 tài khoản</b> chưa rà soát, hạn 1/3/2026.' in text
    assert "Đã quá hạn." in text
    assert "1 đơn vị quá hạn." in text
    assert text.count('name="ai"') == 5
    assert f'value="{PERSON} ' not in text
    ticked = [f"{person_id(4)} {VY_DA}", f"{person_id(5)} {VY_DA}"]

    answer = visitor.post(REVIEWS, data=form(dot=str(REVIEW), ai=ticked), headers=OURS)

    assert answer.headers["location"] == f"{REVIEWS}?dot={REVIEW}"
    asked = office.line.asked("confirm_accounts")[0]
    assert [each["person"] for each in asked["accounts"]] == [str(person_id(4)), str(person_id(5))]
    assert "Còn 4 tài khoản" in visitor.get(answer.headers["location"]).text


def test_confirming_nobody_or_rubbish_is_refused(visitor, office):
    for fields in ({}, {"ai": ["rubbish"]}, {"ai": ["x y z"], "dot": "?"}):
        assert visitor.post(REVIEWS, data=form(**{"dot": str(REVIEW), **fields}), headers=OURS).status_code in {
            404,
            422,
        }
    assert office.line.asked("confirm_accounts") == []


def test_a_review_is_opened_with_a_name_and_a_day(visitor, office):
    answer = visitor.post(REVIEWS, data=form(viec="mo", name="Đợt 2", due="31/5/2026"), headers=OURS)

    assert answer.status_code == 303
    assert office.line.asked("open_review")[0]["due"] == "2026-05-31"
    office.refusal = finding("R401", "due", day="1/1/2026")
    refused = visitor.post(REVIEWS, data=form(viec="mo", name="Đợt 3", due="1/1/2026"), headers=OURS)
    assert refused.status_code == 422
    assert '<a href="#han-dot" data-finding>' in refused.text
    assert 'value="Đợt 3"' in refused.text
    assert visitor.post(REVIEWS, data=form(viec="mo", name="", due="?"), headers=OURS).status_code == 422


def test_the_report_is_a_file_a_spreadsheet_opens(visitor, office):
    answer = visitor.get(f"{REVIEWS}/{REVIEW}/bao-cao.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert rows[1] == ["Mã", "Đơn vị", "Đã xác nhận", "Đã đóng", "Chưa rà soát", "Quá hạn"]
    assert rows[2] == ["19777", "Phường Vỹ Dạ", "2", "1", "6", "quá hạn"]
    assert office.line.asked("reviews_progress")[-1]["deep"] is True


def test_the_table_of_roles_is_the_policy_in_words(visitor):
    text = visitor.get("/bang-vai-tro").text

    assert set(ACTIONS) == set(Action)
    assert [power.role for power in powers()] == list(Role)
    for vi, _ in ROLE_NAMES.values():
        assert vi in text
    typist = re.search(r'<tr id="typist">.*?</tr>', text, re.DOTALL)
    assert typist
    assert "nhập biên bản kiểm phiếu" in typist[0]
    assert "phê duyệt biên bản" not in typist[0]
    visitor.cookies.clear()
    assert visitor.get("/bang-vai-tro").status_code == 303


@pytest.mark.parametrize("address", [LIST, f"{LIST}/moi", TUYET, REVIEWS, "/bang-vai-tro"])
def test_every_page_speaks_english(visitor, address):
    visitor.cookies.set("hp_tieng", "en")

    answer = visitor.get(address)
    text = answer.text

    assert answer.status_code == 200
    assert '<html lang="en">' in text
    for vietnamese in ("Vai trò", "Đơn vị", "Hết hạn", "Đang dùng", "Chưa rà soát"):
        assert vietnamese not in text


def test_programs_ask_the_same_doors_over_http(visitor, office):
    about = f"election={ELECTION}&unit={VY_DA}"
    token = {"Authorization": "Bearer qt"}

    people = visitor.get(f"/api/v1/identity/people_of?{about}&below=true&first=2&size=5", headers=token)
    late = visitor.get(f"/api/v1/identity/reviews_progress?{about}&review={REVIEW}&deep=true", headers=token)

    assert (people.status_code, late.status_code) == (200, 200)
    assert [each["login"] for each in people.json()["people"]][:1] == ["ngoc.vy-da"]
    asked = office.line.asked("people_of")[0]
    assert (asked["unit"], asked["below"], asked["first"], asked["size"]) == (VY_DA, True, 2, 5)
    assert late.json()["lines"][0]["late"] is True
