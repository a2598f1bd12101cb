"""`make simulate`: thousands of histories on all cores; a broken promise is cut down, printed, kept for the tests."""

import argparse
import gc
import os
import sys
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed

warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")

from deploy.simulation.histories import KEPT, Outcome, cut_down, history, keep, kept, play
from deploy.simulation.processes import simulated
from services.kit.failpoints import WINDOWS

_CHUNK = 50


def played(first: int, number: int, steps: int) -> tuple[list[tuple[int, str]], Counter[str]]:
    """A row of seeds: those that broke a promise, and what was seen."""
    broken: list[tuple[int, str]] = []
    seen: Counter[str] = Counter()
    gc.freeze()  # what is imported is not looked through again and again
    with simulated():
        for seed in range(first, first + number):
            outcome = play(history(seed, steps))
            seen.update(outcome.crashes)
            seen.update({"letters": outcome.letters, "effects": outcome.effects, "histories": 1})
            if outcome.broken:
                broken.append((seed, outcome.broken))
    return broken, seen


def tell(seed: int, steps: int) -> None:
    """The shortest history found for a seed that broke a promise, step by step; kept."""
    with simulated():
        short = cut_down(history(seed, steps))
        outcome: Outcome = play(short, traced=True)
    print(f"\nseed {seed}, {steps} steps, cut down to {len(short)}: {outcome.broken}")
    for line in outcome.trace:
        print(f"  {line}")
    keep(seed, short, outcome.broken or "")
    print(f"kept in {KEPT.name}; the tests replay it from now on")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    given = parser.parse_args()
    began, broken, seen = time.monotonic(), [], Counter[str]()
    with simulated():
        broken += [(name, found) for name, steps in kept() if (found := play(steps).broken)]
    chunks = range(given.first, given.first + given.seeds, _CHUNK)
    end = given.first + given.seeds
    with ProcessPoolExecutor(os.cpu_count()) as cores:
        rows = [cores.submit(played, first, min(_CHUNK, end - first), given.steps) for first in chunks]
        for done, row in enumerate(as_completed(rows), start=1):
            found, counted = row.result()
            seen += counted
            for seed, sentence in found:
                broken.append((str(seed), sentence))
                tell(seed, given.steps)
            if done % 20 == 0:
                print(f"{done * _CHUNK} of {given.seeds} histories, {time.monotonic() - began:.0f} s", flush=True)
    crashes = ", ".join(f"{window} {seen[window]}" for window in WINDOWS)
    print(
        f"simulation: {seen['histories']} histories of {given.steps} steps in {time.monotonic() - began:.0f} s; "
        f"{seen['letters']} letters, {seen['effects']} effects; crashes {crashes}; promises broken: {len(broken)}"
    )
    for name, sentence in broken:
        print(f"  {name}: {sentence}")
    print("PASSED" if not broken else "FAILED")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
