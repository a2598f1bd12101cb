"""What each public page says, ready to print: every number and share already in words; the templates never divide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from services.contracts.candidates import Constituency, Contest, ListedCandidate, Sex
from services.contracts.daytime import day, local
from services.contracts.results import Outcome, Result
from services.contracts.vietnamese import number, percent, sort_key
from services.reporting.domain.publishing import STATUS_WORDS, Status, publishable, status_of, status_over
from services.reporting.domain.site import AreaSheet, SiteFacts, UnitSum
from services.reporting.domain.wording import term_of, titled, years_of
from services.reporting.public.tiles import NAMES, PLACES, tenths, tile_class

FOLDERS = {Contest.NA: "quoc-hoi", Contest.PC: "hdnd-tinh", Contest.CC: "hdnd-xa"}
OUTCOMES: dict[str, tuple[str, str]] = {
    Outcome.ELECTED: ("Trúng cử", "Elected"),
    Outcome.SHORT: ("Không trúng cử", "Not elected"),
    Outcome.OUTRANKED: ("Không trúng cử", "Not elected"),
    Outcome.TIED: ("Bằng phiếu, chờ quyết định", "Tied, to be decided"),
    Outcome.STRUCK: ("Đã xóa tên", "Struck from the list"),
    Outcome.NO_TURNOUT: ("Không trúng cử", "Not elected"),
    Outcome.COUNTING: ("Đang tổng hợp", "Being counted"),
}


@dataclass(frozen=True)
class Words:
    """One text in both languages; `{{ words[lang] }}` in a template."""

    vi: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.vi


@dataclass(frozen=True)
class LineView:
    """A candidate; votes only when the result is official."""

    name: Words
    about: Words
    votes: str = ""
    share: str = ""
    elected: bool = False
    outcome: Words = field(default_factory=lambda: Words("", ""))


@dataclass(frozen=True)
class ConstituencyView:
    """A constituency as the public reads it."""

    code: str
    contest: Contest
    province: str
    commune: str
    title: Words
    extent: str
    seats: int
    areas: int
    approved: int
    status: Status
    lines: tuple[LineView, ...]
    result: Result | None
    sheets: tuple[AreaSheet, ...]

    @property
    def path(self) -> str:
        return f"{FOLDERS[self.contest]}/{self.code}"

    @property
    def status_words(self) -> Words:
        return Words(*STATUS_WORDS[self.status])

    @property
    def official(self) -> bool:
        return self.result is not None

    @property
    def elected(self) -> int:
        return self.result.elected if self.result else 0

    @property
    def progress(self) -> str:
        return f"{number(self.approved)}/{number(self.areas)}"

    @property
    def declared_at(self) -> str:
        return moment(self.result.declared_at) if self.result and self.result.declared_at else ""


@dataclass(frozen=True)
class TileView:
    """A province on the map."""

    row: int
    column: int
    code: str
    name: str
    share: str
    kind: str


@dataclass(frozen=True)
class OverviewView:
    """One contest in the whole country."""

    contest: Contest
    title: Words
    status: Status
    areas: int
    approved: int
    constituencies: tuple[ConstituencyView, ...]
    seats: int
    voters: int
    took_part: int
    tiles: tuple[TileView, ...]

    @property
    def status_words(self) -> Words:
        return Words(*STATUS_WORDS[self.status])

    @cached_property
    def declared(self) -> tuple[ConstituencyView, ...]:
        """Those with an official result, newest first."""
        official = [view for view in self.constituencies if view.result is not None]
        return tuple(sorted(official, key=_declared, reverse=True))

    @property
    def latest(self) -> ConstituencyView | None:
        """The newest official result, or the first constituency of all."""
        return next(iter((*self.declared, *self.constituencies)), None)

    @property
    def elected(self) -> int:
        return sum(view.elected for view in self.declared)

    @property
    def incomplete(self) -> int:
        return sum(1 for view in self.declared if view.elected < view.seats)

    @property
    def turnout(self) -> str:
        return percent(self.took_part, self.voters)


@dataclass(frozen=True)
class UnitView:
    """A province or a commune: its constituencies, and the progress of the units below."""

    code: str
    title: str
    parent: str
    parent_title: str
    progress: tuple[tuple[Words, str, str], ...]
    constituencies: tuple[ConstituencyView, ...]
    communes: tuple[tuple[str, str, str], ...]


def moment(at: datetime) -> str:
    """An instant on a public page: "23:40:00 ngày 15/3/2026"."""
    return f"{local(at):%H:%M:%S} ngày {day(at)}"


def moment_en(at: datetime) -> str:
    """The same in English."""
    return f"{local(at):%H:%M:%S} on {day(at)}"


def constituency_views(facts: SiteFacts) -> tuple[ConstituencyView, ...]:
    """Every constituency, by contest and code; votes only of results that may be published."""
    sheets: dict[str, list[AreaSheet]] = {}
    for sheet in facts.sheets:
        sheets.setdefault(sheet.constituency, []).append(sheet)
    views = []
    for constituency in facts.constituencies:
        held = facts.results.get(constituency.code)
        official = held if held is not None and publishable(held) else None
        areas, approved = facts.areas.get(constituency.code, (0, 0))
        status = status_of(held)
        views.append(
            ConstituencyView(
                code=constituency.code,
                contest=constituency.contest,
                province=constituency.path.split("/")[1],
                commune=constituency.path.split("/")[2] if constituency.contest is Contest.CC else "",
                title=_title(facts, constituency),
                extent=_extent(facts, constituency),
                seats=constituency.seats,
                areas=areas,
                approved=min(approved, areas),
                status=status if official is not None or status is not Status.CERTIFIED else Status.COMPLETE,
                lines=_lines(facts, constituency.code, official),
                result=official,
                sheets=tuple(sheets.get(constituency.code, ())) if official is not None else (),
            )
        )
    return tuple(views)


def overview(facts: SiteFacts, contest: Contest, views: Sequence[ConstituencyView]) -> OverviewView:
    """One contest in the whole country."""
    mine = tuple(view for view in views if view.contest is contest)
    sums = [row for row in facts.sums if row.contest is contest]
    return OverviewView(
        contest=contest,
        title=_contest_title(facts, contest),
        status=status_over(view.status for view in mine),
        areas=sum(row.areas for row in sums),
        approved=sum(row.approved for row in sums),
        constituencies=mine,
        seats=sum(view.seats for view in mine),
        voters=sum(row.voters for row in sums),
        took_part=sum(min(row.took_part, row.voters) for row in sums),
        tiles=_tiles(sums),
    )


def unit_views(facts: SiteFacts, views: Sequence[ConstituencyView]) -> Iterable[UnitView]:
    """Every province on the map or in the facts, and every commune with polling areas."""
    communes: dict[str, list[UnitSum]] = {}
    provinces: dict[str, list[UnitSum]] = {code: [] for _, _, code in PLACES}
    for row in facts.sums:
        communes.setdefault(row.commune, []).append(row)
        provinces.setdefault(row.province, []).append(row)
    within = {constituency.code: set(constituency.communes) for constituency in facts.constituencies}
    for code, rows in sorted(provinces.items()):
        below = sorted({row.commune for row in rows}, key=lambda each: sort_key(str(facts.names.get(each, each))))
        yield UnitView(
            code=code,
            title=titled(facts.titles.get(code, NAMES.get(code, code))),
            parent="",
            parent_title="",
            progress=_progress(rows),
            constituencies=tuple(view for view in views if view.province == code and view.contest is not Contest.CC),
            communes=tuple((each, titled(facts.titles.get(each, each)), _records(communes[each])) for each in below),
        )
    for code, rows in sorted(communes.items()):
        mine = tuple(view for view in views if view.commune == code or code in within[view.code])
        province = rows[0].province
        parent_title = titled(facts.titles.get(province, province))
        yield UnitView(code, titled(facts.titles.get(code, code)), province, parent_title, _progress(rows), mine, ())


def _declared(view: ConstituencyView) -> tuple[float, str]:
    at = view.result.declared_at if view.result else None
    return (at.timestamp() if at else 0.0, view.code)


def _progress(rows: Sequence[UnitSum]) -> tuple[tuple[Words, str, str], ...]:
    names = {
        Contest.NA: Words("Quốc hội", "National Assembly"),
        Contest.PC: Words("HĐND tỉnh", "Provincial Council"),
        Contest.CC: Words("HĐND xã", "Commune Councils"),
    }
    found = []
    for contest, words in names.items():
        mine = [row for row in rows if row.contest is contest]
        approved, areas = sum(row.approved for row in mine), sum(row.areas for row in mine)
        found.append((words, f"{number(approved)}/{number(areas)}", tenths(approved, areas)))
    return tuple(found)


def _records(rows: Sequence[UnitSum]) -> str:
    approved, areas = sum(row.approved for row in rows), sum(row.areas for row in rows)
    return f"{number(approved)}/{number(areas)}"


def _tiles(sums: Sequence[UnitSum]) -> tuple[TileView, ...]:
    by_province: dict[str, tuple[int, int]] = {}
    for row in sums:
        approved, areas = by_province.get(row.province, (0, 0))
        by_province[row.province] = (approved + row.approved, areas + row.areas)
    return tuple(
        TileView(
            row=row,
            column=column,
            code=code,
            name=NAMES[code],
            share=tenths(*by_province.get(code, (0, 0))),
            kind=tile_class(*by_province.get(code, (0, 0))),
        )
        for row, column, code in PLACES
    )


def _title(facts: SiteFacts, constituency: Constituency) -> Words:
    parts = constituency.path.split("/")
    code = parts[2] if constituency.contest is Contest.CC else parts[1]
    unit, name = facts.titles.get(code, code), facts.names.get(code, code)
    return Words(f"{titled(unit)}, đơn vị số {constituency.ordinal}", f"{name}, constituency {constituency.ordinal}")


def _extent(facts: SiteFacts, constituency: Constituency) -> str:
    if constituency.extent:
        return constituency.extent
    return ", ".join(facts.titles.get(code, code) for code in constituency.communes)


def _contest_title(facts: SiteFacts, contest: Contest) -> Words:
    day = facts.election.day
    return {
        Contest.NA: Words(
            f"Bầu cử đại biểu Quốc hội khóa {term_of(day)}", f"Election of the National Assembly, term {term_of(day)}"
        ),
        Contest.PC: Words(
            f"Bầu cử đại biểu HĐND cấp tỉnh nhiệm kỳ {years_of(day)}",
            f"Elections of Provincial People's Councils, {years_of(day)}",
        ),
        Contest.CC: Words(
            f"Bầu cử đại biểu HĐND cấp xã nhiệm kỳ {years_of(day)}",
            f"Elections of Commune People's Councils, {years_of(day)}",
        ),
    }[contest]


def _lines(facts: SiteFacts, code: str, official: Result | None) -> tuple[LineView, ...]:
    if official is None:
        listed = facts.lists.get(code)
        return tuple(_standing(candidate) for candidate in listed.candidates) if listed else ()
    ordered = sorted(official.candidates, key=lambda line: (-line.votes, line.candidate.birth_date))
    return tuple(
        LineView(
            name=_name(line.candidate),
            about=_about(line.candidate),
            votes=number(line.votes),
            share=f"{percent(line.votes, official.totals.valid)}%",
            elected=line.elected,
            outcome=Words(*OUTCOMES.get(line.outcome, OUTCOMES[Outcome.SHORT])),
        )
        for line in ordered
    )


def _standing(candidate: ListedCandidate) -> LineView:
    struck = Words(*OUTCOMES[Outcome.STRUCK]) if candidate.struck else Words("", "")
    return LineView(name=_name(candidate), about=_about(candidate), outcome=struck)


def _name(candidate: ListedCandidate) -> Words:
    title = "Mr" if candidate.sex is Sex.MALE else "Ms"
    return Words(candidate.titled, f"{title} {candidate.full_name}")


def _about(candidate: ListedCandidate) -> Words:
    work = ", ".join(part for part in (candidate.background.occupation, candidate.background.workplace) if part)
    born = candidate.birth_date.year
    return Words(f"Sinh năm {born}{' · ' + work if work else ''}", f"Born {born}{' · ' + work if work else ''}")
