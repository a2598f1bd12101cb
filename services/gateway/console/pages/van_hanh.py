"""Operations: which processes answer, what waits in queues and outboxes, what must be zero, which alerts fire."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.base import NotAllowed, Refusal
from services.contracts.reporting import Freshness, OperationsNow
from services.contracts.roles import POLICY, Action
from services.gateway.console.desk import desk_of
from services.gateway.console.places import Place
from services.gateway.console.visits import Visit
from services.gateway.console.watch import Alert, Away, Number, alerts, numbers
from services.gateway.machines import where
from services.gateway.security import COOKIE
from services.gateway.state import gateway_of
from services.kit.logs import log_of

log = log_of("gateway")
router = APIRouter()

_QUERIES: Final = {
    "up": "up",
    "seen": "timestamp(up)",
    "untold": "hp_outbox_untold",
    "oldest": "hp_outbox_oldest_seconds",
    "stopped": "hp_outbox_stopped_aggregates",
    "parked": "hp_parked_waiting",
    "used": "hp_pool_in_use",
    "pool": "hp_pool_size",
    "read": "timestamp(hp_outbox_untold)",
    "invariants": "hp_invariant",
    "ready": "rabbitmq_detailed_queue_messages_ready",
    "consumers": "rabbitmq_detailed_queue_consumers",
    "rate": "sum by (service) (rate(hp_door_seconds_count[1m]))",
    "p99": "hp:door_p99_seconds",
}
_MOST_QUEUES: Final = 12
_UNHEARD: Final = ".unheard"  # letters nobody asked for are kept there, and wait for nobody


@dataclass(frozen=True)
class Process:
    """A process and when it was last seen."""

    name: str
    up: bool
    at: datetime | None


@dataclass(frozen=True)
class Queue:
    """A queue: letters that wait in it, and who reads it."""

    name: str
    ready: int
    consumers: int


@dataclass(frozen=True)
class Service:
    """A service's own numbers; None where Prometheus has none."""

    name: str
    rate: str = "–"
    p99: int | None = None
    used: int | None = None
    pool: int | None = None
    untold: int | None = None
    oldest: int | None = None
    stopped: int | None = None
    parked: int | None = None
    at: datetime | None = None


@dataclass
class Seen:
    """The whole page."""

    away: str = ""
    processes: list[Process] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    queues: list[Queue] = field(default_factory=list)
    letters: int = 0
    invariants: list[Number] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

    @property
    def down(self) -> list[Process]:
        return [one for one in self.processes if not one.up]

    @property
    def broken(self) -> list[Number]:
        return [one for one in self.invariants if one.whole]

    @property
    def parked(self) -> int:
        return sum(one.parked or 0 for one in self.services)

    @property
    def untold(self) -> int:
        return sum(one.untold or 0 for one in self.services)

    @property
    def firing(self) -> list[Alert]:
        return [one for one in self.alerts if one.state == "firing"]


@router.get("/van-hanh")
async def operations(request: Request) -> Response:
    """Is it us or is it them."""
    visit = await _visit(request)
    seen = await _seen(visit.gateway.settings.prometheus_url)
    return visit.page("van-hanh.html", seen=seen, now=datetime.now(UTC), fresh=await _fresh(visit))


async def _visit(request: Request) -> Visit:
    """A visit of no unit: the page is whole or it is not there."""
    gateway, desk = gateway_of(request), desk_of(request)
    token = request.cookies.get(COOKIE, "")
    papers = await gateway.sessions.papers(token, where=where(request))
    if not any(POLICY.allows(grant, Action.READ_OPERATIONS, grant.scope) for grant in papers.grants):
        raise NotAllowed
    await gateway.units.fill(papers.passport)
    held = await desk.elections.all(papers.passport)
    known = held[0] if held else None
    election = known.election if known else str(datetime.now(UTC).year)
    place = Place(election, "vn", "vn", known, gateway.units)
    return Visit(request, gateway, desk, papers, token, place, desk.words(request))


async def _fresh(visit: Visit) -> Freshness | None:
    """What reporting has heard; None when it does not answer."""
    try:
        return await visit.ask(OperationsNow(), Freshness)
    except Refusal as refused:
        log.warning("freshness unknown", reason=refused.code)
        return None


async def _seen(base: str) -> Seen:
    if not base:
        return Seen(away="HP_PROMETHEUS_URL")
    try:
        found, fired = await numbers(base, _QUERIES), await alerts(base)
    except Away as reason:
        log.warning("prometheus away", reason=str(reason))
        return Seen(away=base)
    queues = _queues(found)
    return Seen(
        processes=_processes(found),
        services=_services(found),
        queues=[one for one in queues if one.ready][:_MOST_QUEUES],
        letters=sum(one.ready for one in queues),
        invariants=sorted(found["invariants"], key=lambda one: (-one.whole, one.labels.get("service", ""))),
        alerts=fired,
    )


def _processes(found: dict[str, list[Number]]) -> list[Process]:
    """Every target once, what is down first."""
    seen = {one.labels.get("instance", ""): one.whole for one in found["seen"]}
    held: dict[str, Process] = {}
    for one in found["up"]:
        name = one.labels.get("process") or one.labels.get("job", "")
        at = seen.get(one.labels.get("instance", ""))
        process = Process(name, bool(one.whole), datetime.fromtimestamp(at, UTC) if at else None)
        if name not in held or not process.up:
            held[name] = process
    return sorted(held.values(), key=lambda one: (one.up, one.name))


def _services(found: dict[str, list[Number]]) -> list[Service]:
    names = {one.labels.get("service", "") for query in ("untold", "rate", "pool") for one in found[query]} - {""}
    return [_service(name, found) for name in sorted(names)]


def _service(name: str, found: dict[str, list[Number]]) -> Service:
    own = {
        query: next((one for one in rows if one.labels.get("service") == name), None) for query, rows in found.items()
    }
    rate, p99, read = own["rate"], own["p99"], own["read"]
    tenths = int(rate.value * 10) if rate else 0
    counts = ("used", "pool", "untold", "oldest", "stopped", "parked")
    return Service(
        name,
        f"{tenths // 10},{tenths % 10}" if rate else "–",
        p99.thousandths if p99 else None,
        at=datetime.fromtimestamp(read.whole, UTC) if read else rate.at if rate else None,
        **{query: number.whole if (number := own[query]) else None for query in counts},
    )


def _queues(found: dict[str, list[Number]]) -> list[Queue]:
    """Those that somebody reads or should read, the longest first."""
    readers = {one.labels.get("queue", ""): one.whole for one in found["consumers"]}
    ready = {one.labels.get("queue", ""): one.whole for one in found["ready"]}
    held = [Queue(name, count, readers.get(name, 0)) for name, count in ready.items() if not name.endswith(_UNHEARD)]
    return sorted(held, key=lambda one: (-one.ready, one.consumers > 0, one.name))
