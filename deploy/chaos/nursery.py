"""`python -m deploy.chaos.nursery [green]`: bears processes of `python -m services` in a moment (see `cradle`).

Everything is imported once; each line on standard input, an order as JSON, forks a process that is what the command
line would have started: its own environment, its own death. A parent beside it waits and writes down how it ended.
"""

import json
import random
import sys
from pathlib import Path
from typing import Any, NoReturn

GREEN = sys.argv[1:] == ["green"]
if GREEN:  # as `python -m services run` is, before anything else is imported
    from services.kit.green import patch

    patch()

from eventlet import hubs, patcher  # noqa: E402  after the patch

from services.__main__ import app  # noqa: E402
from services.kit import ears, hearing, migrate, parking, relay, run, topology  # noqa: E402, F401  warm for who is born
from services.kit.failpoints import armed  # noqa: E402

os = patcher.original("os")  # the nursery itself never turns a hub: its children would share it
signal = patcher.original("signal")


def main() -> None:
    """Until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those who wait end by themselves
    for line in sys.stdin:
        order = json.loads(line)
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            child = os.fork()
            if child == 0:
                _live(order)
            _wait(child, Path(order["log"]))


def _wait(child: int, log: Path) -> NoReturn:
    """The number of the child at once, its exit code when it has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _write(log.with_suffix(".born"), child)
    _, status = os.waitpid(child, 0)
    _write(log.with_suffix(".ended"), os.waitstatus_to_exitcode(status))
    os._exit(0)  # noqa: SLF001  it was never more than a pair of eyes


def _write(file: Path, number: int) -> None:
    """Whole or not at all."""
    draft = file.with_suffix(".new")
    draft.write_text(str(number))
    draft.rename(file)


def _live(order: dict[str, Any]) -> NoReturn:
    """What `python -m services` with these words does, in this environment."""
    os.environ.clear()
    os.environ.update(order["environment"])
    random.seed()
    hubs.use_hub()  # one of its own: an import may have made one, and two processes would hear each other's sockets
    sys.stdin.close()
    if order["kept"]:
        for number, name in ((1, ".out"), (2, ".err")):
            with Path(order["log"]).with_suffix(name).open("wb") as file:
                os.dup2(file.fileno(), number)
    for module in (ears, hearing, relay):
        module.failpoint = armed(order["environment"].get("HP_FAILPOINTS", ""))
    sys.argv = ["services", *order["words"]]
    app()
    raise SystemExit(0)


if __name__ == "__main__":
    main()
