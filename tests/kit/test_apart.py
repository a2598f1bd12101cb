"""Work in a process of its own: what it returns, raises and tells, and what becomes of whoever asked when it dies."""

import atexit
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from services.kit import apart as kit
from services.kit.apart import Overwhelmed, apart
from services.kit.work import Work, current
from tests.fresh import GREEN, said


@pytest.fixture(autouse=True)
def hands(monkeypatch):
    """Processes of this test's own, gone when it ends."""
    mine = kit.Hands()
    monkeypatch.setattr(kit, "_HANDS", mine)
    yield mine
    mine.idle = -1.0
    mine.end_idle()


def number(*_given: object) -> int:
    return os.getpid()


def add(left: int, right: int) -> int:
    return left + right


def count(most: int, tell) -> str:
    for each in range(most):
        tell(each)
    return "counted"


class Wrong(Exception):
    """An error whose words are made from what it is about."""

    def __init__(self, *about: str) -> None:
        super().__init__(*about)
        self.about = about


class Awkward(Exception):
    """An error that cannot be made again from its words."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__("both of them")


def fail(kind: str) -> None:
    if kind == "wrong":
        raise Wrong("Nguyễn Thị Thử", "19777")
    if kind == "awkward":
        raise Awkward(1, 2)
    raise MemoryError


def give_what_cannot_travel() -> object:
    return lambda: None


def greedy(megabytes: int) -> int:
    return len(bytearray(megabytes << 20))


def killed(at: str) -> str:
    """Dies the first time it is asked, and leaves a note of it."""
    note = Path(at)
    if not note.exists():
        note.write_text("died")
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def dies(_why: str) -> None:
    os.abort()


def sleeps(seconds: float) -> None:
    time.sleep(seconds)


def leaves(at: str) -> None:
    atexit.register(Path(at).write_text, "in order")


def told_of_the_installation() -> list[str]:
    return [name for name in os.environ if name.startswith("HP_")]


def test_the_answer_is_the_functions_and_the_process_another_that_works_again():
    assert apart(add, 19_777, 46) == 19_823
    assert apart(number) == apart(number) != os.getpid()


def test_what_it_tells_comes_in_order_before_the_answer():
    told = []

    assert apart(count, 3, told=told.append) == "counted"
    assert told == [0, 1, 2]


def test_what_it_raises_is_raised_here_with_its_place_and_the_process_works_on():
    before = apart(number)
    with pytest.raises(Wrong) as wrong:
        apart(fail, "wrong")

    assert wrong.value.about == ("Nguyễn Thị Thử", "19777")
    assert "in fail" in wrong.value.__notes__[0]
    assert apart(number) == before


def test_an_error_that_cannot_travel_is_told_by_its_kind_and_without_its_words():
    with pytest.raises(RuntimeError) as told:
        apart(fail, "awkward")

    assert str(told.value) == "Awkward"
    assert "in fail" in told.value.__notes__[0]


def test_an_answer_that_cannot_travel_is_an_error_and_no_death():
    with pytest.raises((AttributeError, TypeError, RuntimeError)):
        apart(give_what_cannot_travel)


def test_a_process_that_was_killed_is_replaced_and_its_work_done_again(tmp_path):
    assert apart(killed, str(tmp_path / "note")) == "alive"


@pytest.mark.parametrize(("work", "given"), [(dies, "here"), (fail, "memory")])
def test_work_that_ends_its_process_every_time_is_overwhelming(work, given):
    with pytest.raises(Overwhelmed):
        apart(work, given)

    assert apart(add, 1, 1) == 2


def test_work_that_takes_more_memory_than_it_may_is_overwhelming_and_a_little_less_is_not(monkeypatch):
    monkeypatch.setattr(kit, "MOST_MEMORY", 256 << 20)

    assert apart(greedy, 150) == 150 << 20
    with pytest.raises(Overwhelmed):
        apart(greedy, 300)


def test_work_that_takes_longer_than_it_may_is_overwhelming(monkeypatch):
    monkeypatch.setattr(kit, "LONGEST", 0.8)
    apart(sleeps, 0.1)
    began = time.monotonic()

    with pytest.raises(Overwhelmed):
        apart(sleeps, 60)
    assert time.monotonic() - began < 10


def test_the_work_of_a_call_takes_no_longer_than_until_its_deadline():
    began = time.monotonic()
    asked = current.set(Work(deadline=time.time() + 1.2))
    try:
        apart(sleeps, 0.1)
        with pytest.raises(Overwhelmed):
            apart(sleeps, 60)
    finally:
        current.reset(asked)
    assert time.monotonic() - began < 10


def test_whoever_asks_and_fails_while_it_is_told_leaves_no_answer_to_the_next():
    def refuse(_value: object) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        apart(count, 3, told=refuse)
    assert apart(add, 2, 3) == 5


def test_a_process_without_work_ends_after_its_time_and_in_order_and_not_before(hands, tmp_path):
    first = apart(number)
    hands.end_idle()
    assert apart(number) == first

    left = tmp_path / "left"
    apart(leaves, str(left))
    hands.idle = 0.0
    hands.end_idle()
    assert left.read_text() == "in order"
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert apart(number) != first


def test_one_timer_watches_however_much_is_done_and_who_has_had_no_work_for_so_long_ends_by_itself():
    before = set(threading.enumerate())
    mine = kit.Hands(idle=0.6)
    first = mine.work(number)
    for _ in range(8):
        time.sleep(0.1)
        assert mine.work(number) == first
    assert len(set(threading.enumerate()) - before) == 1

    end = time.monotonic() + 10
    while Path(f"/proc/{first}").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert mine.work(number) != first
    mine.idle = -1.0
    mine.end_idle()


def test_the_process_knows_no_secret_of_the_installation(monkeypatch):
    monkeypatch.setenv("HP_PERSONAL_NUMBER_KEY", "00" * 16)

    assert apart(told_of_the_installation) == []


_BUSY = f"""{GREEN}
import time
from services.kit.apart import apart
from tests.kit import test_apart as here

"""


def test_other_greenlets_of_a_service_run_while_another_process_works():
    program = """
slept = eventlet.spawn(apart, here.sleeps, 0.5)
ticks = 0
while not slept.dead:
    eventlet.sleep(0.01)
    ticks += 1
print(ticks > 10, apart(here.add, 2, 3))
"""
    assert said(_BUSY + program) == "True 5"


def test_in_a_service_more_than_there_are_processes_wait_and_what_dies_or_tells_is_seen():
    program = """
from services.kit.apart import Overwhelmed
told = []
def dead():
    try:
        return apart(here.dies, "here")
    except Overwhelmed:
        return "dead"
asked = [eventlet.spawn(apart, here.number) for _ in range(7)]
asked += [eventlet.spawn(dead), eventlet.spawn(apart, here.count, 3, told=told.append)]
answers = [one.wait() for one in asked]
print(len(set(answers[:7])) <= 2, answers[7:], told)
"""
    assert said(_BUSY + program) == "True ['dead', 'counted'] [0, 1, 2]"
