"""The result of a constituency from the sums of its approved records: lines, findings, content hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.contracts.base import Finding
from services.contracts.candidates import Constituency, ListedCandidate
from services.contracts.results import CandidateResult, CommuneLine, Meeting, Outcome, Result, ResultState, Totals
from services.contracts.vietnamese import percent
from services.results.domain.boxes import digest
from services.results.domain.rules import HOLDING, RULES, Figure
from services.results.domain.winners import Contestant, Elected, Poll, decide


@dataclass(frozen=True)
class Sum:
    """The approved records of one commune in one constituency, added up; `areas` are all its polling areas there."""

    unit: str
    title: str
    areas: int
    totals: Totals
    votes: tuple[int, ...]


@dataclass(frozen=True)
class Signed:
    """What people have done with a result: state, version, decision on a tie, meeting, who drew up and who signed."""

    state: str
    version: int
    stands_anyway: bool = False
    first: tuple[int, ...] = ()
    first_document: str = ""
    meeting: Meeting | None = None
    prepared_by: str = ""
    prepared_at: datetime | None = None
    declared_by: str = ""
    declared_at: datetime | None = None


def poll_of(
    constituency: Constituency, candidates: Sequence[ListedCandidate], sums: Sequence[Sum], signed: Signed
) -> Poll:
    """The constituency's sums as the rules of election take them."""
    totals, votes = total_of(sums), _votes_of(sums, len(candidates))
    return Poll(
        contest=constituency.contest,
        seats=constituency.seats,
        voters=totals.voters,
        took_part=totals.took_part,
        valid=totals.valid,
        contestants=tuple(
            Contestant(order=candidate.order, votes=received, born=candidate.birth_date, struck=candidate.struck)
            for candidate, received in zip(candidates, votes, strict=True)
        ),
        stands_anyway=signed.stands_anyway,
        first=signed.first,
    )


def result_of(
    election: str,
    constituency: Constituency,
    candidates: Sequence[ListedCandidate],
    sums: Sequence[Sum],
    signed: Signed,
) -> Result:
    """The result as its approved records make it now. While records are missing nothing is foretold."""
    poll = poll_of(constituency, candidates, sums, signed)
    collecting = signed.state == ResultState.COLLECTING
    elected = decide(poll)
    totals = total_of(sums)
    result = Result(
        election=election,
        constituency=constituency.code,
        contest=constituency.contest,
        path=constituency.path,
        title=constituency.title,
        state=signed.state,
        version=signed.version,
        seats=constituency.seats,
        areas=sum(part.areas for part in sums),
        approved=totals.areas,
        totals=totals,
        candidates=_lines(candidates, poll, None if collecting else elected),
        by_commune=tuple(
            CommuneLine(unit=part.unit, title=part.title, areas=part.areas, votes=_padded(part.votes, len(candidates)))
            for part in sums
        ),
        valid_turnout=elected.valid_turnout,
        elected=0 if collecting else len(elected.elected),
        missing=0 if collecting else elected.missing,
        additional_election=not collecting and elected.additional_election,
        rerun=not collecting and elected.rerun,
        needs_decision=not collecting and bool(elected.tied),
        majority=elected.majority,
        findings=() if collecting else _findings(poll, elected, sums),
        content="0" * 64,
        prepared_by=signed.prepared_by,
        prepared_at=signed.prepared_at,
        declared_by=signed.declared_by,
        declared_at=signed.declared_at,
        meeting=signed.meeting,
    )
    return result.model_copy(update={"content": content_of(result, signed)})


_TOLD = {"election", "constituency", "version", "seats", "areas", "approved", "totals", "by_commune", "meeting"}


def content_of(result: Result, signed: Signed) -> str:
    """The content hash of a result: its sums, votes, outcomes, decision and meeting; not who has signed it so far."""
    told = result.model_dump(mode="json", include=_TOLD)
    lines = [
        [line.candidate.order, str(line.candidate.dossier), line.votes, line.outcome] for line in result.candidates
    ]
    decision = {"first": list(signed.first), "document": signed.first_document}
    return digest({**told, "candidates": lines, "decision": decision})


def total_of(sums: Sequence[Sum]) -> Totals:
    """Every figure of the communes added up; `areas` counts approved records."""
    return Totals(**{name: sum(getattr(part.totals, name) for part in sums) for name in Totals.model_fields})


def _padded(votes: tuple[int, ...], candidates: int) -> tuple[int, ...]:
    return votes or (0,) * candidates


def _votes_of(sums: Sequence[Sum], candidates: int) -> tuple[int, ...]:
    columns = [_padded(part.votes, candidates) for part in sums]
    return tuple(sum(column) for column in zip(*columns, strict=True)) if columns else (0,) * candidates


def _lines(candidates: Sequence[ListedCandidate], poll: Poll, elected: Elected | None) -> tuple[CandidateResult, ...]:
    lines = []
    for candidate, contestant in zip(candidates, poll.contestants, strict=True):
        outcome = Outcome.COUNTING if elected is None else elected.outcomes[contestant.order]
        lines.append(
            CandidateResult(
                candidate=candidate,
                votes=contestant.votes,
                share=percent(contestant.votes, poll.valid),
                elected=outcome is Outcome.ELECTED,
                short_by=max(0, elected.majority - contestant.votes) if elected else 0,
                outcome=outcome,
            )
        )
    return tuple(lines)


def _findings(poll: Poll, elected: Elected, sums: Sequence[Sum]) -> tuple[Finding, ...]:
    totals = total_of(sums)
    registered = sum(part.areas for part in sums)
    found = []
    if any(part.areas != part.totals.areas for part in sums):
        found.append(RULES["F8_areas"].finding(found=Figure(totals.areas), registered=Figure(registered)))
    else:
        found.append(HOLDING["C9"].finding(areas=Figure(registered)))
    if elected.tied:
        found.append(RULES["F10_tie"].finding(orders=", ".join(map(str, elected.tied))))
    if elected.rerun:
        facts = {"took_part": Figure(poll.took_part), "voters": Figure(poll.voters)}
        found.append(RULES["F9_turnout"].finding(**facts))
    if elected.additional_election:
        filled = poll.seats - elected.missing
        found.append(RULES["F9_missing"].finding(elected=filled, seats=poll.seats, missing=elected.missing))
    return tuple(found)
