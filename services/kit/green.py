"""Eventlet's patch: the first thing a service process does, in this one place."""

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def patch() -> None:
    """Make the process green. psycopg must not be imported before: its compiled wait would block the hub."""
    if "psycopg" in sys.modules:
        raise RuntimeError("psycopg was imported before the patch: its queries would block every greenlet")
    os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
    warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")  # known, and why only the kit uses it
    os.environ["EVENTLET_NO_GREENDNS"] = "yes"  # its own resolver takes 12 MB and knows less than the system's
    with _unseen("OpenSSL", "yaml"):  # each library takes one of them in wherever it is installed, 2 MB, for nothing
        import eventlet

        from services.kit.awake import Awake

        eventlet.hubs.use_hub(Awake)
        eventlet.monkey_patch()
        import kombu.serialization  # noqa: F401
    _look_names_up_aside()


@contextmanager
def _unseen(*names: str) -> Iterator[None]:
    """Who tries to import one of these meanwhile goes on without it."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None there is a module that is not to be found
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _look_names_up_aside() -> None:
    """The system's resolver answers on a thread: a name server that is slow holds up nobody else."""
    import socket
    from functools import partial

    from services.kit.offload import offload

    look_up: Callable[..., Any] = socket.getaddrinfo
    socket.getaddrinfo = partial(offload, look_up)


def is_green() -> bool:
    """Whether this process was patched."""
    patcher = sys.modules.get("eventlet.patcher")
    return patcher is not None and bool(patcher.is_monkey_patched("socket"))
