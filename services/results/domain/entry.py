"""The life of a count record: who may claim, enter, compare and approve it, and what each act leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.contracts.base import Finding, HasFindings, Severity, StepNotAllowed
from services.contracts.candidates import CONTEST_NAMES, Contest
from services.contracts.daytime import hour
from services.contracts.duties import Duty, require_other_machine
from services.contracts.results import (
    ComparisonIsYours,
    EntryIsYours,
    Figures,
    FirstEntryIsYours,
    RecordState,
    RecordTaken,
)
from services.results.domain.boxes import differing, values
from services.results.domain.checks import Paper, blocking, findings
from services.results.domain.rules import RULES
from services.results.domain.states import ENTERING, RECORD_STATES, RecordAct

TELLINGS = 2
"""How often a second typist is told which boxes differ before the entry goes to the checker as it is."""


@dataclass(frozen=True)
class Standing:
    """Where a record stands and who did what to this version of it. `since` is when the claim was last used.

    `machines`: the machine of each duty done so far.
    """

    state: str
    first_by: UUID | None = None
    second_by: UUID | None = None
    compared_by: UUID | None = None
    claimed_by: UUID | None = None
    since: datetime | None = None
    machines: Mapping[Duty, str] = field(default_factory=dict)


def claim(standing: Standing, person: UUID, now: datetime, idle: timedelta, shown: datetime) -> str:
    """The state once this person has the record open. A claim idle for ten minutes is anybody's; one's own is resumed.

    `shown` is the time of the present claim on the election's clock.
    """
    state = standing.state
    if state in ENTERING:
        if standing.claimed_by == person:
            return state
        if standing.since is not None and now - standing.since < idle:
            raise RecordTaken(since=hour(shown))
        state = RECORD_STATES.advance(state, RecordAct.RELEASE)
    after = RECORD_STATES.advance(state, RecordAct.CLAIM)
    if after == RecordState.ENTERING_SECOND and standing.first_by == person:
        raise FirstEntryIsYours
    return after


def require_claim(standing: Standing, person: UUID, shown: datetime) -> None:
    """Only who has the record open saves or submits it."""
    if standing.state not in ENTERING:
        raise StepNotAllowed(state=RECORD_STATES.words.get(standing.state, standing.state))
    if standing.claimed_by != person:
        raise RecordTaken(since=hour(shown))


def require_own_machine(standing: Standing, machine: str) -> None:
    """The second entry is made on another machine than the first; of the first nothing is asked."""
    if standing.state == RecordState.ENTERING_SECOND:
        require_other_machine(Duty.SECOND_ENTRY, machine, standing.machines)


def must_confirm(found: tuple[Finding, ...], *, as_paper: bool) -> bool:
    """Whether an entry is kept back: something is to be corrected or compared with the paper, and nobody said it was.

    A box too many or too few is never "as the paper says": the boxes are the official list's.
    """
    if any(finding.code == RULES["C10_votes"].code and finding.severity is Severity.BLOCK for finding in found):
        return True
    return not as_paper and any(finding.severity is not Severity.INFO for finding in found)


def second_act(first: Figures, second: Figures, found: tuple[Finding, ...]) -> RecordAct:
    """What a second entry does: unlike the first, or alike and at fault, it goes to the checker; else it waits."""
    if differing(first, second):
        return RecordAct.DIFFER
    return RecordAct.FAULT if blocking(found) else RecordAct.AGREE


def require_other_than_typists(standing: Standing, person: UUID, area: str, contest: Contest) -> None:
    """Who typed a record sees the other entry never and takes no later step."""
    if person in {standing.first_by, standing.second_by}:
        vi, en = CONTEST_NAMES[contest]
        raise EntryIsYours(area=area, contest=vi, contest_en=en)


def require_comparer(standing: Standing, hand: tuple[UUID, str], area: str, contest: Contest) -> None:
    """Who compares typed neither entry, and sits at a machine on which neither was typed. `hand`: person, machine."""
    require_other_than_typists(standing, hand[0], area, contest)
    require_other_machine(Duty.COMPARE, hand[1], standing.machines)


def require_approver(standing: Standing, hand: tuple[UUID, str], area: str, contest: Contest) -> None:
    """Enters ≠ compares ≠ approves, by person and by machine. `hand`: person, machine."""
    person, machine = hand
    require_other_than_typists(standing, person, area, contest)
    if person == standing.compared_by:
        vi, en = CONTEST_NAMES[contest]
        raise ComparisonIsYours(area=area, contest=vi, contest_en=en)
    require_other_machine(Duty.APPROVE, machine, standing.machines)


def require_resolution(
    first: Figures, second: Figures, figures: Figures, reason: str, paper: Paper
) -> tuple[Finding, ...]:
    """The findings a resolution leaves for the approver to look at; HasFindings with all that forbids it.

    Boxes in which the entries agree stay; in the others the figure of an entry, or another with its reason; and nothing
    that blocks remains.
    """
    wrong = (*_choices(first, second, figures, reason), *blocking(found := findings(figures, paper)))
    if wrong:
        raise HasFindings(findings=wrong, number=len(wrong))
    return found


def _choices(first: Figures, second: Figures, figures: Figures, reason: str) -> tuple[Finding, ...]:
    left, right, chosen = values(first), values(second), values(figures)
    unlike = set(differing(first, second))
    wrong = []
    for name in {**left, **right, **chosen}:
        if chosen.get(name) in (left.get(name), right.get(name)):
            continue
        if name not in unlike:
            wrong.append(RULES["R1"].finding(name))
        elif not reason:
            wrong.append(RULES["R2"].finding(name))
    return tuple(wrong)
