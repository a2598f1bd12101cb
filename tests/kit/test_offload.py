"""Work aside in a green process: its result comes back, and what it may not wait for it does not wait for."""

from tests.fresh import GREEN, said

_NEEDY = f"""{GREEN}
import threading
from services.kit.offload import WaitsAside, offload

held = threading.Lock()

def needy():
    with held:
        return "got it"

"""


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
    assert said(_NEEDY + program) == "True got it"


def test_work_aside_that_comes_upon_a_held_green_lock_fails_at_once_and_does_not_wait_for_ever():
    program = """
held.acquire()
try:
    offload(needy)
except WaitsAside as error:
    held.release()
    print(str(error)[:47], "|", offload(needy))
"""
    assert said(_NEEDY + program) == "offloaded work may not wait for a green lock or | got it"
