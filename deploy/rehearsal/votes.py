"""The truth on paper: what each Team counted, made so that winners, close calls, ties and a missing seat come out as planned."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

CURVE = {
    "07:00": 0, "08:00": 22, "09:00": 41, "10:00": 57, "11:00": 68, "12:00": 74, "13:00": 77, "14:00": 80, "15:00": 86,
    "16:00": 91, "17:00": 95, "18:00": 98, "19:00": 100,
}  # fmt: skip
"""Percent of the day's voters who have voted by the hour, after the national figures of 15/3/2026 (70 % by 11:20, 80,63 % by 14:15)."""


@dataclass(slots=True)
class Paper:
    """Form 18 or 23 of one Team, as written by hand."""

    area: str
    contest: str
    constituency: str
    voters: int
    took_part: int
    issued: int
    collected: int
    valid: int
    invalid: int
    votes: list[int]
    kinds: list[int]

    def figures(self) -> dict[str, object]:
        """As the contract writes it."""
        return {
            "voters": self.voters, "took_part": self.took_part, "issued": self.issued, "collected": self.collected,
            "valid": self.valid, "invalid": self.invalid, "votes": self.votes, "kinds": self.kinds,
        }  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """A candidate as the official list has them: order on the ballot and birth date."""

    order: int
    dossier: str
    birth_date: date


@dataclass
class Contested:
    """A constituency: its seats, candidates in ballot order, and the story it is to tell."""

    code: str
    contest: str
    seats: int
    candidates: list[Standing]
    story: str = "clear"
    papers: list[Paper] = field(default_factory=list)


def turnout(random: Random, voters: int) -> int:
    """Near-full turnout."""
    return voters - sum(random.random() < 0.005 for _ in range(voters))


def blank_paper(random: Random, contested: Contested, area: str, voters: int, took_part: int) -> Paper:
    """A paper with everything but the votes; their number by kinds is fixed, so the marks are known."""
    kept = sum(random.random() < 0.0008 for _ in range(took_part))
    collected = took_part - kept
    invalid = min(collected, round(collected * random.uniform(0.002, 0.014)))
    valid = collected - invalid
    kinds = [0] * contested.seats
    left = valid
    for place in range(contested.seats - 1):
        kinds[place] = min(left, round(valid * random.uniform(0.01, 0.03)))
        left -= kinds[place]
    kinds[-1] += left
    return Paper(
        area, contested.contest, contested.code, voters, took_part, took_part, collected, valid, invalid,
        [0] * len(contested.candidates), kinds,
    )  # fmt: skip


def cast(contested: Contested, random: Random) -> None:
    """Fill in the votes of all papers of a constituency so that its story comes true exactly."""
    valid = sum(paper.valid for paper in contested.papers)
    marks = sum((place + 1) * count for paper in contested.papers for place, count in enumerate(paper.kinds))
    totals = _totals(contested, valid, marks, random)
    _spread(contested, totals)


def _totals(contested: Contested, valid: int, marks: int, random: Random) -> list[int]:
    """Votes of each candidate in the whole constituency, adding to `marks`, none above `valid`."""
    seats, number = contested.seats, len(contested.candidates)
    half = valid // 2
    tops = {
        "clear": [valid * (86 - 5 * place) // 100 for place in range(seats)],
        "close": [valid * (86 - 5 * place) // 100 for place in range(seats - 1)] + [half + valid // 10 + 1],
        "tie": [valid * (84 - 5 * place) // 100 for place in range(seats - 1)] + [half + valid // 20],
        "missing": [valid * (88 - 4 * place) // 100 for place in range(seats - 1)] + [half],
    }[contested.story]
    ranked = tops + {"close": [tops[-1] - 3], "tie": [tops[-1]]}.get(contested.story, [])
    rest = number - len(ranked)
    ceiling = half - 1 if contested.story != "clear" else half - valid // 50
    ranked += _fill(marks - sum(ranked), rest, ceiling)
    _settle(ranked, marks, valid, seats)
    order = list(range(number))
    random.shuffle(order)
    totals = [0] * number
    for rank, place in enumerate(order):
        totals[place] = ranked[rank]
    return totals


def _fill(left: int, rest: int, ceiling: int) -> list[int]:
    """Losers' votes: what is left, falling, each at most the ceiling and never below nothing."""
    found = []
    for place in range(rest):
        share = max(
            0, min(ceiling, 2 * left * (rest - place) // ((rest - place) * (rest - place + 1)) if left > 0 else 0)
        )
        found.append(share)
        left -= share
    return found


def _settle(ranked: list[int], marks: int, valid: int, seats: int) -> None:
    """Move what does not add up onto candidates whose order and outcome it cannot change: the first ones."""
    missing = marks - sum(ranked)
    for place in range(max(1, seats - 1)):
        room = valid - ranked[place] if missing > 0 else -(ranked[place] - valid * 62 // 100)
        step = min(missing, room) if missing > 0 else max(missing, room)
        ranked[place] += step
        missing -= step
    if missing:
        raise ValueError(f"no totals add to {marks} marks over {valid} ballots and {seats} seats; {missing} left")


def _spread(contested: Contested, totals: Sequence[int]) -> None:
    """Share the totals out over the papers in whole numbers: every paper's marks, every candidate's total, no cell above valid.

    Northwest-corner style in proportion: each paper takes its share of what is left; the last takes the rest.
    """
    left = list(totals)
    papers = contested.papers
    marks_left = sum(left)
    for paper in papers[:-1]:
        marks = sum((place + 1) * count for place, count in enumerate(paper.kinds))
        paper.votes = _share(left, marks, marks_left, paper.valid)
        left = [total - votes for total, votes in zip(left, paper.votes, strict=True)]
        marks_left -= marks
    papers[-1].votes = left


def _share(left: Sequence[int], marks: int, marks_left: int, valid: int) -> list[int]:
    votes = [min(valid, total * marks // marks_left) if marks_left else 0 for total in left]
    short = marks - sum(votes)
    by_remainder = sorted(range(len(left)), key=lambda place: -(left[place] * marks % max(marks_left, 1)))
    while short:
        for place in by_remainder:
            if short and votes[place] < min(valid, left[place]):
                votes[place] += 1
                short -= 1
    return votes


def winners(contested: Contested) -> list[str]:
    """Who is elected by the law (LBC 78), computed here on its own: half of valid, most votes, older at a tie."""
    valid = sum(paper.valid for paper in contested.papers)
    ranked = []
    for place, standing in enumerate(contested.candidates):
        votes = sum(paper.votes[place] for paper in contested.papers)
        if 2 * votes > valid:
            ranked.append((-votes, standing.birth_date, standing.dossier))
    return [dossier for _, _, dossier in sorted(ranked)[: contested.seats]]
