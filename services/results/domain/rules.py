"""The rule catalogue of results: each row is the code, how it binds, where it comes from and its two sentences."""
# ruff: noqa: E501  a row of the catalogue keeps each sentence on its line

from services.contracts.base import Rule, Severity
from services.contracts.vietnamese import number

_BLOCK, _WARN, _INFO = Severity.BLOCK, Severity.WARN, Severity.INFO


class Figure(int):
    """A count inside a sentence: `{valid:vi}` prints 1.226, `{valid:en}` prints 1,226."""

    def __format__(self, spec: str) -> str:
        if spec == "vi":
            return number(int(self))
        if spec == "en":
            return f"{int(self):,}"
        return super().__format__(spec)


def _rule(code: str, severity: Severity, source: str, vi: str, en: str) -> Rule:
    return Rule(code=code, severity=severity, source=source, vi=vi, en=en)


_ABSENCE = {
    "A1": _rule(
        "A1", _BLOCK, "console 9.43",
        "Ô này còn trống. Nếu giấy ghi không, gõ 0.",
        "This box is empty. If the paper says none, type 0.",
    ),
    "C10_votes": _rule(
        "C10", _BLOCK, "domain.md 7.3 C10; LBC 57, 58",
        "Danh sách chính thức có {listed} người ứng cử, đã gõ {typed} số phiếu. Gõ đủ từng người theo thứ tự trên phiếu.",
        "The official list has {listed} candidates, {typed} figures were typed. Type one for each, in ballot order.",
    ),
    "C10_kinds": _rule(
        "C10", _BLOCK, "domain.md 7.3 C10; TT21 (danh sách kiểm phiếu)",
        "Đơn vị bầu cử được bầu {seats} đại biểu nên có {seats} loại phiếu, đã gõ {typed}. Gõ đủ từng loại, không có thì gõ 0.",
        "{seats} seats make {seats} kinds of ballot, {typed} were typed. Type every kind; if there are none, type 0.",
    ),
}  # fmt: skip

_EQUALITY = {
    "C1": _rule(
        "C1", _BLOCK, "domain.md 7.3 C1; mẫu 18 dòng 17-19",
        "Hợp lệ {valid:vi} cộng không hợp lệ {invalid:vi} là {sum:vi}, khác số thu vào {collected:vi}.",
        "Valid {valid:en} plus invalid {invalid:en} is {sum:en}, not the {collected:en} collected.",
    ),
    "C2_turnout": _rule(
        "C2", _BLOCK, "domain.md 7.3 C2; mẫu 18 dòng 13, 14",
        "{took_part:vi} người đã bỏ phiếu nhiều hơn {voters:vi} cử tri của khu vực. So lại hai ô với giấy.",
        "{took_part:en} people took part, more than the {voters:en} voters of the area. Compare both boxes with the paper.",
    ),
    "C2_issued": _rule(
        "C2", _WARN, "domain.md 7.3 C2; forms.md 12.1",
        "Phát ra {issued:vi} phiếu, khác {due:vi} là số phải có theo {took_part:vi} người đã bỏ phiếu. So lại với giấy.",
        "{issued:en} ballots were issued, not the {due:en} due for {took_part:en} people. Compare with the paper.",
    ),
    "C3": _rule(
        "C3", _BLOCK, "domain.md 7.3 C3",
        "Thu vào {collected:vi} phiếu, nhiều hơn {issued:vi} phiếu phát ra. So lại với giấy; giấy đúng như vậy thì báo Ban bầu cử.",
        "{collected:en} ballots collected, more than the {issued:en} issued. Compare; if the paper says so, tell the Board.",
    ),
    "C5": _rule(
        "C5", _BLOCK, "domain.md 7.3 C5; mẫu 18 dòng 20",
        "Số phiếu của người này nhiều hơn số phiếu hợp lệ.",
        "This person has more votes than there are valid ballots.",
    ),
    "C6_kinds": _rule(
        "C6", _BLOCK, "domain.md 7.3 C6; TT21 (danh sách kiểm phiếu)",
        "{seats} loại phiếu cộng lại là {sum:vi}, khác số hợp lệ {valid:vi}.",
        "The {seats} kinds of ballot add to {sum:en}, not the {valid:en} valid.",
    ),
    "C6_votes": _rule(
        "C6", _BLOCK, "domain.md 7.3 C6; TT21 (danh sách kiểm phiếu)",
        "Phiếu bầu của mọi người cộng lại là {votes:vi}, các loại phiếu cho {named:vi}. So từng người và từng loại với giấy.",
        "All candidates' votes add to {votes:en}, the kinds of ballot make {named:en}. Compare each with the paper.",
    ),
    "C7": _rule(
        "C7", _BLOCK, "domain.md 7.3 C7",
        "Phiếu bầu của mọi người cộng lại là {votes:vi}, phải từ {least:vi} đến {most:vi}. So từng người với giấy.",
        "All candidates' votes add to {votes:en}, outside {least:en} to {most:en}. Compare each with the paper.",
    ),
    "C8_same": _rule(
        "C8", _WARN, "domain.md 7.3 C8",
        "Số người đã bỏ phiếu khác biên bản {other} của cùng khu vực. So lại với giấy.",
        "The number who took part differs from the {other_en} record of the same area. Compare with the paper.",
    ),
    "C8_more": _rule(
        "C8", _WARN, "domain.md 7.3 C8",
        "Số người bầu HĐND cấp xã nhiều hơn số người bầu {other} ở cùng khu vực. So lại với giấy.",
        "More people took part for the commune Council than for the {other_en} in the same area. Compare with the paper.",
    ),
    "C12": _rule(
        "C12", _WARN, "domain.md 7.3 C12",
        "Danh sách khu vực {area}: {male:vi} nam cộng {female:vi} nữ khác {voters:vi} cử tri. Xem lại danh sách cử tri.",
        "List of area {area}: {male:en} men plus {female:en} women is not {voters:en} voters. Look at the voter list.",
    ),
    "F1_issued": _rule(
        "F1", _BLOCK, "forms.md 10 F1; mẫu 18 dòng 16, mẫu 32 dòng 2",
        "Phát ra {issued:vi} phiếu, khác {used:vi} phiếu trong biên bản kiểm kê (mẫu 32). So hai giấy với nhau.",
        "{issued:en} ballots issued, but form 32 says {used:en}. Compare the two papers.",
    ),
    "F2": _rule(
        "F2", _BLOCK, "forms.md 10 F2; QA 172",
        "Thu vào {collected:vi} phiếu, nhiều hơn {took_part:vi} người đã bỏ phiếu. So lại với giấy; đúng như vậy thì báo Ban bầu cử.",
        "{collected:en} ballots collected, more than the {took_part:en} who took part. If the paper says so, tell the Board.",
    ),
    "F5": _rule(
        "F5", _WARN, "forms.md 10 F5; QA 95",
        "{voters:vi} cử tri, khác {listed:vi} cử tri trong danh sách lúc mở phòng bỏ phiếu. So lại với giấy.",
        "{voters:en} voters, not the {listed:en} of the list when polling opened. Compare with the paper.",
    ),
    "F6_same": _rule(
        "F6", _WARN, "forms.md 10 F6",
        "Tổng số cử tri khác biên bản {other} của cùng khu vực. So lại với giấy.",
        "The number of voters differs from the {other_en} record of the same area. Compare with the paper.",
    ),
    "F6_more": _rule(
        "F6", _WARN, "forms.md 10 F6",
        "Cử tri bầu HĐND cấp xã nhiều hơn cử tri bầu {other} ở cùng khu vực. So lại với giấy.",
        "More voters for the commune Council than for the {other_en} in the same area. Compare with the paper.",
    ),
    "D1": _rule(
        "D1", _WARN, "console 9.39; lessons.md S1",
        "Ô {boxes} khác lần nhập 1. Số của lần 1 không hiện ở đây.",
        "Box {boxes} differs from the first entry. Its value is not shown here.",
    ),
}  # fmt: skip

_PLAUSIBILITY = {
    "C10_struck": _rule(
        "C10", _WARN, "domain.md 7.3 C10; LBC 60",
        "Người này đã bị xóa tên khỏi danh sách mà vẫn có {votes:vi} phiếu. So lại với giấy.",
        "This person was struck off the list and yet has {votes:en} votes. Compare with the paper.",
    ),
    "P_invalid": _rule(
        "P1", _WARN, "lessons.md S1",
        "Không hợp lệ {invalid:vi} trên {collected:vi} phiếu thu vào, từ 3% trở lên. So lại với giấy.",
        "{invalid:en} invalid of {collected:en} collected, 3% or more. Compare with the paper.",
    ),
    "P_turnout": _rule(
        "P2", _WARN, "lessons.md S1; LBC 80",
        "{took_part:vi} người đã bỏ phiếu trên {voters:vi} cử tri, chưa quá nửa. So lại với giấy.",
        "{took_part:en} of {voters:en} voters took part, not more than half. Compare with the paper.",
    ),
    "P_copied": _rule(
        "P3", _WARN, "lessons.md S1",
        "Số phiếu của mọi người giống hệt khu vực {twin}. Xem có gõ nhầm biên bản của khu vực kia không.",
        "Every candidate's votes are those of area {twin}. See whether the other area's record was typed by mistake.",
    ),
}  # fmt: skip

_POLLING = {
    "A2": _rule(
        "A2", _BLOCK, "forms.md 7.1",
        "Không có khu vực bỏ phiếu {area} ở đơn vị này. Xem lại số khu vực.",
        "There is no polling area {area} in this unit. Check its number.",
    ),
    "A3": _rule(
        "A3", _BLOCK, "forms.md 7.1",
        "Khu vực {area} có hai dòng trong một lần gửi. Giữ lại một dòng.",
        "Area {area} has two rows in one report. Keep one of them.",
    ),
    "T1": _rule(
        "T1", _BLOCK, "console 9.41",
        "{took_part:vi} thấp hơn mốc {slot} là {before:vi}. Sửa, hoặc ghi lý do.",
        "{took_part:en} is below {before:en} at {slot}. Correct it or give the reason.",
    ),
    "T2": _rule(
        "T2", _BLOCK, "console 9.41",
        "{took_part:vi} cao hơn mốc {slot} đã báo là {after:vi}. Sửa, hoặc ghi lý do.",
        "{took_part:en} is above {after:en} already reported for {slot}. Correct it or give the reason.",
    ),
    "T3": _rule(
        "T3", _WARN, "forms.md 7.1",
        "Chưa có danh sách cử tri của khu vực {area} nên chưa tính được tỷ lệ. Hỏi người lập danh sách.",
        "The voter list of area {area} has not arrived, so no share is computed. Ask the voter-list officer.",
    ),
    "C2_day": _rule(
        "C2", _BLOCK, "domain.md 7.3 C2",
        "{took_part:vi} người đã bỏ phiếu nhiều hơn {voters:vi} cử tri của khu vực. Hỏi lại Tổ bầu cử rồi gõ số đúng.",
        "{took_part:en} people took part, more than the {voters:en} voters of the area. Ask the Team, then type the figure.",
    ),
    "C4": _rule(
        "C4", _BLOCK, "domain.md 7.3 C4; mẫu 32 dòng 5-8",
        "{contest}: nhận {received:vi} phiếu, nhưng {parts} cộng lại là {sum:vi}. So từng dòng với mẫu 32.",
        "{contest_en}: {received:en} ballots received, but {parts_en} add to {sum:en}. Compare each line with form 32.",
    ),
    "C4_twice": _rule(
        "C4", _BLOCK, "mẫu 32",
        "{contest} có hai dòng. Giữ lại một dòng.",
        "{contest_en} has two lines. Keep one of them.",
    ),
    "F1_missing": _rule(
        "F1", _BLOCK, "forms.md 10 F1; mẫu 18 dòng 10",
        "Khu vực {area} chưa có biên bản kiểm kê phiếu (mẫu 32) cho {contest}. Ghi mẫu 32 rồi phê duyệt.",
        "Area {area} has no ballot-use record (form 32) for the {contest_en} yet. Record form 32, then approve.",
    ),
    "F1_approved": _rule(
        "F1", _BLOCK, "forms.md 10 F1",
        "Biên bản {contest} đã phê duyệt ghi phát ra {issued:vi} phiếu, mẫu 32 nay ghi {used:vi}. Đề nghị cấp trên mở lại.",
        "The approved {contest_en} record says {issued:en} issued, form 32 now {used:en}. Ask the unit above to re-open it.",
    ),
    "F3_same": _rule(
        "F3", _BLOCK, "forms.md 10 F3; LBC 71, TT21",
        "Hai người chứng kiến là một. Ghi hai người khác nhau.",
        "The two witnesses are one person. Name two different people.",
    ),
    "F3_candidate": _rule(
        "F3", _WARN, "forms.md 10 F3",
        "{name} trùng tên một người ứng cử ở đây. Người ứng cử không được chứng kiến: hỏi lại Tổ bầu cử.",
        "{name} has the name of a candidate here. A candidate may not be a witness: ask the Team.",
    ),
    "F3_other": _rule(
        "F3", _WARN, "forms.md 10 F3; mẫu 18 dòng 9, mẫu 32 dòng 4",
        "Người chứng kiến khác hai người đã ghi lúc kết thúc bỏ phiếu. So mẫu 32 với mẫu 18.",
        "The witnesses are not the two named at the close of polling. Compare form 32 with form 18.",
    ),
    "F4_outside": _rule(
        "F4", _BLOCK, "forms.md 10 F4; LBC 71",
        "{time} ngày {day} ở ngoài khoảng 5:00-21:00 ngày bầu cử. Hỏi lại Tổ bầu cử rồi gõ giờ đúng.",
        "{time} on {day} is outside 5:00-21:00 of election day. Ask the Team, then type the right time.",
    ),
    "F4_opening": _rule(
        "F4", _WARN, "forms.md 10 F4; LBC 71",
        "Mở phòng bỏ phiếu lúc {time}; luật định 7:00, sớm nhất 5:00. Hỏi lại Tổ bầu cử.",
        "Polling opened at {time}; the law says 7:00, at the earliest 5:00. Ask the Team.",
    ),
    "F4_closing": _rule(
        "F4", _WARN, "forms.md 10 F4; LBC 71",
        "Kết thúc bỏ phiếu lúc {time}; luật định không trước 19:00. Hỏi lại Tổ bầu cử.",
        "Polling closed at {time}; the law says not before 19:00. Ask the Team.",
    ),
    "F4_unopened": _rule(
        "F4", _BLOCK, "forms.md 10 F4",
        "Khu vực {area} chưa ghi giờ mở phòng bỏ phiếu. Ghi giờ mở rồi ghi giờ kết thúc.",
        "Area {area} has no opening time yet. Record the opening, then the close.",
    ),
    "F4_before": _rule(
        "F4", _BLOCK, "forms.md 10 F4",
        "Kết thúc lúc {closed}, trước giờ mở {opened}. Hỏi lại Tổ bầu cử rồi gõ giờ đúng.",
        "Closed at {closed}, before opening at {opened}. Ask the Team, then type the right time.",
    ),
}  # fmt: skip

_COMPARISON = {
    "R1": _rule(
        "R1", _BLOCK, "lessons.md S1",
        "Hai lần nhập trùng nhau ở ô này nên không đổi được ở đây. Giấy ghi khác thì trả lại biên bản.",
        "Both entries agree in this box, so it cannot be changed here. If the paper differs, return the record.",
    ),
    "R2": _rule(
        "R2", _BLOCK, "console 5.8; lessons.md S1",
        "Số này không phải của lần nhập nào. Ghi lý do, hoặc chọn số của một lần nhập.",
        "This figure is of neither entry. Give the reason, or choose the figure of an entry.",
    ),
}  # fmt: skip

_RESULT = {
    "F8_totals": _rule(
        "F8", _BLOCK, "forms.md 10 F8; domain.md 7.3 C9",
        "Các dòng theo xã, phường cộng lại khác tổng của đơn vị bầu cử. Báo Tổ vận hành, chưa lập biên bản.",
        "The rows by commune do not add to the totals of the constituency. Tell the operations team; do not draw it up.",
    ),
    "F8_areas": _rule(
        "F8", _BLOCK, "forms.md 10 F8",
        "Có {found:vi} biên bản cho {registered:vi} khu vực bỏ phiếu. Báo Tổ vận hành, chưa lập biên bản.",
        "{found:en} records for {registered:en} polling areas. Tell the operations team; do not draw it up.",
    ),
    "F9_turnout": _rule(
        "F9", _INFO, "forms.md 10 F9, 8.2 dòng 9x; LBC 80",
        "{took_part:vi} người đi bầu chưa quá nửa của {voters:vi} cử tri: không có giá trị, đề nghị bầu cử lại.",
        "{took_part:en} took part, not more than half of {voters:en} voters: not valid, a re-run is asked for.",
    ),
    "F9_missing": _rule(
        "F9", _INFO, "forms.md 10 F9, 8.2 dòng 11x; LBC 79",
        "Trúng cử {elected} trên {seats}, thiếu {missing} đại biểu: đề nghị bầu cử thêm.",
        "{elected} of {seats} elected, {missing} missing: an additional election is asked for.",
    ),
    "F10_tie": _rule(
        "F10", _BLOCK, "forms.md 10 F10, 12.4; LBC 78",
        "Số {orders} trên phiếu bằng phiếu và cùng ngày sinh ở ghế cuối. Ghi quyết định kèm văn bản rồi lập biên bản.",
        "No. {orders} on the ballot have equal votes and birth date at the last seat. Record the decision with its document.",
    ),
    "F10_decision": _rule(
        "F10", _BLOCK, "forms.md 12.4",
        "Chỉ xếp được những người bằng phiếu và cùng ngày sinh ở ghế cuối: số {orders} trên phiếu. Ghi đủ người được chọn.",
        "Only those with equal votes and birth date at the last seat can be ranked: no. {orders}. Name all who are chosen.",
    ),
}  # fmt: skip

RULES: dict[str, Rule] = {**_ABSENCE, **_EQUALITY, **_PLAUSIBILITY, **_POLLING, **_COMPARISON, **_RESULT}
"""Every rule of results by its key; several keys may share the code people know."""

_HOLDING_SENTENCES: dict[str, tuple[str, str, str]] = {
    "C1": (
        "C1",
        "{valid:vi} + {invalid:vi} = {collected:vi} phiếu thu vào",
        "{valid:en} + {invalid:en} = {collected:en} collected",
    ),
    "C2_turnout": ("C2", "{took_part:vi} người bỏ phiếu trên {voters:vi}", "{took_part:en} took part of {voters:en}"),
    "C2_issued": (
        "C2",
        "Phát ra {issued:vi} khớp số người bỏ phiếu",
        "{issued:en} issued agrees with those who took part",
    ),
    "F2": (
        "F2",
        "Thu vào {collected:vi}, không quá người bỏ phiếu",
        "{collected:en} collected, no more than took part",
    ),
    "C5": (
        "C5",
        "Phiếu mỗi người không quá {valid:vi} phiếu hợp lệ",
        "No candidate has more than the {valid:en} valid",
    ),
    "C6_kinds": ("C6", "{parts} = {valid:vi} hợp lệ", "{parts_en} = {valid:en} valid"),
    "C6_votes": ("C6", "{parts} = {votes:vi} phiếu bầu", "{parts_en} = {votes:en} votes"),
    "C7": (
        "C7",
        "{votes:vi} phiếu bầu, trong khoảng {least:vi}-{most:vi}",
        "{votes:en} votes, within {least:en}-{most:en}",
    ),
    "F1_issued": ("F1", "Phát ra {issued:vi} khớp mẫu 32", "{issued:en} issued agrees with form 32"),
    "F5": ("F5", "{voters:vi} cử tri khớp danh sách", "{voters:en} voters agree with the list"),
    "C9": ("C9", "Tổng {areas:vi} khu vực khớp từng số", "The {areas:en} areas add up in every figure"),
}

HOLDING: dict[str, Rule] = {
    key: _rule(code, _INFO, RULES[key].source if key in RULES else "domain.md 7.3 C9", vi, en)
    for key, (code, vi, en) in _HOLDING_SENTENCES.items()
}
"""What is said of a check that holds, by the key of its rule."""
