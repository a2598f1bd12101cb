"""Eventlet's patch: the first thing a service process does, in this one place."""

import os
import sys
import warnings


def patch() -> None:
    """Make the process green. psycopg must not be imported before: its compiled wait would block the hub."""
    if "psycopg" in sys.modules:
        raise RuntimeError("psycopg was imported before the patch: its queries would block every greenlet")
    os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
    warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")  # known, and why only the kit uses it
    import eventlet

    eventlet.monkey_patch()


def is_green() -> bool:
    """Whether this process was patched."""
    patcher = sys.modules.get("eventlet.patcher")
    return patcher is not None and bool(patcher.is_monkey_patched("socket"))
