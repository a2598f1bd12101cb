"""A tiny service on stock nameko, run as a process of its own: `python tests/gateway/echo.py <broker url>`."""

import sys

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402

from nameko.rpc import Rpc, rpc  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402


class SignInFailed(Exception):
    """Looks on the wire as the kit's refusal does."""


class Results:
    name = "results"

    @rpc
    def echo(self, request):
        return request

    @rpc
    def headers(self, request):
        return HEADERS[-1]

    @rpc
    def slow(self, request):
        eventlet.sleep(request["seconds"])
        return request

    @rpc
    def refuse(self, request):
        raise SignInFailed(json.dumps(request))

    @rpc
    def crash(self, request):
        raise ValueError("a bug")


HEADERS = []
handle = Rpc.handle_message


def remember(self, body, message):
    HEADERS.append({name: str(value) for name, value in message.headers.items()})
    return handle(self, body, message)


Rpc.handle_message = remember

if __name__ == "__main__":
    runner = ServiceRunner({"AMQP_URI": sys.argv[1], "max_workers": 50})
    runner.add_service(Results)
    runner.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    runner.wait()
