"""Letters a service could not take: parked with reason and headers, listed and handed over again by command."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.contracts.base import Envelope
from services.kit import metrics
from services.kit.database import Database
from services.kit.entrypoints import Ear, marks_of
from services.kit.hearing import hear
from services.kit.service import Service, service_class

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARK = text("""
    INSERT INTO parked (handler, queue, body, headers, reason, tries)
    VALUES (:handler, :queue, :body, CAST(:headers AS jsonb), :reason, :tries)
    ON CONFLICT (handler, digest) WHERE redriven_at IS NULL
    DO UPDATE SET reason = excluded.reason, tries = greatest(parked.tries, excluded.tries)
    RETURNING xmax = 0
""")
_WAITING = text(
    "SELECT * FROM parked WHERE redriven_at IS NULL AND id = COALESCE(CAST(:number AS bigint), id) ORDER BY id"
)
_DONE = text("UPDATE parked SET redriven_at = now() WHERE id = :id")
_AGAIN = text("UPDATE parked SET reason = :reason, tries = tries + 1 WHERE id = :id")
_RETELL = text("UPDATE outbox SET told_at = NULL WHERE topic LIKE :topic AND told_at IS NOT NULL")
_REASON = 1000
_NAME = 200
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is known of a letter that is put aside."""

    handler: str
    queue: str
    reason: str
    tries: int


def reason_of(error: Exception) -> str:
    """Why a handler failed, without the values a statement was given: those may be personal."""
    if isinstance(error, DBAPIError):
        return f"{type(error).__name__}: {type(error.orig).__name__}"
    return f"{type(error).__name__}: {error}"


def _printable(said: str) -> str:
    """The text as a database can hold it."""
    return said.replace("\0", "").encode(errors="replace").decode()


def _storable(value: Any, depth: int = 0) -> Any:
    """A stranger's headers as JSON that a database can hold, whatever they are and however deep."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {_printable(str(name)): _storable(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner, depth + 1) for inner in value]
    if isinstance(value, bool | int | None):
        return value
    return _printable(value if isinstance(value, str) else repr(value))


def park(service: Service, parcel: Parcel, body: bytes, headers: "Mapping[str, Any]") -> None:
    """The letter as it came is in the service's own table, once for each handler however often the broker brings it."""
    with service.db.transaction() as tx:
        values = {
            "handler": _printable(parcel.handler)[:_NAME],
            "queue": _printable(parcel.queue)[:_NAME],
            "body": body,
            "headers": to_json(_storable(dict(headers))).decode(),
            "reason": _printable(parcel.reason)[:_REASON],
            "tries": parcel.tries,
        }
        new = tx.execute(_PARK, values).scalar_one()
    if new:
        metrics.PARKINGS.labels(service.name, parcel.handler).inc()
    service.log.error("letter parked", handler=parcel.handler, tries=parcel.tries, reason=parcel.reason[:200])


def _at_rest(name: str) -> Service:
    """A service object outside its process: a database, no bus."""
    kind = service_class(name)
    service = kind()
    service.settings = kind.settings_type()
    service.db = Database(service.settings.database_url, pool=2)
    return service


def listed(name: str) -> tuple[list[str], bool]:
    """One line for each parked letter; clean when there is none."""
    service = _at_rest(name)
    with service.db.transaction(read_only=True) as tx:
        rows = tx.execute(_WAITING, {"number": None}).all()
    lines = [f"{row.id}  {row.at:%Y-%m-%d %H:%M:%S}  {row.handler}  tries={row.tries}  {row.reason}" for row in rows]
    return [*lines, f"parked: {len(rows)}"], not rows


def redriven(name: str, number: int | None = None) -> tuple[list[str], bool]:
    """Every parked letter handed to its handler once more; clean when all were taken."""
    service = _at_rest(name)
    ears = {ear.key: ear for ear in marks_of(type(service), Ear)}
    with service.db.transaction(read_only=True) as tx:
        rows = tx.execute(_WAITING, {"number": number}).all()
    outcomes = [(row, _hand_over(service, ears.get(row.handler), row)) for row in rows]
    lines = [f"{row.id}  {row.handler}  {why or 'taken'}" for row, why in outcomes]
    refused = sum(why is not None for _, why in outcomes)
    return [*lines, f"taken: {len(rows) - refused}  still parked: {refused}"], refused == 0


def _hand_over(service: Service, ear: Ear | None, row: Any) -> str | None:
    """None when the handler took the letter, else why not."""
    if ear is None:
        return "no such handler any more"
    try:
        hear(service, ear, [Envelope.model_validate_json(bytes(row.body))])
    except Exception as error:  # noqa: BLE001  the reason is kept and shown
        why = reason_of(error)[:_REASON].replace("\0", "")
        with service.db.transaction() as tx:
            tx.execute(_AGAIN, {"id": row.id, "reason": why})
        return why
    with service.db.transaction() as tx:
        tx.execute(_DONE, {"id": row.id})
    return None


def retold(name: str, topic: str) -> str:
    """Kept letters of a topic (`%` for all) will be told again by the running relay."""
    service = _at_rest(name)
    with service.db.transaction() as tx:
        number = tx.execute(_RETELL, {"topic": topic}).rowcount
    return f"{name}: {number} letters will be told again"
