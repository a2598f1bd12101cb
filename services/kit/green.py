"""Eventlet's patch: the first thing a service process does, in this one place."""

import os
import sys
import warnings
from collections.abc import Callable
from typing import Any


def patch() -> None:
    """Make the process green. psycopg must not be imported before: its compiled wait would block the hub."""
    if "psycopg" in sys.modules:
        raise RuntimeError("psycopg was imported before the patch: its queries would block every greenlet")
    os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
    warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")  # known, and why only the kit uses it
    os.environ["EVENTLET_NO_GREENDNS"] = "yes"  # its own resolver takes 12 MB and knows less than the system's
    import eventlet

    eventlet.monkey_patch()
    _look_names_up_aside()


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
