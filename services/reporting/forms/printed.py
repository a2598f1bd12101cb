"""A form of law as PDF, set in another process: the typesetter and what it keeps of fonts and pages stay there."""

from services.kit.apart import apart
from services.reporting.domain.facts import BoardRecordFacts, TeamRecordFacts


def printed(facts: TeamRecordFacts | BoardRecordFacts) -> bytes:
    """The form of these facts; other doors are served meanwhile."""
    return apart(_set, facts)


def _set(facts: TeamRecordFacts | BoardRecordFacts) -> bytes:
    from services.reporting.forms.printing import board_record, team_record  # noqa: PLC0415  typst, 10 MB

    return team_record(facts) if isinstance(facts, TeamRecordFacts) else board_record(facts)
