"""The rule catalogue of candidates: calendar (BC), constituencies (DB), dossiers (UC), identity (HS), lists (DS)."""

from services.contracts.base import Rule, Severity

_BLOCK, _WARN, _INFO = Severity.BLOCK, Severity.WARN, Severity.INFO

_ELECTION = (
    Rule(
        code="BC1", severity=_BLOCK, source="LBC 5",
        vi="Mã {election} không phải năm của ngày bầu cử ({year}). Cuộc bầu cử thật lấy năm làm mã.",
        en="The id {election} is not the year of election day ({year}). A real election has its year as id.",
    ),
    Rule(
        code="BC2", severity=_BLOCK, source="LBC 5",
        vi="Ngày {day} không phải Chủ nhật. Chọn một ngày Chủ nhật.",
        en="{day} is not a Sunday. Choose a Sunday.",
    ),
    Rule(
        code="BC3", severity=_BLOCK, source="domain 6",
        vi="Các giờ báo cáo phải khác nhau, tăng dần và trong ngày. Sửa lại danh sách giờ.",
        en="Reporting hours must differ, ascend and lie within the day. Correct the list of hours.",
    ),
)  # fmt: skip

_STRUCTURE = (
    Rule(
        code="DB1", severity=_BLOCK, source="design 1.9",
        vi="Không đọc được tệp: {why}. Lưu tệp dạng CSV, mã UTF-8, rồi nạp lại.",
        en="The file cannot be read: {why}. Save it as CSV in UTF-8, then load it again.",
    ),
    Rule(
        code="DB2", severity=_BLOCK, source="design 1.9",
        vi="Dòng tiêu đề thiếu, thừa hoặc trùng cột: {columns}. Dùng đúng các cột của mẫu.",
        en="The header lacks, repeats or adds columns: {columns}. Use exactly the columns of the template.",
    ),
    Rule(
        code="DB3", severity=_BLOCK, source="design 1.9",
        vi="Cột {column} ghi “{value}”, phải là {expected_vi}. Sửa ô này.",
        en="Column {column} holds “{value}”; it must be {expected_en}. Correct the cell.",
    ),
    Rule(
        code="DB4", severity=_BLOCK, source="LBC 10",
        vi="Cuộc bầu cử {contest} ở {unit} không thuộc tệp này ({scope}). Chuyển dòng sang đúng tệp.",
        en="Contest {contest} in {unit} does not belong in this file ({scope}). Move the row to its own file.",
    ),
    Rule(
        code="DB5", severity=_BLOCK, source="LBC 10",
        vi="Không có đơn vị hành chính {unit} cho cuộc bầu cử {contest}. Xem lại mã đơn vị.",
        en="There is no unit {unit} for contest {contest}. Check the unit code.",
    ),
    Rule(
        code="DB6", severity=_BLOCK, source="design 2",
        vi="Mã {code} không khớp với đơn vị và số thứ tự, phải là {expected}. Sửa mã hoặc số thứ tự.",
        en="Code {code} does not fit unit and ordinal; it must be {expected}. Correct the code or the ordinal.",
    ),
    Rule(
        code="DB7", severity=_BLOCK, source="LBC 10.4",
        vi="{code} bầu {seats} đại biểu Quốc hội, không quá {most}. Chia lại đơn vị bầu cử.",
        en="{code} elects {seats} deputies of the National Assembly, at most {most}. Divide it anew.",
    ),
    Rule(
        code="DB8", severity=_BLOCK, source="LBC 10.4",
        vi="{code} bầu {seats} đại biểu Hội đồng nhân dân, không quá {most}. Chia lại đơn vị bầu cử.",
        en="{code} elects {seats} Council deputies, at most {most}. Divide it anew.",
    ),
    Rule(
        code="DB9", severity=_BLOCK, source="LBC 10",
        vi="{code} không ghi gồm những đâu. Ghi mã các xã, phường, đặc khu; cấp xã thì ghi thôn, tổ dân phố.",
        en="{code} does not say what it consists of. Give the communes, or for a commune Council its villages.",
    ),
    Rule(
        code="DB10", severity=_BLOCK, source="LBC 10",
        vi="{code} ghi {commune}, mã này không có trong danh mục đơn vị. Xem lại mã xã, phường, đặc khu.",
        en="{code} lists {commune}, which is not a known unit. Check the commune code.",
    ),
    Rule(
        code="DB11", severity=_BLOCK, source="LBC 10",
        vi="{code} ghi {commune}, nhưng đơn vị đó thuộc {owner}. Bỏ mã này khỏi dòng.",
        en="{code} lists {commune}, which belongs to {owner}. Remove it from the row.",
    ),
    Rule(
        code="DB12", severity=_BLOCK, source="design 2",
        vi="Mã {code} đã có ở dòng {first}. Mỗi đơn vị bầu cử chỉ ghi một dòng.",
        en="Code {code} already stands in line {first}. Give each constituency one row.",
    ),
    Rule(
        code="DB13", severity=_BLOCK, source="LBC 10",
        vi="{commune} vừa ở {code} vừa ở {other}. Mỗi xã, phường, đặc khu chỉ thuộc một đơn vị bầu cử.",
        en="{commune} is in both {code} and {other}. A commune belongs to one constituency.",
    ),
    Rule(
        code="DB14", severity=_BLOCK, source="design 2",
        vi="Số thứ tự các đơn vị bầu cử {contest} của {unit} là {found}, phải liền từ 1 đến {count}. Đánh số lại.",
        en="{contest} constituencies of {unit} are numbered {found}; they must run from 1 to {count}. Renumber them.",
    ),
    Rule(
        code="DB15", severity=_BLOCK, source="LBC 10",
        vi="Đơn vị bầu cử {contest} của {unit} còn thiếu {count} xã, phường, đặc khu: {communes}. Xếp vào một đơn vị.",
        en="{count} communes of {unit} are in no {contest} constituency: {communes}. Put each in one.",
    ),
    Rule(
        code="DB16", severity=_BLOCK, source="NQ85",
        vi="{unit} có {found} đơn vị bầu cử đại biểu Quốc hội, nghị quyết ấn định {expected}. Sửa cho khớp.",
        en="{unit} has {found} National Assembly constituencies; the resolution fixes {expected}. Make them agree.",
    ),
    Rule(
        code="DB17", severity=_BLOCK, source="NQ85",
        vi="{unit} bầu {found} đại biểu Quốc hội, nghị quyết ấn định {expected}. Sửa cho khớp.",
        en="{unit} elects {found} National Assembly deputies; the resolution fixes {expected}. Make them agree.",
    ),
    Rule(
        code="DB18", severity=_BLOCK, source="NQ85; domain 11.1",
        vi="Cả nước có {found}, phải là {expected}. Kiểm tra lại toàn bộ tệp.",
        en="The nation has {found}; it must be {expected}. Check the whole file.",
    ),
    Rule(
        code="DB19", severity=_BLOCK, source="L72 30",
        vi="{unit} là “{kind}”, không thể áp dụng mức “{declared}”. Sửa cột council_kind.",
        en="{unit} is of kind “{kind}”; the seat rule of “{declared}” cannot apply. Correct council_kind.",
    ),
    Rule(
        code="DB20", severity=_BLOCK, source="L72 30",
        vi="Các dòng của Hội đồng nhân dân {unit} ghi loại hoặc dân số khác nhau. Ghi giống nhau ở mọi dòng.",
        en="The rows of the Council of {unit} give different kinds or populations. Give the same in every row.",
    ),
    Rule(
        code="DB21", severity=_BLOCK, source="L72 30",
        vi="Hội đồng nhân dân {unit} với {population} dân có {expected} đại biểu, các dòng cộng lại {found}. "
        "Sửa số đại biểu.",
        en="The Council of {unit} with {population} people has {expected} deputies; the rows add to {found}. "
        "Correct the seats.",
    ),
    Rule(
        code="DB22", severity=_BLOCK, source="LBC 10",
        vi="Chưa có đơn vị bầu cử nào của Hội đồng nhân dân {unit}. Bổ sung các dòng của đơn vị này.",
        en="There is no constituency for the Council of {unit}. Add its rows.",
    ),
    Rule(
        code="DB23", severity=_BLOCK, source="design 1.6",
        vi="{code} đã ấn định trước đây nhưng không có trong tệp. Bổ sung dòng này.",
        en="{code} was fixed earlier and is missing from the file. Add its row.",
    ),
    Rule(
        code="DB24", severity=_BLOCK, source="LBC 57, 58",
        vi="{code} đã có người ứng cử được phân bổ nên không đổi được số đại biểu hay địa bàn. Giữ như cũ.",
        en="{code} already has candidates placed; its seats and extent can no longer change. Keep them.",
    ),
    Rule(
        code="DB25", severity=_BLOCK, source="design 1.9",
        vi="Tệp có hơn {most} dòng, nhiều hơn mọi cơ cấu có thể có. Chọn đúng tệp, mỗi lần một tỉnh.",
        en="The file has more than {most} rows, more than any structure can. Load the right one, province by province.",
    ),
    Rule(
        code="DB26", severity=_BLOCK, source="design 1.9",
        vi="Còn {more} lỗi nữa chưa liệt kê. Sửa các lỗi trên rồi nạp lại để xem tiếp.",
        en="There are {more} more faults than are listed. Correct these, then load the file again to see the others.",
    ),
)  # fmt: skip

_DOSSIERS = (
    Rule(
        code="UC1", severity=_BLOCK, source="LBC 2",
        vi="Đến ngày bầu cử mới {age} tuổi, phải đủ 21. Xem lại ngày sinh; nếu đúng thì không nhận hồ sơ.",
        en="On election day the person is {age}, and must be 21. Check the date; if right, do not receive the dossier.",
    ),
    Rule(
        code="UC2", severity=_BLOCK, source="LBC 57.5",
        vi="Người này đã có hồ sơ ứng cử {contest}. Mỗi cuộc bầu cử chỉ một hồ sơ.",
        en="This person already has a dossier for {contest}. One dossier in each contest.",
    ),
    Rule(
        code="UC3", severity=_BLOCK, source="LBC 36",
        vi="Hồ sơ ứng cử {contest} không nộp ở đây. Nộp tại {desk_vi}.",
        en="A dossier for {contest} is not filed here. File it at {desk_en}.",
    ),
    Rule(
        code="UC4", severity=_BLOCK, source="LBC 36.3",
        vi="Người này đã có hai hồ sơ ứng cử ({contests}). Một người nộp nhiều nhất hai hồ sơ.",
        en="This person already has two dossiers ({contests}). Two are the most a person may file.",
    ),
    Rule(
        code="UC5", severity=_WARN, source="domain 5.3",
        vi="Số định danh không hợp với giới tính và thế kỷ sinh. So với thẻ căn cước.",
        en="The personal number does not fit the sex and century of birth. Compare with the identity card.",
    ),
    Rule(
        code="UC6", severity=_WARN, source="domain 5.3",
        vi="Số định danh không hợp với năm sinh {year}. So với thẻ căn cước.",
        en="The personal number does not fit the year of birth {year}. Compare with the identity card.",
    ),
    Rule(
        code="UC8", severity=_WARN, source="domain 5.3",
        vi="Ba số đầu của số định danh không phải mã nơi đăng ký khai sinh. So với thẻ căn cước.",
        en="The first three digits of the personal number are no place code. Compare with the identity card.",
    ),
    Rule(
        code="UC9", severity=_BLOCK, source="forms 3.2",
        vi="Họ tên “{name}” có ký tự không phải chữ. Ghi đúng giấy khai sinh.",
        en="The name “{name}” has characters that are not letters. Write it as on the birth certificate.",
    ),
    Rule(
        code="UC10", severity=_BLOCK, source="LBC 36.1",
        vi="Người do trung ương giới thiệu ứng cử đại biểu Quốc hội nộp ở Hội đồng bầu cử quốc gia, "
        "người khác nộp ở địa phương.",
        en="Central nominees for the National Assembly file at the National Election Council, all others locally.",
    ),
    Rule(
        code="UC11", severity=_BLOCK, source="forms 3.2",
        vi="Chưa ghi cơ quan, tổ chức giới thiệu. Ghi tên cơ quan, hoặc chọn tự ứng cử.",
        en="The nominating organisation is missing. Name it, or choose self-nominated.",
    ),
    Rule(
        code="UC12", severity=_WARN, source="NQ40 Đ3",
        vi="Hồ sơ nhận trước ngày bắt đầu nhận ({opens}).",
        en="The dossier was received before the desks open ({opens}).",
    ),
)  # fmt: skip

_IDENTITY = (
    Rule(
        code="HS1", severity=_WARN, source="design 7",
        vi="Không tìm thấy số định danh trong danh sách cử tri. So với thẻ căn cước; khi xác nhận phải ghi lý do.",
        en="The personal number is not in the voter register. Compare with the identity card; confirm with a reason.",
    ),
    Rule(
        code="HS2", severity=_BLOCK, source="design 7",
        vi="{field_vi}: {verdict_vi}. Xem bản giấy và sửa hồ sơ, hoặc đề nghị sửa dữ liệu dân cư rồi đối chiếu lại.",
        en="{field_en}: {verdict_en}. Read the paper and correct the dossier, "
        "or have the register corrected and check again.",
    ),
    Rule(
        code="HS3", severity=_WARN, source="console 9",
        vi="{field_vi}: {verdict_vi}. Khi xác nhận ghi lý do chọn cách viết trong hồ sơ.",
        en="{field_en}: {verdict_en}. When confirming, state why the dossier's spelling stands.",
    ),
    Rule(
        code="HS4", severity=_BLOCK, source="design 7",
        vi="Hồ sơ của {name} chưa xác nhận được: {state}. Đối chiếu hoặc sửa hồ sơ trước.",
        en="The dossier of {name} cannot be confirmed from its state ({state}). Check or correct it first.",
    ),
    Rule(
        code="HS5", severity=_BLOCK, source="design 7",
        vi="Hồ sơ của {name} cần lý do khi xác nhận. Ghi đã so với giấy tờ nào.",
        en="The dossier of {name} needs a reason to be confirmed. State which papers it was compared with.",
    ),
    Rule(
        code="HS6", severity=_BLOCK, source="design 7",
        vi="Hồ sơ của {name} đã đổi sau khi ông/bà đọc. Mở lại và đọc bản mới.",
        en="The dossier of {name} changed after you read it. Open it again and read the new version.",
    ),
    Rule(
        code="HS7", severity=_BLOCK, source="design 1.5",
        vi="Ông/bà đã nhận, sửa hoặc đối chiếu hồ sơ của {name}. Người khác phải xác nhận.",
        en="You received, corrected or checked the dossier of {name}. Another person must confirm it.",
    ),
    Rule(
        code="HS8", severity=_BLOCK, source="design 1.9",
        vi="Số mã nội dung ({contents}) khác số hồ sơ ({dossiers}), hoặc một hồ sơ ghi hai lần. Gửi mỗi hồ sơ một mã.",
        en="{contents} contents came for {dossiers} dossiers, or a dossier twice. Send one content for each dossier.",
    ),
)  # fmt: skip

_LISTS = (
    Rule(
        code="DS1", severity=_BLOCK, source="LBC 57, 58",
        vi="{constituency} không phải đơn vị bầu cử {contest} của nơi này. Chọn đơn vị bầu cử khác.",
        en="{constituency} is not a {contest} constituency of this unit. Choose another one.",
    ),
    Rule(
        code="DS2", severity=_BLOCK, source="design 7",
        vi="{name} chưa được hai người xác nhận danh tính (đang ở trạng thái “{state}”). Xác nhận trước.",
        en="The identity of {name} was not confirmed by two people (state “{state}”). Confirm it first.",
    ),
    Rule(
        code="DS3", severity=_BLOCK, source="LBC 57, 58",
        vi="Danh sách chính thức của {constituency} đã công bố. Chỉ còn có thể xóa tên.",
        en="The official list of {constituency} is published. Names can only be struck from it.",
    ),
    Rule(
        code="DS4", severity=_WARN, source="QA 112",
        vi="{constituency} có hai người trùng họ tên: {name}. Nên xếp về hai đơn vị; nếu giữ, phiếu in thêm ngày sinh.",
        en="Two people named {name} stand in {constituency}. Place them apart, or ballots print the date of birth.",
    ),
    Rule(
        code="DS5", severity=_BLOCK, source="LBC 57.6, 58.3",
        vi="{constituency} bầu {seats} đại biểu, phải có ít nhất {least} người ứng cử, mới có {found}. "
        "Phân bổ thêm người.",
        en="{constituency} elects {seats}; it needs at least {least} candidates and has {found}. Place more people.",
    ),
    Rule(
        code="DS6", severity=_WARN, source="LBC 8.3, 9",
        vi="Phụ nữ chiếm {found} trên {total} người ứng cử {contest}, dưới 35%. Báo cáo Hội đồng bầu cử quốc gia.",
        en="Women are {found} of {total} candidates for {contest}, below 35%. Report to the National Election Council.",
    ),
    Rule(
        code="DS7", severity=_WARN, source="LBC 8.2",
        vi="Người dân tộc thiểu số chiếm {found} trên {total} người ứng cử {contest}, dưới 18%. "
        "Báo cáo Hội đồng bầu cử quốc gia.",
        en="Ethnic minorities are {found} of {total} candidates for {contest}, below 18%. "
        "Report to the National Election Council.",
    ),
    Rule(
        code="DS8", severity=_WARN, source="LBC 48, 49, 56",
        vi="Chưa tới ngày hiệp thương lần thứ ba ({opens}).",
        en="The third consultation has not begun ({opens}).",
    ),
    Rule(
        code="DS9", severity=_WARN, source="LBC 57, 58",
        vi="Đã quá hạn công bố danh sách chính thức ({closes}). Ghi rõ lý do trong nghị quyết.",
        en="The day for publishing official lists has passed ({closes}). State the reason in the resolution.",
    ),
    Rule(
        code="DS10", severity=_BLOCK, source="design 7",
        vi="Hồ sơ của {name} đã đổi sau khi hai người xác nhận. Đối chiếu và xác nhận lại.",
        en="The dossier of {name} changed after two people confirmed it. Check and confirm it anew.",
    ),
    Rule(
        code="DS11", severity=_WARN, source="NQ 115/2026; QA 114",
        vi="{constituency} chỉ còn {found} người ứng cử cho {seats} đại biểu. Báo cáo để quyết định giảm số đại biểu.",
        en="{constituency} has {found} candidates left for {seats} seats. Report, so that a cut of seats is decided.",
    ),
    Rule(
        code="DS12", severity=_BLOCK, source="LBC 57.5",
        vi="{name} được ghi {times} lần. Mỗi người chỉ ở một đơn vị bầu cử.",
        en="{name} is given {times} times. A person stands in one constituency.",
    ),
    Rule(
        code="DS13", severity=_BLOCK, source="LBC 57, 58",
        vi="Hồ sơ của {name} ứng cử {own}, không phải {contest}. Chọn đơn vị bầu cử đúng cấp.",
        en="The dossier of {name} is for {own}, not {contest}. Choose a constituency of its own contest.",
    ),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.code: rule for rule in (*_ELECTION, *_STRUCTURE, *_DOSSIERS, *_IDENTITY, *_LISTS)}
