"""What a reporting process is told by its environment beside what every process is told."""

from pathlib import Path

from pydantic import Field

from services.kit.settings import Settings


class ReportingSettings(Settings):
    """Where the public snapshot goes and who signs it; points of law still open, with their defaults (forms.md 12)."""

    public_folder: Path = Path("var/public")
    snapshot_key: Path = Path("var/keys/reporting/snapshot.pem")

    grace_minutes: int = 30  # an area is late when its report is missing this long after the slot
    council_additional_sentence: str = "law"  # law: under two thirds elected (LBC 79.2); form: any seat missing
    # unit code → the Council's own number, such as {"46": "IX"}; unknown: not printed
    council_terms: dict[str, str] = Field(default_factory=dict)
