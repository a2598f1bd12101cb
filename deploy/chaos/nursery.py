"""`python -m deploy.chaos.nursery module:Class`: bears a service process in a moment, armed to die at a named window.

Everything is imported once; each line on standard input ("window=passage", or nothing) forks a real process that serves
until it dies there. Its exit code is the answer on standard output.
"""

import sys

from services.kit.green import patch

patch()

from eventlet import patcher  # noqa: E402  after the patch

os = patcher.original("os")  # the nursery itself never turns a hub: its children would share it


def main(name: str) -> None:
    """Until standard input ends."""
    from services.kit import ears, hearing, relay
    from services.kit.failpoints import armed
    from services.kit.run import serve
    from services.kit.service import service_class

    service_class(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            crash = armed(line.strip())
            for module in (ears, hearing, relay):
                module.failpoint = crash
            serve(name)
            os._exit(0)  # noqa: SLF001  a child born by fork ends without its parent's farewells
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
