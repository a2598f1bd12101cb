"""Asking without the broker: while it is away a question goes straight to the service's own port.

The port is the one of the health pages. Who asks there shows a secret of the installation, as on the broker it would
show its password; the passport, the deadline and the answer are the same as on the bus.
"""

import http.client
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from services.kit.lines import Question

PATH = "/doors/"
SECRET, DEADLINE, PASSPORT, TRACE = "X-Direct-Secret", "X-Deadline", "X-Passport", "Traceparent"


def headers_of(secret: str, deadline: float, passport: str | None, trace: str | None) -> dict[str, str]:
    """What goes with a question."""
    told = {SECRET: secret, DEADLINE: str(int(deadline * 1000)), PASSPORT: passport, TRACE: trace}
    return {name: value for name, value in told.items() if value is not None}


class Unreached(Exception):
    """The service does not listen there: it never had the question."""


class Direct:
    """Where each service listens."""

    def __init__(self, addresses: Mapping[str, str], secret: str) -> None:
        self._places = {name: urlsplit(address) for name, address in addresses.items()}
        self._secret = secret

    def reaches(self, service: str) -> bool:
        """Whether there is a direct line to the service."""
        return bool(self._secret) and service in self._places

    def carry(self, question: Question) -> bytes | None:
        """The reply as on the bus, None when there was none in time."""
        place, left = self._places[question.service], question.deadline - time.time()
        if left <= 0:
            return None
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=left)
        headers = headers_of(self._secret, question.deadline, question.token, question.trace)
        try:
            connection.connect()
        except OSError as closed:
            raise Unreached from closed
        try:
            connection.request("POST", f"{PATH}{question.method}", question.body, headers)
            connection.sock.settimeout(max(question.deadline - time.time(), 0.01))
            answer = connection.getresponse()
            return answer.read() if answer.status == http.client.OK else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
