"""Work aside in a green process: its result comes back, and what it may not wait for it does not wait for."""

import subprocess
import sys

_GREEN = """
from services.kit.green import patch
patch()
import threading, time
import eventlet
from services.kit.offload import WaitsAside, offload

held = threading.Lock()

def needy():
    with held:
        return "got it"

"""


def _said(program: str) -> str:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", _GREEN + program], capture_output=True, text=True, timeout=30, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_other_greenlets_run_while_work_is_done_aside():
    program = """
from eventlet.patcher import original
slept = eventlet.spawn(offload, original("time").sleep, 0.5)
ticks = 0
while not slept.dead:
    eventlet.sleep(0.01)
    ticks += 1
print(ticks > 10, offload(needy))
"""
    assert _said(program) == "True got it"


def test_work_aside_that_comes_upon_a_held_green_lock_fails_at_once_and_does_not_wait_for_ever():
    program = """
held.acquire()
try:
    offload(needy)
except WaitsAside as error:
    held.release()
    print(str(error)[:47], "|", offload(needy))
"""
    assert _said(program) == "offloaded work may not wait for a green lock or | got it"
