"""Writes a snapshot: pages in two languages, open data, assets, manifest and signature, then one switch of `latest`."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from services.contracts.candidates import Contest
from services.contracts.vietnamese import number
from services.reporting.domain.site import SiteFacts
from services.reporting.domain.wording import chunks, local
from services.reporting.public import tables
from services.reporting.public.signing import seal
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


def print_snapshot(facts: SiteFacts, public: Path, key: Ed25519PrivateKey) -> Printed:
    """The whole snapshot in its own folder; a half-written one is never found under its number."""
    target = public / facts.election.election / str(facts.number)
    draft = target.with_name(f".draft-{facts.number}-{uuid4().hex}")
    draft.mkdir(parents=True)
    try:
        views = constituency_views(facts)
        overviews = [overview(facts, contest, views) for contest in Contest]
        data = _data(facts, overviews, views)
        _write(draft, data)
        content = hashlib.sha256(b"".join(data[name] for name in sorted(data))).hexdigest()
        frame = Frame(facts, chunks(content), moment(facts.published_at), moment_en(facts.published_at))
        for sheet in _sheets(facts, overviews, views):
            _print(draft, frame, sheet)
        _assets(draft)
        told: dict[str, object] = {
            "election": facts.election.election,
            "rehearsal": facts.election.rehearsal,
            "number": facts.number,
            "published_at": facts.published_at.isoformat(),
            "data": content,
        }
        manifest, signature = seal(draft, key, told)
        if target.exists():  # an earlier attempt that was never published
            shutil.rmtree(target)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    files = sum(1 for place in target.rglob("*") if place.is_file())
    return Printed(manifest, signature, files, sum(1 for view in views if view.official))


def switch_latest(public: Path, election: str, published: int) -> None:
    """`latest` of the election is this snapshot, in one step; an older one never replaces a newer."""
    link = public / election / "latest"
    if link.is_symlink() and int(link.readlink().name) > published:
        return
    fresh = link.with_name(f".latest-{uuid4().hex}")
    fresh.symlink_to(str(published))
    fresh.replace(link)


def _data(facts: SiteFacts, overviews: list[OverviewView], views: tuple[ConstituencyView, ...]) -> dict[str, bytes]:
    return {
        "du-lieu/tong-hop.json": tables.overview_json(facts, overviews),
        "du-lieu/don-vi-bau-cu.csv": tables.constituencies_csv(facts, views),
        "du-lieu/nguoi-ung-cu.csv": tables.candidates_csv(facts, views),
        **{f"du-lieu/khu-vuc-{FOLDERS[contest]}.csv": tables.areas_csv(facts, contest, views) for contest in Contest},
        "du-lieu/tim.json": tables.search_json(facts, views),
        **{f"{view.path}.json": tables.constituency_json(facts, view) for view in views},
    }


def _sheets(facts: SiteFacts, overviews: list[OverviewView], views: tuple[ConstituencyView, ...]) -> Iterator[Sheet]:
    for view in overviews:
        path = "index.html" if view.contest is Contest.NA else f"{FOLDERS[view.contest]}/index.html"
        yield Sheet(path, "overview.html", FOLDERS[view.contest], {"page": view})
    for each in views:
        yield Sheet(f"{each.path}.html", "constituency.html", FOLDERS[each.contest], {"page": each})
        if each.sheets:
            shown: dict[str, object] = {"page": each, "titles": facts.titles}
            yield Sheet(f"{each.path}-khu-vuc.html", "areas.html", FOLDERS[each.contest], shown)
    units: list[UnitView] = list(unit_views(facts, views))
    for unit in units:
        yield Sheet(f"dia-ban/{unit.code}.html", "unit.html", "", {"page": unit})
    yield Sheet("du-lieu/index.html", "data.html", "du-lieu", {"folders": list(FOLDERS.values())})
    yield Sheet("kiem-chung/index.html", "verify.html", "kiem-chung", {})
    yield Sheet("tim-kiem.html", "search.html", "", {"units": [unit for unit in units if not unit.parent]})


def _print(folder: Path, frame: Frame, sheet: Sheet) -> None:
    template = _templates().get_template(sheet.template)
    depth = sheet.path.count("/")
    for language in LANGUAGES:
        home = "../" * depth
        root = home if language == "vi" else f"../{home}"
        other = f"{root}{'en/' if language == 'vi' else ''}{sheet.path}"
        place = folder / ("" if language == "vi" else "en") / sheet.path
        text = template.render(
            frame=frame, lang=language, home=home, root=root, other=other, section=sheet.section, **sheet.shown
        )
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["figure"] = _figure
    environment.globals["width"] = width
    environment.globals["folders"] = FOLDERS
    environment.globals["clock"] = lambda at: f"{local(at):%H:%M}"
    return environment


@pass_context
def _figure(context: Context, written: str) -> str:
    """A figure as the page's language writes it: 1.286 and 83,91% in Vietnamese, 1,286 and 83.91% in English."""
    return written.translate(_SWAP) if context["lang"] == "en" else written


@pass_context
def _number(context: Context, count: int) -> str:
    return _figure(context, number(count))


def width(part: int, whole: int, full: int = 100) -> int:
    """The length of a bar in whole units of the drawing; never longer than full."""
    return min(full, part * full // whole) if whole else 0


def _assets(folder: Path) -> None:
    assets = folder / "assets"
    assets.mkdir()
    for own in sorted((_HERE / "assets").iterdir()):
        shutil.copyfile(own, assets / own.name)
    for font in _FONTS:
        shutil.copyfile(_PACKAGES / font, assets / Path(font).name)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
