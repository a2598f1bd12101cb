"""The console without a browser: who sees what, what a form does, what a refusal looks like, both languages whole."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from services.contracts.base import Severity, Unavailable
from services.contracts.results import TurnoutOutcome, TurnoutReceipt
from services.gateway.console import numbers, tiles
from services.gateway.console.charts import curve
from services.gateway.console.qr import picture
from services.gateway.console.rail import RAIL
from services.gateway.console.visits import safe_return
from services.gateway.console.words import Words, english
from services.gateway.security import form_mark
from tests.gateway.fakes import KEY
from tests.gateway.stage import ELECTION, NOW, Stage
from tests.gateway.stage import curve as points

CONSOLE = Path("services/gateway/console")
HOME = f"/{ELECTION}/19777"
TURNOUT = f"{HOME}/cu-tri-di-bau"
OURS = {"Origin": "http://hop.test"}


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def visitor(stage: Stage, tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(stage.app(tmp_path), base_url="http://hop.test", follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def secretary(visitor: TestClient) -> TestClient:
    visitor.cookies.set("hp_phien", "xa")
    return visitor


def turnout_form(**typed: str) -> dict[str, str]:
    return {"dau": form_mark("xa"), "key": KEY, **{name.replace("_", "-19777-"): text for name, text in typed.items()}}


def test_who_is_not_signed_in_is_sent_to_the_sign_in_and_back(visitor: TestClient) -> None:
    answer = visitor.get(HOME + "?loc=cham")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/vao?ve={HOME}?loc=cham")


def test_signing_in_takes_two_steps_and_begins_where_the_role_begins(visitor: TestClient) -> None:
    first = visitor.post("/vao", data={"login": "chau", "password": "mot cau rat dai de nho", "ve": "/"}, headers=OURS)
    shown = visitor.get("/vao/buoc-2")
    second = visitor.post("/vao/buoc-2", data={"totp": "123 456"}, headers=OURS)
    begin = visitor.get("/")

    assert (first.status_code, first.headers["location"]) == (303, "/vao/buoc-2")
    assert "Lê Thị Minh Châu" in shown.text
    assert (second.status_code, second.headers["location"]) == (303, "/")
    assert begin.headers["location"] == HOME


def test_a_wrong_password_and_a_wrong_name_are_told_alike_and_the_name_is_kept(visitor: TestClient) -> None:
    wrong = visitor.post("/vao", data={"login": "chau", "password": "x"}, headers=OURS)
    nobody = visitor.post("/vao", data={"login": "??", "password": "x"}, headers=OURS)

    for answer in (wrong, nobody):
        assert answer.status_code == 401
        assert "Không vào được. Xem lại tên và mật khẩu" in answer.text
        assert "<title>Lỗi: Đăng nhập" in answer.text
    assert 'value="chau"' in wrong.text


def test_a_wrong_code_is_told_and_nobody_is_signed_in(visitor: TestClient) -> None:
    visitor.post("/vao", data={"login": "chau", "password": "mot cau rat dai de nho"}, headers=OURS)

    answer = visitor.post("/vao/buoc-2", data={"totp": "000000"}, headers=OURS)

    assert answer.status_code == 401
    assert "Mã không đúng hoặc đã dùng" in answer.text
    assert "hp_phien" not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_can_neither_sign_in_nor_act(secretary: TestClient, stage: Stage, headers: dict) -> None:
    entered = secretary.post("/vao", data={"login": "a", "password": "b"}, headers=headers)
    acted = secretary.post(TURNOUT + "/1600", data=turnout_form(a_007="1", b_007="1"), headers=headers)

    assert (entered.status_code, acted.status_code) == (403, 403)
    assert stage.line.asked("report_turnout") == stage.line.asked("sign_in") == []


@pytest.mark.parametrize("mark", ["", "0" * 32, form_mark("another")])
def test_a_form_without_the_mark_of_the_session_does_nothing(secretary: TestClient, stage: Stage, mark: str) -> None:
    form = {**turnout_form(a_007="1", b_007="1"), "dau": mark}

    answer = secretary.post(TURNOUT + "/1600", data=form, headers=OURS)

    assert answer.status_code == 403
    assert stage.line.asked("report_turnout") == []


def test_signing_out_ends_the_session(secretary: TestClient, stage: Stage) -> None:
    answer = secretary.post("/ra", data={"dau": form_mark("xa")}, headers=OURS)

    assert (answer.status_code, answer.headers["location"]) == (303, "/vao")
    assert "xa" not in stage.line.people


@pytest.mark.parametrize(
    "address", ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "", "x"]
)
def test_nobody_is_sent_to_another_site_after_signing_in(address: str) -> None:
    assert safe_return(address) == "/"


def test_activation_sets_a_password_and_proves_the_authenticator(visitor: TestClient) -> None:
    sentence = "mot cau that dai va rieng"
    typed = {"login": "chau", "code": "ABCD", "password": sentence, "again": sentence}

    unlike = visitor.post("/kich-hoat", data={**typed, "again": "khac"}, headers=OURS)
    shown = visitor.post("/kich-hoat", data=typed, headers=OURS)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
    wrong = visitor.post("/kich-hoat/xac-nhan", data={**hidden, "totp": "111111"}, headers=OURS)
    done = visitor.post("/kich-hoat/xac-nhan", data={**hidden, "totp": "123456"}, headers=OURS)
    bent = [
        visitor.post("/kich-hoat/xac-nhan", data={**hidden, "uri": uri, "totp": "111111"}, headers=OURS)
        for uri in ("", "https://evil.test", "otpauth://totp/" + "a" * 241, "otpauth://totp/ệ")
    ]

    assert "Hai lần gõ mật khẩu khác nhau" in unlike.text
    assert "<span>JBSW</span><span>Y3DP</span>" in shown.text
    assert sentence not in shown.text
    assert picture("otpauth://totp/Hom%20Phieu:chau?secret=JBSWY3DPEHPK3PXP") in shown.text
    assert picture("otpauth://totp/Hom%20Phieu:chau?secret=JBSWY3DPEHPK3PXP") in wrong.text
    assert [answer.headers["location"] for answer in bent] == ["/kich-hoat"] * 4
    assert (wrong.status_code, done.headers["location"]) == (401, "/vao?xong=true")


def test_the_page_of_a_strange_unit_and_of_no_unit_read_the_same(secretary: TestClient) -> None:
    strange = secretary.get(f"/{ELECTION}/99999")
    nowhere = secretary.get("/khong-co")
    elsewhere = secretary.get("/dien-tap-9/19777")

    for answer in (strange, nowhere, elsewhere):
        assert answer.status_code == 404
        assert "Không có trang này, hoặc ông/bà không có quyền xem." in answer.text


def test_entering_turnout_is_not_there_for_who_may_not(visitor: TestClient) -> None:
    visitor.cookies.set("hp_phien", "vn")

    home, entry = visitor.get(HOME), visitor.get(TURNOUT)

    assert entry.status_code == 404
    assert "Ông/bà đang xem phường Vỹ Dạ." in home.text
    assert "Nhập cử tri đi bầu" not in home.text
    assert f'href="{TURNOUT}"' not in home.text


def test_the_home_of_a_commune_answers_who_is_late_and_whom_to_call(secretary: TestClient) -> None:
    text = secretary.get(HOME).text

    assert 'còn <b class="strong">3 khu vực</b> chưa gửi' in text
    assert "Khu vực 7, 15, 21 chưa báo cáo mốc 16:00" in text
    assert "khu vực 7: 0912 000 107" in text
    assert "<h2>24 khu vực bỏ phiếu</h2>" in text


def test_the_nation_sees_everyone_who_is_late_and_whom_to_call(visitor: TestClient) -> None:
    visitor.cookies.set("hp_phien", "vn")

    text = visitor.get(f"/{ELECTION}/vn/ai-cham").text
    codes = re.findall(r'<tr id="ch-(\d+)">', text)

    assert '<b class="strong">1.502 khu vực</b> ở 26 trên 34 tỉnh, thành phố chưa gửi mốc 16:00.' in text
    assert len(codes) == len(set(codes)) == 26  # the overview shows four
    assert [int(n) for n in re.findall(r'</svg>(\d+) <span class="muted">/', text)][:5] == [214, 214, 214, 214, 96]
    assert f'<a href="/{ELECTION}/46/ai-cham">Thành phố Huế</a>' in text
    assert 'href="tel:0234000105"' in text
    assert f'href="/{ELECTION}/vn/ai-cham">Xem cả 26 đơn vị chậm</a>' in visitor.get(f"/{ELECTION}/vn").text


def test_a_province_sees_its_late_communes(visitor: TestClient) -> None:
    visitor.cookies.set("hp_phien", "tinh")

    text = visitor.get(f"/{ELECTION}/46/ai-cham").text

    assert '<b class="strong">99 khu vực</b> ở 2 trên 3 xã, phường, đặc khu chưa gửi mốc 16:00.' in text
    assert re.findall(r'<tr id="ch-(\d+)">', text) == ["19803", "19789"]


def test_a_commune_calls_its_late_areas_until_nobody_is_late(secretary: TestClient, stage: Stage) -> None:
    text = secretary.get(f"{HOME}/ai-cham").text

    assert '<b class="strong">3 khu vực</b> trên 24 chưa gửi mốc 16:00.' in text
    assert re.findall(r'<tr id="ch-([-\d]+)">', text) == ["19777-007", "19777-015", "19777-021"]
    assert 'href="tel:0912000107"' in text
    assert f'href="{TURNOUT}?kv=19777-007"' in text
    stage.reported = {7: 900, 15: 900, 21: 900}
    done = secretary.get(f"{HOME}/ai-cham").text
    assert "Không còn khu vực nào chậm." in done
    assert "tel:" not in done


def test_the_late_page_of_a_constituency_is_its_overview(visitor: TestClient) -> None:
    visitor.cookies.set("hp_phien", "vn")

    assert visitor.get(f"/{ELECTION}/NA-46-01/ai-cham").headers["location"] == f"/{ELECTION}/NA-46-01"


def test_a_rehearsal_says_so_on_every_page_and_in_every_title(secretary: TestClient) -> None:
    for address in (HOME, TURNOUT):
        text = secretary.get(address).text
        assert "DIỄN TẬP" in text
        assert "(diễn tập)</title>" in text


def test_what_matches_is_sent_and_the_rest_stays_with_its_sentence(secretary: TestClient, stage: Stage) -> None:
    form = turnout_form(a_007="1.352", b_007="1352", a_015="1324", b_015="1342", a_021="1x", b_021="1x")

    answer = secretary.post(TURNOUT + "/1600", data=form, headers=OURS)

    sent = stage.line.asked("report_turnout")[0]
    assert (sent["slot"], sent["key"]) == ("16:00", KEY)
    assert [(row["area"], row["took_part"]) for row in sent["rows"]] == [("19777-007", 1352)]
    assert answer.status_code == 422
    assert "Hai lần gõ là 1.324 và 1.342. Hỏi lại Tổ bầu cử rồi gõ lại số đúng." in answer.text
    assert "Chỉ gõ chữ số, ví dụ 1286." in answer.text
    assert "Biên nhận số 46-19777-0412" in answer.text
    assert 'value="1324"' in answer.text


def test_what_the_service_keeps_back_is_shown_at_its_row_with_a_place_for_the_reason(secretary, stage: Stage) -> None:
    from services.contracts.base import Finding

    lower = Finding(
        code="D1", severity=Severity.BLOCK, places=("took_part",), vi="1.190 thấp hơn mốc 15:00.", en="Lower."
    )
    stage.line.answers["report_turnout"] = lambda _request: TurnoutReceipt(
        receipt="r", at=NOW, outcomes=(TurnoutOutcome(area="19777-007", stored=False, findings=(lower,)),)
    )

    answer = secretary.post(TURNOUT + "/1600", data=turnout_form(a_007="1190", b_007="1190"), headers=OURS)

    assert answer.status_code == 422
    assert "1.190 thấp hơn mốc 15:00." in answer.text
    assert re.search(r'class="msg why"><td[^>]*><label[^>]*>.*?name="r-19777-007"', answer.text, re.DOTALL)


def test_a_slot_that_is_not_due_has_no_page(secretary: TestClient) -> None:
    assert secretary.get(TURNOUT + "/1800").status_code == 404


def test_english_is_chosen_by_a_link_and_stays(secretary: TestClient) -> None:
    chosen = secretary.get(f"/tieng/en?ve={HOME}")
    text = secretary.get(HOME).text

    assert chosen.headers["location"] == HOME
    assert '<html lang="en">' in text
    assert "To do now" in text
    assert "Việc cần làm ngay" not in text


def test_every_sentence_of_the_console_has_its_english() -> None:
    call = re.compile(r"""\b(?:t|th|text|markup)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
    places = [*CONSOLE.rglob("templates/**/*.html"), *CONSOLE.rglob("*.py")]
    said = {
        one or two for place in places if place.name != "__init__.py" for one, two in call.findall(place.read_text())
    }
    said |= {group.heading for group in RAIL if group.heading} | {
        entry.text for group in RAIL for entry in group.entries
    }

    catalogue = english()

    assert len(said) > 150
    assert sorted(sentence for sentence in said if sentence not in catalogue) == []


def test_a_translation_names_the_same_facts_as_the_sentence() -> None:
    facts = re.compile(r"\{(\w+)\}")
    for sentence, said in english().items():
        for form in said.split("|"):
            assert set(facts.findall(form)) <= set(facts.findall(sentence)), sentence


def test_english_counts_one_and_many() -> None:
    words = Words("en", english())

    assert words.text("{n} khu vực bỏ phiếu", n=1) == "1 polling area"
    assert words.text("{n} khu vực bỏ phiếu", n=72195) == "72,195 polling areas"


def test_no_template_has_a_style_or_a_script_of_its_own() -> None:
    for place in CONSOLE.rglob("templates/**/*.html"):
        text = place.read_text()
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|https?://", text), place
        assert re.findall(r"<script(?![^>]*\ssrc=)", text) == [], place


def test_own_style_sheet_and_script_stay_within_their_budget() -> None:
    assert (CONSOLE / "assets/console.css").stat().st_size <= 45_000
    assert (CONSOLE / "assets/console.js").stat().st_size <= 15_000


def test_assets_are_kept_for_good_under_their_hash_only(secretary: TestClient) -> None:
    address = re.search(r'href="(/tinh/[^"]+/console\.css)"', secretary.get(HOME).text)[1]

    now, old = secretary.get(address), secretary.get("/tinh/0000/console.css")
    font = secretary.get(address.replace("console.css", "inter-vietnamese-wght-normal.woff2"))

    assert "immutable" in now.headers["cache-control"]
    assert old.headers["cache-control"] == "no-cache"
    assert font.headers["content-type"] == "font/woff2"
    assert secretary.get("/tinh/x/..%2fsettings.py").status_code == 404


@pytest.mark.parametrize(
    ("text", "number"),
    [("1286", 1286), ("1.286", 1286), ("1 286", 1286), ("1\u00a0286", 1286), ("１２８６", 1286), ("", None), ("  ", None),
     ("0", 0), ("76.043.527", 76043527)],
)  # fmt: skip
def test_numbers_are_read_as_people_type_them(text: str, number: int | None) -> None:
    assert numbers.typed(text) == number


@pytest.mark.parametrize("text", ["1,5", "12.86", "1.2.3", "-1", "1e3", "một", "1286a", "٣", "9" * 17, "1.286 000"])
def test_what_cannot_be_read_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError):
        numbers.typed(text)


def test_the_map_has_34_provinces_north_to_south_and_no_place_twice() -> None:
    drawn = tiles.tiles((), {}, "")

    assert len({tile.code for tile in drawn}) == 34
    assert len({(tile.row, tile.column) for tile in drawn}) == 34
    assert (6, 6) not in {(tile.row, tile.column) for tile in drawn}
    assert (10, 6) not in {(tile.row, tile.column) for tile in drawn}


@pytest.mark.parametrize(
    ("share", "shade"),
    [("0,00", "t1"), ("69,99", "t1"), ("70,00", "t2"), ("79,99", "t2"), ("87,99", "t3"), ("94,99", "t4"), ("95,00", "t5")],
)  # fmt: skip
def test_five_shades_of_one_hue(share: str, shade: str) -> None:
    assert tiles.shade_of(share) == shade


def test_the_curve_is_drawn_to_now_only() -> None:
    drawn = curve(points(1000))

    assert drawn is not None
    assert len(drawn.dots) == 10
    assert drawn.dots[-1].x == "326.5"
    assert drawn.last is not None
    assert drawn.last.text == "91,87"


def test_text_of_people_is_never_markup(secretary: TestClient, stage: Stage) -> None:
    from tests.gateway import stage as paper

    hostile = paper.incident().model_copy(update={"what": "<script>alert(1)</script>", "reported_by": "<b>x"})
    day = paper.commune({}).model_copy(update={"incidents": (hostile,)})
    stage.line.answers["day_of"] = lambda _request: day

    text = secretary.get(HOME).text

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_after_the_close_the_home_tells_how_far_the_count_is(secretary: TestClient, stage: Stage) -> None:
    from tests.gateway import stage as paper

    counted = paper.commune({7: 1, 15: 1, 21: 1}, {"approved": 30, "differs": 2, "awaited": 40})
    late = counted.standing.model_copy(update={"slot": "19:00", "next_slot": ""})
    stage.line.answers["day_of"] = lambda _request: counted.model_copy(update={"standing": late})

    text = secretary.get(HOME).text

    assert 'Kiểm phiếu: <b class="strong">30 trên 72</b> biên bản đã phê duyệt' in text
    assert "2 biên bản có hai lần nhập khác nhau" in text
    assert '<a class="btn primary" href="/dien-tap-4/19777/bien-ban">' in text
    assert text.count("btn primary") == 1


@pytest.mark.parametrize("address", [HOME, TURNOUT])
def test_a_page_has_one_primary_button_and_one_title(secretary: TestClient, address: str) -> None:
    text = secretary.get(address).text

    assert text.count("btn primary") == 1
    assert text.count("<h1") == 1


def test_a_page_that_refreshes_itself_does_not_keep_a_session_alive(secretary: TestClient, stage: Stage) -> None:
    by_itself = {"X-Manh": "song"}
    secretary.get(HOME, headers=by_itself)
    secretary.get(HOME, headers=by_itself)
    secretary.get(HOME)
    secretary.get(HOME, headers=by_itself)

    assert [asked["renew"] for asked in stage.line.asked("open_passport")] == [False, True]


def test_an_incident_is_reported_with_its_time_on_the_elections_own_day(secretary: TestClient, stage: Stage) -> None:
    form = {
        "dau": form_mark("xa"),
        "key": KEY,
        "area": "19777-015",
        "kind": "technical",
        "at": "15:10",
        "what": "mất điện",
    }

    answer = secretary.post(f"{HOME}/su-co", data={**form, "decision": "1"}, headers=OURS)

    [asked] = stage.line.asked("report_incident")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}/su-co?so=3")
    assert asked["happened_at"] == "2026-03-15T15:10:00+07:00"
    assert (asked["needs_decision"], asked["what"], asked["key"]) == (True, "mất điện", KEY)


@pytest.mark.parametrize("changed", [{"at": "quá trưa"}, {"kind": "x"}, {"what": ""}, {"at": "25:00"}, {"area": "1"}])
def test_an_incident_that_cannot_be_read_is_told_and_what_was_typed_is_kept(secretary, stage: Stage, changed) -> None:
    form = {"dau": form_mark("xa"), "key": KEY, "kind": "technical", "at": "15:10", "what": "mất điện", **changed}

    answer = secretary.post(f"{HOME}/su-co", data=form, headers=OURS)

    assert answer.status_code == 422
    assert stage.line.asked("report_incident") == []
    assert f">{form['what']}</textarea>" in answer.text


def test_a_page_of_a_full_gateway_says_when_to_come_back(secretary: TestClient) -> None:
    slots = secretary.app.state.gateway.slots
    slots._free, slots.waiting = asyncio.Semaphore(0), 10_000

    answer = secretary.get(HOME)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "8")
    assert "Đang quá đông." in answer.text


def test_without_the_map_of_units_a_page_is_away_and_not_missing(secretary: TestClient, stage: Stage) -> None:
    stage.line.answers["units_below"] = lambda _request: Unavailable(seconds=3)

    answer = secretary.get(HOME)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
