"""Identity on a database of its own, with people who are active from the start, and no broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from services.contracts.base import Grant
from services.contracts.identity import NewAccount
from services.contracts.roles import Role
from services.identity.domain import sessions, totp
from services.identity.hashing import hash_of
from services.identity.models import Base
from services.identity.service import IdentityService
from services.identity.settings import IdentitySettings
from services.identity.store import entering, entry
from services.identity.store import people as rows
from services.identity.vault import Vault, new_session_token, new_token, token_hash
from services.kit.actor import NOBODY
from services.kit.database import Database, Transaction
from services.kit.passports import new_key, save_key, save_public
from tests import servers
from tests.hands import Hands

ELECTION, UNIT = "dien-tap-7", "vn/46/19777"
PASSWORD = "con trâu già gặm cỏ bên bờ suối vắng"  # noqa: S105  of people who exist in a test database only
_SECRET = b"12345678901234567890"
_CONFIRM = text("""
    UPDATE accounts SET state = 'active' WHERE person = ANY(:people);
""")
_CHUNK = 1000


@dataclass(frozen=True)
class Who:
    """A person at the door: what they know and what they hold."""

    id: UUID
    login: str

    def code(self, at: datetime | None = None, steps: int = 0) -> str:
        """The code their authenticator shows."""
        return totp.code_at(_SECRET, totp.step_of(at or datetime.now(UTC)) + steps)


@dataclass
class Ground:
    """The doors of identity in the hands of a battery."""

    identity: Hands
    db: Database
    vault: Vault

    def people(self, number: int, role: Role = Role.TYPIST, prefix: str = "nguoi") -> list[Who]:
        """Active people with one role, one password and one authenticator secret, thousands a second."""
        made = rows.Made(
            by=NOBODY, command=uuid4(), at=datetime.now(UTC), election=ELECTION, codes_end_at=datetime.now(UTC)
        )
        hashed, found = hash_of(PASSWORD), []
        for first in range(0, number, _CHUNK):
            chunk = [Who(uuid4(), f"{prefix}.{place}") for place in range(first, min(first + _CHUNK, number))]
            with self.db.transaction() as tx:
                self._add(tx, chunk, role, made, hashed)
            found += chunk
        return found

    def _add(self, tx: Transaction, chunk: list[Who], role: Role, made: rows.Made, hashed: str) -> None:
        grant = Grant(role=role.value, scope=f"{ELECTION}/{UNIT}")
        fresh = [
            rows.NewPerson(
                who.id,
                NewAccount(login=who.login, name="Nguyễn Thị Thử", role=role, unit=UNIT),
                grant,
                uuid4(),
                token_hash(who.login),
            )
            for who in chunk
        ]
        rows.add_people(tx, fresh, made)
        tx.execute(_CONFIRM, {"people": [who.id for who in chunk]})
        for who in chunk:
            rows.set_password(tx, who.id, hashed, made.at)
            rows.set_authenticator(tx, who.id, self.vault.seal(who.id, _SECRET), made.at)
        tx.execute(text("UPDATE authenticators SET confirmed_at = made_at WHERE confirmed_at IS NULL"))

    def session(self, who: Who, machine: str = "") -> str:
        """The token of a live session; a former one has ended."""
        token, now = new_session_token(), datetime.now(UTC)
        span = sessions.Span(seen_at=now, ends_at=now + sessions.SESSION_LIFE, idle_minutes=30)
        with self.db.transaction() as tx:
            entry.end_sessions_of(tx, who.id, "replaced", now)
            place = entry.Place(address="10.0.0.1", device="máy thử", machine=machine)
            entry.add_session(tx, uuid4(), token_hash(token), who.id, span, place)
        return token

    def challenge(self, who: Who) -> str:
        """A challenge whose first factor was right."""
        token = new_token()
        with self.db.transaction() as tx:
            place = entry.Place(address="10.0.0.1", device="máy thử", machine="")
            now, holder = datetime.now(UTC), entry.Holder(person=who.id, login=who.login, name="", state="active")
            entering.offer_challenge(tx, token_hash(token), holder, now, now + sessions.CHALLENGE_LIFE, place)
        return token

    def change(self, statement: str, **params: Any) -> None:
        """As if time had passed, or something else had happened to the rows."""
        with self.db.engine.begin() as connection:
            connection.execute(text(statement), params)

    def number(self, statement: str, **params: Any) -> Any:
        """One value."""
        with self.db.engine.connect() as connection:
            return connection.execute(text(statement), params).scalar()


def over_grace(ground: Ground, token: str) -> None:
    """As if the half minute of a former token had passed."""
    seconds = (sessions.GRACE + timedelta(seconds=1)).total_seconds()
    moved = "UPDATE former_tokens SET good_until = good_until - make_interval(secs => :s) WHERE token_hash = :h"
    ground.change(moved, s=seconds, h=token_hash(token))


@contextmanager
def own_ground(folder: Path, pool: int = 24) -> Iterator[Ground]:
    """On a PostgreSQL of its own, for `make security`."""
    folder.mkdir(parents=True, exist_ok=True)
    with servers.postgres() as url:
        databases = servers.Databases(url)
        made = databases.fresh("identity", Base.metadata)
        db = Database(made, pool=pool)
        try:
            yield on_database(folder, db)
        finally:
            db.close()
            databases.drop(made)


def on_database(folder: Path, db: Database) -> Ground:
    """On an empty database of identity."""
    key = new_key()
    save_key(key, folder / "passport.json")
    save_public([key], folder / "passports.json")
    url = db.url.replace("postgresql+psycopg://", "postgresql://", 1)
    settings = IdentitySettings(database_url=url, passport_private_key=folder / "passport.json")
    settings.make_sealing_key()
    hands = Hands(IdentityService, db, key, folder / "passports.json", settings=settings)
    return Ground(hands, db, Vault(settings.sealing_keys()))
