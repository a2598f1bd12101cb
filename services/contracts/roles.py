"""Who may do what: the roles, the actions, and the one fixed table that joins them (design section 5)."""

from enum import StrEnum

from services.contracts.base import Policy, Reach


class Role(StrEnum):
    """A named duty of a person in a unit. Who administers accounts has no power over counts."""

    SYSTEM_ADMIN = "system_admin"
    ACCOUNT_ADMIN = "account_admin"
    NATION_OFFICER = "nation_officer"
    PROVINCE_OFFICER = "province_officer"
    PERSONNEL = "personnel"
    PERSONNEL_CONFIRMER = "personnel_confirmer"
    COMMISSION_HEAD = "commission_head"
    LIST_OFFICER = "list_officer"
    LIST_SIGNER = "list_signer"
    SECRETARY = "secretary"
    TYPIST = "typist"
    CHECKER = "checker"
    APPROVER = "approver"
    BOARD_SECRETARY = "board_secretary"
    BOARD_HEAD = "board_head"
    PUBLISHER = "publisher"
    OPERATIONS = "operations"


ROLE_NAMES: dict[Role, tuple[str, str]] = {
    Role.SYSTEM_ADMIN: ("Quản trị hệ thống", "System administrator"),
    Role.ACCOUNT_ADMIN: ("Quản trị tài khoản", "Account administrator"),
    Role.NATION_OFFICER: ("Văn phòng Hội đồng bầu cử quốc gia", "National Election Council office"),
    Role.PROVINCE_OFFICER: ("Thường trực UBBC tỉnh, thành phố", "Provincial Commission officer"),
    Role.PERSONNEL: ("Tiểu ban nhân sự", "Personnel sub-committee"),
    Role.PERSONNEL_CONFIRMER: ("Người xác nhận danh tính", "Identity confirmer"),
    Role.COMMISSION_HEAD: ("Chủ tịch UBBC", "Chair of the Commission"),
    Role.LIST_OFFICER: ("Cán bộ lập danh sách cử tri", "Voter-list officer"),
    Role.LIST_SIGNER: ("Chủ tịch UBND xã, phường", "Chair of the People's Committee"),
    Role.SECRETARY: ("Thư ký UBBC", "Secretary of the Commission"),
    Role.TYPIST: ("Người nhập liệu", "Typist"),
    Role.CHECKER: ("Người đối chiếu", "Checker"),
    Role.APPROVER: ("Người phê duyệt", "Approver"),
    Role.BOARD_SECRETARY: ("Thư ký Ban bầu cử", "Secretary of the Board"),
    Role.BOARD_HEAD: ("Trưởng Ban bầu cử", "Head of the Board"),
    Role.PUBLISHER: ("Người công bố", "Publisher"),
    Role.OPERATIONS: ("Tổ vận hành", "Operations team"),
}
"""Each role in Vietnamese and English."""


class Action(StrEnum):
    """What a door lets a person do."""

    LOAD_UNITS = "load_units"
    FORM_BODIES = "form_bodies"
    CREATE_ACCOUNTS = "create_accounts"
    READ_ACCOUNTS = "read_accounts"
    CALL_ELECTION = "call_election"
    SET_CLOCK = "set_clock"
    LOAD_STRUCTURE = "load_structure"
    READ_ELECTION = "read_election"
    RECEIVE_DOSSIER = "receive_dossier"
    CHECK_IDENTITY = "check_identity"
    CONFIRM_IDENTITY = "confirm_identity"
    PLACE_CANDIDATES = "place_candidates"
    PUBLISH_LIST = "publish_list"
    STRIKE_CANDIDATE = "strike_candidate"
    READ_DOSSIERS = "read_dossiers"
    FIX_AREAS = "fix_areas"
    IMPORT_VOTERS = "import_voters"
    CHANGE_LIST = "change_list"
    POST_LIST = "post_list"
    CLOSE_LIST = "close_list"
    READ_VOTERS = "read_voters"
    FIND_PERSON = "find_person"
    OPEN_POLLING = "open_polling"
    REPORT_TURNOUT = "report_turnout"
    REPORT_INCIDENT = "report_incident"
    ENTER_RECORD = "enter_record"
    COMPARE_RECORD = "compare_record"
    APPROVE_RECORD = "approve_record"
    REOPEN_RECORD = "reopen_record"
    READ_RECORDS = "read_records"
    READ_RESULT = "read_result"
    PREPARE_RESULT = "prepare_result"
    DECLARE_RESULT = "declare_result"
    READ_PROGRESS = "read_progress"
    ISSUE_DOCUMENT = "issue_document"
    PUBLISH_SNAPSHOT = "publish_snapshot"
    READ_OPERATIONS = "read_operations"
    READ_LEDGER = "read_ledger"
    REGISTER_WITNESS = "register_witness"
    CHANGE_ACCOUNTS = "change_accounts"
    RECOVER_ACCOUNTS = "recover_accounts"
    OPEN_REVIEW = "open_review"
    REVIEW_ACCOUNTS = "review_accounts"
    READ_SHARING = "read_sharing"
    SETTLE_SHARING = "settle_sharing"
    SET_NETWORKS = "set_networks"
    REPORT_BREACH = "report_breach"
    SETTLE_BREACH = "settle_breach"
    HOLD_KEY = "hold_key"
    REVIEW_OPENING = "review_opening"


_OWN, _BELOW = Reach.OWN, Reach.BELOW
_ANYBODY = {Action.REPORT_BREACH: _OWN}
_LOOK = {**_ANYBODY, Action.READ_ELECTION: _BELOW, Action.READ_PROGRESS: _BELOW, Action.READ_RESULT: _BELOW}
_ADMINISTER = {
    Action.CREATE_ACCOUNTS: _BELOW,
    Action.READ_ACCOUNTS: _BELOW,
    Action.CHANGE_ACCOUNTS: _BELOW,
    Action.RECOVER_ACCOUNTS: _BELOW,
    Action.REVIEW_ACCOUNTS: _BELOW,
    Action.READ_SHARING: _BELOW,
    Action.SETTLE_SHARING: _BELOW,
    Action.SET_NETWORKS: _BELOW,
    Action.SETTLE_BREACH: _BELOW,
}
_DOSSIERS = {Action.READ_DOSSIERS: _BELOW, Action.FIND_PERSON: _BELOW}

POLICY = Policy(
    table={
        Role.SYSTEM_ADMIN: {
            **_ANYBODY,
            **_ADMINISTER,
            Action.LOAD_UNITS: _BELOW,
            Action.OPEN_REVIEW: _BELOW,
            Action.READ_OPERATIONS: _BELOW,
            Action.READ_LEDGER: _BELOW,
            Action.REGISTER_WITNESS: _BELOW,
        },
        Role.ACCOUNT_ADMIN: {**_LOOK, **_ADMINISTER, Action.OPEN_REVIEW: _BELOW},
        Role.NATION_OFFICER: {
            **_LOOK,
            Action.CALL_ELECTION: _BELOW,
            Action.SET_CLOCK: _BELOW,
            Action.LOAD_STRUCTURE: _BELOW,
            Action.FORM_BODIES: _BELOW,
            Action.REPORT_INCIDENT: _OWN,
            Action.READ_RECORDS: _BELOW,
            Action.ISSUE_DOCUMENT: _BELOW,
            Action.READ_LEDGER: _BELOW,
            Action.SETTLE_BREACH: _BELOW,
            Action.REVIEW_OPENING: _BELOW,
        },
        Role.PROVINCE_OFFICER: {
            **_LOOK,
            Action.LOAD_STRUCTURE: _OWN,
            Action.FORM_BODIES: _BELOW,
            Action.REPORT_INCIDENT: _OWN,
            Action.REOPEN_RECORD: _BELOW,
            Action.READ_RECORDS: _BELOW,
            Action.ISSUE_DOCUMENT: _BELOW,
            Action.READ_LEDGER: _BELOW,
            Action.REVIEW_OPENING: _BELOW,
        },
        Role.PERSONNEL: {
            **_LOOK,
            **_DOSSIERS,
            Action.RECEIVE_DOSSIER: _OWN,
            Action.CHECK_IDENTITY: _OWN,
            Action.PLACE_CANDIDATES: _OWN,
        },
        Role.PERSONNEL_CONFIRMER: {**_LOOK, **_DOSSIERS, Action.CONFIRM_IDENTITY: _OWN},
        Role.COMMISSION_HEAD: {
            **_LOOK,
            **_DOSSIERS,
            Action.PUBLISH_LIST: _OWN,
            Action.STRIKE_CANDIDATE: _OWN,
            Action.HOLD_KEY: _BELOW,
            Action.READ_RECORDS: _BELOW,
            Action.ISSUE_DOCUMENT: _BELOW,
            Action.READ_LEDGER: _BELOW,
        },
        Role.LIST_OFFICER: {
            **_LOOK,
            Action.FIX_AREAS: _OWN,
            Action.IMPORT_VOTERS: _OWN,
            Action.CHANGE_LIST: _OWN,
            Action.READ_VOTERS: _OWN,
        },
        Role.LIST_SIGNER: {**_LOOK, Action.POST_LIST: _OWN, Action.CLOSE_LIST: _OWN, Action.READ_VOTERS: _OWN},
        Role.SECRETARY: {
            **_LOOK,
            Action.FORM_BODIES: _BELOW,
            Action.OPEN_POLLING: _OWN,
            Action.REPORT_TURNOUT: _OWN,
            Action.REPORT_INCIDENT: _OWN,
            Action.READ_RECORDS: _OWN,
            Action.ISSUE_DOCUMENT: _OWN,
        },
        Role.TYPIST: {**_LOOK, Action.ENTER_RECORD: _OWN},
        Role.CHECKER: {**_LOOK, Action.COMPARE_RECORD: _OWN, Action.READ_RECORDS: _OWN},
        Role.APPROVER: {
            **_LOOK,
            Action.APPROVE_RECORD: _OWN,
            Action.READ_RECORDS: _OWN,
            Action.ISSUE_DOCUMENT: _OWN,
        },
        Role.BOARD_SECRETARY: {**_LOOK, Action.PREPARE_RESULT: _OWN, Action.ISSUE_DOCUMENT: _OWN},
        Role.BOARD_HEAD: {**_LOOK, Action.DECLARE_RESULT: _OWN, Action.ISSUE_DOCUMENT: _OWN},
        Role.PUBLISHER: {
            **_LOOK,
            Action.PUBLISH_SNAPSHOT: _OWN,
            Action.ISSUE_DOCUMENT: _BELOW,
            Action.READ_LEDGER: _BELOW,
        },
        Role.OPERATIONS: {**_LOOK, Action.READ_OPERATIONS: _BELOW, Action.READ_LEDGER: _BELOW},
    }
)
"""The specification of every permission. A typist cannot approve; an administrator of accounts cannot count."""
