"""What a candidates process is told by its environment beside what every process is told."""

from services.kit.settings import Settings


class CandidatesSettings(Settings):
    """The key that conceals personal numbers at rest: 32 or 64 hex digits, the same as in voters."""

    personal_number_key: str = ""
