"""The life of a voter list and of an import, each as one table."""

from enum import StrEnum

from services.contracts.base import StateTable, Step


class ListState(StrEnum):
    """Where the list of a polling area stands."""

    EMPTY = "empty"
    DRAFTED = "drafted"
    POSTED = "posted"
    CLOSED = "closed"


class ListAct(StrEnum):
    """What is done to a list."""

    IMPORT = "import"
    POST = "post"
    ADD = "add"
    STRIKE = "strike"
    CLOSE = "close"


_OFFICER, _SIGNER = "list_officer", "list_signer"
_E, _D, _P, _C = ListState.EMPTY, ListState.DRAFTED, ListState.POSTED, ListState.CLOSED

VOTER_LIST_STATES = StateTable(
    name="voter_list",
    vi="Danh sách cử tri",
    start=_E,
    words={_E: "Chưa lập", _D: "Đã lập, chưa niêm yết", _P: "Đã niêm yết", _C: "Đã khóa"},
    steps=(
        Step(before=_E, act=ListAct.IMPORT, after=_D, who=_OFFICER),
        Step(before=_D, act=ListAct.IMPORT, after=_D, who=_OFFICER),
        Step(before=_D, act=ListAct.POST, after=_P, who=_SIGNER),
        Step(before=_P, act=ListAct.ADD, after=_P, who=_OFFICER),
        Step(before=_P, act=ListAct.STRIKE, after=_P, who=_OFFICER),
        Step(before=_P, act=ListAct.CLOSE, after=_C, who=_SIGNER),
        Step(before=_C, act=ListAct.STRIKE, after=_C, who=_OFFICER),
    ),
)
"""A closed list loses only those who lose the right (LBC 30.6); nobody is added to it."""


class ImportState(StrEnum):
    """Where an import stands."""

    WAITING = "waiting"
    READING = "reading"
    CHECKING = "checking"
    WRITING = "writing"
    WRITTEN = "written"
    REFUSED = "refused"
    FAILED = "failed"


_I = ImportState
IMPORT_STATES = StateTable(
    name="import",
    vi="Nhập tệp cử tri",
    start=_I.WAITING,
    words={
        _I.WAITING: "Chờ đến lượt",
        _I.READING: "Đang đọc tệp",
        _I.CHECKING: "Đang kiểm tra",
        _I.WRITING: "Đang ghi",
        _I.WRITTEN: "Đã ghi",
        _I.REFUSED: "Có lỗi, không ghi dòng nào",
        _I.FAILED: "Dừng vì sự cố, không ghi dòng nào",
    },
    steps=(
        Step(before=_I.WAITING, act="read", after=_I.READING, who="system"),
        Step(before=_I.READING, act="read", after=_I.READING, who="system"),
        Step(before=_I.CHECKING, act="read", after=_I.READING, who="system"),
        Step(before=_I.WRITING, act="read", after=_I.READING, who="system"),
        Step(before=_I.READING, act="check", after=_I.CHECKING, who="system"),
        Step(before=_I.CHECKING, act="write", after=_I.WRITING, who="system"),
        Step(before=_I.WRITING, act="finish", after=_I.WRITTEN, who="system"),
        Step(before=_I.READING, act="refuse", after=_I.REFUSED, who="system"),
        Step(before=_I.CHECKING, act="refuse", after=_I.REFUSED, who="system"),
        Step(before=_I.WRITING, act="refuse", after=_I.REFUSED, who="system"),
        Step(before=_I.READING, act="fail", after=_I.FAILED, who="system"),
        Step(before=_I.CHECKING, act="fail", after=_I.FAILED, who="system"),
        Step(before=_I.WRITING, act="fail", after=_I.FAILED, who="system"),
    ),
)
"""A killed import is read again from the start: nothing of it was written, because writing is one transaction."""
