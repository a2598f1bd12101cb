"""The servers and the hands every battery borrows."""

import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import MetaData

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from services.contracts.base import EVERYWHERE, Event, Grant, Passport  # noqa: E402  after the path is set
from services.identity import hashing  # noqa: E402
from services.kit.database import Database  # noqa: E402
from services.kit.passports import new_key, save_public, sign  # noqa: E402
from services.kit.service import Service  # noqa: E402
from tests import hands as hands_module  # noqa: E402
from tests import servers  # noqa: E402

LONGEST = (
    "tests/chaos/", "tests/kit/test_delivery.py", "tests/kit/test_wire.py", "tests/kit/test_topology.py",
    "tests/security/test_duties.py", "tests/identity/test_second_uses.py", "tests/deploy/test_local.py",
    "tests/security/test_revocation.py", "tests/contracts/test_stock_client.py", "tests/reporting/test_public_browser.py",
    "tests/gateway/console/", "tests/kit/test_crowds.py", "tests/security/", "tests/reporting/test_publication.py",
)  # fmt: skip
"""Files that take minutes begin first, so that no worker is alone with one in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The same order on every worker: as collected, but the longest files before the others."""
    rank = {place: number for number, place in enumerate(LONGEST)}

    def place(item: pytest.Item) -> int:
        return next((rank[start] for start in LONGEST if item.nodeid.startswith(start)), len(LONGEST))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Half a million objects that were imported stay to the end: they are not looked at with every collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The superuser's URL of this session's cluster."""
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def databases(postgres_url: str) -> servers.Databases:
    return servers.Databases(postgres_url)


@pytest.fixture(scope="session")
def broker() -> Iterator[Any]:
    """The private RabbitMQ node (`.stop()`, `.ctl()`), None when the broker is somebody else's."""
    with servers.rabbitmq() as running:
        yield running


@pytest.fixture(scope="session")
def broker_url(broker: Any) -> str:
    """A vhost of this session's own."""
    if broker is None:
        return os.environ["HP_TEST_BROKER_URL"]
    return servers.fresh_vhost(broker)


@pytest.fixture
def own_database(databases: servers.Databases) -> Iterator[Callable[..., Database]]:
    """`own_database("results")` → a Database with that service's tables and nothing but the filling in them."""
    opened: list[Database] = []

    def factory(
        name: str, metadata: MetaData | None = None, pool: int = 5, filled: servers.Filling | None = None
    ) -> Database:
        if metadata is None:
            metadata = importlib.import_module(f"services.{name}.models").Base.metadata
        url = databases.fresh(name, metadata, filled)
        opened.append(Database(url, pool=pool))
        return opened[-1]

    yield factory
    for database in opened:
        database.close()
        databases.drop(database.url)


@pytest.fixture(scope="session")
def signing_key() -> OKPKey:
    return new_key()


@pytest.fixture(scope="session")
def passport_keys(signing_key: OKPKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JWKS file every verifier of this session reads."""
    path = tmp_path_factory.mktemp("keys") / "passports.json"
    save_public([signing_key], path)
    return path


@pytest.fixture
def passport(signing_key: OKPKey) -> Callable[..., str]:
    """`passport(person=…, grants=[Grant(…)], approves=None)` → a token; `passport(role="typist")` holds everywhere."""

    def issue(
        person: UUID | None = None,
        grants: list[Grant] | tuple[Grant, ...] = (),
        approves: str | None = None,
        name: str = "Nguyễn Thị Thử",
        session: UUID | None = None,
        role: str | None = None,
        scope: str = EVERYWHERE,
        machine: str = "",
    ) -> str:
        if role is not None:
            grants = [*grants, Grant(role=role, scope=scope)]
        return sign(
            Passport(
                person=person or uuid4(),
                name=name,
                session=session or uuid4(),
                grants=tuple(grants),
                approves=approves,
                machine=machine,
            ),
            signing_key,
        )

    return issue


TRUE_HASHES = {"_COST": hashing._COST, "_NOBODY": hashing._NOBODY}


@pytest.fixture(scope="session", autouse=True)
def light_hashes() -> Iterator[None]:
    """Passwords of tests are hashed lightly: thousands are set, and 19 MiB for each would be a tenth of all the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "_COST", {"opslimit": 1, "memlimit": 8192})
        patch.setattr(hashing, "_NOBODY", hashing.hash_of("nobody").encode())
        yield


@pytest.fixture
def true_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in earnest, for who looks at the hash itself or at its time."""
    for name, true in TRUE_HASHES.items():
        monkeypatch.setattr(hashing, name, true)


@pytest.fixture
def hands(signing_key: OKPKey, passport_keys: Path) -> Callable[..., hands_module.Hands]:
    """`hands(ResultsService, db, voters=…)` → the doors as plain methods, through the real pipeline."""

    def take(kind: type[Service], db: Database, **given: Any) -> hands_module.Hands:
        return hands_module.Hands(kind, db, signing_key, passport_keys, **given)

    return take


@pytest.fixture
def told() -> Callable[[Database], list[Any]]:
    """`told(db)` → the envelopes of everything told, in order."""
    return hands_module.told


@pytest.fixture
def hear(hands: Callable[..., hands_module.Hands]) -> Callable[..., Any]:
    """`hear(results, db, event)` delivers to the handlers of a service (or of its hands); the version counts by itself."""

    def deliver(service: Any, db: Database, what: Event | list[Event], version: int | None = None) -> Any:
        mine = service if isinstance(service, hands_module.Hands) else hands(service, db)
        return mine.hear(what, version)

    return deliver
