"""R5, R6: the broker wholly away, the database killed, the standby promoted; no command is lost."""

import time
from dataclasses import replace
from pathlib import Path

from deploy.chaos import judging
from deploy.chaos.deadlines import awake
from deploy.chaos.ground import Ground, ground, until
from deploy.chaos.pump import Pump, part
from deploy.chaos.verdict import Plan, Verdict
from deploy.local import programs
from deploy.local.postgres import Cluster, Postgres
from services.kit.callers import Caller
from tests.kit.running import MIRROR, SHOP

RATE = 20.0
SETTLED = 60.0


def opened(place: Ground, rate: float = RATE, patience: float = 5.0, **settings: object) -> tuple[Pump, Caller]:
    """Both services run and commands flow: over the broker, or straight to the service while it is away."""
    lines = place.direct_lines()
    place.stage.start(SHOP, relay_poll=0.2, **lines[SHOP], **settings)
    place.stage.start(MIRROR, relay_poll=0.2, **lines[MIRROR], **settings)
    caller = Caller(place.stage.broker_url, name="chaos", in_flight=200, **place.direct_caller())
    caller.start()
    awake(place, caller)
    pump = Pump(place, caller.ask, rate, timeout=patience)
    until(lambda: len(pump.acknowledged) >= rate, 60)
    return pump, caller


def concluded(verdict: Verdict, place: Ground, pump: Pump, caller: Caller) -> Verdict:
    """Every command is acknowledged, every letter told and heard; then all is counted."""
    pump.pause()
    accepted = until(lambda: pump.open == 0, SETTLED)
    settled = judging.settled(place, SETTLED)
    pump.end()
    caller.close()
    verdict.require("all_accepted_after", accepted, most=SETTLED)
    verdict.require("settled", settled, most=SETTLED)
    verdict.require_kept(judging.commands(place, pump.attempted, pump.acknowledged), judging.faults(place))
    verdict.require("exits", sum(process.poll() is not None for process in place.stage.running), most=0)
    verdict.measured(outcomes=dict(pump.told.outcomes), statuses=dict(pump.told.statuses))
    refused = [took for name, all_of in pump.told.took.items() if name != "ok" for took in all_of]
    verdict.measured(slowest_refusal=part(refused, 1.0))
    return verdict


def only_unavailable(verdict: Verdict, pump: Pump) -> None:
    """Whoever was refused was told to come back: 503, or 504 when the answer was not known in time."""
    strange = sum(number for status, number in pump.told.statuses.items() if status not in {200, 503, 504})
    verdict.require("other_refusals", strange, most=0)


def broker_away(plan: Plan) -> Verdict:
    """The whole broker is killed and comes back much later; meanwhile every command is accepted by the direct line."""
    verdict = Verdict("broker_away")
    with ground(plan.folder, durable=True) as place:
        # On a machine with other work four seconds pass at once, and a full waiting room is not the broker's absence.
        pump, caller = opened(place) if plan.timed else opened(place, patience=60.0, waiting=1_000)
        place.kill_broker()
        since = time.time() + 2.0  # the moment at which everybody has seen it
        time.sleep(plan.either(15, 900))
        to = time.time()
        refused = pump.first_refused(since, to)
        waiting = place.stage.one(SHOP, "SELECT count(*) FROM outbox WHERE told_at IS NULL")
        began = time.monotonic()
        place.start_broker()
        started = time.monotonic() - began
        delivered = until(lambda: judging.is_level(place), SETTLED + 30)
        verdict.require("refused_while_away", len(refused), most=0)
        again = pump.first_refused(to, time.time())  # while everybody finds the broker again
        verdict.require("refused_at_return", len(again), most=None if plan.short else 0)
        verdict.measured(refused_at=refused[:20], refused_again_at=again[:20])
        verdict.require("delivered_after", delivered, most=SETTLED)
        verdict.measured(away=round(to - since + 2), waiting_at_return=waiting, broker_start=round(started, 1))
        return concluded(verdict, place, pump, caller)


def database_killed(plan: Plan) -> Verdict:
    """The cluster dies with kill -9 again and again and starts again; data checksums are on."""
    verdict, random = Verdict("database_killed"), plan.random
    with ground(plan.folder, durable=True) as place:
        _with_checksums(place)
        pump, caller = opened(place)
        back = []
        for _ in range(plan.either(3, 50)):
            time.sleep(0.5 + random.random() * 2)
            began = time.monotonic()
            place.kill_postgres()
            place.start_postgres()
            back.append(_writes_back(pump, began))
        concluded(verdict, place, pump, caller)
        only_unavailable(verdict, pump)
        place.stage.stop()
        verdict.require("checksum_errors", _checksum_errors(place), most=0)
        verdict.require("writes_back", max(back), most=30.0)
        verdict.measured(kills=len(back))
    return verdict


def _writes_back(pump: Pump, since: float) -> float:
    """Seconds from then until a command was acknowledged by the new server, a minute more when none was."""
    known = len(pump.acknowledged)
    until(lambda: len(pump.acknowledged) > known, 60)
    return round(time.monotonic() - since, 2)


def _with_checksums(place: Ground) -> None:
    assert place.postgres is not None
    place.postgres.stop()
    _checksums(place.postgres.cluster, "--enable")
    place.start_postgres()


def _checksums(cluster: Cluster, what: str) -> str:
    tool = str(programs.find("pg_checksums", "postgresql"))
    try:
        return programs.run([tool, what, "-D", str(cluster.seat / "data")], cluster.program.account, cluster.seat, {})
    except programs.CannotStart as said:
        if "already enabled" in str(said):
            return ""
        raise


def _checksum_errors(place: Ground) -> int:
    """Bad blocks after a clean stop."""
    assert place.postgres is not None
    place.postgres.stop()
    said = _checksums(place.postgres.cluster, "--check")
    found = next(line for line in said.splitlines() if line.startswith("Bad checksums"))
    place.start_postgres()
    return int(found.rpartition(":")[2])


def standby_promoted(plan: Plan) -> Verdict:
    """A synchronous standby takes over on the primary's address after kill -9, again and again in turn."""
    verdict = Verdict("standby_promoted")
    with ground(plan.folder, durable=True) as place:
        assert place.postgres is not None
        back = []
        pump, caller = opened(place)
        for turn in range(plan.either(1, 20)):
            standby = _standby(place, place.folder / f"standby-{turn}")  # a fresh copy of whoever is the primary now
            time.sleep(2)
            began = time.monotonic()
            place.kill_postgres()
            _promote(place, standby)
            back.append(_writes_back(pump, began))
        concluded(verdict, place, pump, caller)
        only_unavailable(verdict, pump)
        verdict.require("writes_back", max(back), most=30.0)
        verdict.measured(promotions=len(back))
    return verdict


def _standby(place: Ground, folder: Path) -> Cluster:
    """A copy that follows; from now on nothing is acknowledged before the copy has it on disk."""
    assert place.postgres is not None
    cluster = place.postgres.cluster
    programs.forget(folder)
    account = programs.account_for("postgres")
    seat = programs.seat(folder, account)
    tool = str(programs.find("pg_basebackup", "postgresql"))
    command = [tool, "-d", cluster.url(), "-D", str(seat / "data"), "-R", "-X", "stream", "-c", "fast", "--no-sync"]
    programs.run(command, account, seat, {"HOME": str(seat)})
    port = programs.free_port(0)
    auto = seat / "data" / "postgresql.auto.conf"
    name = f"primary_conninfo = '{_conninfo(cluster)} application_name=standby'"
    auto.write_text(auto.read_text() + f"\nport = {port}\n{name}\nsynchronous_standby_names = ''\n")
    server = str(programs.find("postgres", "postgresql"))
    program = replace(
        cluster.program, command=(server, "-D", str(seat / "data")), folder=seat, log=place.folder / "standby.log"
    )
    standby = Cluster(program, seat, port, cluster.password)
    process = programs.start(program)
    place.others.append((process, program))
    programs.await_ready(standby.answers, process, program, 60)
    sql(cluster, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    sql(cluster, "SELECT pg_reload_conf()")
    follows = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
    if until(lambda: sql(cluster, follows) == 1, 30) is None:
        raise RuntimeError("the standby does not follow")
    return standby


def _conninfo(cluster: Cluster) -> str:
    return f"host=127.0.0.1 port={cluster.port} user=postgres password={cluster.password}"


def sql(cluster: Cluster, statement: str) -> object:
    """The one value a statement answers, None when it answers nothing."""
    import psycopg

    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]  # our own words
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def _promote(place: Ground, standby: Cluster) -> None:
    """The standby becomes the primary, at the address its clients know: it is started again on the old port."""
    assert place.postgres is not None
    port = place.postgres.cluster.port
    sql(standby, "SELECT pg_promote()")
    process, program = place.others.pop()
    programs.stop(process, program)
    auto = standby.seat / "data" / "postgresql.auto.conf"
    auto.write_text(auto.read_text() + f"\nport = {port}\nsynchronous_standby_names = ''\n")
    promoted = Cluster(program, standby.seat, port, standby.password)
    running = programs.start(program)
    programs.await_ready(promoted.answers, running, program, 60)
    place.postgres = Postgres(promoted, running)
