"""The rules of units (U)."""

from services.contracts.base import Rule, Severity

_BLOCK, _INFO = Severity.BLOCK, Severity.INFO

UNITS = (
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
