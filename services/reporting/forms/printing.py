"""Sets a form in PDF: template and words in, bytes out; the same facts always give the same bytes."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

import typst

from services.reporting.domain.facts import BoardRecordFacts, TeamRecordFacts
from services.reporting.domain.sheets import board_sheet, team_sheet
from services.reporting.fonts import font_folder

_FOLDER = Path(__file__).parent


def team_record(facts: TeamRecordFacts) -> bytes:
    """Form 18/HĐBC-QH or 23/HĐBC-HĐND as PDF."""
    return _set("team.typ", team_sheet(facts), datetime.combine(facts.day, datetime.min.time(), UTC))


def board_record(facts: BoardRecordFacts) -> bytes:
    """Form 19/HĐBC-QH or 24/HĐBC-HĐND as PDF."""
    return _set("board.typ", board_sheet(facts), facts.meeting.held_at)


@cache
def _fonts() -> typst.Fonts:
    """The faces of the forms, loaded once."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder())])


def _set(template: str, words: str, made_at: datetime) -> bytes:
    compiler = typst.Compiler(root=str(_FOLDER), font_paths=_fonts(), ignore_system_fonts=True)
    printed = compiler.compile(
        (_FOLDER / template).read_bytes(),
        format="pdf",
        sys_inputs={"facts": words},
        timestamp=made_at.astimezone(UTC),
    )
    return cast("bytes", printed)
