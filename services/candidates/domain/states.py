"""The life of a dossier as one table; the code, the tests and the drawing all read it."""

from services.contracts.base import StateTable, Step
from services.contracts.roles import Role

RECEIVED, CHECKED, MISMATCHED, CONFIRMED = "received", "checked", "mismatched", "confirmed"
PLACED, LISTED, STRUCK, WITHDRAWN = "placed", "listed", "struck", "withdrawn"

CHECK_AGREES, CHECK_DIFFERS, CORRECT, WITHDRAW = "check_agrees", "check_differs", "correct", "withdraw"
CONFIRM, CONFIRM_DOUBT, PLACE, PUBLISH, STRIKE = "confirm", "confirm_doubt", "place", "publish", "strike"

_DESK, _SECOND, _HEAD = str(Role.PERSONNEL), str(Role.PERSONNEL_CONFIRMER), str(Role.COMMISSION_HEAD)


def _step(before: str, act: str, after: str, who: str = _DESK) -> Step:
    return Step(before=before, act=act, after=after, who=who)


DOSSIER_STATES = StateTable(
    name="dossier",
    vi="Hồ sơ ứng cử",
    start=RECEIVED,
    steps=(
        *(_step(before, CHECK_AGREES, CHECKED) for before in (RECEIVED, CHECKED, MISMATCHED)),
        *(_step(before, CHECK_DIFFERS, MISMATCHED) for before in (RECEIVED, CHECKED, MISMATCHED)),
        _step(CHECKED, CONFIRM, CONFIRMED, _SECOND),
        _step(MISMATCHED, CONFIRM_DOUBT, CONFIRMED, _SECOND),
        *(_step(before, CORRECT, RECEIVED) for before in (RECEIVED, CHECKED, MISMATCHED, CONFIRMED, PLACED)),
        *(_step(before, PLACE, PLACED) for before in (CONFIRMED, PLACED)),
        _step(PLACED, PUBLISH, LISTED, _HEAD),
        _step(LISTED, STRIKE, STRUCK, _HEAD),
        *(_step(before, WITHDRAW, WITHDRAWN) for before in (RECEIVED, CHECKED, MISMATCHED, CONFIRMED, PLACED)),
    ),
    words={
        RECEIVED: "đã nhận",
        CHECKED: "đã đối chiếu",
        MISMATCHED: "có điểm không khớp",
        CONFIRMED: "đã xác nhận danh tính",
        PLACED: "đã phân bổ về đơn vị bầu cử",
        LISTED: "trong danh sách chính thức",
        STRUCK: "đã xóa tên",
        WITHDRAWN: "đã rút",
    },
)
"""Received, compared with the register, confirmed by a second person, placed, listed; a correction starts it anew."""

STANDING = (RECEIVED, CHECKED, MISMATCHED, CONFIRMED, PLACED, LISTED)
"""The states in which a dossier counts against the limits of LBC 36.3."""
