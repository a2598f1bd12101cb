"""Greenlets that stay: side by side when they wait, the same ones again when they are done, unharmed by what fails."""

import weakref

import eventlet
import pytest
from eventlet.event import Event
from greenlet import getcurrent

from services.kit.crew import Crew


def test_who_is_done_takes_the_next_piece_of_work():
    crew, hands = Crew(), []
    for _ in range(5):
        crew.spawn_n(lambda: hands.append(getcurrent()))
        crew.waitall()

    assert len(hands) == 5
    assert len(set(hands)) == 1


def test_pieces_of_work_that_wait_go_on_side_by_side_and_all_are_waited_for():
    crew, gates, done = Crew(), [Event() for _ in range(3)], []

    def work(number):
        done.append(f"{number} begins")
        gates[number].wait()
        done.append(f"{number} ends")

    for number in range(3):
        crew.spawn_n(work, number)
    for number in (2, 0, 1):
        eventlet.spawn_after(0.05 * (number + 1), gates[number].send)
    crew.waitall()

    assert done == ["0 begins", "1 begins", "2 begins", "0 ends", "1 ends", "2 ends"]


def test_work_begins_only_when_who_asks_for_it_waits():
    crew, done = Crew(), []
    crew.spawn_n(done.append, 1)
    assert done == []
    crew.waitall()

    assert done == [1]


def test_what_was_worked_on_is_not_kept():
    class Sheet:
        """Something large."""

    crew, sheet = Crew(), Sheet()
    kept = weakref.ref(sheet)
    crew.spawn_n(lambda _sheet: None, sheet)
    crew.waitall()
    del sheet

    assert kept() is None


@pytest.mark.parametrize("failing", [lambda: 1 // 0, lambda: eventlet.sleep(0.01) or {}["nothing"]])
def test_work_that_fails_is_written_down_and_its_hand_works_on(failing, capsys):
    crew, done = Crew(), []
    crew.spawn_n(failing)
    crew.waitall()
    crew.spawn_n(done.append, getcurrent)
    crew.waitall()

    assert done == [getcurrent]
    assert "Traceback" in capsys.readouterr().err
