"""The rule catalogue of voters: polling areas (KV), files and entries (VL)."""

from services.contracts.base import Rule, Severity

_BLOCK, _WARN = Severity.BLOCK, Severity.WARN

_AREAS = (
    Rule(
        code="KV1", severity=_BLOCK, source="LBC 11",
        vi="Mã {area} không thuộc xã {commune}. Mã khu vực bỏ phiếu bắt đầu bằng mã xã.",
        en="Code {area} is not of commune {commune}. An area code begins with the code of its commune.",
    ),
    Rule(
        code="KV2", severity=_BLOCK, source="LBC 11",
        vi="Mã {area} ghi {times} lần. Mỗi khu vực bỏ phiếu một mã.",
        en="Code {area} stands {times} times. Each polling area has a code of its own.",
    ),
    Rule(
        code="KV3", severity=_BLOCK, source="LBC 11",
        vi="Số thứ tự khu vực không liền: thiếu {area}. Đánh số từ 001 liên tục.",
        en="Area numbers are not gapless: {area} is missing. Number from 001 without gaps.",
    ),
    Rule(
        code="KV4", severity=_BLOCK, source="LBC 10",
        vi="Khu vực {area}: chưa có đơn vị bầu cử {constituency}. Xem lại mã, hoặc chờ nạp cơ cấu.",
        en="Area {area}: there is no constituency {constituency}. Check the code, or wait for the structure.",
    ),
    Rule(
        code="KV5", severity=_BLOCK, source="LBC 10, 11",
        vi="Khu vực {area}: đơn vị bầu cử {constituency} không gồm xã này. Chọn đơn vị bầu cử của xã.",
        en="Area {area}: constituency {constituency} does not include this commune. Choose the commune's own.",
    ),
    Rule(
        code="KV6", severity=_WARN, source="LBC 10, 11",
        vi="Đơn vị bầu cử {constituency} của xã chưa có khu vực bỏ phiếu nào.",
        en="Constituency {constituency} of the commune has no polling area yet.",
    ),
    Rule(
        code="KV7", severity=_BLOCK, source="LBC 11",
        vi="Khu vực {area} đã có danh sách cử tri nên không bỏ được. Giữ khu vực này.",
        en="Area {area} has a voter list and cannot be left out. Keep it.",
    ),
    Rule(
        code="KV8", severity=_BLOCK, source="LBC 11",
        vi="Khu vực {area} đã có danh sách cử tri nên không đổi được loại và đơn vị bầu cử. Giữ như cũ.",
        en="Area {area} has a voter list, so its kind and constituencies stand. Keep them as they are.",
    ),
)  # fmt: skip

_FILE = (
    Rule(
        code="VL20", severity=_BLOCK, source="design 1.9",
        vi="Không đọc được tệp: {why_vi}. Lưu tệp dạng CSV (UTF-8) hoặc XLSX theo mẫu rồi nhập lại.",
        en="The file cannot be read: {why_en}. Save it as CSV (UTF-8) or XLSX by the template, then import again.",
    ),
    Rule(
        code="VL21", severity=_BLOCK, source="form 31",
        vi="Thiếu, thừa hoặc trùng cột: {columns}. Dùng đúng các cột của mẫu.",
        en="Columns are missing, unknown or repeated: {columns}. Use exactly the columns of the template.",
    ),
    Rule(
        code="VL22", severity=_BLOCK, source="form 31",
        vi="Tệp không có dòng cử tri nào. Chọn đúng tệp.",
        en="The file holds no voter. Choose the right file.",
    ),
    Rule(
        code="VL35", severity=_BLOCK, source="form 31",
        vi="Dòng có {cells} ô, mẫu chỉ có {columns}. Đặt ô có dấu phân cách trong ngoặc kép.",
        en="The row has {cells} cells, the template {columns}. Put a cell that holds the separator in quotation marks.",
    ),
    Rule(
        code="VL23", severity=_BLOCK, source="form 31",
        vi="Cột {column} để trống. Điền theo giấy tờ của cử tri.",
        en="Column {column} is empty. Fill it in from the voter's papers.",
    ),
    Rule(
        code="VL24", severity=_BLOCK, source="form 31",
        vi="Cột {column} quá dài hoặc có ký tự lạ. Gõ lại ô này.",
        en="Column {column} is too long or holds odd characters. Type the cell again.",
    ),
    Rule(
        code="VL25", severity=_BLOCK, source="form 31",
        vi="Ngày sinh không đọc được. Ghi ngày/tháng/năm, ví dụ 05/09/1971.",
        en="The date of birth cannot be read. Write day/month/year, for example 05/09/1971.",
    ),
    Rule(
        code="VL26", severity=_BLOCK, source="form 31",
        vi="Giới tính phải là Nam hoặc Nữ.",
        en="Sex must be Nam or Nữ.",
    ),
    Rule(
        code="VL27", severity=_BLOCK, source="domain 5.3",
        vi="Số định danh phải có đúng 12 chữ số.",
        en="The personal number must have exactly 12 digits.",
    ),
    Rule(
        code="VL28", severity=_BLOCK, source="domain 5.3",
        vi="Số định danh {masked} không khớp với giới tính. Xem lại thẻ căn cước.",
        en="Personal number {masked} does not fit the sex. Check the identity card.",
    ),
    Rule(
        code="VL29", severity=_BLOCK, source="domain 5.3",
        vi="Số định danh {masked} không khớp với năm sinh. Xem lại thẻ căn cước.",
        en="Personal number {masked} does not fit the year of birth. Check the identity card.",
    ),
    Rule(
        code="VL30", severity=_BLOCK, source="LBC 11",
        vi="Không có khu vực bỏ phiếu này trong xã. Xem lại mã khu vực.",
        en="The commune has no such polling area. Check the area code.",
    ),
    Rule(
        code="VL31", severity=_BLOCK, source="LBC 29",
        vi="Loại cư trú phải là thường trú hoặc tạm trú.",
        en="The kind of residence must be thường trú or tạm trú.",
    ),
    Rule(
        code="VL32", severity=_BLOCK, source="LBC 29",
        vi="Người tạm trú phải có ngày bắt đầu tạm trú, không sau ngày bầu cử.",
        en="A temporary resident needs the day the residence began, not after election day.",
    ),
    Rule(
        code="VL1", severity=_BLOCK, source="LBC 2",
        vi="Chưa đủ 18 tuổi vào ngày bầu cử {day}. Bỏ dòng này.",
        en="Not yet 18 on election day {day}. Remove the row.",
    ),
    Rule(
        code="VL2", severity=_BLOCK, source="LBC 29",
        vi="Số định danh {masked} đã có ở dòng khác trong tệp. Mỗi người một dòng.",
        en="Personal number {masked} stands in another row of the file. One row a person.",
    ),
    Rule(
        code="VL33", severity=_BLOCK, source="LBC 29",
        vi="Số định danh {masked} đã có trong danh sách khu vực {area}. Mỗi người chỉ có tên ở một danh sách.",
        en="Personal number {masked} is on the list of area {area}. A person is on one list only.",
    ),
    Rule(
        code="VL5", severity=_WARN, source="LBC 11",
        vi="Khu vực {area} có {voters} cử tri, ngoài khoảng {least} đến {most}. Ghi lý do khi lập khu vực.",
        en="Area {area} has {voters} voters, outside {least} to {most}. Give the reason when fixing areas.",
    ),
    Rule(
        code="VL34", severity=_WARN, source="LBC 31",
        vi="Khu vực {area} chưa có cử tri nào trong tệp.",
        en="Area {area} has no voter in the file.",
    ),
    Rule(
        code="VL40", severity=_BLOCK, source="lessons 1.5",
        vi="Tệp này đổi {share}% danh sách, quá mức {most}%. Cần người thứ hai duyệt: một cán bộ khác nhập tệp này.",
        en="This file changes {share}% of the list, above {most}%. A second person must approve it: another officer.",
    ),
    Rule(
        code="VL41", severity=_BLOCK, source="LBC 32",
        vi="Khu vực {area} chưa có danh sách. Nhập danh sách rồi niêm yết.",
        en="Area {area} has no list yet. Import the list, then post.",
    ),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.code: rule for rule in (*_AREAS, *_FILE)}
"""Every rule by its code."""
