"""The four forms say what the law's forms say: sentences written here by hand, compared with the text of the PDF."""

import io
import re
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from services.contracts.candidates import Contest
from services.contracts.results import Totals
from services.reporting.domain.wording import chunks, resolution, roman, term_of
from services.reporting.forms.printing import board_record, team_record
from tests.fresh import GREEN
from tests.fresh import said as said_by
from tests.reporting.facts import COUNCIL, MARK, PLACE, board, lines, team

NO_TURNOUT_NA = (
    "Vì số cử tri đi bỏ phiếu chưa đạt quá nửa tổng số cử tri của đơn vị bầu cử, nên cuộc bầu cử đại biểu Quốc hội tại đơn "
    "vị bầu cử đại biểu Quốc hội số 1 không có giá trị. Đề nghị Ủy ban bầu cử thành phố Huế báo cáo Hội đồng bầu cử quốc gia "
    "xem xét, quyết định việc bầu cử lại tại đơn vị bầu cử"
)
MISSING_NA = (
    "Vì số người trúng cử đại biểu Quốc hội chưa đủ số lượng đại biểu được bầu đã ấn định cho đơn vị bầu cử nên đề nghị Ủy ban "
    "bầu cử thành phố Huế báo cáo Hội đồng bầu cử quốc gia để xem xét, quyết định việc bầu cử thêm tại đơn vị bầu cử"
)
MISSING_COUNCIL = (
    "Vì số người trúng cử đại biểu Hội đồng nhân dân chưa đủ số lượng đại biểu được bầu đã ấn định cho đơn vị bầu cử nên đề nghị "
    "Ủy ban bầu cử phường Vỹ Dạ xem xét, quyết định việc bầu cử thêm tại đơn vị bầu cử"
)


def said(pdf: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    return re.sub(r"\s+", " ", " ".join(pages))


def test_form_18_says_every_line_of_the_form() -> None:
    text = said(team_record(team()))

    for sentence in (
        "Mẫu số 18/HĐBC-QH",
        "Thành phố Huế",
        "Phường Vỹ Dạ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "KẾT QUẢ KIỂM PHIẾU BẦU CỬ ĐẠI BIỂU QUỐC HỘI KHÓA XVI CỦA TỔ BẦU CỬ",
        "Khu vực bỏ phiếu số: 12, phường Vỹ Dạ.",
        "Đơn vị bầu cử đại biểu Quốc hội số: 1.",
        "Gồm: các phường Vỹ Dạ, An Cựu, Thủy Xuân, Phú Xuân và xã Phú Vinh.",
        "Ngày 15 tháng 3 năm 2026, Tổ bầu cử gồm có:",
        "1. Ông/Bà Ngô Đức Thịnh, Tổ trưởng; 2. Ông/Bà Đỗ Thị Ánh Nguyệt, Thư ký; 3. Ông/Bà Bùi Xuân Hòa, Ủy viên;",
        (
            "Đúng 07 giờ 00 phút, ngày 15 tháng 3 năm 2026, trước khi thực hiện việc bỏ phiếu, đại diện Tổ bầu cử đã kiểm tra hòm "
            "phiếu với sự chứng kiến của hai cử tri là: 1. Ông/Bà: Nguyễn Thị Lài Nơi ở hiện nay: tổ dân phố 3"
        ),
        "Sau đó, Tổ bầu cử đã khóa và niêm phong hòm phiếu lại, mời cử tri bắt đầu bỏ phiếu.",
        "Đúng 19 giờ 05 phút, ngày 15 tháng 3 năm 2026, Tổ trưởng Tổ bầu cử tuyên bố kết thúc cuộc bầu cử",
        "kiểm kê và lập biên bản về việc sử dụng phiếu bầu cử đại biểu Quốc hội.",
        "- Số đại biểu Quốc hội được ấn định cho đơn vị bầu cử: 3 người.",
        "- Số người ứng cử: 5 người.",
        "- Tổng số cử tri của khu vực bỏ phiếu: 1.286 người.",
        "- Số cử tri đã tham gia bỏ phiếu: 1.279 người.",
        "so với tổng số cử tri: 99,46%.",
        "- Số phiếu phát ra: 1.279 phiếu.",
        "- Số phiếu thu vào: 1.279 phiếu.",
        "- Số phiếu hợp lệ: 1.260 phiếu. Tỷ lệ so với tổng số phiếu thu vào: 98,51%.",
        "- Số phiếu không hợp lệ: 19 phiếu. Tỷ lệ so với tổng số phiếu thu vào: 1,49%.",
        "1. Bà Lê Thị Diệu Hiền được 1.100 phiếu/1.260 phiếu hợp lệ.",
        "2. Ông Trần Quốc Khánh được 842 phiếu/1.260 phiếu hợp lệ.",
        "chưa giải quyết được và kiến nghị: Không có",
        (
            "vào hồi 23 giờ 40 phút, ngày 15 tháng 3 năm 2026, được lập thành 03 bản và được gửi đến Ban bầu cử đại biểu Quốc hội, "
            "Ủy ban nhân dân, Ban thường trực Ủy ban Mặt trận Tổ quốc Việt Nam cấp xã."
        ),
        "CỬ TRI THỨ NHẤT",
        "CỬ TRI THỨ HAI",
        "TM. TỔ BẦU CỬ TỔ TRƯỞNG",
        "THƯ KÝ TỔ BẦU CỬ",
        "Ghi chú: Nhất thiết không được tẩy xóa trên biên bản.",
        "Mã nội dung: 4C1E 90B7 22AF",
        "DIỄN TẬP",
    ):
        assert sentence in text, sentence
    assert "Phó" not in text.replace("thành phố", "")


def test_form_23_is_the_councils_and_seals_the_box_without_again() -> None:
    text = said(team_record(team(COUNCIL)))

    assert "Mẫu số 23/HĐBC-HĐND" in text
    assert "ĐẠI BIỂU HỘI ĐỒNG NHÂN DÂN PHƯỜNG VỸ DẠ NHIỆM KỲ 2026-2031 CỦA TỔ BẦU CỬ" in text
    assert "Đơn vị bầu cử đại biểu Hội đồng nhân dân phường Vỹ Dạ số: 2." in text
    assert "niêm phong hòm phiếu, mời cử tri bắt đầu bỏ phiếu." in text
    assert "gửi đến Ban bầu cử đại biểu Hội đồng nhân dân phường Vỹ Dạ, Ủy ban nhân dân" in text
    assert "KHÓA" not in text
    assert "Quốc hội" not in text


def test_a_council_with_a_known_term_prints_it() -> None:
    text = said(team_record(team(replace(COUNCIL, council_term="II"))))

    assert "KHÓA II NHIỆM KỲ 2026-2031" in text


def test_form_19_says_every_line_of_the_form() -> None:
    text = said(board_record(board()))

    for sentence in (
        "Mẫu số 19/HĐBC-QH",
        "BAN BẦU CỬ ĐẠI BIỂU QUỐC HỘI ĐƠN VỊ BẦU CỬ SỐ 1",
        "XÁC ĐỊNH KẾT QUẢ BẦU CỬ ĐẠI BIỂU QUỐC HỘI KHÓA XVI Ở ĐƠN VỊ BẦU CỬ SỐ 1",
        "Vào hồi 08 giờ 30 phút, ngày 17 tháng 3 năm 2026, Ban bầu cử đại biểu Quốc hội gồm có:",
        "1. Ông/Bà Võ Thị Thanh Tâm, Trưởng ban; 2. Ông/Bà Trương Công Định, Phó Trưởng ban;",
        "Đã họp tại Hội trường UBND phường Vỹ Dạ để lập biên bản",
        "thuộc thành phố Huế.",
        (
            "Theo Nghị quyết số: 85/NQ-HĐBCQG ngày 15 tháng 12 năm 2025 của Hội đồng bầu cử quốc gia, thì đơn vị bầu cử số: 1 "
            "được bầu 3 đại biểu Quốc hội."
        ),
        (
            "Theo Nghị quyết số: 102/NQ-HĐBCQG ngày 14 tháng 02 năm 2026 của Hội đồng bầu cử quốc gia, thì đơn vị bầu cử đại biểu "
            "Quốc hội số 1 có 5 người ứng cử đại biểu Quốc hội."
        ),
        "- Tổng số cử tri của đơn vị bầu cử: 230.000 người.",
        "- Số phiếu hợp lệ: 221.906 phiếu. Tỷ lệ so với tổng số phiếu thu vào: 98,82%.",
        "- Số phiếu không hợp lệ: 2.644 phiếu. Tỷ lệ so với tổng số phiếu thu vào: 1,18%.",
        "SỐ PHIẾU BẦU CHO MỖI NGƯỜI ỨNG CỬ",
        "Phường Vỹ Dạ 24 26.204 18.117 15.640 12.377 9.845",
        "Tổng cộng: 171 186.204 148.117 108.640 92.377 61.845",
        "83,91% 66,75% 48,96% 41,63% 27,87%",
        "a) Số cử tri đã tham gia bỏ phiếu đạt 97,63% so với tổng số cử tri của đơn vị bầu cử.",
        (
            "b) Các Ông/Bà có tên sau đây nhận được quá nửa tổng số phiếu hợp lệ và có nhiều phiếu hơn, đã trúng cử đại biểu Quốc "
            "hội khóa XVI: 1. Bà Lê Thị Diệu Hiền, số phiếu: 186.204, đạt: 83,91% so với tổng số phiếu hợp lệ. 2. Ông Trần Quốc "
            "Khánh, số phiếu: 148.117, đạt: 66,75%"
        ),
        (
            "c) Theo ấn định của Hội đồng bầu cử quốc gia thì số đại biểu Quốc hội được bầu ở đơn vị bầu cử số 1 là 3 đại biểu, nay "
            "đã bầu được 2 đại biểu, còn thiếu 1 đại biểu."
        ),
        MISSING_NA,
        (
            "được lập thành 03 bản và được gửi đến Hội đồng bầu cử quốc gia, Ủy ban bầu cử thành phố Huế, Ủy ban Mặt trận Tổ quốc "
            "Việt Nam thành phố Huế."
        ),
        "TM. BAN BẦU CỬ TRƯỞNG BAN",
        "CÁC PHÓ TRƯỞNG BAN BẦU CỬ",
        "Ghi chú: Nhất thiết không được tẩy xóa trên biên bản.",
    ):
        assert sentence in text, sentence


def test_form_24_has_no_table_by_commune_and_four_copies() -> None:
    text = said(board_record(board(COUNCIL)))

    assert "Mẫu số 24/HĐBC-HĐND" in text
    assert "BAN BẦU CỬ ĐẠI BIỂU HỘI ĐỒNG NHÂN DÂN PHƯỜNG VỸ DẠ ĐƠN VỊ BẦU CỬ SỐ 2" in text
    assert "1. Bà Lê Thị Diệu Hiền được 186.204 phiếu/221.906 phiếu hợp lệ." in text
    assert "SỐ PHIẾU BẦU CHO" not in text
    assert "c) Theo ấn định của Ủy ban bầu cử phường Vỹ Dạ" in text
    assert "được lập thành 04 bản" in text
    assert "CÁC PHÓ TRƯỞNG BAN (Ký" in text


@pytest.mark.parametrize(("took_part", "printed"), [(114_999, True), (115_000, True), (115_001, False)])
def test_the_rerun_is_proposed_up_to_exactly_half_of_the_voters(took_part: int, printed: bool) -> None:
    totals = Totals(
        areas=171, voters=230_000, took_part=took_part, issued=took_part, collected=took_part, valid=took_part
    )

    text = said(board_record(board(totals=totals)))

    assert (NO_TURNOUT_NA in text) is printed
    assert ("đã trúng cử đại biểu Quốc hội khóa XVI: Không có." in text) is printed
    assert (MISSING_NA in text) is not printed


def test_the_record_of_a_rerun_proposes_nothing_more() -> None:
    totals = Totals(areas=171, voters=230_000, took_part=90_000, issued=90_000, collected=90_000, valid=90_000)

    text = said(board_record(board(totals=totals, repeated=True)))

    assert "bầu cử lại tại đơn vị" not in text
    assert "bầu cử thêm tại đơn vị" not in text


@pytest.mark.parametrize(
    ("contest", "seats", "won", "setting", "printed"),
    [
        (Contest.NA, 3, (1, 2, 3), "law", False),
        (Contest.NA, 3, (1, 2), "law", True),
        (Contest.CC, 3, (1, 2), "law", False),
        (Contest.CC, 3, (1, 2), "form", True),
        (Contest.CC, 5, (1, 2, 3), "law", True),
        (Contest.CC, 4, (1, 2), "law", True),
        (Contest.CC, 4, (1, 2, 3), "law", False),
    ],
)
def test_the_additional_election_is_proposed_exactly_under_the_laws_test(
    contest: Contest, seats: int, won: tuple[int, ...], setting: str, printed: bool
) -> None:
    place = PLACE if contest is Contest.NA else COUNCIL
    candidates = lines((186204, 148117, 118640, 92377, 61845), 221906, won)

    text = said(board_record(board(place, seats=seats, candidates=candidates, council_additional_sentence=setting)))

    assert ((MISSING_NA if contest is Contest.NA else MISSING_COUNCIL) in text) is printed
    assert f"còn thiếu {seats - len(won)} đại biểu." in text


def test_equal_votes_are_listed_by_age() -> None:
    text = said(board_record(board(candidates=lines((150000, 148117, 150000, 1, 1), 221906, (1, 2, 3)))))

    assert text.index("1. Ông Nguyễn Hữu Phước, số phiếu: 150.000") < text.index(
        "2. Bà Lê Thị Diệu Hiền, số phiếu: 150.000"
    )


def test_a_real_election_bears_no_mark_of_rehearsal_and_equal_facts_give_equal_bytes() -> None:
    facts = team(mark=replace(MARK, rehearsal=False))

    assert "DIỄN TẬP" not in said(team_record(facts))
    assert team_record(facts) == team_record(facts)


def test_every_vietnamese_letter_is_in_the_font() -> None:
    letters = "aăâeêioôơuưy"
    accented = (
        "".join(letters + letters.upper()) + "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵđĐỄỮẬƯƠ"
    )

    text = said(team_record(team(events=(accented,))))

    assert accented in text


def test_resolutions_terms_and_hashes_are_read_and_written_as_the_forms_do() -> None:
    assert resolution("Nghị quyết số 85/NQ-HĐBCQG ngày 15 tháng 12 năm 2025").day == date(2025, 12, 15)
    assert resolution("07/NQ-UBBC", date(2026, 2, 27)).day == date(2026, 2, 27)
    assert resolution("theo công văn").number == "theo công văn"
    assert (term_of(date(2026, 3, 15)), term_of(date(2031, 5, 23)), roman(9)) == ("XVI", "XVII", "IX")
    assert chunks("4c1e90b722af" + "0" * 52) == "4C1E 90B7 22AF"


def test_the_first_forms_of_a_process_may_be_asked_for_at_once():
    """Four threads unpacked the fonts behind a lock of `tempfile` that only the hub could have waited for."""
    program = f"""{GREEN}
from services.reporting.doors_documents import printed
from tests.reporting.facts import board
at_once = [eventlet.spawn(printed, board()) for _ in range(4)]
print(*{{one.wait()[:5] for one in at_once}})
"""

    assert said_by(program) == "b'%PDF-'"
