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
        Step(before="active", act="recover", after="enrolling", who="holder"),
        Step(before="enrolling", act="recover", after="enrolling", who="holder"),
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
"""An account: created by an administrator, activated by its holder in two steps, closed in the end.

Who recovers it (with a code two people gave) begins the steps again."""

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

RECOVERY_STATES = StateTable(
    name="recovery",
    vi="Khôi phục tài khoản",
    start="asked",
    steps=(
        Step(before="asked", act="confirm", after="half", who="account_admin"),
        Step(before="half", act="confirm", after="confirmed", who="account_admin"),
        Step(before="asked", act="refuse", after="refused", who="account_admin"),
        Step(before="half", act="refuse", after="refused", who="account_admin"),
        Step(before="confirmed", act="refuse", after="refused", who="account_admin"),
        Step(before="asked", act="lapse", after="lapsed", who="clock"),
        Step(before="half", act="lapse", after="lapsed", who="clock"),
        Step(before="confirmed", act="lapse", after="lapsed", who="clock"),
        Step(before="confirmed", act="use", after="used", who="holder"),
        Step(before="used", act="use", after="used", who="holder"),
    ),
    words={
        "asked": "Chờ người thứ nhất",
        "half": "Chờ người thứ hai",
        "confirmed": "Đã cấp mã, chờ dùng",
        "used": "Đã khôi phục",
        "refused": "Bị từ chối",
        "lapsed": "Quá hạn",
    },
)
"""The recovery of an account: asked for, confirmed by two people above, used once; or refused, or lapsed."""

FINDING_STATES = StateTable(
    name="finding",
    vi="Dấu hiệu dùng chung tài khoản",
    start="open",
    steps=(
        Step(before="open", act="explain", after="explained", who="unit_above"),
        Step(before="open", act="confirm", after="confirmed", who="unit_above"),
        Step(before="explained", act="confirm", after="confirmed", who="unit_above"),
    ),
    words={"open": "Chờ kết luận", "explained": "Đã giải trình", "confirmed": "Đúng là dùng chung"},
)
"""A sign of a shared account: the unit above explains or confirms it; what was explained too soon may be confirmed."""

BREACH_STATES = StateTable(
    name="breach",
    vi="Báo cáo sự cố an toàn thông tin",
    start="reported",
    steps=(
        Step(before="reported", act="escalate", after="reported", who="clock"),
        Step(before="reported", act="take_up", after="taken_up", who="unit_above"),
        Step(before="taken_up", act="settle", after="settled", who="unit_above"),
    ),
    words={"reported": "Chờ tiếp nhận", "taken_up": "Đang xử lý", "settled": "Đã xử lý xong"},
)
"""A report of a breach: taken up by the unit above, or by the next one when that does not in time; then settled."""

CONFLICT_STATES = StateTable(
    name="conflict",
    vi="Người ứng cử trong tổ chức phụ trách bầu cử",
    start="open",
    steps=(
        Step(before="open", act="explain", after="explained", who="đơn vị thành lập"),
        Step(before="open", act="settle", after="settled", who="khi tổ chức được kiện toàn"),
        Step(before="explained", act="settle", after="settled", who="khi tổ chức được kiện toàn"),
        Step(before="explained", act="find", after="open", who="khi ngày sinh cũng khớp"),
        Step(before="settled", act="find", after="open", who="khi lại có tên"),
    ),
    words={"open": "Chưa giải quyết", "explained": "Đã giải trình: người khác cùng tên", "settled": "Đã giải quyết"},
)
"""A candidate on a body of his constituency (LBC 27): settled when the body stands without him, or explained."""

GLASS_STATES = StateTable(
    name="glass",
    vi="Mở khẩn cấp",
    start="asked",
    steps=(
        Step(before="asked", act="join", after="open", who="người giữ khóa thứ hai"),
        Step(before="asked", act="close", after="lapsed", who="một người giữ khóa"),
        Step(before="asked", act="lapse", after="lapsed", who="sau 15 phút"),
        Step(before="open", act="close", after="over", who="một người giữ khóa"),
        Step(before="open", act="lapse", after="over", who="sau 60 phút"),
        Step(before="over", act="review", after="reviewed", who="cấp trên"),
    ),
    words={
        "asked": "Chờ người giữ khóa thứ hai",
        "lapsed": "Không mở",
        "open": "Đang mở",
        "over": "Đã đóng, chờ xem lại",
        "reviewed": "Đã xem lại",
    },
)
"""An emergency opening: two of three keys within a quarter of an hour, one hour at most, reviewed from above."""
