"""What stands from the start is not looked through again: a full collection of it would stop every door for 0.1 s."""

import gc


def settle() -> None:
    """Everything alive now is left out of later garbage collections; what dies of it is freed all the same.

    For the end of the start, when modules, mappers and connections stand and little else does.
    """
    gc.collect()
    gc.freeze()
