"""What all pages share: templates in two languages, assets, the list of elections, which sections exist."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.contracts.candidates import CONTEST_NAMES
from services.gateway.console.assets import Assets
from services.gateway.console.elections import ElectionList
from services.gateway.console.words import LANGUAGES, Words, capital, english, slot

TONGUE: Final = "hp_tieng"
_TEMPLATES: Final = Path(__file__).with_name("templates")


def _environment(words: Words, assets: Assets) -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "t": words.text,
        "th": words.markup,
        "lang": words.language,
        "asset": assets.address,
        "has_asset": assets.has,
        "glyphs": assets.address("glyphs.svg"),
        "contest_name": lambda contest: words.pair(CONTEST_NAMES[contest]),
        "pair": lambda vi, en: words.pair((vi, en)),
    }
    made.filters |= {
        "num": words.number,
        "share": words.share,
        "told": words.told,
        "day": words.day,
        "hm": words.clock,
        "hms": lambda at: words.clock(at, seconds=True),
        "iso": datetime.isoformat,
        "minutes": words.hours,
        "slot": slot,
        "capital": capital,
    }
    return made


@dataclass
class Desk:
    """The console's own parts."""

    assets: Assets
    elections: ElectionList
    drill: bool
    sections: frozenset[str] = frozenset()
    _spoken: dict[str, Words] = field(init=False)
    _drawn: dict[str, Environment] = field(init=False)

    def __post_init__(self) -> None:
        self._spoken = {"vi": Words("vi", {}), "en": Words("en", english())}
        self._drawn = {language: _environment(self._spoken[language], self.assets) for language in LANGUAGES}

    def words(self, request: Request) -> Words:
        """The language of a visitor: as chosen, Vietnamese unless English was."""
        return self._spoken["en" if request.cookies.get(TONGUE) == "en" else "vi"]

    def page(self, request: Request, words: Words, template: str, status: int = 200, /, **facts: Any) -> Response:
        """A drawn page."""
        drawn = self._drawn[words.language].get_template(template)
        text = drawn.render(request=request, path=request.url.path, words=words, **facts)
        return HTMLResponse(text, status, {"Cache-Control": "no-store", "Vary": "Cookie"})


def desk_of(request: Request) -> Desk:
    held: Desk = request.app.state.desk
    return held
