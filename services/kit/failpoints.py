"""Named places where a process may be told to die, for the crash batteries; nothing at all unless HP_FAILPOINTS is set.

`HP_FAILPOINTS="after commit before publish=3,after publish before mark=0.1"`: at the third passage, or one time in ten.
"""

import os
import random
from collections import Counter
from collections.abc import Callable

WINDOWS = (
    "after commit before publish",
    "after publish before mark",
    "after receive before commit",
    "after commit before ack",
)


def _nothing(window: str) -> None:
    """No crash is asked for."""


def armed(words: str) -> Callable[[str], None]:
    """The crash the words ask for, as a function of the window's name."""
    if not words:
        return _nothing
    plan = {name.strip(): float(chance) for name, _, chance in (word.partition("=") for word in words.split(","))}
    if unknown := set(plan) - set(WINDOWS):
        raise ValueError(f"no such fail point: {sorted(unknown)}; known are {WINDOWS}")
    passed: Counter[str] = Counter()
    dice = random.Random()  # noqa: S311  a crash battery, no secret

    def crash(window: str) -> None:
        chance = plan.get(window)
        if chance is None:
            return
        passed[window] += 1
        if passed[window] == chance or (chance < 1 and dice.random() < chance):
            os._exit(86)

    return crash


failpoint = armed(os.environ.get("HP_FAILPOINTS", ""))
