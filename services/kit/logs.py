"""One JSON line for each door: who, what, outcome, how long. Never a request body."""

import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from json import JSONEncoder
from typing import Any

_encode = JSONEncoder(default=repr, ensure_ascii=False).encode


class Log:
    """Writes one JSON object a line on standard error, naming the service it speaks for."""

    lowest = logging.INFO  # of this process

    def __init__(self, service: str) -> None:
        self._service = service

    def debug(self, event: str, **facts: Any) -> None:
        self._say(logging.DEBUG, "debug", event, facts)

    def info(self, event: str, **facts: Any) -> None:
        self._say(logging.INFO, "info", event, facts)

    def warning(self, event: str, **facts: Any) -> None:
        self._say(logging.WARNING, "warning", event, facts)

    def error(self, event: str, **facts: Any) -> None:
        self._say(logging.ERROR, "error", event, facts)

    def exception(self, event: str, **facts: Any) -> None:
        """An error with the trace of the exception being handled."""
        self._say(logging.ERROR, "error", event, {"exc_info": sys.exception(), **facts})

    def _say(self, weight: int, level: str, event: str, facts: Mapping[str, Any]) -> None:
        if weight < Log.lowest:
            return
        line: dict[str, Any] = {"service": self._service, **facts}
        if isinstance(error := line.pop("exc_info", None), BaseException):
            line["exception"] = "".join(traceback.format_exception(error)).rstrip()
        line |= {"event": event, "level": level, "timestamp": datetime.now(UTC).isoformat()}
        sys.stderr.write(_encode(line) + "\n")
        sys.stderr.flush()


class _Libraries(logging.Handler):
    """What libraries log, as lines of the service they work for."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        level = record.levelname.lower()
        self._log._say(record.levelno, level, record.getMessage(), {"logger": record.name, "exc_info": error})  # noqa: SLF001


def configure(service: str, level: str = "INFO") -> None:
    """Every line of this process is one JSON object on standard error, the libraries' lines too."""
    Log.lowest = logging.getLevelNamesMapping()[level]
    logging.getLogger("nameko.containers").setLevel(logging.ERROR)  # it warns of every thread it ends at a stop
    logging.basicConfig(handlers=[_Libraries(Log(service))], level=max(logging.WARNING, Log.lowest), force=True)


def log_of(service: str) -> Log:
    """A logger whose lines name the service, in any greenlet."""
    return Log(service)
