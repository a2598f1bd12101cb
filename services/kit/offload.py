"""Work that hogs the processor, off the hub: in a real thread when the process is green, at once when it is not."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

Given = ParamSpec("Given")
Result = TypeVar("Result")


def offload(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """The result of the work; other greenlets run meanwhile."""
    from services.kit.green import is_green

    if not is_green():
        return work(*args, **kwargs)
    from eventlet import tpool

    return cast("Result", tpool.execute(work, *args, **kwargs))
