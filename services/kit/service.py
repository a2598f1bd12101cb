"""The base every service stands on: its database, its passport verifier, its lines to others."""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache, cached_property, partial
from typing import Any, ClassVar

from services.contracts.base import Policy
from services.kit.database import Database
from services.kit.entrypoints import Remote
from services.kit.files import FileStore
from services.kit.logs import Log, log_of
from services.kit.passports import Verifier
from services.kit.settings import Settings
from services.kit.work import current

_NOT_SERVICES = {"contracts", "kit", "gateway"}
_store = cache(FileStore)


class Service:
    """A service: a name, a policy, and doors. What it runs on is set once for each process on the class that is run."""

    name: ClassVar[str]
    policy: ClassVar[Policy]
    settings_type: ClassVar[type[Settings]] = Settings

    settings: Settings
    db: Database
    verifier: Verifier
    line: Callable[[Remote], Any]
    start: Callable[[Callable[[], None]], None]

    @cached_property
    def log(self) -> Log:
        return log_of(self.name)

    @property
    def files(self) -> FileStore:
        return _store(self.settings.files_url)

    @property
    def digest_key(self) -> bytes:
        """The key of the hashes kept requests are known by; given where a request could be guessed from one."""
        return b""

    def line_to(self, remote: Remote) -> Any:
        """The line to another service, as this process reaches it."""
        return self.line(remote)

    def spawn(self, work: Callable[..., None], *args: Any) -> None:
        """Do the work in the background, once what is being decided now has been committed."""
        task = partial(self.start, partial(work, *args))
        present = current.get()
        if present is not None and present.tx is not None:
            present.tx.after_commit.append(task)
        else:
            task()


def service_names() -> list[str]:
    """Every service folder there is."""
    import services

    return sorted(
        one.name for one in pkgutil.iter_modules(services.__path__) if one.ispkg and one.name not in _NOT_SERVICES
    )


def service_class(name: str) -> type[Service]:
    """The class of a service: `services.<name>.service.<Name>Service`, or whatever `module:Class` names."""
    place, _, kind_name = name.partition(":")
    module = importlib.import_module(place if kind_name else f"services.{name}.service")
    kind: object = getattr(module, kind_name or f"{name.capitalize()}Service")
    if not (isinstance(kind, type) and issubclass(kind, Service)):
        raise TypeError(f"{name} is not a Service")
    return kind
