"""The state machines of identity, each one table."""

from services.contracts.base import StateTable, Step

ACCOUNT_STATES = StateTable(
    name="account",
    vi="Tài khoản",
    start="created",
    steps=(
        Step(before="created", act="activate", after="enrolling", who="holder"),
        Step(before="enrolling", act="activate", after="enrolling", who="holder"),
        Step(before="enrolling", act="confirm", after="active", who="holder"),
        Step(before="created", act="close", after="closed", who="account_admin"),
        Step(before="enrolling", act="close", after="closed", who="account_admin"),
        Step(before="active", act="close", after="closed", who="account_admin"),
    ),
    words={
        "created": "Đã cấp, chưa kích hoạt",
        "enrolling": "Đang ghép ứng dụng xác thực",
        "active": "Đang dùng",
        "closed": "Đã đóng",
    },
)
"""An account: created by an administrator, activated by its holder in two steps, closed in the end."""

SESSION_STATES = StateTable(
    name="session",
    vi="Phiên làm việc",
    start="live",
    steps=(
        Step(before="live", act="sign_out", after="signed_out", who="holder"),
        Step(before="live", act="replace", after="replaced", who="holder"),
        Step(before="live", act="expire", after="expired", who="clock"),
        Step(before="live", act="revoke", after="revoked", who="account_admin"),
    ),
    words={
        "live": "Đang mở",
        "signed_out": "Đã đăng xuất",
        "replaced": "Bị phiên mới thay thế",
        "expired": "Hết hạn",
        "revoked": "Bị thu hồi",
    },
)
"""A session: live until it ends, once and for one reason."""
