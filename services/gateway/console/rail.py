"""The rail: one table of groups and entries; a person sees the entries they may act on, of pages that exist."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.contracts.roles import Action, Role
from services.gateway.console.places import Place

LEVELS: Final = frozenset({"nation", "province", "commune", "constituency"})


@dataclass(frozen=True)
class Entry:
    """A section: its words, what one must be allowed to do, and at which levels of units it stands."""

    section: str
    text: str
    actions: tuple[Action, ...]
    levels: frozenset[str] = LEVELS


@dataclass(frozen=True)
class Group:
    """Entries under one heading."""

    heading: str
    entries: tuple[Entry, ...]


_COMMUNE: Final = frozenset({"commune"})
_RECORDS: Final = (
    Action.READ_RECORDS, Action.ENTER_RECORD, Action.COMPARE_RECORD, Action.APPROVE_RECORD,
)  # fmt: skip

RAIL: Final = (
    Group("", (Entry("", "Tổng quan", (Action.READ_PROGRESS,)),)),
    Group(
        "Ngày bầu cử",
        (
            Entry("cu-tri-di-bau", "Cử tri đi bầu", (Action.REPORT_TURNOUT,), _COMMUNE),
            Entry("ai-cham", "Ai chậm", (Action.READ_PROGRESS,), frozenset({"nation", "province", "commune"})),
            Entry("su-co", "Sự cố", (Action.READ_PROGRESS,)),
        ),
    ),
    Group(
        "Kiểm phiếu",
        (
            Entry("bien-ban", "Biên bản kiểm phiếu", _RECORDS, _COMMUNE),
            Entry("bien-ban/nhap", "Nhập biên bản", (Action.ENTER_RECORD,), _COMMUNE),
            Entry("bien-ban/doi-chieu", "Đối chiếu", (Action.COMPARE_RECORD,), _COMMUNE),
            Entry("bien-ban/duyet", "Chờ phê duyệt", (Action.APPROVE_RECORD,), _COMMUNE),
        ),
    ),
    Group(
        "Kết quả",
        (
            Entry("ket-qua", "Kết quả bầu cử", (Action.READ_RESULT,)),
            Entry("bao-cao", "Báo cáo và biểu mẫu", (Action.READ_PROGRESS,)),
            Entry("cong-bo", "Công bố", (Action.PUBLISH_SNAPSHOT,), frozenset({"nation"})),
        ),
    ),
    Group(
        "Chuẩn bị",
        (
            Entry("cu-tri", "Danh sách cử tri", (Action.READ_VOTERS,), _COMMUNE),
            Entry("khu-vuc", "Khu vực bỏ phiếu", (Action.READ_VOTERS,), _COMMUNE),
            Entry("ho-so", "Hồ sơ ứng cử", (Action.READ_DOSSIERS,)),
        ),
    ),
    Group(
        "Đơn vị",
        (
            Entry("nguoi", "Ủy ban, Ban, Tổ", (Action.FORM_BODIES,)),
            Entry("tai-khoan", "Người và tài khoản", (Action.READ_ACCOUNTS,)),
            Entry("khoi-phuc", "Khôi phục tài khoản", (Action.RECOVER_ACCOUNTS,)),
            Entry("ra-soat", "Rà soát tài khoản", (Action.REVIEW_ACCOUNTS,)),
            Entry("dung-chung", "Dấu hiệu dùng chung", (Action.READ_SHARING,)),
            Entry("su-co-an-toan", "Sự cố an toàn thông tin", (Action.REPORT_BREACH, Action.SETTLE_BREACH)),
            Entry("mo-khan-cap", "Mở khẩn cấp", (Action.HOLD_KEY, Action.REVIEW_OPENING)),
            Entry("so-bang-chung", "Sổ bằng chứng", (Action.READ_LEDGER,)),
            Entry("nhat-ky", "Nhật ký", (Action.READ_LEDGER,)),
        ),
    ),
)

HOMES: Final = {
    Role.TYPIST: "bien-ban",
    Role.CHECKER: "bien-ban",
    Role.APPROVER: "bien-ban/duyet",
    Role.BOARD_SECRETARY: "ket-qua",
    Role.BOARD_HEAD: "ket-qua",
    Role.LIST_OFFICER: "cu-tri",
    Role.LIST_SIGNER: "cu-tri",
    Role.ACCOUNT_ADMIN: "tai-khoan",
}
"""The section in which a role's day begins, once its page exists; everybody else begins at the overview."""


@dataclass(frozen=True)
class Shown:
    """An entry as the template draws it."""

    address: str
    text: str
    current: bool


def rail_for(
    place: Place, here: str, exists: frozenset[str], may: Callable[[Action], bool]
) -> list[tuple[str, list[Shown]]]:
    """The groups of a person in a unit; a group without entries is not there."""
    drawn: list[tuple[str, list[Shown]]] = []
    for group in RAIL:
        entries = [
            Shown(f"{place.address}/{entry.section}".rstrip("/"), entry.text, entry.section == here)
            for entry in group.entries
            if entry.section in exists and place.level in entry.levels and any(map(may, entry.actions))
        ]
        if entries:
            drawn.append((group.heading, entries))
    if may(Action.READ_OPERATIONS):
        drawn.append(("Hệ thống", [Shown("/van-hanh", "Vận hành", here == "-")]))
    return drawn
