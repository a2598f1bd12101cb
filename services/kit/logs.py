"""One JSON line for each door: who, what, outcome, how long. Never a request body."""

import logging
import sys
from typing import Any

import structlog


def configure(service: str, level: str = "INFO") -> None:
    """Every line of this process is one JSON object on standard error, the libraries' lines too."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.getLogger("nameko.containers").setLevel(logging.ERROR)  # it warns of every thread it ends at a stop
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, logging.getLevelName(level)), force=True)


def log_of(service: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines name the service, in any greenlet."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind(service=service)
    return logger
