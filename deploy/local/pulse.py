"""Whether a process still answers: asked again and again without ever waiting for the answer.

A process can live and do nothing: stopped by a signal, caught in a loop that never yields, waiting for a lock of its
own. The supervisor's one thread may not wait with it, so a question is sent in one look and its answer read in a later.
"""

import select
import socket

EVERY = 5.0  # seconds from one question to the next
PATIENCE = 5.0  # seconds until a question counts as not answered
QUESTION = b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"


class Pulse:
    """The silence of one process, in seconds of questions not answered.

    Only questions count, not the clock: a supervisor that was itself stopped for an hour blames nobody for that hour.
    """

    def __init__(self, port: int, now: float) -> None:
        self.silence = 0.0
        self.heard = False
        self._port = port
        self._next = now + EVERY
        self._line: socket.socket | None = None
        self._asked_at = 0.0
        self._sent = False

    def look(self, now: float) -> None:
        """Asks if it is time to; takes the answer if it is there; counts the question if it is not answered in time."""
        if self._line is None:
            if now >= self._next:
                self._dial(now)
            return
        try:
            answer = self._exchange(self._line)
        except OSError:  # refused or reset: nobody who could answer is there
            self._settle(now, answered=False)
            return
        if answer is not None:
            self._settle(now, answered=b" 200 " in answer)
        elif now - self._asked_at > PATIENCE:
            self._settle(now, answered=False)

    def close(self) -> None:
        """No question is under way."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _dial(self, now: float) -> None:
        self._line, self._asked_at, self._sent = socket.socket(), now, False
        self._line.setblocking(False)
        self._line.connect_ex(("127.0.0.1", self._port))  # its outcome shows when the question is sent

    def _exchange(self, line: socket.socket) -> bytes | None:
        """The beginning of the answer; None while there is none."""
        readable, writable, _ = select.select([line], [] if self._sent else [line], [], 0)
        if writable:
            line.sendall(QUESTION)
            self._sent = True
        return line.recv(100) if readable else None

    def _settle(self, now: float, *, answered: bool) -> None:
        self.heard = self.heard or answered
        self.silence = 0.0 if answered else self.silence + min(now - self._asked_at, PATIENCE) + EVERY
        self._next = now + EVERY
        self.close()
