"""Writes a snapshot: pages in two languages, open data, assets, manifest and signature, then one switch of `latest`."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from services.contracts.candidates import Constituency, Contest
from services.contracts.daytime import hour
from services.contracts.vietnamese import number
from services.reporting.domain.site import SiteFacts, slices
from services.reporting.domain.wording import chunks
from services.reporting.public import tables
from services.reporting.public.draft import Draft, Table
from services.reporting.public.tiles import PLACES
from services.reporting.public.views import (
    FOLDERS,
    ConstituencyView,
    OverviewView,
    UnitView,
    constituency_views,
    moment,
    moment_en,
    overview,
    unit_views,
)

_HERE = Path(__file__).parent
_PACKAGES = Path(__file__).resolve().parents[3] / "node_modules"
_FONTS = (
    *(
        f"@fontsource/be-vietnam-pro/files/be-vietnam-pro-{subset}-600-normal.woff2"
        for subset in ("latin", "vietnamese")
    ),
    *(f"@fontsource-variable/inter/files/inter-{subset}-wght-normal.woff2" for subset in ("latin", "vietnamese")),
)
LANGUAGES = ("vi", "en")
_SWAP = str.maketrans(".,", ",.")
_SAID = re.compile(r'\{\{ t\("([^"]*)", "([^"]*)"\) \}\}')
_AREAS_AT_ONCE, _AT_ONCE = 4000, 200  # areas and constituencies held at once
_OTHER_PAGES, _OTHER_FILES, UNSIGNED = 6, 20, 3


@dataclass(frozen=True)
class Printed:
    """What was written, and what signs it."""

    manifest: str
    signature: str
    files: int
    constituencies: int


@dataclass(frozen=True)
class Frame:
    """What every page of a snapshot shares."""

    facts: SiteFacts
    code: str
    published: str
    published_en: str

    @property
    def rehearsal(self) -> bool:
        return self.facts.election.rehearsal

    @property
    def year(self) -> int:
        return self.facts.election.day.year


@dataclass(frozen=True)
class Sheet:
    """One page: where it lies (without the language), its template, and what it shows."""

    path: str
    template: str
    section: str
    shown: dict[str, object]


Read = Callable[[Sequence[Constituency]], SiteFacts]
"""The facts of some constituencies as they were when the snapshot was begun."""


class Press:
    """Prints a snapshot into a draft, a slice at a time: the data first, then the pages that name its hash."""

    def __init__(self, facts: SiteFacts, read: Read, longest: dict[str, int], draft: Draft) -> None:
        self.facts, self.read, self.longest, self.draft = facts, read, longest, draft
        self.parts = list(slices(facts, _AREAS_AT_ONCE, _AT_ONCE))
        self.views: list[ConstituencyView] = []

    @property
    def done(self) -> int:
        """Files written."""
        return len(self.draft.files)

    @property
    def expected(self) -> int:
        """How many files there will be at most."""
        communes = {row.commune for row in self.facts.sums}
        declared = sum(view.official for view in self.views) if self.views else len(self.facts.constituencies)
        pages = len(self.facts.constituencies) + declared + len(communes) + len(PLACES) + _OTHER_PAGES
        return len(self.facts.constituencies) + len(LANGUAGES) * pages + _OTHER_FILES

    def run(self) -> Iterator[None]:
        """All of it; a pause after each slice, for whoever counts."""
        yield from self._data()
        overviews = [overview(self.facts, contest, self.views) for contest in Contest]
        self.draft.put("du-lieu/tong-hop.json", tables.overview_json(self.facts, overviews))
        self.content = self.draft.digest()
        at = self.facts.published_at
        frame = Frame(self.facts, chunks(self.content), moment(at), moment_en(at))
        for part in self.parts:
            facts = self.read(part)
            for sheet in _constituency_sheets(facts, constituency_views(facts)):
                _print(self.draft, frame, sheet)
            yield
        for count, sheet in enumerate(_sheets(self.facts, overviews, self.views)):
            _print(self.draft, frame, sheet)
            if count % _AT_ONCE == 0:
                yield
        _assets(self.draft)

    def seal(self, key: Ed25519PrivateKey) -> Printed:
        """The whole draft signed."""
        told: dict[str, object] = {
            "election": self.facts.election.election,
            "rehearsal": self.facts.election.rehearsal,
            "number": self.facts.number,
            "published_at": self.facts.published_at.isoformat(),
            "data": self.content,
        }
        manifest, signature = self.draft.seal(key, told)
        return Printed(manifest, signature, self.done + UNSIGNED, sum(1 for view in self.views if view.official))

    def _data(self) -> Iterator[None]:
        search: tuple[list[list[str]], list[list[str]]] = ([], [])
        with ExitStack() as open_files:
            table = partial(self._table, open_files)
            constituencies = table("don-vi-bau-cu", tables.CONSTITUENCIES)
            candidates = table("nguoi-ung-cu", tables.CANDIDATES)
            areas = {
                contest: table(f"khu-vuc-{folder}", tables.areas_head(self.longest.get(contest, 0)))
                for contest, folder in FOLDERS.items()
            }
            for part in self.parts:
                facts = self.read(part)
                views = constituency_views(facts)
                for view in views:
                    self.draft.put(f"{view.path}.json", tables.constituency_json(facts, view))
                constituencies.rows(tables.constituency_rows(facts, views))
                candidates.rows(tables.candidate_rows(facts, views))
                for contest, file in areas.items():
                    file.rows(tables.area_rows(facts, contest, views))
                for kept, rows in zip(search, tables.search_rows(views), strict=True):
                    kept.extend(rows)
                self.views += [_light(view) for view in views]
                yield
        self.draft.put("du-lieu/tim.json", tables.search_json(self.facts, [*search[0], *search[1]]))

    def _table(self, open_files: ExitStack, name: str, head: Sequence[str]) -> Table:
        return open_files.enter_context(self.draft.table(f"du-lieu/{name}.csv", head))


def switch_latest(public: Path, election: str, published: int) -> None:
    """`latest` of the election is this snapshot, in one step; an older one never replaces a newer."""
    link = public / election / "latest"
    if link.is_symlink() and int(link.readlink().name) > published:
        return
    fresh = link.with_name(f".latest-{uuid4().hex}")
    fresh.symlink_to(str(published))
    fresh.replace(link)


def _light(view: ConstituencyView) -> ConstituencyView:
    """What overviews and units show of a constituency; its areas and commune tables are not held on to."""
    result = view.result and view.result.model_copy(update={"candidates": (), "by_commune": ()})
    return replace(view, sheets=(), result=result)


def _constituency_sheets(facts: SiteFacts, views: Sequence[ConstituencyView]) -> Iterator[Sheet]:
    for each in views:
        yield Sheet(f"{each.path}.html", "constituency.html", FOLDERS[each.contest], {"page": each})
        if each.sheets:
            shown: dict[str, object] = {"page": each, "titles": facts.titles}
            yield Sheet(f"{each.path}-khu-vuc.html", "areas.html", FOLDERS[each.contest], shown)


def _sheets(facts: SiteFacts, overviews: list[OverviewView], views: Sequence[ConstituencyView]) -> Iterator[Sheet]:
    for view in overviews:
        path = "index.html" if view.contest is Contest.NA else f"{FOLDERS[view.contest]}/index.html"
        yield Sheet(path, "overview.html", FOLDERS[view.contest], {"page": view})
    provinces: list[UnitView] = []
    for unit in unit_views(facts, views):
        provinces += [] if unit.parent else [unit]
        yield Sheet(f"dia-ban/{unit.code}.html", "unit.html", "", {"page": unit})
    yield Sheet("du-lieu/index.html", "data.html", "du-lieu", {"folders": list(FOLDERS.values())})
    yield Sheet("kiem-chung/index.html", "verify.html", "kiem-chung", {})
    yield Sheet("tim-kiem.html", "search.html", "", {"units": provinces})


def _print(draft: Draft, frame: Frame, sheet: Sheet) -> None:
    depth = sheet.path.count("/")
    for language in LANGUAGES:
        home = "../" * depth
        root = home if language == "vi" else f"../{home}"
        template = _templates(language).get_template(sheet.template)
        text = template.render(
            frame=frame,
            lang=language,
            home=home,
            root=root,
            other=f"{root}{'en/' if language == 'vi' else ''}{sheet.path}",
            section=sheet.section,
            **sheet.shown,
        )
        draft.put(("" if language == "vi" else "en/") + sheet.path, text.encode())


class _InOneLanguage(FileSystemLoader):
    """The templates with every `{{ t("…", "…") }}` already said in one language: said once, not on every page."""

    def __init__(self, language: str) -> None:
        super().__init__(_HERE / "templates")
        self._chosen = LANGUAGES.index(language) + 1

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, name, current = super().get_source(environment, template)
        return _SAID.sub(lambda pair: str(escape(pair[self._chosen])), source), name, current


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=_InOneLanguage(language),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["figure"] = _figure
    environment.globals["width"] = width
    environment.globals["folders"] = FOLDERS
    environment.globals["clock"] = hour
    return environment


@pass_context
def _figure(context: Context, written: str) -> str:
    """A figure as the page's language writes it: 1.286 and 83,91% in Vietnamese, 1,286 and 83.91% in English."""
    return written.translate(_SWAP) if context["lang"] == "en" else written


@pass_context
def _number(context: Context, count: int) -> str:
    return Markup(_figure(context, number(count)))  # noqa: S704  digits and dots


def width(part: int, whole: int, full: int = 100) -> int:
    """The length of a bar in whole units of the drawing; never longer than full."""
    return min(full, part * full // whole) if whole else 0


def _assets(draft: Draft) -> None:
    for own in sorted((_HERE / "assets").iterdir()):
        draft.put(f"assets/{own.name}", own.read_bytes())
    for font in _FONTS:
        draft.put(f"assets/{Path(font).name}", (_PACKAGES / font).read_bytes())
