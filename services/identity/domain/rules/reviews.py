"""The rules of account reviews (R)."""

from services.contracts.base import Rule, Severity

REVIEWS = (
    Rule(
        code="R401", severity=Severity.BLOCK, source="thiết kế 5",
        vi="Ngày phải xong {day} đã qua. Chọn hôm nay hoặc một ngày sau.",
        en="The due day {day} has passed. Choose today or a later day.",
    ),
    Rule(
        code="R402", severity=Severity.BLOCK, source="thiết kế 5",
        vi="Đợt “{name}” của đơn vị này chưa đến hạn ({day}). Làm xong đợt đó rồi mở đợt mới.",
        en="The review “{name}” of this unit is not due yet ({day}). Finish it before opening another.",
    ),
    Rule(
        code="R403", severity=Severity.BLOCK, source="thiết kế 5",
        vi="{login}: không ai tự xác nhận tài khoản của mình. Đề nghị người quản trị khác hoặc cấp trên xác nhận.",
        en="{login}: nobody confirms their own account. Ask another administrator or the unit above.",
    ),
    Rule(
        code="R404", severity=Severity.BLOCK, source="thiết kế 5",
        vi="Tài khoản {row} của yêu cầu không thuộc đợt rà soát này ở {path}. Tải lại trang để xem danh sách mới.",
        en="Account {row} of the request is not in this review at {path}. Reload the page to see the present list.",
    ),
    Rule(
        code="R405", severity=Severity.WARN, source="thiết kế 5",
        vi="{path}: quá hạn {day} mà còn {open} tài khoản chưa rà soát. Gọi cho đơn vị này.",
        en="{path}: the day {day} has passed and {open} accounts are not reviewed. Call this unit.",
    ),
)  # fmt: skip
