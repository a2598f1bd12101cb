"""Who is elected (LBC 78), and what follows when too few are: re-run (80), additional election (79). Integers only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.contracts.base import Finding
from services.contracts.candidates import Contest
from services.contracts.results import Outcome
from services.results.domain.rules import RULES


@dataclass(frozen=True)
class Contestant:
    """A candidate with the place on the ballot and the votes of the constituency."""

    order: int
    votes: int
    born: date
    struck: bool = False


@dataclass(frozen=True)
class Poll:
    """A constituency's sums and seats. `stands_anyway`: a re-run, which stands whatever its turnout (LBC 80.4).

    `first` are the places on the ballot that a decision put first among those equal in votes and birth date.
    """

    contest: Contest
    seats: int
    voters: int
    took_part: int
    valid: int
    contestants: tuple[Contestant, ...]
    stands_anyway: bool = False
    first: tuple[int, ...] = ()


@dataclass(frozen=True)
class Elected:
    """What a poll comes to. `elected` are places on the ballot, most votes first; `tied` wait for a decision."""

    valid_turnout: bool
    majority: int
    elected: tuple[int, ...]
    tied: tuple[int, ...]
    outcomes: dict[int, Outcome]
    missing: int
    rerun: bool
    additional_election: bool


def more_than_half(part: int, whole: int) -> bool:
    """2·part > whole: exactly half is not enough."""
    return 2 * part > whole


def decide(poll: Poll) -> Elected:
    """The elected: valid turnout, more than half of the valid ballots, most votes, the older at the last seat."""
    valid_turnout = poll.stands_anyway or more_than_half(poll.took_part, poll.voters)
    ranked = _ranked(poll) if valid_turnout else []
    elected, tied = _seated(poll, ranked)
    filled = min(poll.seats, len(ranked))
    return Elected(
        valid_turnout=valid_turnout,
        majority=poll.valid // 2 + 1,
        elected=tuple(contestant.order for contestant in elected),
        tied=tuple(contestant.order for contestant in tied),
        outcomes={
            contestant.order: _outcome(contestant, poll, valid_turnout, elected, tied)
            for contestant in poll.contestants
        },
        missing=poll.seats - filled,
        rerun=not valid_turnout,
        additional_election=valid_turnout and additional_election(poll.contest, filled, poll.seats),
    )


def additional_election(contest: Contest, elected: int, seats: int) -> bool:
    """Whether the law asks for one: any missing seat of the Assembly, fewer than two thirds of a Council's (LBC 79)."""
    if contest is Contest.NA:
        return elected < seats
    return 3 * elected < 2 * seats


def _ranked(poll: Poll) -> list[Contestant]:
    passed = [
        contestant
        for contestant in poll.contestants
        if not contestant.struck and more_than_half(contestant.votes, poll.valid)
    ]
    return sorted(passed, key=lambda contestant: (*_rank(contestant, poll), contestant.order))


def _rank(contestant: Contestant, poll: Poll) -> tuple[int, date, int]:
    placed = poll.first.index(contestant.order) if contestant.order in poll.first else len(poll.first)
    return -contestant.votes, contestant.born, placed


def _seated(poll: Poll, ranked: list[Contestant]) -> tuple[list[Contestant], list[Contestant]]:
    """Those who have a seat, and those equal in everything of whom not all can have one."""
    if len(ranked) <= poll.seats:
        return ranked, []
    last = _rank(ranked[poll.seats - 1], poll)
    if last != _rank(ranked[poll.seats], poll):
        return ranked[: poll.seats], []
    sure = [contestant for contestant in ranked if _rank(contestant, poll) < last]
    return sure, [contestant for contestant in ranked if _rank(contestant, poll) == last]


def _outcome(
    contestant: Contestant, poll: Poll, valid_turnout: bool, elected: Sequence[Contestant], tied: Sequence[Contestant]
) -> Outcome:
    if contestant.struck:
        return Outcome.STRUCK
    if not valid_turnout:
        return Outcome.NO_TURNOUT
    if contestant in elected:
        return Outcome.ELECTED
    if contestant in tied:
        return Outcome.TIED
    return Outcome.OUTRANKED if more_than_half(contestant.votes, poll.valid) else Outcome.SHORT


def decision_faults(poll: Poll, first: tuple[int, ...]) -> tuple[Finding, ...]:
    """A decision names those of the tied who are chosen: each once, and as many as there are seats left for them."""
    open_poll = decide(poll)
    seats_left = poll.seats - len(open_poll.elected)
    if open_poll.tied and set(first) <= set(open_poll.tied) and len(set(first)) == len(first) == seats_left:
        return ()
    orders = ", ".join(map(str, open_poll.tied)) or "–"
    return (RULES["F10_decision"].finding("first", orders=orders),)
