"""Named places where a process may be told to die, for the crash batteries; nothing at all unless HP_FAILPOINTS is set.

`HP_FAILPOINTS="after commit before publish=3,after publish before mark=0.1"`: at the third passage, or one time in ten.
`HP_FAILPOINTS="@folder"`: the file `folder/<HP_SERVICE>` holds those words if it is there when the process starts, and
every crash adds its window to `folder/<HP_SERVICE>.hits`.
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

WINDOWS = (
    "after commit before publish",
    "after publish before mark",
    "after receive before commit",
    "after commit before ack",
)


def _nothing(window: str) -> None:
    """No crash is asked for."""


def armed(words: str, hits: Path | None = None) -> Callable[[str], None]:
    """The crash the words ask for, as a function of the window's name; where its hits are written down, if anywhere."""
    if words.startswith("@"):
        order = Path(words[1:]) / os.environ.get("HP_SERVICE", "service")
        return armed(order.read_text().strip() if order.exists() else "", order.with_suffix(".hits"))
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
            if hits is not None:
                with hits.open("a") as file:
                    file.write(f"{window}\n")
            os._exit(86)

    return crash


failpoint = armed(os.environ.get("HP_FAILPOINTS", ""))
