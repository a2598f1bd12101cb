"""What the client was told, on disk before it believes it: Jepsen's total queue needs a witness outside the system."""

import json
import os
import time
from pathlib import Path


class Ledger:
    """Every attempt and every 2xx, in order; an acknowledgement is on disk before the client goes on."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8")
        self.attempted: dict[str, str] = {}  # effect → what it is an effect on
        self.acknowledged: dict[str, str] = {}
        self.order: dict[str, list[str]] = {}  # what is acted on → effects in the order they were acknowledged
        self.refused: list[str] = []

    def attempt(self, key: str, effects: dict[str, str]) -> None:
        """A request with these effects is about to be sent for the first time."""
        self.attempted |= effects
        self._write("attempt", key, list(effects))

    def acknowledge(self, key: str, effects: dict[str, str]) -> None:
        """The client was told that these stand."""
        self._write("acknowledged", key, list(effects))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.acknowledged |= effects
        for effect, on in effects.items():
            self.order.setdefault(on, []).append(effect)

    def refuse(self, key: str, effects: dict[str, str], why: str) -> None:
        """The client was told for good that these do not stand."""
        self._write("refused", key, [*effects, why])
        self.refused.append(why)

    def close(self) -> None:
        """No more is written."""
        self._file.close()

    def _write(self, what: str, key: str, effects: list[str]) -> None:
        line = {"what": what, "key": key, "at": time.time(), "effects": effects}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
