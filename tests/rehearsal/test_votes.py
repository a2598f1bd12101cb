"""The paper of a rehearsal tells the story it was made for, and always adds up."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.rehearsal.votes import Contested, Standing, blank_paper, cast, turnout, winners

SURPLUS = {1: 1, 2: 1, 3: 2, 4: 3, 5: 3}


def counted(story: str, seats: int, areas: int, seed: int) -> Contested:
    random = Random(seed)
    people = [Standing(place + 1, str(place), date(1960 + place, 1, 1)) for place in range(seats + SURPLUS[seats])]
    contested = Contested("CC-19777-01", "CC", seats, people, story)
    for area in range(areas):
        voters = random.choice((120, 850, 1400))
        contested.papers.append(blank_paper(random, contested, str(area), voters, turnout(random, voters)))
    cast(contested, random)
    return contested


def ranked(contested: Contested) -> list[int]:
    places = range(len(contested.candidates))
    return sorted((sum(paper.votes[place] for paper in contested.papers) for place in places), reverse=True)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["clear", "close", "tie", "missing"]), st.integers(3, 5), st.integers(1, 20), st.integers(0, 999)
)
def test_every_paper_adds_up(story, seats, areas, seed) -> None:
    for paper in counted(story, seats, areas, seed).papers:
        assert paper.collected == paper.valid + paper.invalid <= paper.took_part <= paper.voters
        assert sum(paper.kinds) == paper.valid
        assert sum(paper.votes) == sum(names * ballots for names, ballots in enumerate(paper.kinds, 1))
        assert all(0 <= votes <= paper.valid for votes in paper.votes)


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 5), st.integers(1, 20), st.integers(0, 999))
def test_each_story_comes_true(seats, areas, seed) -> None:
    valid = {story: counted(story, seats, areas, seed) for story in ("clear", "close", "tie", "missing")}
    tied, close = ranked(valid["tie"]), ranked(valid["close"])

    assert [len(winners(valid[story])) for story in valid] == [seats, seats, seats, seats - 1]
    assert tied[seats - 1] == tied[seats]
    assert 0 < close[seats - 1] - close[seats] < 10


@pytest.mark.parametrize("seats", [1, 2])
def test_small_constituencies_elect_clearly(seats) -> None:
    assert len(winners(counted("clear", seats, 3, 1))) == seats


def test_at_a_tie_for_the_last_seat_the_older_is_in() -> None:
    contested = counted("tie", 3, 4, 7)
    votes = {
        standing.dossier: sum(paper.votes[place] for paper in contested.papers)
        for place, standing in enumerate(contested.candidates)
    }
    last = ranked(contested)[2]
    tied = sorted(
        (standing.birth_date, standing.dossier) for standing in contested.candidates if votes[standing.dossier] == last
    )

    assert tied[0][1] in winners(contested)
    assert tied[1][1] not in winners(contested)
