"""Crowds, stopped neighbours, forgotten consumers and direct lines, each small and without a broker."""

import json
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from kombu import Connection

from services.contracts.base import NotAllowed, Unavailable
from services.kit import attention
from services.kit.admission import Admission
from services.kit.attention import Attention
from services.kit.bulkhead import Bulkhead
from services.kit.callers import Caller
from services.kit.direct import Direct, Unreached
from services.kit.direct_doors import DirectDoors
from services.kit.lines import Question
from services.kit.wire import CROWDED, EarIntake, error_of, served
from tests.kit.shop import ShopService


class Later:
    """A pool that starts nobody until it is told to."""

    def __init__(self) -> None:
        self.started: list[Any] = []

    def spawn_n(self, work: Any, *given: Any) -> None:
        self.started.append(lambda: work(*given))


def test_a_call_beyond_workers_and_waiting_is_refused_and_all_others_are_served_in_order():
    pool, done = Later(), []
    admission = Admission("shop", pool, workers=1, waiting=2)
    for number in range(3):
        assert not admission.refuses("add", None)
        admission.enter("add", lambda number=number: done.append(number))

    assert admission.refuses("add", None)
    pool.started.pop()()
    assert done == [0, 1, 2]
    assert not admission.refuses("add", None)


def test_a_worker_whose_call_fails_gives_its_place_back():
    pool = Later()
    admission = Admission("shop", pool, workers=1, waiting=0)
    admission.enter("add", lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        pool.started.pop()()

    assert not admission.refuses("add", None)


@pytest.fixture
def slow_shop(monkeypatch):
    """A shop with two workers, whose calls took 1 s each lately at the door "add" and nothing at "look"."""
    now = [0.0]
    monkeypatch.setattr("services.kit.admission.time.monotonic", lambda: now[0])
    pool = Later()
    admission = Admission("shop", pool, workers=2, waiting=64)
    for _ in range(200):
        admission.enter("add", lambda: now.__setitem__(0, now[0] + 1))
        pool.started.pop()()
    return admission


def test_who_would_be_answered_too_late_is_told_at_once_however_few_wait(slow_shop):
    for _ in range(5):  # two in work, three wait: the next begins after 2 s and takes one
        slow_shop.enter("add", lambda: None)

    now = time.time()
    assert slow_shop.refuses("add", now + 2.9)
    assert not slow_shop.refuses("add", now + 3.1)
    assert not slow_shop.refuses("add", None)
    assert not slow_shop.refuses("look", now + 2.1)  # nobody knows that it takes long


def test_a_free_worker_serves_whoever_comes_for_only_so_it_is_seen_that_calls_are_fast_again(slow_shop):
    assert not slow_shop.refuses("add", time.time() + 0.01)


def test_nobody_waits_for_a_place_behind_questions_nobody_answers():
    bulkhead = Bulkhead(1)
    assert bulkhead.enter(5)
    time.sleep(0.35)

    began = time.monotonic()
    assert not bulkhead.enter(5)
    assert time.monotonic() - began < 0.1
    bulkhead.leave(answered=False)
    assert bulkhead.enter(5)


def test_there_are_never_more_inside_than_places_and_whoever_waits_gets_the_next():
    bulkhead, inside, most, entered = Bulkhead(3), [0], [0], []

    def asks() -> None:
        for _ in range(20):
            entered.append(bulkhead.enter(5))
            with counting:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.001)
            with counting:
                inside[0] -= 1
            bulkhead.leave(answered=True)

    counting = threading.Lock()
    askers = [threading.Thread(target=asks) for _ in range(9)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert most == [3]
    assert entered == [True] * 180
    assert all(bulkhead.enter(0) for _ in range(3))  # every place was left again
    assert not bulkhead.enter(0)


class Answering(Caller):
    """A caller whose questions end as they are told to: with a body, or without one."""

    def __init__(self, *bodies: bytes | None) -> None:
        super().__init__("amqp://nowhere")
        self.bodies = list(bodies)

    def _exchange(self, _question: Question) -> bytes | None:
        return self.bodies.pop(0)


def asked(caller: Caller, left: float) -> bytes | None:
    try:
        return caller.carry(Question("shop", "add", b"{}", None, time.time() + left, None))
    except Unavailable:
        return None


@pytest.mark.parametrize(
    "body",
    [b'{"result": {"a": [1, "error"]}, "error": null}', b'{"result":{"a":[1,"error"]},"error":null}', b'{"error": null, "result": {"a": [1, "error"]}}'],
)
def test_a_reply_is_the_same_however_its_service_writes_it(body):
    told = asked(Answering(body), 5)
    assert told is not None
    assert json.loads(told) == {"a": [1, "error"]}


def test_a_refusal_is_raised_and_never_taken_for_a_result():
    with pytest.raises(NotAllowed):
        asked(Answering(error_of(NotAllowed())), 5)


def test_a_broker_that_goes_is_no_reason_to_leave_a_service_alone_and_deadlines_it_lets_pass_are():
    answer = b'{"result": 7, "error": null}'
    broker_gone = Answering(*[None] * 9, answer)
    assert [asked(broker_gone, 60) for _ in range(10)] == [None] * 9 + [b"7"]

    late = Answering(*[None] * 5, answer)
    assert [asked(late, -1) for _ in range(5)] == [None] * 5
    assert asked(late, 60) is None
    assert late.bodies == [answer]


def test_a_broker_that_is_back_is_found_within_two_seconds_however_long_it_was_away(monkeypatch):
    intake, pauses = EarIntake(), []

    def looked(_error: Exception, pause: float) -> None:
        pauses.append(pause)
        if len(pauses) == 40:
            raise EOFError

    intake.create_connection = lambda: Connection("amqp://127.0.0.1:1")
    intake.on_connection_error = looked
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda _seconds: None)
    intake.register_provider(object())
    with pytest.raises(EOFError), intake.establish_connection():
        pass

    assert max(pauses) <= 2


class Watched(Attention):
    """Attention over queues whose length is told."""

    def __init__(self, waiting: dict[str, int]) -> None:
        super().__init__("mirror", "amqp://nowhere", lambda: None)
        self.waiting, self.broken = waiting, 0

    def _waiting(self, ear: Any) -> int:
        return self.waiting[ear.queue_name]

    def _break(self) -> None:
        self.broken += 1


class Ear(SimpleNamespace):
    """Letters that came and that are in hand."""

    __hash__ = object.__hash__

    def in_hand(self) -> int:
        return int(self.hand)


@pytest.mark.parametrize(("hand", "waiting", "times"), [(0, 5, 1), (3, 5, 0), (0, 0, 0)])
def test_a_consumer_that_is_idle_beside_a_full_queue_connects_anew(hand, waiting, times):
    ear, watch = Ear(queue_name="q", came=7, hand=hand), Watched({"q": waiting})
    for _ in range(3):
        watch.look([ear])

    assert watch.broken == times


def test_a_consumer_that_is_fed_is_left_alone():
    ear, watch = Ear(queue_name="q", came=7, hand=0), Watched({"q": 5})
    for _ in range(4):
        ear.came += 1
        watch.look([ear])

    assert watch.broken == 0
    assert attention.LOOK > 0


def question(service: str = "shop") -> Question:
    return Question(service, "look", b"{}", None, time.time() + 2, None)


def test_a_direct_line_needs_a_secret_and_an_address_and_says_when_nobody_listens():
    assert not Direct({"shop": "http://127.0.0.1:1"}, "").reaches("shop")
    assert not Direct({}, "s").reaches("shop")
    with pytest.raises(Unreached):
        Direct({"shop": "http://127.0.0.1:1"}, "s").carry(question())


@pytest.mark.parametrize(
    ("secret", "shown", "method", "path"),
    [
        ("", "", "POST", "/doors/look"),
        ("s", "", "POST", "/doors/look"),
        ("s", "wrong", "POST", "/doors/look"),
        ("s", "s", "GET", "/doors/look"),
        ("s", "s", "POST", "/doors/no_such_door"),
    ],
)
def test_who_does_not_show_the_secret_finds_no_door(secret, shown, method, path):
    kind = type("Shop", (ShopService,), {"settings": SimpleNamespace(direct_secret=secret), "admission": None})
    statuses = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "HTTP_X_DIRECT_SECRET": shown}
    DirectDoors(kind, served, CROWDED)(environ, lambda status, _headers: statuses.append(status))

    assert statuses == ["404 Not Found"]
