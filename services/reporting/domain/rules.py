"""The rule catalogue of reporting: what ends a publication (CB)."""

from services.contracts.base import Rule, Severity

_PUBLICATION = (
    Rule(
        code="CB1", severity=Severity.BLOCK, source="O1",
        vi="Việc dừng vì sự cố {incident}. Bản công bố trước vẫn đang mở; công bố lại, nếu vẫn dừng thì báo mã này.",
        en="Stopped by incident {incident}. The snapshot before it is still open; publish again, or report the code.",
    ),
    Rule(
        code="CB2", severity=Severity.BLOCK, source="O1",
        vi="Máy làm việc này đã tắt {times} lần giữa chừng. Bản công bố trước vẫn đang mở; báo người vận hành.",
        en="Its process ended {times} times half way. The snapshot before it is still open; tell operations.",
    ),
    Rule(
        code="CB3", severity=Severity.BLOCK, source="thiết kế 5",
        vi="Sau khi ra lệnh công bố, {name} hoặc máy đó đã tham gia làm kết quả. Người khác công bố trên máy khác.",
        en="After ordering it, {name} or that machine took part in the count. Another person must publish elsewhere.",
    ),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.code: rule for rule in _PUBLICATION}
"""Every rule by its code."""
