"""When a process looks for more before it sleeps: a hub whose clock and whose sockets are the test's own."""

import socket
import time

import pytest

from services.kit.awake import Awake

LOOK = 0.00001  # seconds one look takes here
CAME = [(7, 1)]


class World:
    """A clock, and moments at which something comes; every wait for it is written down."""

    def __init__(self) -> None:
        self.now = 100.0
        self.comes: list[float] = []
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    def poll(self, seconds: float) -> list[tuple[int, int]]:
        self.waits.append(seconds)
        until = self.now + max(seconds, LOOK)
        if self.comes and self.comes[0] <= until:
            self.now = max(self.now, self.comes.pop(0))
            return CAME
        self.now = until
        return []

    def slept(self) -> list[float]:
        """The waits that were no mere looks, since the last time this was asked."""
        waits, self.waits = self.waits, []
        return [wait for wait in waits if wait]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def hub(world: World) -> Awake:
    hub = Awake(clock=world.clock)
    hub.poll.close()
    hub.poll = world
    hub.span = 0.0005
    return hub


def ask(hub: Awake, world: World, after: float, timeout: float = 60.0) -> list[tuple[int, int]]:
    """What the hub finds when something comes so many seconds from now."""
    world.comes = [world.now + after]
    return hub.do_poll(timeout)


def test_who_was_asked_a_moment_ago_looks_on_and_does_not_sleep(hub: Awake, world: World) -> None:
    assert ask(hub, world, 0.0003) == CAME
    assert len(world.slept()) == 1  # nobody had asked before
    for _ in range(5):
        assert ask(hub, world, 0.0003) == CAME
        assert world.slept() == []


def test_who_is_asked_rarely_sleeps_at_once(hub: Awake, world: World) -> None:
    for _ in range(5):
        assert ask(hub, world, 0.002) == CAME
        assert len(world.waits) == 2  # one look, one sleep
        assert len(world.slept()) == 1


def test_who_looked_on_in_vain_sleeps_and_then_sleeps_at_once(hub: Awake, world: World) -> None:
    ask(hub, world, 0.0003)
    world.slept()
    began = world.now
    assert ask(hub, world, 3.0) == CAME
    (slept,) = world.slept()
    assert 60.0 - slept == pytest.approx(hub.span, abs=3 * LOOK)
    assert world.now == pytest.approx(began + 3.0)
    ask(hub, world, 0.002)
    assert len(world.waits) == 2


def test_a_timer_is_never_late_for_it(hub: Awake, world: World) -> None:
    ask(hub, world, 0.0003)
    began = world.now
    assert ask(hub, world, 9.0, timeout=0.0001) == []
    assert world.now - began == pytest.approx(0.0001, abs=3 * LOOK)
    began = world.now
    assert ask(hub, world, 9.0, timeout=0.2) == []
    assert world.now - began == pytest.approx(0.2, abs=3 * LOOK)


def test_timers_alone_keep_nobody_awake(hub: Awake, world: World) -> None:
    for _ in range(5):
        assert ask(hub, world, 9.0, timeout=0.0003) == []
        assert len(world.slept()) == 1


def test_what_is_here_already_is_taken_with_one_look(hub: Awake, world: World) -> None:
    assert ask(hub, world, 0.0) == CAME
    assert ask(hub, world, 9.0, timeout=0) == []
    assert world.waits == [0, 0]


def test_switched_off_it_sleeps_at_once(hub: Awake, world: World) -> None:
    hub.span = 0.0
    for _ in range(5):
        assert ask(hub, world, 0.0001) == CAME
        assert len(world.slept()) == 1


def test_a_real_socket_is_seen_and_a_real_time_out_is_kept() -> None:
    hub = Awake()
    hub.span = 0.0005
    ours, theirs = socket.socketpair()
    with ours, theirs:
        hub.poll.register(ours.fileno(), 1)
        theirs.send(b"x")
        assert hub.do_poll(5.0) == [(ours.fileno(), 1)]
        ours.recv(1)
        began = time.monotonic()
        assert hub.do_poll(0.05) == []
        assert 0.05 <= time.monotonic() - began < 2.0
    hub.poll.close()
