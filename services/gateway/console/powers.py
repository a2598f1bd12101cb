"""What the roles may do, in words: the fixed table of permissions as people read it."""

from dataclasses import dataclass
from typing import Final

from services.contracts.accounts import ROLE_LEVELS, SYSTEM_ROLES
from services.contracts.base import Reach
from services.contracts.roles import POLICY, ROLE_NAMES, Action, Role

Pair = tuple[str, str]

LEVELS: Final[dict[str, Pair]] = {
    "nation": ("trung ương", "nation"),
    "province": ("tỉnh, thành phố", "province"),
    "commune": ("xã, phường, đặc khu", "commune"),
    "province_seats": ("đơn vị bầu cử trong tỉnh", "constituency of a province"),
    "commune_seats": ("đơn vị bầu cử trong xã", "constituency of a commune"),
}
_BELOW: Final = {
    "nation": frozenset(LEVELS),
    "province": frozenset({"province", "commune", "province_seats", "commune_seats"}),
    "commune": frozenset({"commune", "commune_seats"}),
    "province_seats": frozenset({"province_seats"}),
    "commune_seats": frozenset({"commune_seats"}),
}

ACTIONS: Final[dict[Action, Pair]] = {
    Action.LOAD_UNITS: ("nạp danh mục đơn vị hành chính", "load the administrative units"),
    Action.FORM_BODIES: ("lập Ủy ban, Ban, Tổ bầu cử", "form Commissions, Boards, Teams"),
    Action.CREATE_ACCOUNTS: ("cấp tài khoản", "create accounts"),
    Action.READ_ACCOUNTS: ("xem người và tài khoản", "see people and accounts"),
    Action.CALL_ELECTION: ("mở cuộc bầu cử", "call the election"),
    Action.SET_CLOCK: ("đặt đồng hồ diễn tập", "set the clock of a rehearsal"),
    Action.LOAD_STRUCTURE: ("nạp đơn vị bầu cử", "load the constituencies"),
    Action.READ_ELECTION: ("xem cuộc bầu cử", "see the election"),
    Action.RECEIVE_DOSSIER: ("nhận hồ sơ ứng cử", "receive dossiers"),
    Action.CHECK_IDENTITY: ("kiểm tra danh tính", "check identities"),
    Action.CONFIRM_IDENTITY: ("xác nhận danh tính", "confirm identities"),
    Action.PLACE_CANDIDATES: ("phân bổ người ứng cử", "place candidates"),
    Action.PUBLISH_LIST: ("công bố danh sách chính thức", "publish the official list"),
    Action.STRIKE_CANDIDATE: ("xóa tên người ứng cử", "strike a candidate"),
    Action.READ_DOSSIERS: ("xem hồ sơ ứng cử", "see dossiers"),
    Action.FIX_AREAS: ("xác định khu vực bỏ phiếu", "fix the polling areas"),
    Action.IMPORT_VOTERS: ("nhập danh sách cử tri", "import voter lists"),
    Action.CHANGE_LIST: ("sửa danh sách cử tri", "change voter lists"),
    Action.POST_LIST: ("niêm yết danh sách cử tri", "post voter lists"),
    Action.CLOSE_LIST: ("khóa danh sách cử tri", "close voter lists"),
    Action.READ_VOTERS: ("xem danh sách cử tri", "see voter lists"),
    Action.FIND_PERSON: ("đối chiếu với danh sách cử tri", "compare with the voter lists"),
    Action.OPEN_POLLING: ("ghi mở, đóng bỏ phiếu", "record opening and closing of polls"),
    Action.REPORT_TURNOUT: ("báo cử tri đi bầu", "report turnout"),
    Action.REPORT_INCIDENT: ("báo sự cố", "report incidents"),
    Action.ENTER_RECORD: ("nhập biên bản kiểm phiếu", "enter count records"),
    Action.COMPARE_RECORD: ("đối chiếu hai lần nhập", "compare the two entries"),
    Action.APPROVE_RECORD: ("phê duyệt biên bản", "approve count records"),
    Action.REOPEN_RECORD: ("mở lại biên bản đã duyệt", "re-open approved records"),
    Action.READ_RECORDS: ("xem biên bản kiểm phiếu", "see count records"),
    Action.READ_RESULT: ("xem kết quả bầu cử", "see results"),
    Action.PREPARE_RESULT: ("lập kết quả đơn vị bầu cử", "prepare the result of a constituency"),
    Action.DECLARE_RESULT: ("xác nhận kết quả đơn vị bầu cử", "declare the result of a constituency"),
    Action.READ_PROGRESS: ("xem tiến độ", "see the progress"),
    Action.ISSUE_DOCUMENT: ("in văn bản, biểu mẫu", "issue documents and forms"),
    Action.PUBLISH_SNAPSHOT: ("công bố kết quả", "publish results"),
    Action.READ_OPERATIONS: ("xem vận hành hệ thống", "see the operations"),
    Action.READ_LEDGER: ("xem sổ bằng chứng", "see the ledger"),
    Action.REGISTER_WITNESS: ("đăng ký nhân chứng của sổ", "register witnesses of the ledger"),
    Action.CHANGE_ACCOUNTS: ("cấp, thu vai trò, đóng tài khoản", "give and end roles, close accounts"),
    Action.RECOVER_ACCOUNTS: ("khôi phục tài khoản", "recover accounts"),
    Action.OPEN_REVIEW: ("mở đợt rà soát tài khoản", "open a review of accounts"),
    Action.REVIEW_ACCOUNTS: ("rà soát tài khoản", "review accounts"),
    Action.READ_SHARING: ("xem dấu hiệu dùng chung", "see signs of shared accounts"),
    Action.SETTLE_SHARING: ("xử lý dấu hiệu dùng chung", "settle signs of shared accounts"),
    Action.SET_NETWORKS: ("đăng ký mạng của đơn vị", "register networks of units"),
    Action.REPORT_BREACH: ("báo sự cố an toàn thông tin", "report security incidents"),
    Action.SETTLE_BREACH: ("xử lý sự cố an toàn thông tin", "settle security incidents"),
    Action.HOLD_KEY: ("giữ khóa mở khẩn cấp", "hold a key of the emergency opening"),
    Action.REVIEW_OPENING: ("xét lại việc mở khẩn cấp", "review emergency openings"),
}
"""Every action in Vietnamese and English."""


@dataclass(frozen=True)
class Power:
    """A role with where it exists and what it may do: in its own unit only, and also in every unit below."""

    role: Role
    name: Pair
    levels: tuple[Pair, ...]
    own: tuple[Pair, ...]
    below: tuple[Pair, ...]
    everywhere: bool


def powers() -> tuple[Power, ...]:
    """The whole table, read off the policy every service judges by."""
    return tuple(_power(role) for role in Role)


def _power(role: Role) -> Power:
    granted = POLICY.table[role]
    return Power(
        role,
        ROLE_NAMES[role],
        tuple(LEVELS[level] for level in ROLE_LEVELS[role]),
        tuple(words for action, words in ACTIONS.items() if granted.get(action) is Reach.OWN),
        tuple(words for action, words in ACTIONS.items() if granted.get(action) is Reach.BELOW),
        role in SYSTEM_ROLES,
    )


def roles_from(level: str, *, system: bool) -> list[tuple[str, Pair]]:
    """The roles that exist at a level or below it, for a choice in a form; those of the system on demand."""
    reached = _BELOW[level]
    return [
        (role.value, ROLE_NAMES[role])
        for role in Role
        if reached.intersection(ROLE_LEVELS[role]) and (system or role not in SYSTEM_ROLES)
    ]
