"""Candidates on bodies of their constituency (LBC 27): what was found, what is gone, what is explained."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.contracts.base import Finding
from services.identity.domain.rules import RULES
from services.identity.domain.states import CONFLICT_STATES

Key = tuple[str, str, UUID]
"""Where a conflict is: the body's path, the constituency, the candidate's dossier."""


@dataclass(frozen=True)
class Match:
    """A member whose folded name is a candidate's, and whose birth date is not another one. `sure`: the same date."""

    path: str
    title: str
    constituency: str
    dossier: UUID
    member: str
    candidate: str
    sure: bool

    @property
    def key(self) -> Key:
        return self.path, self.constituency, self.dossier


@dataclass(frozen=True)
class Known:
    """A conflict as it stands."""

    match: Match
    state: str


@dataclass(frozen=True)
class Change:
    """What a conflict becomes."""

    match: Match
    state: str
    fresh: bool = False


def finding_of(match: Match) -> Finding:
    """What a person reads of it: binding when the birth dates agree too."""
    rule = RULES["B215" if match.sure else "B216"]
    return rule.finding(
        match.path,
        member=match.member,
        title=match.title,
        candidate=match.candidate,
        constituency=match.constituency,
    )


def changes(found: Iterable[Match], known: Mapping[Key, Known]) -> Iterator[Change]:
    """What differs between what is matched now and what stands: new, found again, surer, renamed, gone.

    An explanation holds as long as only the name agrees; a birth date that agrees as well opens it again.
    """
    matched = _surest(found)
    for key, match in matched.items():
        standing = known.get(key)
        if standing is None:
            yield Change(match, CONFLICT_STATES.start, fresh=True)
        elif _opens_again(standing, match):
            yield Change(match, CONFLICT_STATES.advance(standing.state, "find"))
        elif standing.match != match:
            yield Change(match, standing.state)
    for key, standing in known.items():
        if key not in matched and CONFLICT_STATES.allows(standing.state, "settle"):
            yield Change(standing.match, CONFLICT_STATES.advance(standing.state, "settle"))


def _surest(found: Iterable[Match]) -> dict[Key, Match]:
    """Two members of one body with the candidate's name are one conflict, told of the surer one."""
    matched: dict[Key, Match] = {}
    for match in found:
        former = matched.get(match.key)
        if former is None or (match.sure and not former.sure):
            matched[match.key] = match
    return matched


def _opens_again(standing: Known, match: Match) -> bool:
    surer = match.sure and not standing.match.sure
    return standing.state == "settled" or (standing.state == "explained" and surer)
