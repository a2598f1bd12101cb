"""What stands from the start is not looked through again."""

import json

from tests.fresh import said

_SETTLED = """
import gc, json
from services.kit.settling import settle
class Loop: pass
def loop():
    one = Loop(); one.self = one
    return one
def loops(): return sum(isinstance(each, Loop) for each in gc.get_objects())
before, kept = gc.get_freeze_count(), loop()
loop()
settle()
frozen = gc.get_freeze_count()
loop()
gc.collect()
print(json.dumps([before, frozen, loops(), len(gc.get_objects())]))
"""


def test_what_stands_is_left_alone_and_garbage_before_and_after_is_collected():
    before, frozen, loops, looked_through = json.loads(said(_SETTLED))

    assert before == 0
    assert frozen > 1_000
    assert loops == 0  # the one that is kept is among the frozen, the two that were dropped are gone
    assert looked_through < frozen / 10
