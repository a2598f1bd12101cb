"""The rules of accounts (A3: a role in a unit; A32: a file of accounts)."""

from services.contracts.base import Rule, Severity

_BLOCK = Severity.BLOCK

ACCOUNTS = (
    Rule(
        code="A301", severity=_BLOCK, source="bảng vai trò",
        vi="{who_vi}: vai trò “{role_vi}” không có ở cấp {level_vi}. Chọn vai trò hoặc đơn vị khác.",
        en="{who_en}: the role “{role_en}” does not exist at the level {level_en}. Choose another role or unit.",
    ),
    Rule(
        code="A302", severity=_BLOCK, source="bảng vai trò",
        vi="{who_vi}: {path} ngoài phạm vi ông/bà được cấp tài khoản. Chuyển cho đơn vị có thẩm quyền.",
        en="{who_en}: {path} is outside the reach of your accounts. Pass it to the unit in charge.",
    ),
    Rule(
        code="A303", severity=_BLOCK, source="bảng vai trò",
        vi="{who_vi}: vai trò “{role_vi}” chỉ do cấp trên của {path} cấp và thu. Đề nghị cấp trên làm việc này.",
        en="{who_en}: the role “{role_en}” is given and ended only from above {path}. Ask the unit above.",
    ),
    Rule(
        code="A304", severity=_BLOCK, source="thiết kế 5",
        vi="{who_vi}: không ai tự cấp vai trò cho mình. Đề nghị người khác cấp.",
        en="{who_en}: nobody gives a role to themselves. Ask another administrator.",
    ),
    Rule(
        code="A305", severity=_BLOCK, source="thiết kế 5",
        vi="{who_vi}: tên đăng nhập {login} đã có người dùng. Chọn tên khác.",
        en="{who_en}: the login {login} is taken. Choose another.",
    ),
    Rule(
        code="A306", severity=_BLOCK, source="thiết kế 5",
        vi="{who_vi}: tên đăng nhập {login} có {times} lần trong danh sách. Mỗi người một tên.",
        en="{who_en}: the login {login} appears {times} times in the list. Give each person their own.",
    ),
    Rule(
        code="A307", severity=_BLOCK, source="domain 1",
        vi="{who_vi}: không có đơn vị hành chính {unit}. Sửa mã đơn vị.",
        en="{who_en}: there is no administrative unit {unit}. Correct the code of the unit.",
    ),
    Rule(
        code="A308", severity=_BLOCK, source="domain 1",
        vi="{who_vi}: mã trong đường dẫn {path} không cùng một đơn vị. Sửa mã.",
        en="{who_en}: the codes in the path {path} are not of one unit. Correct the codes.",
    ),
    Rule(
        code="A309", severity=_BLOCK, source="thiết kế 5",
        vi="{who_vi}: đã có vai trò “{role_vi}” ở {path}. Chọn vai trò khác hoặc đổi hạn của vai trò đang có.",
        en="{who_en}: already holds “{role_en}” in {path}. Choose another role, or change the expiry of that one.",
    ),
    Rule(
        code="A310", severity=_BLOCK, source="thiết kế 5",
        vi="{who_vi}: hạn {day} đã qua. Ghi một ngày sau hôm nay, hoặc để trống.",
        en="{who_en}: the expiry {day} has passed. Give a day after today, or leave it empty.",
    ),
    Rule(
        code="A311", severity=_BLOCK, source="thiết kế 5",
        vi="{who_vi}: tài khoản đã đóng, không nhận vai trò nữa. Cấp tài khoản mới cho người này.",
        en="{who_en}: the account is closed and takes no role any more. Create a new account for this person.",
    ),
    Rule(
        code="A312", severity=_BLOCK, source="thiết kế 5",
        vi="{who_vi}: người quản trị tài khoản không làm việc kiểm phiếu. “{role_vi}” không đi cùng “{other_vi}” ở "
        "{path} trong một cuộc bầu cử. Giao cho hai người, hoặc kết thúc vai trò kia trước.",
        en="{who_en}: who administers accounts has no part in counting. “{role_en}” does not go with “{other_en}” in "
        "{path} in one election. Give them to two people, or end the other role first.",
    ),
    Rule(
        code="A313", severity=_BLOCK, source="bảng vai trò",
        vi="{who_vi}: còn vai trò “{role_vi}” ở {path}, ngoài phạm vi ông/bà quản trị. "
        "Kết thúc vai trò ở đơn vị mình, hoặc đề nghị cấp trên làm việc này.",
        en="{who_en}: still holds “{role_en}” in {path}, outside your reach. "
        "End the roles in your own unit, or ask the unit above to do this.",
    ),
    Rule(
        code="A314", severity=_BLOCK, source="thiết kế 5",
        vi="{who_vi}: không còn vai trò nào ở {path} để bàn giao. Cấp vai trò cho người nhận.",
        en="{who_en}: holds no role in {path} to hand over. Give the receiver a role instead.",
    ),
    Rule(
        code="A315", severity=_BLOCK, source="thiết kế 5",
        vi="Chọn người nhận đã có tài khoản, hoặc ghi cả họ tên và tên đăng nhập của người nhận mới; không ghi cả hai.",
        en="Choose a receiver with an account, or give both name and login of a new one; not both ways.",
    ),
    Rule(
        code="A316", severity=_BLOCK, source="thiết kế 5",
        vi="{who_vi}: bàn giao cho chính người đang giữ. Chọn người khác.",
        en="{who_en}: is handed over to its own holder. Choose another person.",
    ),
    Rule(
        code="A320", severity=_BLOCK, source="thiết kế 5",
        vi="Không đọc được tệp: {why_vi}. Lưu lại theo mẫu dưới dạng XLSX hoặc CSV mã UTF-8 rồi gửi lại.",
        en="The file cannot be read: {why_en}. Save it by the template as XLSX or as CSV in UTF-8, then send it again.",
    ),
    Rule(
        code="A321", severity=_BLOCK, source="thiết kế 5",
        vi="Dòng đầu thiếu hoặc thừa cột: {columns}. Dùng đúng các cột của tệp mẫu.",
        en="The first line lacks or has too many columns: {columns}. Use exactly the columns of the template.",
    ),
    Rule(
        code="A322", severity=_BLOCK, source="thiết kế 5",
        vi="Tệp không có dòng nào. Ghi mỗi người một dòng dưới dòng tiêu đề.",
        en="The file has no rows. Write one person a line below the headings.",
    ),
    Rule(
        code="A323", severity=_BLOCK, source="thiết kế 5",
        vi="Tệp có {found} dòng, mỗi lần tối đa {most}. Chia tệp theo đơn vị rồi gửi từng phần.",
        en="The file has {found} rows; {most} is the most at once. Split it by unit and send the parts.",
    ),
    Rule(
        code="A324", severity=_BLOCK, source="thiết kế 5",
        vi="Dòng {line}: họ và tên “{found}” trống, quá dài hoặc có ký tự không phải chữ. Ghi họ tên đầy đủ, có dấu.",
        en="Line {line}: the name “{found}” is empty, too long or has signs that are no letters. Write the full name.",
    ),
    Rule(
        code="A325", severity=_BLOCK, source="bảng vai trò",
        vi="Dòng {line}: không có vai trò “{found}”. Chọn một trong: {allowed_vi}.",
        en="Line {line}: there is no role “{found}”. Choose one of: {allowed_en}.",
    ),
    Rule(
        code="A326", severity=_BLOCK, source="domain 1",
        vi="Dòng {line}: không có đơn vị mã “{found}”. Ghi mã như 46, 19777, NA-46-01, đủ số 0 ở đầu.",
        en="Line {line}: there is no unit with the code “{found}”. Write it as 46, 19777, NA-46-01, with its zeros.",
    ),
    Rule(
        code="A327", severity=_BLOCK, source="thiết kế 5",
        vi="Dòng {line}: tên đăng nhập “{found}” phải từ 3 đến 64 ký tự: chữ thường không dấu, số, chấm, gạch nối. "
        "Sửa, hoặc để trống để hệ thống đặt.",
        en="Line {line}: the login “{found}” must have 3 to 64 signs: small plain letters, digits, dots, hyphens. "
        "Correct it, or leave it empty for a suggestion.",
    ),
    Rule(
        code="A328", severity=_BLOCK, source="thiết kế 5",
        vi="Dòng {line}: hạn “{found}” không phải một ngày sau hôm nay. Ghi ngày như 31/05/2026, hoặc để trống.",
        en="Line {line}: the expiry “{found}” is not a day after today. Write it as 31/05/2026, or nothing.",
    ),
    Rule(
        code="A329", severity=_BLOCK, source="thiết kế 5",
        vi="Dòng {line}: điện thoại “{found}” có ký tự lạ. Chỉ ghi số, dấu cách và dấu +.",
        en="Line {line}: the phone “{found}” has strange signs. Write digits, spaces and + only.",
    ),
)  # fmt: skip
