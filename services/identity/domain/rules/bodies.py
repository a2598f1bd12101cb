"""The rules of bodies (B)."""

from services.contracts.base import Rule, Severity

_BLOCK, _WARN = Severity.BLOCK, Severity.WARN

BODIES = (
    Rule(
        code="B201", severity=_BLOCK, source="LBC 22, 24, 25 (L83)",
        vi="{title} có {found} người; luật định từ {low} đến {high} người. Thêm hoặc bớt thành viên.",
        en="{title} has {found} people; the law asks for {low} to {high}. Add or remove members.",
    ),
    Rule(
        code="B202", severity=_WARN, source="LBC 12 (chưa đối chiếu bản sửa đổi)",
        vi="{title} có {found} người; luật định từ {low} đến {high} người. Đối chiếu với nghị quyết thành lập.",
        en="{title} has {found} people; the law asks for {low} to {high}. Compare with the founding resolution.",
    ),
    Rule(
        code="B203", severity=_BLOCK, source="LBC 22, 24, 25",
        vi="{title} có {found} người đứng đầu; phải có đúng một. Ghi lại chức danh.",
        en="{title} has {found} heads; there must be exactly one. Correct the roles.",
    ),
    Rule(
        code="B204", severity=_BLOCK, source="LBC 25",
        vi="{title} ghi {found} cấp phó; Tổ bầu cử chỉ có tổ trưởng, thư ký và ủy viên. Đổi cấp phó thành ủy viên.",
        en="{title} lists {found} deputies; a Team has a head, a secretary and members only. Make them members.",
    ),
    Rule(
        code="B205", severity=_BLOCK, source="LBC 25",
        vi="{title} có {found} thư ký; Tổ bầu cử phải có đúng một. Ghi lại chức danh.",
        en="{title} has {found} secretaries; a Team has exactly one. Correct the roles.",
    ),
    Rule(
        code="B206", severity=_BLOCK, source="domain 1",
        vi="{title}: loại “{kind}” không thể đặt tại {path}. Sửa loại hoặc đường dẫn.",
        en="{title}: a “{kind}” cannot stand at {path}. Correct the kind or the path.",
    ),
    Rule(
        code="B207", severity=_BLOCK, source="domain 1",
        vi="{title}: mã trong đường dẫn {path} không cùng một đơn vị. Sửa mã.",
        en="{title}: the codes in the path {path} are not of one unit. Correct the codes.",
    ),
    Rule(
        code="B208", severity=_BLOCK, source="domain 1",
        vi="{path} có {times} lần trong yêu cầu. Mỗi tổ chức chỉ gửi một lần.",
        en="{path} appears {times} times in the request. Send each body once.",
    ),
    Rule(
        code="B209", severity=_BLOCK, source="domain 1",
        vi="{title}: không có đơn vị hành chính {unit}. Sửa mã đơn vị.",
        en="{title}: there is no administrative unit {unit}. Correct the code of the unit.",
    ),
    Rule(
        code="B210", severity=_BLOCK, source="LBC 22, 24, 25",
        vi="{title} ở {path}, ngoài phạm vi {unit}. Gửi cho đơn vị có thẩm quyền.",
        en="{title} stands at {path}, outside {unit}. Send it to the unit in charge.",
    ),
    Rule(
        code="B211", severity=_WARN, source="LBC 22, 24, 25",
        vi="{title} ghi tên “{name}” {times} lần. Xem có phải hai người trùng tên không.",
        en="{title} lists the name “{name}” {times} times. Check whether these are two people of one name.",
    ),
    Rule(
        code="B212", severity=_BLOCK, source="LBC 25",
        vi="{title}: chỉ Tổ bầu cử mới có thể là của đơn vị vũ trang. Bỏ dấu này.",
        en="{title}: only a Team can belong to an armed-forces unit. Remove the mark.",
    ),
    Rule(
        code="B213", severity=_WARN, source="LBC 22, 24, 25 (L83)",
        vi="{title} thành lập ngày {formed}, sau hạn {due} ({source}). Xem lại ngày; báo cáo lý do chậm.",
        en="{title} was formed on {formed}, after the due day {due} ({source}). Check the date; report why it is late.",
    ),
    Rule(
        code="B214", severity=_BLOCK, source="thiết kế 5",
        vi="{title}: không có tài khoản {login} của {name}. Sửa tên đăng nhập hoặc để trống.",
        en="{title}: there is no account {login} of {name}. Correct the login or leave it empty.",
    ),
    Rule(
        code="B215", severity=_BLOCK, source="LBC 27",
        vi="{member} trong {title} là người ứng cử {candidate} tại {constituency} (khớp họ tên và ngày sinh). "
        "Đưa ra khỏi danh sách và bổ sung người khác.",
        en="{member} in {title} is the candidate {candidate} of {constituency} (name and birth date agree). "
        "Remove and replace this member.",
    ),
    Rule(
        code="B216", severity=_WARN, source="LBC 27",
        vi="{member} trong {title} cùng tên với người ứng cử {candidate} tại {constituency}. "
        "Ghi ngày sinh của thành viên, hoặc giải trình là người khác cùng tên.",
        en="{member} in {title} has the name of the candidate {candidate} of {constituency}. "
        "Enter the member's birth date, or explain that it is another person of that name.",
    ),
)  # fmt: skip
