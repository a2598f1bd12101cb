"""Work that hogs the processor, off the hub: in a real thread when the process is green, at once when it is not."""

import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

Given = ParamSpec("Given")
Result = TypeVar("Result")

_BEHIND = 10  # niceness: whoever waits for a short answer goes before whoever waits for long work


def offload(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """The result of the work; other greenlets run meanwhile, and go before it where processors are scarce."""
    from services.kit.green import is_green

    if not is_green():
        return work(*args, **kwargs)
    from eventlet import tpool

    return cast("Result", tpool.execute(_behind, work, *args, **kwargs))


def _behind(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """In a thread of eventlet's pool, which stands behind the hub's from then on."""
    os.setpriority(os.PRIO_PROCESS, 0, _BEHIND)  # Linux: 0 is the calling thread alone
    return work(*args, **kwargs)
