"""The rules of break-glass (G)."""

from services.contracts.base import Rule, Severity

_BLOCK, _WARN = Severity.BLOCK, Severity.WARN

DUTIES = (
    Rule(
        code="G501", severity=_BLOCK, source="thiết kế 5",
        vi="Ba khóa phải do ba người khác nhau giữ; {login} ghi {times} lần. Chọn người khác.",
        en="Three keys need three different holders; {login} is named {times} times. Choose another person.",
    ),
    Rule(
        code="G502", severity=_BLOCK, source="thiết kế 5",
        vi="{login} không có tài khoản đang dùng. Chọn người có tài khoản đã kích hoạt.",
        en="{login} has no active account. Choose somebody whose account is active.",
    ),
    Rule(
        code="G503", severity=_BLOCK, source="bảng vai trò",
        vi="{login} không có vai trò giữ khóa tại {unit}. Chọn Chủ tịch UBBC của đơn vị này hoặc của cấp trên.",
        en="{login} has no role that may hold a key of {unit}. Choose the chair of its Commission or of one above.",
    ),
    Rule(
        code="G504", severity=_BLOCK, source="thiết kế 5",
        vi="Không cho mượn vai trò “{role}” bằng mở khẩn cấp. Chọn một trong: {roles}.",
        en="The role “{role_en}” is not lent by an emergency opening. Choose one of: {roles_en}.",
    ),
    Rule(
        code="G505", severity=_BLOCK, source="bảng vai trò",
        vi="Vai trò “{role}” không có ở {unit}. Chọn vai trò hoặc đơn vị khác.",
        en="The role “{role_en}” does not exist at {unit}. Choose another role or unit.",
    ),
    Rule(
        code="G506", severity=_WARN, source="thiết kế 5",
        vi="Lần mở khẩn cấp này kết thúc lúc {over} mà chưa được cấp trên xem lại; hạn là {due}. Xem lại ngay.",
        en="This opening ended at {over} and was not reviewed from above; it was due at {due}. Review it now.",
    ),
)  # fmt: skip
