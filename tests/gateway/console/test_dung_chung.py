"""Signs of shared accounts and breaches of security as pages: who sees what, what is asked, what is kept; where a session is seen from."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page
from starlette.testclient import TestClient

from services.contracts.base import Finding, HasFindings
from services.contracts.sharing import (
    Announced,
    Breach,
    Breaches,
    Network,
    Networks,
    SharingCount,
    SharingFindings,
    SharingRow,
    SharingUnit,
    SharingWeek,
    Sighted,
)
from services.gateway.console.pages.dung_chung import _monday
from services.gateway.security import form_mark
from tests.gateway.console.records import Hall
from tests.gateway.fakes import KEY, PERSON
from tests.gateway.stage import ELECTION

COMMUNE, PROVINCE, NATION = (f"/{ELECTION}/{code}" for code in ("19777", "46", "vn"))
FIRST, SECOND, REPORT = UUID(int=11), UUID(int=12), UUID(int=21)
NOW = datetime(2026, 3, 15, 3, 0, tzinfo=UTC)
OURS = {"Origin": "http://hop.test"}


def row(finding, kind, code, state="open", **facts):
    seen = (
        Sighted(machine="aaaaaaaa", address="203.0.113.10", device="Chrome · Windows", first_at=NOW, last_at=NOW),
        Sighted(
            machine="bbbbbbbb", address="198.51.100.7", device="Firefox · Windows", network="vn/46/19789",
            first_at=NOW + timedelta(minutes=3), last_at=NOW + timedelta(minutes=9),
        ),
    )  # fmt: skip
    told = {
        "severity": "block", "vi": "Đăng nhập từ nơi khác khi phiên trước còn làm việc 3 phút trước đó. Gọi hỏi.",
        "en": "Signed in elsewhere while the former session was at work.", "person": UUID(int=5), "name": "Lê Thị Hoa",
        "login": "hoa.vy-da", "phone": "0912 000 118", "election": ELECTION, "unit": "vn/46/19777", "act_by": "vn/46",
        "found_at": NOW, "last_at": NOW + timedelta(minutes=9), "times": 3, "evidence": seen, "in_session": True,
    }  # fmt: skip
    return SharingRow(finding=finding, kind=kind, code=code, state=state, **{**told, **facts})


def breach(**facts):
    told = {
        "breach": REPORT, "number": 7, "election": ELECTION, "unit": "vn/46/19777", "handler": "vn/46", "state": "reported",
        "what": "Thẻ khóa của người phê duyệt bị mất", "noticed_at": NOW, "accounts": "minh.vy-da", "machines": "", "action": "",
        "phone": "0912 000 118", "personal_data": True, "notify_by": NOW + timedelta(hours=72), "reported_by": "Lê Thị Hoa",
        "reported_at": NOW, "due_at": NOW + timedelta(hours=1), "escalated": 0, "late": True,
    }  # fmt: skip
    return Breach(**{**told, **facts})


@pytest.fixture
def hall() -> Hall:
    """A hall in which two signs wait and a breach was reported."""
    made = Hall()
    made.line.sign_in("account_admin", f"{ELECTION}/vn/46/19777", "Trần Văn Quản", "qt-xa")
    made.line.sign_in("account_admin", f"{ELECTION}/vn/46", "Đoàn Thị Trị", "qt-tinh")
    found = (
        row(FIRST, "second_place", "D503"),
        row(SECOND, "shared_machine", "D507", "explained", severity="warn", times=1, in_session=False,
            settled_by="Đoàn Thị Trị", settled_at=NOW, note="máy chung của văn phòng"),
    )  # fmt: skip
    made.networks = Networks(networks=(Network(cidr="203.0.113.0/24", note="trụ sở"),))
    made.line.answers |= {
        "findings_of": lambda asked: SharingFindings(findings=found, total=2, open=1),
        "settle_finding": lambda asked: row(asked.finding, "second_place", "D503", "confirmed"),
        "announce_machine": lambda asked: Announced(until=NOW),
        "sharing_week": lambda asked: SharingWeek(
            units=(
                SharingUnit(
                    unit="vn/46/19777", kinds=(SharingCount(kind="second_place", number=4),), open=3, explained=1,
                    confirmed=0, act_by="vn/46",
                ),
            )
        ),
        "networks_of": lambda asked: made.networks,
        "set_networks": lambda asked: made.networks,
        "breaches_of": lambda asked: Breaches(breaches=(breach(),), total=1),
        "report_breach": lambda asked: breach(number=8),
        "take_up_breach": lambda asked: breach(state="taken_up"),
        "settle_breach": lambda asked: breach(state="settled"),
    }  # fmt: skip
    return made


def sit(visitor: TestClient, token: str) -> TestClient:
    visitor.cookies.set("hp_phien", token)
    return visitor


def form(token: str, **fields: str) -> dict[str, str]:
    return {"dau": form_mark(token), "key": KEY, **fields}


@pytest.mark.parametrize(
    ("token", "address"),
    [
        ("go1", f"{COMMUNE}/dung-chung"), ("xa", f"{COMMUNE}/dung-chung/tuan"), ("xa", f"{COMMUNE}/dung-chung/mang"),
        ("qt-xa", f"{PROVINCE}/dung-chung"), ("go1", f"{PROVINCE}/su-co-an-toan"), ("go1", f"/{ELECTION}/19789/su-co-an-toan"),
    ],
)  # fmt: skip
def test_what_one_may_not_see_is_not_there(visitor, token, address):
    assert sit(visitor, token).get(address).status_code == 404


def test_a_sign_shows_who_where_when_and_whom_to_call(visitor):
    text = sit(visitor, "qt-tinh").get(f"{COMMUNE}/dung-chung").text

    assert '<b class="strong">1 dấu hiệu</b> chờ kết luận' in text
    for shown in ("Hai nơi cùng lúc", "Lê Thị Hoa", 'href="tel:0912000118"', "203.0.113.10", "mạng của phường An Cựu",
                  "Firefox · Windows", "lặp lại 2 lần", "D503", "máy chung của văn phòng"):  # fmt: skip
        assert shown in text
    assert text.count("data-primary") == 1
    assert " style=" not in text


def test_the_unit_itself_sees_its_signs_and_who_concludes_but_no_form(visitor):
    text = sit(visitor, "qt-xa").get(f"{COMMUNE}/dung-chung").text

    assert "Thành phố Huế kết luận dấu hiệu này." in text
    assert "Ghi giải trình" not in text
    assert "Báo trước đổi máy" in text


def test_nobody_is_offered_to_conclude_about_themselves(visitor, hall):
    hall.line.answers["findings_of"] = lambda asked: SharingFindings(
        findings=(row(FIRST, "second_place", "D503", person=PERSON),), total=1, open=1
    )

    assert "Ghi giải trình" not in sit(visitor, "qt-tinh").get(f"{COMMUNE}/dung-chung").text


def test_filters_are_in_the_address_and_what_makes_no_sense_is_left_out(visitor, hall):
    sit(visitor, "qt-tinh").get(f"{COMMUNE}/dung-chung?trang_thai=cho&loai=overlap&dau=20")
    visitor.get(f"{COMMUNE}/dung-chung?trang_thai=gi-do&loai=x&dau=-5")
    first, second = hall.line.asked("findings_of")

    assert (first["state"], first["kind"], first["page"]["first"]) == ("open", "overlap", 20)
    assert (second["state"], second["kind"], second["page"]["first"]) == (None, None, 0)


def test_a_conclusion_asks_exactly_that(visitor, hall):
    told = form("qt-tinh", finding=str(FIRST), note="đã gọi, không nhận", viec="dung-chung", dong="1")
    answer = sit(visitor, "qt-tinh").post(f"{COMMUNE}/dung-chung/ket-luan", data=told, headers=OURS)
    asked = hall.line.asked("settle_finding")[0]

    assert answer.headers["location"] == f"{COMMUNE}/dung-chung?xong=confirmed#d-{FIRST}"
    assert (asked["finding"], asked["shared"], asked["end_session"], asked["unit"]) == (str(FIRST), True, True, "vn/46/19777")
    assert "Đặt lại mật khẩu hoặc đóng tài khoản" in visitor.get(answer.headers["location"]).text


def test_a_conclusion_without_a_reason_keeps_the_page_and_asks_nothing(visitor, hall):
    told = form("qt-tinh", finding=str(FIRST), note="  ", viec="giai-trinh")
    answer = sit(visitor, "qt-tinh").post(f"{COMMUNE}/dung-chung/ket-luan", data=told, headers=OURS)

    assert answer.status_code == 422
    assert f'href="#ly-do-{FIRST}"' in answer.text
    assert hall.line.asked("settle_finding") == []


def test_a_form_without_the_mark_of_its_session_changes_nothing(visitor, hall):
    for address in ("dung-chung/ket-luan", "dung-chung/bao-truoc", "dung-chung/mang"):
        answer = sit(visitor, "qt-tinh").post(f"{COMMUNE}/{address}", data={"key": KEY, "networks": "10.1.0.0/16"}, headers=OURS)
        assert answer.status_code == 403
    sit(visitor, "go1")
    assert visitor.post(f"{COMMUNE}/su-co-an-toan", data={"key": KEY, "what": "x"}, headers=OURS).status_code == 403
    acts = {"settle_finding", "announce_machine", "set_networks", "report_breach"}
    assert not acts & {letter.door for letter in hall.line.letters}


def test_a_new_machine_is_announced(visitor, hall):
    told = form("qt-xa", login="hoa.vy-da", reason="máy cũ hỏng")
    answer = sit(visitor, "qt-xa").post(f"{COMMUNE}/dung-chung/bao-truoc", data=told, headers=OURS)

    assert "Đã báo trước." in visitor.get(answer.headers["location"]).text
    assert hall.line.asked("announce_machine")[0]["login"] == "hoa.vy-da"


def test_the_week_is_a_list_to_print_with_who_concludes(visitor, hall):
    text = sit(visitor, "qt-tinh").get(f"{PROVINCE}/dung-chung/tuan?tu=2026-03-15").text

    assert hall.line.asked("sharing_week")[0]["first_day"] == "2026-03-09"
    assert "tuần 9/3/2026 – 15/3/2026" in text
    for shown in ("Phường Vỹ Dạ", "Hai nơi cùng lúc: 4", "Thành phố Huế", "data-print", "?tu=2026-03-02"):
        assert shown in text


@pytest.mark.parametrize(
    ("typed", "monday"), [("2026-03-15", "2026-03-09"), ("", "2026-03-16"), ("0001-01-01", "2026-03-16"), ("9999-12-31", "2026-03-16")]
)  # fmt: skip
def test_a_week_begins_on_its_monday(typed, monday):
    assert str(_monday(typed, datetime(2026, 3, 20, tzinfo=UTC).date())) == monday


def test_networks_are_typed_one_a_line_and_kept_when_refused(visitor, hall):
    typed = "203.0.113.0/24 trụ sở UBND\n\n  10.1.0.0/16\nsai"
    hall.line.answers["set_networks"] = lambda asked: HasFindings(
        findings=(Finding(code="N601", severity="block", vi="Dòng 3: “sai” không phải một mạng.", en="Row 3."),), number=1
    )
    answer = sit(visitor, "qt-xa").post(f"{COMMUNE}/dung-chung/mang", data=form("qt-xa", networks=typed), headers=OURS)
    asked = hall.line.asked("set_networks")[0]["networks"]

    assert answer.status_code == 422
    assert "Dòng 3: “sai” không phải một mạng." in answer.text
    assert "10.1.0.0/16\nsai" in answer.text
    assert asked == [
        {"cidr": "203.0.113.0/24", "note": "trụ sở UBND"}, {"cidr": "10.1.0.0/16", "note": ""}, {"cidr": "sai", "note": ""},
    ]  # fmt: skip


def test_an_overlap_is_shown_after_it_was_stored(visitor, hall):
    warned = Finding(code="N605", severity="warn", vi="Mạng 203.0.113.0/24 trùng với mạng của phường An Cựu.", en="Overlap.")
    hall.line.answers["set_networks"] = lambda asked: hall.networks.model_copy(update={"findings": (warned,)})
    answer = sit(visitor, "qt-xa").post(
        f"{COMMUNE}/dung-chung/mang", data=form("qt-xa", networks="203.0.113.0/24"), headers=OURS
    )

    assert "Đã ghi mạng của đơn vị." in answer.text
    assert "trùng với mạng của phường An Cựu" in answer.text


def test_anybody_reports_a_breach_from_their_own_unit(visitor, hall):
    told = form("go1", what="mất thẻ khóa", at="2026-03-15T09:40", phone="0912 000 118", accounts="minh.vy-da", personal="1")
    page = sit(visitor, "go1").get(f"{COMMUNE}/su-co-an-toan").text
    answer = visitor.post(f"{COMMUNE}/su-co-an-toan", data=told, headers=OURS)
    asked = hall.line.asked("report_breach")[0]

    assert "Gửi báo cáo lên trên" in page
    assert "Tiếp nhận báo cáo" not in page
    assert asked["noticed_at"] == "2026-03-15T09:40:00+07:00"
    assert (asked["what"], asked["personal_data"], asked["unit"]) == ("mất thẻ khóa", True, "vn/46/19777")
    assert answer.headers["location"] == f"{COMMUNE}/su-co-an-toan?so=8"
    assert "Đã gửi báo cáo số 8 lên thành phố Huế" in visitor.get(answer.headers["location"]).text


@pytest.mark.parametrize("wrong", [{"what": ""}, {"at": "hôm qua"}, {"at": ""}, {"phone": " "}])
def test_a_report_with_something_missing_keeps_what_was_typed(visitor, hall, wrong):
    told = form("go1", **{"what": "mất thẻ", "at": "2026-03-15T09:40", "phone": "0912", "machines": "máy số 2", **wrong})
    answer = sit(visitor, "go1").post(f"{COMMUNE}/su-co-an-toan", data=told, headers=OURS)

    assert answer.status_code == 422
    assert 'value="máy số 2"' in answer.text
    assert hall.line.asked("report_breach") == []


def test_the_unit_above_takes_up_and_settles(visitor, hall):
    page = sit(visitor, "qt-tinh").get(f"{PROVINCE}/su-co-an-toan").text
    assert "Tiếp nhận báo cáo số 7" in page
    assert "quá giờ" in page
    assert "trước 10:00 ngày 18/3/2026 (72 giờ" in page

    taken = visitor.post(f"{PROVINCE}/su-co-an-toan/{REPORT}/nhan", data=form("qt-tinh"), headers=OURS)
    settled = visitor.post(f"{PROVINCE}/su-co-an-toan/{REPORT}/xong", data=form("qt-tinh", how="đã khóa thẻ"), headers=OURS)
    assert taken.headers["location"] == settled.headers["location"] == f"{PROVINCE}/su-co-an-toan#bc-7"
    assert hall.line.asked("take_up_breach")[0]["breach"] == str(REPORT)
    assert hall.line.asked("settle_breach")[0]["how"] == "đã khóa thẻ"


def test_english_says_the_same(visitor):
    sit(visitor, "qt-tinh").cookies.set("hp_tieng", "en")

    assert "waits for a conclusion" in visitor.get(f"{COMMUNE}/dung-chung").text
    assert "Two places at once" in visitor.get(f"{PROVINCE}/dung-chung/tuan").text
    assert "waits to be taken up" in visitor.get(f"{PROVINCE}/su-co-an-toan").text
    assert "Record the networks" in visitor.get(f"{PROVINCE}/dung-chung/mang").text


def opened_from(hall):
    return [(asked["machine"], asked["address"], asked["device"]) for asked in hall.line.asked("open_passport")]


def test_identity_is_told_where_a_session_asks_from_and_at_once_when_that_changes(visitor, hall):
    sit(visitor, "go1").cookies.set("hp_may", "mot-trinh-duyet-01")
    address = f"{COMMUNE}/su-co-an-toan"
    for _ in range(3):
        visitor.get(address, headers={"User-Agent": "Firefox"})
    assert len(opened_from(hall)) == 1
    machine, host, device = opened_from(hall)[0]
    assert len(machine) == 32
    assert (host, device) == ("testclient", "Firefox")

    visitor.get(address, headers={"User-Agent": "Chrome"})
    visitor.cookies.set("hp_may", "trinh-duyet-khac-02")
    visitor.get(address, headers={"User-Agent": "Chrome"})
    assert [one[2] for one in opened_from(hall)] == ["Firefox", "Chrome", "Chrome"]
    assert len({one[0] for one in opened_from(hall)}) == 2


def test_a_browser_that_brings_a_session_without_its_machine_is_a_strange_one_and_a_program_is_not(visitor, hall):
    sit(visitor, "go1").get(f"{COMMUNE}/su-co-an-toan")
    visitor.cookies.clear()
    visitor.get(f"/api/v1/identity/networks_of?election={ELECTION}&unit=vn/46/19777", headers={"Authorization": "Bearer go1"})

    assert [one[0] for one in opened_from(hall)] == ["0" * 32, ""]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("token", "address", "answer"),
    [
        ("qt-tinh", f"{COMMUNE}/dung-chung", "1 dấu hiệu chờ kết luận"),
        ("qt-tinh", f"{PROVINCE}/dung-chung/tuan", "4 dấu hiệu trong tuần"),
        ("qt-xa", f"{COMMUNE}/dung-chung/mang", "1 mạng đã đăng ký."),
        ("go1", f"{COMMUNE}/su-co-an-toan", "1 báo cáo chờ tiếp nhận"),
    ],
)
@pytest.mark.parametrize("script", [True, False])
def test_the_pages_answer_in_their_first_sentence_wide_and_narrow(seat, token, address, answer, script):
    for size in ({"width": 1366, "height": 768}, {"width": 390, "height": 844}):
        page: Page = seat(token, size, script=script)
        page.goto(address)
        assert answer in page.locator(".lede").inner_text()
        if script:
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
