"""Who asked is woken by the answer or by the end of their time, once, and never where they sleep by then."""

import threading
import time

import eventlet
import pytest

from services.kit.green_waiting import Green
from services.kit.waiting import Threaded, kind_of_waiting


def by_thread(seconds, act):
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer.join


def by_greenlet(seconds, act):
    return eventlet.spawn_after(seconds, act).wait


EITHER = pytest.mark.parametrize(("kind", "later"), [(Threaded, by_thread), (Green, by_greenlet)])


@EITHER
@pytest.mark.parametrize("at_once", [True, False])
def test_the_answer_ends_the_wait(kind, later, at_once):
    waiting, began = kind(), time.monotonic()
    over = later(0.05, lambda: waiting.end(b"42", at_once=at_once))

    assert waiting.wait(10) == b"42"
    assert 0.04 < time.monotonic() - began < 5
    over()


@EITHER
def test_an_answer_that_came_before_is_not_waited_for(kind, later):
    waiting, began = kind(), time.monotonic()
    waiting.end(b"42", at_once=True)

    assert waiting.wait(10) == b"42"
    assert time.monotonic() - began < 5


@EITHER
def test_none_comes_in_time(kind, later):
    waiting, began = kind(), time.monotonic()

    assert waiting.wait(0.1) is None
    assert 0.09 < time.monotonic() - began < 5
    assert kind().wait(-1) is None


@EITHER
def test_only_the_first_end_counts(kind, later):
    waiting = kind()
    waiting.end()
    waiting.end(b"42")

    assert waiting.wait(10) is None


def test_whoever_waited_goes_on_before_the_reader_only_if_the_reader_has_nothing_more():
    for at_once, order in ((True, ["asker", "reader"]), (False, ["reader", "asker"])):
        waiting, seen = Green(), []

        def read(waiting=waiting, seen=seen, at_once=at_once):
            waiting.end(b"42", at_once=at_once)
            seen.append("reader")

        reader = eventlet.spawn(read)
        waiting.wait(10)
        seen.append("asker")
        reader.wait()
        assert seen == order


def test_an_answer_that_comes_too_late_wakes_nobody_who_sleeps_elsewhere():
    waiting = Green()
    assert waiting.wait(0.01) is None

    eventlet.spawn_after(0.02, waiting.end, b"42", at_once=True)
    began = time.monotonic()
    eventlet.sleep(0.2)
    assert time.monotonic() - began > 0.19


def test_an_answer_and_the_end_of_the_time_in_one_turn_wake_once():
    waiting = Green()
    eventlet.spawn(lambda: (waiting.end(b"42"), time.sleep(0.05)))  # the hub comes back when the time is over too
    assert waiting.wait(0.02) == b"42"

    began = time.monotonic()
    eventlet.sleep(0.2)
    assert time.monotonic() - began > 0.19


def test_who_was_taken_out_of_the_wait_is_not_woken_by_the_answer():
    waiting, seen = Green(), []

    def ask():
        try:
            waiting.wait(10)
        finally:
            eventlet.sleep(0.2)
            seen.append(time.monotonic())

    asker = eventlet.spawn(ask)
    eventlet.sleep(0.01)
    began = time.monotonic()
    eventlet.spawn(asker.kill)
    eventlet.sleep(0.05)
    waiting.end(b"42", at_once=True)
    eventlet.sleep(0.4)

    assert seen[0] - began > 0.19


def test_a_process_that_is_not_green_waits_by_threads():
    assert kind_of_waiting() is Threaded
