"""The rules of passkeys and second factors (T)."""

from services.contracts.base import Rule, Severity

_WARN, _INFO = Severity.WARN, Severity.INFO

PASSKEYS = (
    Rule(
        code="T501", severity=_WARN, source="thiết kế 5, NIST SP 800-63B-4",
        vi="Ông/bà có một khóa. Thêm khóa thứ hai và cất riêng: mất khóa này thì vẫn vào được.",
        en="You have one key. Add a second and keep it apart: without the first you can still come in.",
    ),
    Rule(
        code="T502", severity=_INFO, source="thiết kế 5, NIST SP 800-63B-4",
        vi="Ông/bà đang dùng mã 6 số. Thêm khóa bảo mật: trang giả mạo không lấy được khóa.",
        en="You use 6-digit codes. Add a security key: a false page cannot take it from you.",
    ),
    Rule(
        code="T503", severity=_WARN, source="WebAuthn 7.2",
        vi="Khóa “{name}” đã bị chặn vì có dấu hiệu bị sao chép. Báo đơn vị cấp trên và ghép khóa khác.",
        en="The key “{name}” was stopped: it seems to have been copied. Tell the unit above; register another key.",
    ),
)  # fmt: skip
