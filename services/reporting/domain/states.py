"""The life of a publication as one table; the code, the tests and the drawing all read it."""

from enum import StrEnum

from services.contracts.base import StateTable, Step


class PublicationState(StrEnum):
    """Where a publication stands."""

    WAITING = "waiting"
    PRINTING = "printing"
    PLACED = "placed"
    PUBLISHED = "published"
    FAILED = "failed"


class PublicationAct(StrEnum):
    """What happens to a publication."""

    PRINT = "print"
    PLACE = "place"
    OPEN = "open"
    FAIL = "fail"


_W, _P, _L, _O, _F = PublicationState
_A = PublicationAct
_SYSTEM = "system"

PUBLICATION_STATES = StateTable(
    name="publication",
    vi="Bản công bố",
    start=_W,
    words={
        _W: "Chờ đến lượt",
        _P: "Đang làm các trang",
        _L: "Đã ký, sắp mở cho công chúng",
        _O: "Đã công bố",
        _F: "Dừng vì sự cố, chưa công bố gì",
    },
    steps=(
        Step(before=_W, act=_A.PRINT, after=_P, who=_SYSTEM),
        Step(before=_P, act=_A.PRINT, after=_P, who=_SYSTEM),
        Step(before=_P, act=_A.PLACE, after=_L, who=_SYSTEM),
        Step(before=_L, act=_A.OPEN, after=_O, who=_SYSTEM),
        Step(before=_P, act=_A.FAIL, after=_F, who=_SYSTEM),
    ),
)
"""A killed printing begins again from the facts as they then are, its draft unseen; what is placed is only opened."""

OPEN = (PublicationState.WAITING, PublicationState.PRINTING, PublicationState.PLACED)
"""The states in which a publication has not ended."""
