"""The kit's own relay and handlers under hundreds of seeded storms; the long battery is `make simulate`."""

import pytest

from deploy.simulation.histories import cut_down, history, keep, kept, play
from deploy.simulation.planted import PLANTED
from deploy.simulation.processes import simulated
from services.kit import relay
from services.kit.failpoints import WINDOWS

SEEDS, STEPS = 500, 300
FOUND_WITHIN = 300


@pytest.fixture
def kit_on_models():
    with simulated():
        yield


@pytest.mark.parametrize("first", range(0, SEEDS, 100))
def test_no_history_breaks_a_promise(first, kit_on_models):
    broken, letters, crashes = {}, 0, dict.fromkeys(WINDOWS, 0)
    for seed in range(first, first + 100):
        outcome = play(history(seed, STEPS))
        letters += outcome.letters
        crashes = {window: crashes[window] + outcome.crashes.get(window, 0) for window in WINDOWS}
        if outcome.broken:
            broken[seed] = outcome.broken

    assert not broken, f"make simulate prints and keeps them: {broken}"
    assert letters > 1000
    assert min(crashes.values()) > 0, crashes


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_found_within_three_hundred_seeds(planted, kit_on_models):
    with PLANTED[planted]():
        assert any(play(history(seed, STEPS)).broken for seed in range(FOUND_WITHIN))


@pytest.mark.parametrize(("name", "steps"), kept(), ids=lambda value: value if isinstance(value, str) else "")
def test_what_once_broke_a_promise_does_not_again(name, steps, kit_on_models):
    assert play(steps).broken is None


def test_a_broken_history_is_cut_down_traced_kept_and_replayed(kit_on_models, tmp_path):
    file = tmp_path / "kept.jsonl"
    with PLANTED["older version applied"]():
        seed = next(seed for seed in range(FOUND_WITHIN) if play(history(seed, STEPS)).broken)
        short = cut_down(history(seed, STEPS))
        outcome = play(short, traced=True)
        keep(seed, short, outcome.broken, file)
        [(name, steps)] = kept(file)

        assert len(short) < STEPS / 3
        assert outcome.trace
        assert "after" in name
        assert play(steps).broken == outcome.broken
    assert play(steps).broken is None


def test_one_seed_is_one_history(kit_on_models):
    first, second = (play(history(17, STEPS), traced=True) for _ in range(2))

    assert first == second
    assert len(first.trace) > STEPS / 2


def test_the_kit_is_itself_again_afterwards():
    before = relay.time, relay.connect, relay.failpoint
    with simulated():
        assert relay.connect is not before[1]

    assert (relay.time, relay.connect, relay.failpoint) == before
