"""Three pages of a service process: /healthz (the loop turns), /readyz (its needs are met), /metrics."""

from collections.abc import Callable, Iterable
from typing import Any

from services.kit import metrics

Checks = dict[str, Callable[[], bool]]
Start = Callable[[str, list[tuple[str, str]]], Any]


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001  a check that fails is the answer "no"
        return False


Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


def pages(checks: Checks, doors: Application | None = None) -> Application:
    """The WSGI application; below /doors/ it is the direct line, where there is one."""

    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if doors is not None and path.startswith("/doors/"):
            return doors(environ, start)
        status, kind, body = "200 OK", "text/plain; charset=utf-8", b"ok\n"
        if path == "/metrics":
            kind, body = "text/plain; version=0.0.4; charset=utf-8", metrics.page()
        elif path == "/readyz":
            missing = [name for name, check in checks.items() if not _holds(check)]
            if missing:
                status, body = "503 Service Unavailable", f"waiting for: {', '.join(missing)}\n".encode()
        elif path != "/healthz":
            status, body = "404 Not Found", b"no such page\n"
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return application
