"""Settings of voters beside the key of personal numbers: how much a second file may change a list, imports at once."""

from services.kit.concealed import ConcealingSettings


class VotersSettings(ConcealingSettings):
    """What a voters process is told by its environment."""

    most_change_percent: int = 2
    imports_at_once: int = 2
