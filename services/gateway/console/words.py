"""Two languages: Vietnamese is the text itself, English comes from catalogues; numbers and times in each."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po
from markupsafe import Markup

from services.contracts.base import Finding, Told
from services.contracts.daytime import VIETNAM
from services.contracts.vietnamese import number

LANGUAGES: Final = ("vi", "en")
CATALOGUES: Final = Path(__file__).with_name("catalogues")


def english() -> dict[str, str]:
    """Every message of the English catalogue."""
    found: dict[str, str] = {}
    for path in sorted((CATALOGUES / "en").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="en"):
                if message.id and message.string:
                    found[str(message.id)] = str(message.string)
    return found


class Words:
    """How one language says things."""

    def __init__(self, language: str, catalogue: Mapping[str, str]) -> None:
        self.language = language
        self._catalogue = catalogue

    def text(self, message: str, /, **facts: object) -> str:
        """A sentence with its facts. `one|many` in a translation is chosen by the fact `n`."""
        said = self._said(message, facts)
        return said.format(**{name: self._shown(fact) for name, fact in facts.items()}) if facts else said

    def markup(self, message: str, /, **facts: object) -> Markup:
        """The same with tags in the message itself; facts are escaped."""
        return Markup(self._said(message, facts)).format(  # noqa: S704  the message is ours, the facts are escaped
            **{name: self._shown(fact) for name, fact in facts.items()}
        )

    def _said(self, message: str, facts: Mapping[str, object]) -> str:
        said = self._catalogue.get(message, message)
        if "|" in said:
            one, many = said.split("|", 1)
            return one if facts.get("n") == 1 else many
        return said

    def _shown(self, fact: object) -> object:
        return self.number(fact) if isinstance(fact, int) and not isinstance(fact, bool) else fact

    def number(self, count: int) -> str:
        """76.043.527 or 76,043,527."""
        return number(count) if self.language == "vi" else f"{count:,}"

    def share(self, percent: str, places: int = 2) -> str:
        """A share that came as "91,87": with its sign, in the language's own way, never rounded up again."""
        whole, _, rest = percent.partition(",")
        shown = f"{whole},{rest[:places]}" if places else whole
        return f"{shown if self.language == 'vi' else shown.replace(',', '.')}%"

    def clock(self, at: datetime, *, seconds: bool = False) -> str:
        return at.astimezone(VIETNAM).strftime("%H:%M:%S" if seconds else "%H:%M")

    def day(self, day: date | datetime) -> str:
        """15/3/2026, or 15 March 2026."""
        if isinstance(day, datetime):
            day = day.astimezone(VIETNAM).date()
        return f"{day.day}/{day.month}/{day.year}" if self.language == "vi" else f"{day.day} {day:%B} {day.year}"

    def told(self, told: Told | Finding) -> str:
        """The sentence of a refusal or a finding."""
        return told.vi if self.language == "vi" else told.en

    def pair(self, both: tuple[str, str]) -> str:
        """One of two texts, Vietnamese first."""
        return both[0] if self.language == "vi" else both[1]

    def hours(self, minutes: int) -> str:
        """2 giờ 18 phút."""
        if minutes < 60:
            return self.text("{n} phút", n=minutes)
        return self.text("{h} giờ {m} phút", h=minutes // 60, m=minutes % 60)


Translate = Callable[..., str]


def slot(text: str) -> str:
    """07:00 as people write it: 7:00."""
    return text.removeprefix("0")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
