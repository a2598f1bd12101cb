"""The rules of accounts (A)."""

from services.contracts.base import Rule, Severity

_BLOCK = Severity.BLOCK

ACCOUNTS = (
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
