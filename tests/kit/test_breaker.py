"""When a service is left in peace: not for the sake of one slow door."""

import time

from services.kit.callers import Breaker


def test_five_questions_in_a_row_that_nobody_answers_open_it():
    breaker = Breaker()
    for _ in range(4):
        breaker.missed(time.monotonic())
        assert not breaker.is_open()
    breaker.missed(time.monotonic())
    assert breaker.is_open()


def test_an_answer_begins_the_count_anew():
    breaker = Breaker()
    for _ in range(4):
        breaker.missed(time.monotonic())
    breaker.answered()
    breaker.missed(time.monotonic())
    assert not breaker.is_open()


def test_a_burst_of_questions_to_a_slow_door_that_end_at_once_leaves_a_service_that_answers_others_open():
    """Five deadlines may pass within a moment, before anybody else's next answer is read."""
    breaker = Breaker()
    asked_at = time.monotonic()
    breaker.answered()  # somebody else's
    for _ in range(20):
        breaker.missed(asked_at)
    assert not breaker.is_open()


def test_a_service_that_fell_silent_is_left_in_peace_though_it_answered_before_the_questions():
    breaker = Breaker()
    breaker.answered()
    asked_at = time.monotonic() + 0.001
    for _ in range(5):
        breaker.missed(asked_at)
    assert breaker.is_open()
