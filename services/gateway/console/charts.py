"""The geometry of the turnout curve, in tenths of a pixel and integers throughout."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.contracts.reporting import SlotPoint
from services.gateway.console.words import slot

_LEFT: Final = 34
_TOP: Final = 14
_MARGIN: Final = 16


@dataclass(frozen=True)
class Level:
    """A horizontal line with its percentage, every second one named."""

    y: str
    text_y: str
    text: str


@dataclass(frozen=True)
class Mark:
    """Something at a point: an hour, a dot, the last value."""

    x: str
    y: str = ""
    text: str = ""
    anchor: str = "middle"


@dataclass(frozen=True)
class Curve:
    """What macros/charts.html draws."""

    width: int
    height: int
    left: int
    right: int
    levels: list[Level]
    hours: list[Mark]
    expected: str
    line: str
    area: str
    dots: list[Mark]
    last: Mark | None


def hundredths(percent: str) -> int:
    """The share 91,87 as 9187."""
    return int(percent.replace(",", ""))


def _tenths(value: int) -> str:
    return f"{value // 10}.{value % 10}"


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


class _Paper:
    """Turns a time and a share into a place."""

    def __init__(self, points: Sequence[SlotPoint], width: int, height: int) -> None:
        self.right = width - _MARGIN
        self.bottom = height - 22
        times = [_minutes(point.slot) for point in points]
        self.first, self.span = times[0], max(1, times[-1] - times[0])

    def x(self, time: str) -> int:
        return _LEFT * 10 + (_minutes(time) - self.first) * (self.right - _LEFT) * 10 // self.span

    def y(self, share: int) -> int:
        return self.bottom * 10 - min(share, 10_000) * (self.bottom - _TOP) * 10 // 10_000

    def trace(self, places: Sequence[tuple[str, int]]) -> str:
        return " ".join(f"{_tenths(self.x(time))},{_tenths(self.y(share))}" for time, share in places)


def curve(points: Sequence[SlotPoint], width: int = 440, height: int = 226) -> Curve | None:
    """The day's curve: what was reported, up to now only; what was expected, dashed. None without slots."""
    if not points:
        return None
    paper = _Paper(points, width, height)
    seen = [(point.slot, hundredths(point.share)) for point in points if point.areas]
    line = paper.trace(seen)
    area = ""
    if seen:
        first, last = _tenths(paper.x(seen[0][0])), _tenths(paper.x(seen[-1][0]))
        area = f"{first},{paper.bottom}.0 {line} {last},{paper.bottom}.0"
    return Curve(
        width=width,
        height=height,
        left=_LEFT,
        right=paper.right,
        levels=_levels(paper),
        hours=[Mark(_tenths(paper.x(p.slot)), text=slot(p.slot)) for n, p in enumerate(points) if not n % 2],
        expected=paper.trace([(point.slot, hundredths(point.expected)) for point in points]),
        line=line,
        area=area,
        dots=[Mark(_tenths(paper.x(time)), _tenths(paper.y(share))) for time, share in seen],
        last=_last(paper, points, seen),
    )


def _levels(paper: _Paper) -> list[Level]:
    levels = []
    for percent in (0, 25, 50, 75, 100):
        y = paper.y(percent * 100)
        levels.append(Level(_tenths(y), _tenths(y + 40), str(percent) if not percent % 50 else ""))
    return levels


def _last(paper: _Paper, points: Sequence[SlotPoint], seen: Sequence[tuple[str, int]]) -> Mark | None:
    """The last value beside its dot: above it when there is room at the left, below at the start of the day."""
    if not seen:
        return None
    time, share = seen[-1]
    text = next(point.share for point in points if point.slot == time)
    x, y = paper.x(time), paper.y(share)
    if x < (paper.right - _LEFT) * 5:
        return Mark(_tenths(x + 80), _tenths(y + 160), text, "start")
    return Mark(_tenths(x - 60), _tenths(max(y - 100, 100)), text, "end")
