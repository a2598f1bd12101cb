"""The rule catalogue of identity: units (U), bodies (B), accounts (A), passwords (P)."""

from services.contracts.base import Rule, Severity

_BLOCK, _WARN, _INFO = Severity.BLOCK, Severity.WARN, Severity.INFO

_UNITS = (
    Rule(
        code="U101", severity=_BLOCK, source="NQ 202/2025/QH15",
        vi="Có {found} đơn vị cấp tỉnh, phải có đúng {expected}. Bổ sung hoặc bỏ bớt cho đủ.",
        en="There are {found} provinces; there must be exactly {expected}. Add or remove to reach it.",
    ),
    Rule(
        code="U102", severity=_BLOCK, source="domain 1",
        vi="Có {found} xã, phường, đặc khu, phải có đúng {expected}. Bổ sung hoặc bỏ bớt cho đủ.",
        en="There are {found} communes; there must be exactly {expected}. Add or remove to reach it.",
    ),
    Rule(
        code="U103", severity=_BLOCK, source="domain 1",
        vi="Mã {code} có {times} lần. Mỗi đơn vị chỉ ghi một lần.",
        en="The code {code} appears {times} times. List each unit once.",
    ),
    Rule(
        code="U104", severity=_BLOCK, source="domain 1",
        vi="{title} ({code}) thuộc {parent}, nhưng không có đơn vị cấp trên đó. Sửa mã cấp trên.",
        en="{title} ({code}) belongs to {parent}, which is not listed. Correct the code of the parent.",
    ),
    Rule(
        code="U105", severity=_BLOCK, source="NQ 202/2025/QH15",
        vi="Mã tỉnh {code} không có trong danh mục ngày bầu cử. Bỏ đơn vị này hoặc sửa mã.",
        en="The province code {code} is not in the register of election day. Remove the unit or correct the code.",
    ),
    Rule(
        code="U106", severity=_BLOCK, source="domain 1, data/provinces_2026",
        vi="{title} ({code}) ghi loại “{found}”, ngày bầu cử là “{expected}”. Ghi theo ngày bầu cử.",
        en="{title} ({code}) is given as “{found}”; on election day it was “{expected}”. Use the kind of election day.",
    ),
    Rule(
        code="U107", severity=_BLOCK, source="domain 1, data/provinces_2026",
        vi="{title} ({code}) có {found} đơn vị cấp xã, danh mục ghi {expected}. Kiểm tra lại danh sách của tỉnh.",
        en="{title} ({code}) has {found} communes; the register says {expected}. Check the list of the province.",
    ),
    Rule(
        code="U108", severity=_INFO, source="data/provinces_2026",
        vi="{title} ({code}): {found} phường – xã – đặc khu, danh mục chụp giữa năm 2026 ghi {expected}. "
        "Nhận theo danh sách vừa nạp; xã có thể đã lên phường sau ngày bầu cử.",
        en="{title} ({code}): {found} wards – communes – special zones; the register of mid-2026 says {expected}. "
        "The loaded list stands; communes may have become wards after election day.",
    ),
    Rule(
        code="U109", severity=_BLOCK, source="domain 1",
        vi="{title}: mã {code}, đường dẫn {path} và loại “{kind}” không khớp nhau. Sửa cho khớp.",
        en="{title}: code {code}, path {path} and kind “{kind}” do not agree. Make them agree.",
    ),
    Rule(
        code="U110", severity=_BLOCK, source="domain 1",
        vi="Thiếu {title} ({code}) trong danh sách. Bổ sung đơn vị này.",
        en="{title} ({code}) is missing from the list. Add it.",
    ),
)  # fmt: skip

_BODIES = (
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
)  # fmt: skip

_ACCOUNTS = (
    Rule(
        code="A301", severity=_BLOCK, source="bảng vai trò",
        vi="Dòng {row} ({login}): vai trò “{role}” không có ở cấp {level}. Chọn vai trò hoặc đơn vị khác.",
        en="Row {row} ({login}): the role “{role}” does not exist at the level {level}. Choose another role or unit.",
    ),
    Rule(
        code="A302", severity=_BLOCK, source="bảng vai trò",
        vi="Dòng {row} ({login}): {path} ngoài phạm vi ông/bà được cấp tài khoản. Chuyển cho đơn vị có thẩm quyền.",
        en="Row {row} ({login}): {path} is outside the reach of your accounts. Pass it to the unit in charge.",
    ),
    Rule(
        code="A303", severity=_BLOCK, source="bảng vai trò",
        vi="Dòng {row} ({login}): vai trò “{role}” chỉ do cấp trên của {path} cấp. Đề nghị cấp trên cấp.",
        en="Row {row} ({login}): the role “{role}” is given only from above {path}. Ask the unit above.",
    ),
    Rule(
        code="A304", severity=_BLOCK, source="thiết kế 5",
        vi="Dòng {row} ({login}): không ai tự cấp vai trò cho mình. Đề nghị người khác cấp.",
        en="Row {row} ({login}): nobody gives a role to themselves. Ask another administrator.",
    ),
    Rule(
        code="A305", severity=_BLOCK, source="thiết kế 5",
        vi="Dòng {row}: tên đăng nhập {login} đã có người dùng. Chọn tên khác.",
        en="Row {row}: the login {login} is taken. Choose another.",
    ),
    Rule(
        code="A306", severity=_BLOCK, source="thiết kế 5",
        vi="Dòng {row}: tên đăng nhập {login} có {times} lần trong danh sách. Mỗi người một tên.",
        en="Row {row}: the login {login} appears {times} times in the list. Give each person their own.",
    ),
    Rule(
        code="A307", severity=_BLOCK, source="domain 1",
        vi="Dòng {row} ({login}): không có đơn vị hành chính {unit}. Sửa mã đơn vị.",
        en="Row {row} ({login}): there is no administrative unit {unit}. Correct the code of the unit.",
    ),
    Rule(
        code="A308", severity=_BLOCK, source="domain 1",
        vi="Dòng {row} ({login}): mã trong đường dẫn {path} không cùng một đơn vị. Sửa mã.",
        en="Row {row} ({login}): the codes in the path {path} are not of one unit. Correct the codes.",
    ),
)  # fmt: skip

_PASSWORDS = (
    Rule(
        code="P401", severity=_BLOCK, source="NIST SP 800-63B-4 3.1.1",
        vi="chỉ có {found} ký tự, cần ít nhất {low}",
        en="it has {found} characters and needs at least {low}",
    ),
    Rule(
        code="P402", severity=_BLOCK, source="NIST SP 800-63B-4 3.1.1",
        vi="dài {found} ký tự, tối đa {high}",
        en="it has {found} characters; {high} is the most",
    ),
    Rule(
        code="P403", severity=_BLOCK, source="NIST SP 800-63B-4 3.1.1",
        vi="phần lớn là từ dễ đoán (tên địa phương, năm, tên người dùng, từ về bầu cử, dãy phím)",
        en="most of it is easily guessed (names of places, years, your own name, election words, rows of keys)",
    ),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.code: rule for rule in (*_UNITS, *_BODIES, *_ACCOUNTS, *_PASSWORDS)}
"""Every rule by its code."""
