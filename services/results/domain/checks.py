"""What is wrong with the figures of a count record, and what holds: absence, then equality, then plausibility."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from services.contracts.base import Finding, Severity
from services.contracts.candidates import CONTEST_NAMES, Contest
from services.contracts.results import BallotUse, Draft, Figures
from services.results.domain.boxes import box_names, numbers, values
from services.results.domain.rules import HOLDING, RULES, Figure


@dataclass(frozen=True)
class Sibling:
    """The two figures of another contest's agreed record that must go with this one."""

    voters: int
    took_part: int


@dataclass(frozen=True)
class Paper:
    """What is known beside the figures: the official list, the voter list, form 32, the area's other records.

    `struck` are the places on the ballot struck off; `listed` the voters of this contest when polling opened, None when
    the list is not known; `gross` says that "issued" counts exchanged ballots too; `siblings` are agreed figures of the
    same area in other contests; `twin` is another area with exactly these votes.
    """

    contest: Contest
    seats: int
    candidates: int
    struck: frozenset[int] = frozenset()
    listed: int | None = None
    gross: bool = False
    use: BallotUse | None = None
    siblings: Mapping[Contest, Sibling] = field(default_factory=dict)
    twin: str = ""


Check = Callable[[Figures, Paper], Iterator[Finding]]


def findings(figures: Figures, paper: Paper) -> tuple[Finding, ...]:
    """All that is the matter, the most basic first; a less basic rule is silent where a more basic one has spoken."""
    absent = _broken(ABSENCE, figures, paper)
    if absent:
        return absent
    unequal = _broken(EQUALITY, figures, paper)
    if any(finding.severity is Severity.BLOCK for finding in unequal):
        return tuple(finding for finding in unequal if finding.severity is Severity.BLOCK)
    return (*unequal, *_broken(PLAUSIBILITY, figures, paper))


def holding(figures: Figures, paper: Paper) -> tuple[Finding, ...]:
    """The checks that hold, as sentences; none where boxes are missing."""
    if _broken(ABSENCE, figures, paper):
        return ()
    every = (finding for check in EQUALITY for finding in check(figures, paper))
    return tuple(finding for finding in every if finding.severity is Severity.INFO)


def blocking(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that must be corrected."""
    return tuple(finding for finding in found if finding.severity is Severity.BLOCK)


def missing(draft: Draft, paper: Paper) -> tuple[Finding, ...]:
    """One finding for each box still empty: empty is not zero."""
    typed = values(draft)
    names = box_names(paper.candidates, paper.seats)
    return tuple(RULES["A1"].finding(name) for name in names if typed.get(name) is None)


def unlike(boxes: tuple[str, ...], votes: int) -> Finding:
    """Which boxes differ from the first entry, by their printed numbers; never by what stands in them."""
    printed = ", ".join(str(number) for number in numbers(boxes, votes))
    return RULES["D1"].finding(*boxes, boxes=printed)


def _broken(checks: tuple[Check, ...], figures: Figures, paper: Paper) -> tuple[Finding, ...]:
    every = (finding for check in checks for finding in check(figures, paper))
    return tuple(finding for finding in every if finding.severity is not Severity.INFO)


def _judge(holds: bool, key: str, *places: str, **facts: object) -> Iterator[Finding]:
    rule = HOLDING.get(key) if holds else RULES[key]
    if rule is not None:
        told = {name: Figure(fact) if isinstance(fact, int) else fact for name, fact in facts.items()}
        yield rule.finding(*places, **told)


def _votes(paper: Paper) -> tuple[str, ...]:
    return tuple(f"votes.{place}" for place in range(1, paper.candidates + 1))


def _kinds(paper: Paper) -> tuple[str, ...]:
    return tuple(f"kinds.{place}" for place in range(1, paper.seats + 1))


def _votes_are_of_the_list(figures: Figures, paper: Paper) -> Iterator[Finding]:
    holds = len(figures.votes) == paper.candidates
    yield from _judge(holds, "C10_votes", *_votes(paper), listed=paper.candidates, typed=len(figures.votes))


def _kinds_are_of_the_seats(figures: Figures, paper: Paper) -> Iterator[Finding]:
    holds = len(figures.kinds) in {0, paper.seats}
    yield from _judge(holds, "C10_kinds", *_kinds(paper), seats=paper.seats, typed=len(figures.kinds))


def _collected_is_valid_and_invalid(figures: Figures, _: Paper) -> Iterator[Finding]:
    """C = A + B."""
    valid, invalid, collected = figures.valid, figures.invalid, figures.collected
    holds = valid + invalid == collected
    facts = {"valid": valid, "invalid": invalid, "sum": valid + invalid, "collected": collected}
    yield from _judge(holds, "C1", "collected", "valid", "invalid", **facts)


def _turnout_within_the_list(figures: Figures, _: Paper) -> Iterator[Finding]:
    """T ≤ V."""
    holds = figures.took_part <= figures.voters
    yield from _judge(holds, "C2_turnout", "voters", "took_part", voters=figures.voters, took_part=figures.took_part)


def _issued_to_those_who_came(figures: Figures, paper: Paper) -> Iterator[Finding]:
    """I = T net of exchanged ballots; I = T + D where the form counts them gross and D is known."""
    if paper.gross and paper.use is None:
        return
    exchanged = paper.use.spoiled if paper.gross and paper.use else 0
    due = figures.took_part + exchanged
    facts = {"issued": figures.issued, "due": due, "took_part": figures.took_part}
    yield from _judge(figures.issued == due, "C2_issued", "took_part", "issued", **facts)


def _collected_from_those_who_came(figures: Figures, _: Paper) -> Iterator[Finding]:
    """C ≤ T (QA 172); where it holds, C ≤ I as the second check."""
    collected, issued = figures.collected, figures.issued
    within = collected <= figures.took_part
    yield from _judge(within, "F2", "took_part", "collected", collected=collected, took_part=figures.took_part)
    if within:
        yield from _judge(collected <= issued, "C3", "issued", "collected", collected=collected, issued=issued)


def _nobody_above_valid(figures: Figures, paper: Paper) -> Iterator[Finding]:
    """0 ≤ v ≤ A for each candidate."""
    above = [place for place, votes in enumerate(figures.votes, start=1) if votes > figures.valid]
    for place in above:
        yield from _judge(False, "C5", f"votes.{place}", "valid")
    if not above:
        yield from _judge(True, "C5", "valid", *_votes(paper), valid=figures.valid)


def _kinds_make_valid(figures: Figures, paper: Paper) -> Iterator[Finding]:
    """Σ n = A."""
    if not figures.kinds:
        return
    facts: dict[str, object] = {"seats": paper.seats, "sum": sum(figures.kinds), "valid": figures.valid}
    facts |= _sum_in_words(figures.kinds, weighed=False)
    yield from _judge(sum(figures.kinds) == figures.valid, "C6_kinds", "valid", *_kinds(paper), **facts)


def _kinds_make_votes(figures: Figures, paper: Paper) -> Iterator[Finding]:
    """Σ k·n = Σ v."""
    if not figures.kinds:
        return
    named = sum(kind * ballots for kind, ballots in enumerate(figures.kinds, start=1))
    facts: dict[str, object] = {"votes": sum(figures.votes), "named": named}
    facts |= _sum_in_words(figures.kinds, weighed=True)
    places = (*_votes(paper), *_kinds(paper))
    yield from _judge(named == sum(figures.votes), "C6_votes", *places, **facts)


def _sum_in_words(kinds: tuple[int, ...], *, weighed: bool) -> dict[str, str]:
    told = {}
    for name, spec in (("parts", "vi"), ("parts_en", "en")):
        words = [format(Figure(ballots), spec) for ballots in kinds]
        if weighed:
            words = [word if kind == 1 else f"{kind}×{word}" for kind, word in enumerate(words, start=1)]
        told[name] = " + ".join(words)
    return told


def _votes_within_valid(figures: Figures, paper: Paper) -> Iterator[Finding]:
    """A ≤ Σ v ≤ S·A, where the kinds of ballot were not given."""
    if figures.kinds:
        return
    votes, least, most = sum(figures.votes), figures.valid, paper.seats * figures.valid
    facts = {"votes": votes, "least": least, "most": most}
    yield from _judge(least <= votes <= most, "C7", "valid", *_votes(paper), **facts)


def _issued_as_form_32(figures: Figures, paper: Paper) -> Iterator[Finding]:
    """Line 16 of the record is line 2 of form 32."""
    if paper.use is not None:
        used = paper.use.issued
        yield from _judge(figures.issued == used, "F1_issued", "issued", issued=figures.issued, used=used)


def _turnout_across_contests(figures: Figures, paper: Paper) -> Iterator[Finding]:
    """T of the National Assembly = T of the province; T of the commune no more than either."""
    yield from _across("took_part", "C8", figures, paper)


def _voters_across_contests(figures: Figures, paper: Paper) -> Iterator[Finding]:
    """V of the province = V of the National Assembly; V of the commune no more than either."""
    yield from _across("voters", "F6", figures, paper)


def _across(box: str, code: str, figures: Figures, paper: Paper) -> Iterator[Finding]:
    mine = getattr(figures, box)
    for contest, sibling in sorted(paper.siblings.items()):
        theirs = getattr(sibling, box)
        if paper.contest is Contest.CC:
            broken, key = mine > theirs, f"{code}_more"
        elif contest is Contest.CC:
            broken, key = theirs > mine, f"{code}_more"
        else:
            broken, key = mine != theirs, f"{code}_same"
        if broken:
            vi, en = CONTEST_NAMES[contest if contest is not Contest.CC else paper.contest]
            yield RULES[key].finding(box, other=vi, other_en=en)


def _voters_as_the_list(figures: Figures, paper: Paper) -> Iterator[Finding]:
    """V of line 13 is the list at the opening of polling."""
    if paper.listed is not None:
        holds = figures.voters == paper.listed
        yield from _judge(holds, "F5", "voters", voters=figures.voters, listed=paper.listed)


def _struck_have_none(figures: Figures, paper: Paper) -> Iterator[Finding]:
    for place in sorted(paper.struck):
        if figures.votes[place - 1]:
            yield from _judge(False, "C10_struck", f"votes.{place}", votes=figures.votes[place - 1])


def _few_invalid(figures: Figures, _: Paper) -> Iterator[Finding]:
    """Invalid ballots under 3% of those collected."""
    if figures.collected and 100 * figures.invalid >= 3 * figures.collected:
        yield from _judge(False, "P_invalid", "invalid", invalid=figures.invalid, collected=figures.collected)


def _more_than_half_came(figures: Figures, _: Paper) -> Iterator[Finding]:
    """2·T > V, told early; the re-run itself is judged for the constituency."""
    if figures.voters and 2 * figures.took_part <= figures.voters:
        facts = {"took_part": figures.took_part, "voters": figures.voters}
        yield from _judge(False, "P_turnout", "took_part", **facts)


def _not_a_copy(_: Figures, paper: Paper) -> Iterator[Finding]:
    if paper.twin:
        yield from _judge(False, "P_copied", *_votes(paper), twin=paper.twin)


ABSENCE: tuple[Check, ...] = (_votes_are_of_the_list, _kinds_are_of_the_seats)
EQUALITY: tuple[Check, ...] = (
    _collected_is_valid_and_invalid,
    _turnout_within_the_list,
    _collected_from_those_who_came,
    _nobody_above_valid,
    _kinds_make_valid,
    _kinds_make_votes,
    _votes_within_valid,
    _issued_as_form_32,
    _issued_to_those_who_came,
    _turnout_across_contests,
    _voters_as_the_list,
    _voters_across_contests,
)
PLAUSIBILITY: tuple[Check, ...] = (_struck_have_none, _few_invalid, _more_than_half_came, _not_a_copy)
