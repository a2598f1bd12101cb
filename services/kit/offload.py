"""Work that hogs the processor, off the hub: in a real thread when the process is green, at once when it is not.

Such work must not wait for a lock of the patched library (`threading`, and whatever stands on it: `tempfile`, `queue`,
`logging`): only the hub's own thread is ever told that one is free, so whoever waits elsewhere would wait for ever.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

Given = ParamSpec("Given")
Result = TypeVar("Result")


class WaitsAside(RuntimeError):
    """Offloaded work came upon a green lock that is held: it fails at once instead of never ending."""


class _NoHub:
    """What a thread aside has for a hub: nothing to wait with."""

    def __init__(self) -> None:
        raise WaitsAside("offloaded work may not wait for a green lock or socket: prepare what it needs on the hub")

    @staticmethod
    def is_available() -> bool:
        return True


def offload(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """The result of the work; other greenlets run meanwhile.

    Raises:
        WaitsAside: the work needed a lock that another thread held.

    """
    from services.kit.green import is_green

    if not is_green():
        return work(*args, **kwargs)
    from eventlet import tpool

    return cast("Result", tpool.execute(_aside, work, args, kwargs))


def _aside(work: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    from eventlet import hubs

    hubs.use_hub(_NoHub)
    return work(*args, **kwargs)
