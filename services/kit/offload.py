"""Work that hogs the processor, off the hub: in a real thread when the process is green, at once when it is not."""

import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

_NICE = 10
Given = ParamSpec("Given")
Result = TypeVar("Result")


def offload(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """The result of the work; other greenlets run meanwhile."""
    from services.kit.green import is_green

    if not is_green():
        return work(*args, **kwargs)
    from eventlet import tpool

    return cast("Result", tpool.execute(_behind, work, *args, **kwargs))


def _behind(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """The work in a thread that stands back where the processor is short: who only asks a question does not wait."""
    os.setpriority(os.PRIO_PROCESS, 0, _NICE)  # of this thread alone, on Linux
    return work(*args, **kwargs)
