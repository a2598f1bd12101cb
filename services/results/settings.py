"""Settings of results: the points of law still open, and how long a claim and a report may take."""

from typing import Literal

from services.kit.settings import Settings


class ResultsSettings(Settings):
    """HP_ISSUED: whether "số phiếu phát ra" counts exchanged ballots (forms.md 12.1: no text decides; net)."""

    issued: Literal["net", "gross"] = "net"
    turnout_grace_minutes: int = 30
    claim_minutes: int = 10
