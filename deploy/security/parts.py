"""Work shared out over the processors: each part in a process of its own, all at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

Done = TypeVar("Done")


def in_parts(work: Callable[..., Done], orders: Sequence[tuple[Any, ...]]) -> list[Done]:
    """What the work answers to each order, in their order."""
    with ProcessPoolExecutor(len(orders), get_context("spawn")) as processes:
        begun = [processes.submit(work, *order) for order in orders]
        return [one.result() for one in begun]
