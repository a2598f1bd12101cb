"""Histories: made from a seed, played, cut down when they break a promise, kept in a file for ever."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.simulation.world import Broken, World

Step = tuple[str, int, int]
History = list[Step]
KEPT = Path(__file__).with_name("kept.jsonl")

_WORK = {"run": 62, "arrive": 14, "deliver": 14, "write": 4}
_FAULTS = {
    "crash": 3, "fall": 5, "start": 12, "reap": 12, "cut": 5, "part": 2, "join": 6, "sever": 4, "hush": 4, "stop": 1,
    "rise": 6, "fill": 2, "unbind": 1, "expire": 2,
}  # fmt: skip
_TEMPERS = (0, 2, 5, 10, 20)
"""Of a hundred steps, how many are for faults: some histories are calm, some are not."""


def history(seed: int, steps: int) -> History:
    """The steps of a seed, all decided before any of them is done."""
    dice = random.Random(seed)
    temper = dice.choice(_TEMPERS)
    work, faults = sum(_WORK.values()), sum(_FAULTS.values())
    kinds = [*_WORK, *_FAULTS]
    weights = [
        *(weight * (100 - temper) / work for weight in _WORK.values()),
        *(w * temper / faults for w in _FAULTS.values()),
    ]
    numbers = dice.getrandbits
    return [(kind, numbers(16), numbers(16)) for kind in dice.choices(kinds, weights, k=steps)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a history came to: the broken promise, or None; and what was seen on the way."""

    broken: str | None
    letters: int
    effects: int
    crashes: dict[str, int]
    trace: tuple[str, ...] = ()


def play(steps: History, *, traced: bool = False) -> Outcome:
    """One history from the first letter to rest. The kit must be `simulated()` meanwhile."""
    world = World()
    world.trace = [] if traced else None
    broken = None
    try:
        for kind, one, two in steps:
            world.apply(kind, one, two)
        world.settle()
        world.judge()
    except Broken as promise:
        broken = str(promise)
    finally:
        world.end()
    return Outcome(
        broken, len(world.told_from.outbox), len(world.heard_in.effects), dict(world.hits), tuple(world.trace or ())
    )


def cut_down(steps: History, tries: int = 400) -> History:
    """A shorter history that still breaks a promise: halves, quarters, … single steps are left out while it does."""
    size = len(steps) // 2
    while size and tries > 0:
        start = 0
        while start < len(steps) and tries > 0:
            shorter = steps[:start] + steps[start + size :]
            tries -= 1
            if play(shorter).broken is None:
                start += size
            else:
                steps = shorter
        size //= 2
    return steps


def keep(seed: int, steps: History, broken: str, file: Path = KEPT) -> None:
    """One line more in the file that the tests replay."""
    line: dict[str, Any] = {"seed": seed, "broke": broken, "steps": [list(step) for step in steps]}
    with file.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(line, ensure_ascii=False) + "\n")


def kept(file: Path = KEPT) -> list[tuple[str, History]]:
    """Every history that once broke a promise, with the sentence."""
    if not file.exists():
        return []
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    return [
        (f"{line['seed']}: {line['broke']}", [(kind, one, two) for kind, one, two in line["steps"]]) for line in lines
    ]
