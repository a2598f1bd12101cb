"""The state machines of results, each one table: polling of an area, a count record, the result of a constituency."""

from enum import StrEnum

from services.contracts.base import StateTable, Step
from services.contracts.results import RecordState, ResultState


class PollingState(StrEnum):
    """Where a polling area stands on the day."""

    AWAITED = "awaited"
    OPEN = "open"
    CLOSED = "closed"


class PollingAct(StrEnum):
    """What moves a polling area; a time once told may be told again, corrected."""

    OPEN = "open"
    CLOSE = "close"


class RecordAct(StrEnum):
    """What moves a count record."""

    CLAIM = "claim"
    RELEASE = "release"
    SUBMIT = "submit"
    AGREE = "agree"
    DIFFER = "differ"
    FAULT = "fault"
    RESOLVE = "resolve"
    RETURN = "return"
    APPROVE = "approve"
    REOPEN = "reopen"


class ResultAct(StrEnum):
    """What moves the result of a constituency."""

    COMPLETE = "complete"
    DECIDE = "decide"
    PREPARE = "prepare"
    DECLARE = "declare"
    REOPEN = "reopen"


def _step(before: StrEnum, act: StrEnum, after: StrEnum, who: str) -> Step:
    return Step(before=before, act=act, after=after, who=who)


_TYPIST, _CHECKER, _APPROVER = "người nhập liệu", "người đối chiếu", "người phê duyệt"
_R, _A = RecordState, RecordAct

POLLING_STATES = StateTable(
    name="polling",
    vi="Khu vực bỏ phiếu trong ngày bầu cử",
    start=PollingState.AWAITED,
    steps=(
        _step(PollingState.AWAITED, PollingAct.OPEN, PollingState.OPEN, "thư ký UBBC"),
        _step(PollingState.OPEN, PollingAct.OPEN, PollingState.OPEN, "thư ký UBBC"),
        _step(PollingState.OPEN, PollingAct.CLOSE, PollingState.CLOSED, "thư ký UBBC"),
        _step(PollingState.CLOSED, PollingAct.CLOSE, PollingState.CLOSED, "thư ký UBBC"),
        _step(PollingState.CLOSED, PollingAct.OPEN, PollingState.CLOSED, "thư ký UBBC"),
    ),
    words={
        PollingState.AWAITED: "Chưa mở cửa",
        PollingState.OPEN: "Đang bỏ phiếu",
        PollingState.CLOSED: "Đã kết thúc bỏ phiếu",
    },
)
"""Polling opens once and closes once; each time may be told again when it was told wrongly."""

RECORD_STATES = StateTable(
    name="record",
    vi="Biên bản kết quả kiểm phiếu",
    start=_R.AWAITED,
    steps=(
        _step(_R.AWAITED, _A.CLAIM, _R.ENTERING_FIRST, _TYPIST),
        _step(_R.RETURNED, _A.CLAIM, _R.ENTERING_FIRST, _TYPIST),
        _step(_R.REOPENED, _A.CLAIM, _R.ENTERING_FIRST, _TYPIST),
        _step(_R.ENTERING_FIRST, _A.RELEASE, _R.AWAITED, "sau 10 phút để yên"),
        _step(_R.ENTERING_FIRST, _A.SUBMIT, _R.ENTERED_FIRST, _TYPIST),
        _step(_R.ENTERED_FIRST, _A.CLAIM, _R.ENTERING_SECOND, "người nhập liệu thứ hai"),
        _step(_R.ENTERING_SECOND, _A.RELEASE, _R.ENTERED_FIRST, "sau 10 phút để yên"),
        _step(_R.ENTERING_SECOND, _A.AGREE, _R.WAITING, "người nhập liệu thứ hai"),
        _step(_R.ENTERING_SECOND, _A.DIFFER, _R.DIFFERS, "người nhập liệu thứ hai"),
        _step(_R.ENTERING_SECOND, _A.FAULT, _R.FAULTY, "người nhập liệu thứ hai"),
        _step(_R.DIFFERS, _A.RESOLVE, _R.WAITING, _CHECKER),
        _step(_R.FAULTY, _A.RESOLVE, _R.WAITING, _CHECKER),
        _step(_R.DIFFERS, _A.RETURN, _R.RETURNED, _CHECKER),
        _step(_R.FAULTY, _A.RETURN, _R.RETURNED, _CHECKER),
        _step(_R.WAITING, _A.RETURN, _R.RETURNED, _CHECKER),
        _step(_R.WAITING, _A.APPROVE, _R.APPROVED, _APPROVER),
        _step(_R.APPROVED, _A.REOPEN, _R.REOPENED, "cấp trên"),
    ),
    words={
        _R.AWAITED: "Chưa nhập",
        _R.ENTERING_FIRST: "Đang nhập lần 1",
        _R.ENTERED_FIRST: "Đã nhập lần 1",
        _R.ENTERING_SECOND: "Đang nhập lần 2",
        _R.DIFFERS: "Hai lần nhập khác nhau",
        _R.FAULTY: "Có lỗi",
        _R.WAITING: "Chờ phê duyệt",
        _R.APPROVED: "Đã phê duyệt",
        _R.RETURNED: "Trả lại",
        _R.REOPENED: "Mở lại để sửa",
    },
)
"""A count record is entered twice blind, compared, approved; what is approved changes only by re-opening from above."""

RESULT_STATES = StateTable(
    name="result",
    vi="Kết quả của đơn vị bầu cử",
    start=ResultState.COLLECTING,
    steps=(
        _step(ResultState.COLLECTING, ResultAct.COMPLETE, ResultState.COMPLETE, "khi đủ biên bản đã phê duyệt"),
        _step(ResultState.COMPLETE, ResultAct.DECIDE, ResultState.COMPLETE, "thư ký Ban bầu cử"),
        _step(ResultState.COMPLETE, ResultAct.PREPARE, ResultState.PREPARED, "thư ký Ban bầu cử"),
        _step(ResultState.PREPARED, ResultAct.PREPARE, ResultState.PREPARED, "thư ký Ban bầu cử"),
        _step(ResultState.PREPARED, ResultAct.DECLARE, ResultState.DECLARED, "Trưởng Ban bầu cử"),
        _step(ResultState.COMPLETE, ResultAct.REOPEN, ResultState.COLLECTING, "khi một biên bản mở lại"),
        _step(ResultState.PREPARED, ResultAct.REOPEN, ResultState.COLLECTING, "khi một biên bản mở lại"),
        _step(ResultState.DECLARED, ResultAct.REOPEN, ResultState.COLLECTING, "khi một biên bản mở lại"),
    ),
    words={
        ResultState.COLLECTING: "Đang tổng hợp",
        ResultState.COMPLETE: "Đủ biên bản",
        ResultState.PREPARED: "Đã lập biên bản",
        ResultState.DECLARED: "Chính thức",
    },
)
"""A result is complete when every record is approved, drawn up by the secretary, signed by the head of the Board."""

CLAIMABLE = frozenset({_R.AWAITED, _R.RETURNED, _R.REOPENED, _R.ENTERED_FIRST})
"""Records nobody is entering now."""

ENTERING = frozenset({_R.ENTERING_FIRST, _R.ENTERING_SECOND})
"""Records somebody has open."""

AGREED = frozenset({_R.WAITING, _R.APPROVED})
"""Records with one set of figures that two entries or a comparison made; only these may be shown with figures."""

NEEDS_PERSON = (
    _R.DIFFERS,
    _R.FAULTY,
    _R.WAITING,
    _R.RETURNED,
    _R.REOPENED,
    _R.ENTERING_SECOND,
    _R.ENTERED_FIRST,
    _R.ENTERING_FIRST,
    _R.AWAITED,
    _R.APPROVED,
)
"""The order of the status board: what needs a person first."""
