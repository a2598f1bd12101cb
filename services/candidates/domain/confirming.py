"""Whether an identity may be confirmed: by another person, exactly as it was read, with a reason where one is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.candidates.domain.identity_check import only_doubts
from services.candidates.domain.rules import RULES
from services.candidates.domain.states import CONFIRM, CONFIRM_DOUBT, DOSSIER_STATES, MISMATCHED
from services.contracts.base import Finding
from services.contracts.candidates import IdentityField


@dataclass(frozen=True)
class Reading:
    """A dossier as the second person has it before them."""

    name: str
    state: str
    as_read: bool
    hands: frozenset[UUID | None]
    fields: tuple[IdentityField, ...]


def paired(dossiers: Sequence[UUID], contents: Sequence[str]) -> tuple[Finding, ...]:
    """One content for each dossier, and each dossier once."""
    if len(dossiers) == len(contents) and len(set(dossiers)) == len(dossiers):
        return ()
    return (RULES["HS8"].finding("dossiers", "contents", dossiers=len(dossiers), contents=len(contents)),)


def confirming_act(reading: Reading) -> str:
    """A mismatched dossier is confirmed only where nothing contradicts it: a doubt is settled by papers."""
    return CONFIRM_DOUBT if reading.state == MISMATCHED else CONFIRM


def confirm_findings(readings: Sequence[Reading], reason: str) -> tuple[Finding, ...]:
    """All that stands against confirming these dossiers for this reason."""
    found = []
    for reading in readings:
        name = reading.name
        allowed = DOSSIER_STATES.allows(reading.state, confirming_act(reading))
        if not allowed or (reading.state == MISMATCHED and not only_doubts(reading.fields)):
            found.append(RULES["HS4"].finding(name, name=name, state=DOSSIER_STATES.words[reading.state]))
        elif reading.state == MISMATCHED and not reason:
            found.append(RULES["HS5"].finding(name, name=name))
    return tuple(found)
