"""Count records, results, lists, operations and publication without a browser: who may, what is asked, what is refused."""

from pathlib import Path

import pytest
from markupsafe import Markup
from starlette.testclient import TestClient

from services.contracts.base import Finding, Severity
from services.contracts.results import batch_hash
from services.gateway.console.boxes import boxes_of, found_at, groups_of, marked, read, shares_of, values_of
from services.gateway.console.pages.cong_bo import _inside
from services.gateway.console.pages.ket_qua import width
from services.gateway.console.words import Words, english
from services.gateway.security import form_mark
from tests.gateway.console.records import BAD_JOB, PAPER, Hall, candidates
from tests.gateway.fakes import KEY
from tests.gateway.stage import ELECTION

HOME = f"/{ELECTION}/19777"
ENTRY = f"{HOME}/bien-ban/19777-012/NA/nhap"
COMPARE = f"{HOME}/bien-ban/19777-009/NA/doi-chieu"
RESULT = f"/{ELECTION}/NA-46-01/ket-qua"
OURS = {"Origin": "http://hop.test"}
VIETNAMESE = Words("vi", {})


def sit(visitor: TestClient, token: str) -> TestClient:
    visitor.cookies.set("hp_phien", token)
    return visitor


def form(token: str, **fields: str) -> dict[str, str]:
    return {"dau": form_mark(token), "key": KEY, **fields}


@pytest.mark.parametrize(
    ("token", "address"),
    [
        ("doi", ENTRY), ("duyet", ENTRY), ("xa", ENTRY), ("go1", COMPARE), ("duyet", COMPARE), ("go1", f"{HOME}/bien-ban/duyet"),
        ("doi", f"{HOME}/bien-ban/duyet"), ("go1", f"{HOME}/bien-ban/19777-003/NA"), ("go1", f"{HOME}/cu-tri"),
        ("duyet", f"{HOME}/cu-tri/nhap-tep"), ("go1", RESULT), ("go1", "/van-hanh"), ("vn", f"{HOME}/bien-ban/duyet"),
        ("go1", f"{HOME}/bien-ban/19803-001/NA/nhap"), ("go1", f"{HOME}/bien-ban/19777-012/XX/nhap"),
        ("ds", f"{HOME}/cu-tri/nhap-tep/khong-phai-ma"), ("xa", f"/{ELECTION}/vn/cong-bo"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_and_what_is_not_there_look_the_same(visitor: TestClient, token: str, address: str) -> None:
    answer = sit(visitor, token).get(address)
    missing = visitor.get(f"{HOME}/khong-co-trang-nay")

    assert answer.status_code == missing.status_code == 404
    assert "Không có trang này, hoặc ông/bà không có quyền xem." in answer.text


@pytest.mark.parametrize(
    ("token", "address"),
    [("go1", ENTRY), ("doi", COMPARE), ("duyet", f"{HOME}/bien-ban/duyet"), ("ban", RESULT), ("ky-ds", f"{HOME}/cu-tri"),
     ("cong-bo", f"/{ELECTION}/vn/cong-bo")],
)  # fmt: skip
def test_a_form_without_the_mark_of_its_session_changes_nothing(
    visitor: TestClient, hall: Hall, token: str, address: str
) -> None:
    answer = sit(visitor, token).post(address, data={"key": KEY, "viec": "ky", "document": "1"}, headers=OURS)

    assert answer.status_code == 403
    acts = {"submit_entry", "resolve_record", "approve_records", "declare_result", "post_lists", "publish_snapshot"}
    assert not acts & {letter.door for letter in hall.line.letters}


def test_pages_carry_no_script_or_style_of_their_own(visitor: TestClient) -> None:
    for token, address in (("go1", ENTRY), ("doi", COMPARE), ("duyet", f"{HOME}/bien-ban/duyet"), ("ban", RESULT)):
        page = sit(visitor, token).get(address)
        assert page.status_code == 200
        assert " style=" not in page.text
        assert "<script>" not in page.text
        assert "'unsafe" not in page.headers["content-security-policy"]


def test_a_code_signs_exactly_the_records_that_were_shown(visitor: TestClient, hall: Hall) -> None:
    view = hall.view("19777-003", "NA")
    content = batch_hash((view.content,))
    sent = {"totp": "123 456", "ban": f"19777-003.NA@{view.content}", "noi-dung": content}
    answer = sit(visitor, "duyet").post(f"{HOME}/bien-ban/duyet", data=form("duyet", **sent), headers=OURS)

    assert answer.status_code == 200
    assert hall.line.asked("step_up")[0]["content"] == content
    assert content[:4].upper() in answer.text


def test_records_other_than_those_shown_are_not_signed(visitor: TestClient, hall: Hall) -> None:
    view = hall.view("19777-003", "NA")
    sent = {"totp": "123456", "ban": f"19777-003.NA@{'0' * 64}", "noi-dung": batch_hash((view.content,))}
    answer = sit(visitor, "duyet").post(f"{HOME}/bien-ban/duyet", data=form("duyet", **sent), headers=OURS)

    assert answer.status_code == 409
    assert "Nội dung đã đổi" in answer.text
    assert hall.line.asked("step_up") == []


def test_a_publication_is_ordered_once_watched_until_it_ends_and_its_incident_is_shown(
    visitor: TestClient, hall: Hall
) -> None:
    page = f"/{ELECTION}/vn/cong-bo"
    before = sit(visitor, "cong-bo").get(page).text
    ordered = visitor.post(page, data=form("cong-bo"), headers=OURS, follow_redirects=True).text

    assert "data-poll" not in before
    assert "Công bố bản mới" in before
    assert "data-poll" in ordered
    assert "24.000" in ordered
    assert "Công bố bản mới" not in ordered
    hall.publication = "failed"
    failed = visitor.get(page).text
    assert "data-poll" not in failed
    assert "Việc dừng vì sự cố c0ffee." in failed
    assert "Công bố bản mới" in failed


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "1234567"])
def test_what_is_no_code_is_refused_before_anybody_is_asked(visitor: TestClient, hall: Hall, code: str) -> None:
    sent = {"viec": "ky", "noi-dung": "7f3a91c2d05e" + "0" * 52, "totp": code}
    answer = sit(visitor, "ban").post(RESULT, data=form("ban", **sent), headers=OURS)

    assert answer.status_code == 401
    assert hall.line.asked("step_up") == []
    assert hall.result_state == "prepared"


def test_a_draft_is_saved_on_its_own_and_answers_one_line(visitor: TestClient, hall: Hall) -> None:
    sent = form("go1", voters="1.286", took_part="12a")
    answer = sit(visitor, "go1").post(ENTRY, data=sent, headers={**OURS, "X-Manh": "nhap"})

    assert answer.text == "Bản nháp đã lưu 21:47:19"
    draft = hall.line.asked("save_draft")[0]["draft"]
    assert (draft["voters"], draft["took_part"], draft["votes"]) == (1286, None, [None] * 5)


def test_a_form_sent_twice_shows_the_same_receipt_twice(visitor: TestClient, hall: Hall) -> None:
    names = list(values_of(PAPER))
    sent = form("go1", **{name: str(count) for name, count in zip(names, values_of(PAPER).values(), strict=True)})
    first = sit(visitor, "go1").post(ENTRY, data=sent, headers=OURS)
    again = visitor.post(ENTRY, data=sent, headers=OURS)
    other = visitor.post(ENTRY, data={**sent, "key": "4f2b7a0e-1111-4111-8111-111111111111"}, headers=OURS)

    for answer in (first, again):
        assert (answer.status_code, "Biên nhận số 46-19777-0412" in answer.text) == (200, True)
    assert other.status_code == 409
    assert "nên không nhập lần 2" in other.text


def test_a_page_that_renews_itself_takes_no_record(visitor: TestClient, hall: Hall) -> None:
    for address in (ENTRY, f"{HOME}/bien-ban/nhap"):
        answer = sit(visitor, "go1").get(address, headers={"X-Manh": "song"})
        assert answer.status_code == 200
        assert 'id="song"' in answer.text

    assert hall.line.asked("claim_record") == hall.line.asked("next_record") == []


def test_a_broken_key_never_breaks_a_form(visitor: TestClient, hall: Hall) -> None:
    sent = {**form("ky-ds", viec="niem-yet", document="12/TB-UBND"), "key": "khong-phai-uuid"}
    answer = sit(visitor, "ky-ds").post(f"{HOME}/cu-tri", data=sent, headers=OURS)

    assert (answer.status_code, hall.rolls) == (303, "posted")


def test_an_upload_needs_the_mark_of_its_session_too(visitor: TestClient, hall: Hall) -> None:
    file = {"file": ("a.csv", b"area\n", "text/csv")}
    refused = sit(visitor, "ds").post(f"{HOME}/cu-tri/nhap-tep", data={"key": KEY}, files=file, headers=OURS)
    taken = visitor.post(f"{HOME}/cu-tri/nhap-tep", data=form("ds"), files=file, headers=OURS)

    assert refused.status_code == 403
    assert (taken.status_code, taken.headers["location"]) == (303, f"{HOME}/cu-tri/nhap-tep/{BAD_JOB}")
    assert len(hall.line.asked("import_voters")) == 1


def test_operations_say_so_when_prometheus_is_away(visitor: TestClient) -> None:
    page = sit(visitor, "vh").get("/van-hanh")

    assert page.status_code == 200
    assert "Prometheus không trả lời nên không có số nào ở đây." in page.text


def test_public_results_are_the_newest_snapshot_and_nothing_else(visitor: TestClient, tmp_path: Path) -> None:
    latest = tmp_path / "public" / ELECTION / "latest"
    latest.mkdir(parents=True)
    (latest / "index.html").write_text("<h1>Kết quả</h1>")
    (latest / "du-lieu.csv").write_text("a,b\n")
    (tmp_path / "public" / "secret.txt").write_text("x")

    assert "Diễn tập số 4" in visitor.get("/cong-bo/").text
    assert visitor.get(f"/cong-bo/{ELECTION}/").text == "<h1>Kết quả</h1>"
    assert visitor.get(f"/cong-bo/{ELECTION}/du-lieu.csv").headers["content-type"] == "text/csv; charset=utf-8"
    assert visitor.get(f"/cong-bo/{ELECTION}/../../secret.txt").status_code == 404
    assert visitor.get(f"/cong-bo/{ELECTION}/%2e%2e/%2e%2e/secret.txt").status_code == 404
    assert _inside(latest, "../../secret.txt") is None


def test_every_sentence_of_these_pages_has_its_english(visitor: TestClient) -> None:
    visitor.cookies.set("hp_tieng", "en")
    page = sit(visitor, "duyet").get(f"{HOME}/bien-ban/duyet").text

    assert "Approve 4 records" in page
    assert english()["Kiểm tra và gửi"] == "Check and send"


def test_boxes_stand_in_the_order_of_the_paper() -> None:
    boxes = boxes_of(groups_of(candidates(), 3, VIETNAMESE))

    assert [box.number for box in boxes] == list(range(1, 15))
    assert [box.line for box in boxes[:7]] == [13, 14, 16, 17, 18, 19, 20]
    assert boxes[6].label == "Bà Lê Thị Diệu Hiền"
    assert list(values_of(PAPER)) == [box.name for box in boxes]


def test_an_empty_box_is_not_zero_and_is_said_once_for_all_of_them() -> None:
    boxes = boxes_of(groups_of(candidates(), 3, VIETNAMESE))
    typed = read(boxes, {"voters": "1 286", "took_part": "0"})

    assert (typed.values["voters"], typed.values["took_part"], typed.values["issued"]) == (1286, 0, None)
    assert len(typed.faults) == 12
    assert [one.numbers for one in found_at(typed.faults, boxes)] == ["3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14"]


def test_errors_come_before_differences_before_warnings() -> None:
    boxes = boxes_of(groups_of(candidates(), 3, VIETNAMESE))
    found = [
        Finding(code="P1", severity=Severity.WARN, places=("invalid",), vi="a", en="a"),
        Finding(code="D1", severity=Severity.WARN, places=("valid",), vi="b", en="b"),
        Finding(code="C1", severity=Severity.BLOCK, places=("collected",), vi="c", en="c"),
    ]

    assert [one.kind for one in found_at(found, boxes)] == ["err", "diff", "warn"]


def test_percentages_of_the_form_are_computed_and_line_19_is_what_line_18_leaves() -> None:
    assert shares_of(values_of(PAPER)) == {"took_part": "99,46", "valid": "98,67", "invalid": "1,33"}
    assert shares_of({"took_part": 3, "voters": 0}) == {}


def test_the_digits_that_differ_are_marked() -> None:
    assert marked("1.435", "1.453") == Markup("1.4<mark>35</mark>")
    assert marked("558", "1.558") == Markup("<mark>558</mark>")


def test_a_bar_ends_at_the_middle_exactly_at_half() -> None:
    assert (width(50, 100), width(100, 100), width(0, 0), width(1, 3)) == ("150.0", "300.0", "0.0", "100.0")
