"""Services of the kit's battery as processes of their own, on the real broker."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from deploy.chaos.cradle import Child, cradle
from services.kit.callers import Caller

ROOT = Path(__file__).resolve().parent.parent.parent
SHOP, MIRROR = "tests.kit.shop:ShopService", "tests.kit.shop:MirrorService"


def eventually(what: Callable[[], Any], seconds: float = 45.0) -> Any:
    """The first true answer, or the last one."""
    end = time.monotonic() + seconds
    while not (answer := what()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


class Stage:
    """Two databases, a declared vhost, and processes that come and go."""

    def __init__(self, broker_url: str, keys: Path, shop_db: Any, mirror_db: Any) -> None:
        self.broker_url, self.keys = broker_url, keys
        self.dbs = {SHOP: shop_db, MIRROR: mirror_db}
        self.running: list[Child] = []

    def environment(self, service: str = SHOP, **more: Any) -> dict[str, str]:
        return {
            **os.environ,
            "HP_DATABASE_URL": self.dbs[service].url,
            "HP_BROKER_URL": self.broker_url,
            "HP_PASSPORT_KEYS": str(self.keys),
            "HP_RETRY_DELAYS": json.dumps([0.05, 0.1, 0.1]),
            "HP_RELAY_POLL": "0.1",
            "HP_QUEUE_WRITTEN": "0",
            "HP_LOG_LEVEL": os.environ.get("HP_LOG_LEVEL", "WARNING"),
            "PYTHONWARNINGS": "ignore",
            **{f"HP_{name.upper()}": str(value) for name, value in more.items()},
        }

    def command(self, *words: str, service: str = SHOP, **more: Any) -> subprocess.CompletedProcess[str]:
        return cradle(green=False).bear(words, self.environment(service, **more), kept=True).done(120)

    def topology(self, **more: Any) -> None:
        done = self.command("topology", "--services", f"{SHOP},{MIRROR}", **more)
        assert done.returncode == 0, done.stderr

    def start(self, service: str, **more: Any) -> Child:
        process = cradle(green=True).bear(["run", service], self.environment(service, **more))
        self.running.append(process)
        return process

    @contextmanager
    def caller(self):
        with Caller(self.broker_url, name="test") as caller:
            yield caller

    def rows(self, service: str, statement: str, **params: Any) -> list[tuple[Any, ...]]:
        with self.dbs[service].engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), params)]

    def one(self, service: str, statement: str, **params: Any) -> Any:
        return self.rows(service, statement, **params)[0][0]

    def stop(self) -> None:
        """Nobody lives: killed, for a polite end takes two seconds and is looked at by tests of its own."""
        for process in self.running:
            process.kill()
        for process in self.running:
            process.wait(10)
        self.running.clear()
